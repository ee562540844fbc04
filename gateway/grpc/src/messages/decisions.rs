//! Messages about decisions.

use bytes::Bytes;
use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct DecisionMetadata {
    #[prost(string, tag = "1")]
    pub dmn_decision_id: String,
    #[prost(string, tag = "2")]
    pub dmn_decision_name: String,
    #[prost(int32, tag = "3")]
    pub version: i32,
    #[prost(int64, tag = "4")]
    pub decision_key: i64,
    #[prost(string, tag = "5")]
    pub dmn_decision_requirements_id: String,
    #[prost(int64, tag = "6")]
    pub decision_requirements_key: i64,
    #[prost(string, tag = "7")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct DecisionRequirementsMetadata {
    #[prost(string, tag = "1")]
    pub dmn_decision_requirements_id: String,
    #[prost(string, tag = "2")]
    pub dmn_decision_requirements_name: String,
    #[prost(int32, tag = "3")]
    pub version: i32,
    #[prost(int64, tag = "4")]
    pub decision_requirements_key: i64,
    #[prost(string, tag = "5")]
    pub resource_name: String,
    #[prost(string, tag = "6")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluateDecisionRequest {
    #[prost(int64, tag = "1")]
    pub decision_key: i64,
    #[prost(string, tag = "2")]
    pub decision_id: String,
    #[prost(bytes = "bytes", tag = "3")]
    pub variables: Bytes,
    #[prost(string, tag = "4")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluateDecisionResponse {
    #[prost(int64, tag = "1")]
    pub decision_key: i64,
    #[prost(string, tag = "2")]
    pub decision_id: String,
    #[prost(string, tag = "3")]
    pub decision_name: String,
    #[prost(int32, tag = "4")]
    pub decision_version: i32,
    #[prost(string, tag = "5")]
    pub decision_requirements_id: String,
    #[prost(int64, tag = "6")]
    pub decision_requirements_key: i64,
    #[prost(bytes = "bytes", tag = "7")]
    pub decision_output: Bytes,
    #[prost(message, repeated, tag = "8")]
    pub evaluated_decisions: Vec<EvaluatedDecision>,
    #[prost(string, tag = "9")]
    pub failed_decision_id: String,
    #[prost(string, tag = "10")]
    pub failure_message: String,
    #[prost(string, tag = "11")]
    pub tenant_id: String,
    #[prost(int64, tag = "12")]
    pub decision_instance_key: i64,
    #[prost(int64, tag = "13")]
    pub decision_evaluation_key: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluatedDecision {
    #[prost(int64, tag = "1")]
    pub decision_key: i64,
    #[prost(string, tag = "2")]
    pub decision_id: String,
    #[prost(string, tag = "3")]
    pub decision_name: String,
    #[prost(int32, tag = "4")]
    pub decision_version: i32,
    #[prost(string, tag = "5")]
    pub decision_type: String,
    #[prost(bytes = "bytes", tag = "6")]
    pub decision_output: Bytes,
    #[prost(message, repeated, tag = "7")]
    pub matched_rules: Vec<MatchedDecisionRule>,
    #[prost(message, repeated, tag = "8")]
    pub evaluated_inputs: Vec<EvaluatedDecisionInput>,
    #[prost(string, tag = "9")]
    pub tenant_id: String,
    #[prost(string, tag = "10")]
    pub decision_evaluation_instance_key: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluatedDecisionInput {
    #[prost(string, tag = "1")]
    pub input_id: String,
    #[prost(string, tag = "2")]
    pub input_name: String,
    #[prost(bytes = "bytes", tag = "3")]
    pub input_value: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluatedDecisionOutput {
    #[prost(string, tag = "1")]
    pub output_id: String,
    #[prost(string, tag = "2")]
    pub output_name: String,
    #[prost(bytes = "bytes", tag = "3")]
    pub output_value: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct MatchedDecisionRule {
    #[prost(string, tag = "1")]
    pub rule_id: String,
    #[prost(int32, tag = "2")]
    pub rule_index: i32,
    #[prost(message, repeated, tag = "3")]
    pub evaluated_outputs: Vec<EvaluatedDecisionOutput>,
}
