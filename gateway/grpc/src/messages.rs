//! Messages of `gateway_protocol`, as the calls in this crate need them.
//!
//! Names and numbers are the protocol's. Fields with JSON in them are strings there and bytes here, which is the same on the wire: the
//! JSON parser checks them, and nobody copies them. Fields that Ringbolt does not know are skipped, as the protocol wants.

#![allow(missing_docs)] // Names, meaning and units are the protocol's.

mod decisions;
mod listeners;
pub mod migrations;
pub mod modifications;
mod resources;
mod thrown;

pub use decisions::{
    DecisionMetadata, DecisionRequirementsMetadata, EvaluateDecisionRequest, EvaluateDecisionResponse,
    EvaluatedDecision, EvaluatedDecisionInput, EvaluatedDecisionOutput, MatchedDecisionRule,
};
pub use listeners::{
    JobResult, JobResultActivateElement, JobResultCorrections, StringList, UserTaskProperties,
};
pub use resources::{
    BatchOperationCreatedResult, BatchOperationTypeEnum, DeleteResourceRequest, DeleteResourceResponse,
    FormMetadata,
};
pub use thrown::{
    BroadcastSignalRequest, BroadcastSignalResponse, EvaluateConditionalRequest, EvaluateConditionalResponse,
    ProcessInstanceReference, PublishMessageRequest, PublishMessageResponse,
};

use bytes::Bytes;
use prost::{Enumeration, Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub struct TopologyRequest {}

#[derive(Clone, PartialEq, Message)]
pub struct TopologyResponse {
    #[prost(message, repeated, tag = "1")]
    pub brokers: Vec<BrokerInfo>,
    #[prost(int32, tag = "2")]
    pub cluster_size: i32,
    #[prost(int32, tag = "3")]
    pub partitions_count: i32,
    #[prost(int32, tag = "4")]
    pub replication_factor: i32,
    #[prost(string, tag = "5")]
    pub gateway_version: String,
    #[prost(string, tag = "6")]
    pub cluster_id: String,
    /// Ringbolt's own version; a field that the protocol does not have and its clients skip.
    #[prost(string, tag = "1001")]
    pub ringbolt_version: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct BrokerInfo {
    #[prost(int32, tag = "1")]
    pub node_id: i32,
    #[prost(string, tag = "2")]
    pub host: String,
    #[prost(int32, tag = "3")]
    pub port: i32,
    #[prost(message, repeated, tag = "4")]
    pub partitions: Vec<Partition>,
    #[prost(string, tag = "5")]
    pub version: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Partition {
    #[prost(int32, tag = "1")]
    pub partition_id: i32,
    #[prost(enumeration = "PartitionBrokerRole", tag = "2")]
    pub role: i32,
    #[prost(enumeration = "PartitionBrokerHealth", tag = "3")]
    pub health: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum PartitionBrokerRole {
    Leader = 0,
    Follower = 1,
    Inactive = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum PartitionBrokerHealth {
    Healthy = 0,
    Unhealthy = 1,
    Dead = 2,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeployProcessRequest {
    #[prost(message, repeated, tag = "1")]
    pub processes: Vec<ProcessRequestObject>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ProcessRequestObject {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub definition: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeployProcessResponse {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(message, repeated, tag = "2")]
    pub processes: Vec<ProcessMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeployResourceRequest {
    #[prost(message, repeated, tag = "1")]
    pub resources: Vec<Resource>,
    #[prost(string, tag = "2")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub content: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeployResourceResponse {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(message, repeated, tag = "2")]
    pub deployments: Vec<Deployment>,
    #[prost(string, tag = "3")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Deployment {
    #[prost(oneof = "Metadata", tags = "1, 2, 3, 4")]
    pub metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum Metadata {
    #[prost(message, tag = "1")]
    Process(ProcessMetadata),
    #[prost(message, tag = "2")]
    Decision(DecisionMetadata),
    #[prost(message, tag = "3")]
    DecisionRequirements(DecisionRequirementsMetadata),
    #[prost(message, tag = "4")]
    Form(FormMetadata),
}

#[derive(Clone, PartialEq, Message)]
pub struct ProcessMetadata {
    #[prost(string, tag = "1")]
    pub bpmn_process_id: String,
    #[prost(int32, tag = "2")]
    pub version: i32,
    #[prost(int64, tag = "3")]
    pub process_definition_key: i64,
    #[prost(string, tag = "4")]
    pub resource_name: String,
    #[prost(string, tag = "5")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct CreateProcessInstanceRequest {
    #[prost(int64, tag = "1")]
    pub process_definition_key: i64,
    #[prost(string, tag = "2")]
    pub bpmn_process_id: String,
    #[prost(int32, tag = "3")]
    pub version: i32,
    #[prost(bytes = "bytes", tag = "4")]
    pub variables: Bytes,
    #[prost(message, repeated, tag = "5")]
    pub start_instructions: Vec<StartInstruction>,
    #[prost(string, tag = "6")]
    pub tenant_id: String,
    #[prost(uint64, optional, tag = "7")]
    pub operation_reference: Option<u64>,
    #[prost(message, repeated, tag = "8")]
    pub runtime_instructions: Vec<RuntimeInstruction>,
    #[prost(string, repeated, tag = "9")]
    pub tags: Vec<String>,
    #[prost(string, optional, tag = "10")]
    pub business_id: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub struct StartInstruction {
    #[prost(string, tag = "1")]
    pub element_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct RuntimeInstruction {
    #[prost(oneof = "Instruction", tags = "1")]
    pub instruction: Option<Instruction>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum Instruction {
    #[prost(message, tag = "1")]
    Terminate(TerminateInstruction),
}

#[derive(Clone, PartialEq, Message)]
pub struct TerminateInstruction {
    #[prost(string, tag = "1")]
    pub after_element_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct CreateProcessInstanceResponse {
    #[prost(int64, tag = "1")]
    pub process_definition_key: i64,
    #[prost(string, tag = "2")]
    pub bpmn_process_id: String,
    #[prost(int32, tag = "3")]
    pub version: i32,
    #[prost(int64, tag = "4")]
    pub process_instance_key: i64,
    #[prost(string, tag = "5")]
    pub tenant_id: String,
    #[prost(string, repeated, tag = "6")]
    pub tags: Vec<String>,
    #[prost(string, optional, tag = "7")]
    pub business_id: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub struct CreateProcessInstanceWithResultRequest {
    #[prost(message, optional, tag = "1")]
    pub request: Option<CreateProcessInstanceRequest>,
    #[prost(int64, tag = "2")]
    pub request_timeout: i64,
    #[prost(string, repeated, tag = "3")]
    pub fetch_variables: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub struct CreateProcessInstanceWithResultResponse {
    #[prost(int64, tag = "1")]
    pub process_definition_key: i64,
    #[prost(string, tag = "2")]
    pub bpmn_process_id: String,
    #[prost(int32, tag = "3")]
    pub version: i32,
    #[prost(int64, tag = "4")]
    pub process_instance_key: i64,
    #[prost(bytes = "bytes", tag = "5")]
    pub variables: Bytes,
    #[prost(string, tag = "6")]
    pub tenant_id: String,
    #[prost(string, repeated, tag = "7")]
    pub tags: Vec<String>,
    #[prost(string, optional, tag = "8")]
    pub business_id: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub struct CancelProcessInstanceRequest {
    #[prost(int64, tag = "1")]
    pub process_instance_key: i64,
    #[prost(uint64, optional, tag = "2")]
    pub operation_reference: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ActivateJobsRequest {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, tag = "2")]
    pub worker: String,
    #[prost(int64, tag = "3")]
    pub timeout: i64,
    #[prost(int32, tag = "4")]
    pub max_jobs_to_activate: i32,
    #[prost(string, repeated, tag = "5")]
    pub fetch_variable: Vec<String>,
    #[prost(int64, tag = "6")]
    pub request_timeout: i64,
    #[prost(string, repeated, tag = "7")]
    pub tenant_ids: Vec<String>,
    #[prost(enumeration = "TenantFilter", tag = "8")]
    pub tenant_filter: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum TenantFilter {
    Provided = 0,
    Assigned = 1,
}

#[derive(Clone, PartialEq, Message)]
pub struct ActivateJobsResponse {
    #[prost(message, repeated, tag = "1")]
    pub jobs: Vec<ActivatedJob>,
}

#[derive(Clone, PartialEq, Message)]
pub struct StreamActivatedJobsRequest {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, tag = "2")]
    pub worker: String,
    #[prost(int64, tag = "3")]
    pub timeout: i64,
    #[prost(string, repeated, tag = "5")]
    pub fetch_variable: Vec<String>,
    #[prost(string, repeated, tag = "6")]
    pub tenant_ids: Vec<String>,
    #[prost(enumeration = "TenantFilter", tag = "7")]
    pub tenant_filter: i32,
}

/// A job, as a worker gets it.
#[derive(Clone, PartialEq, Message)]
pub struct ActivatedJob {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(string, tag = "2")]
    pub r#type: String,
    #[prost(int64, tag = "3")]
    pub process_instance_key: i64,
    #[prost(string, tag = "4")]
    pub bpmn_process_id: String,
    #[prost(int32, tag = "5")]
    pub process_definition_version: i32,
    #[prost(int64, tag = "6")]
    pub process_definition_key: i64,
    #[prost(string, tag = "7")]
    pub element_id: String,
    #[prost(int64, tag = "8")]
    pub element_instance_key: i64,
    #[prost(string, tag = "9")]
    pub custom_headers: String,
    #[prost(string, tag = "10")]
    pub worker: String,
    #[prost(int32, tag = "11")]
    pub retries: i32,
    #[prost(int64, tag = "12")]
    pub deadline: i64,
    #[prost(bytes = "bytes", tag = "13")]
    pub variables: Bytes,
    #[prost(string, tag = "14")]
    pub tenant_id: String,
    #[prost(message, optional, tag = "15")]
    pub user_task: Option<UserTaskProperties>,
    #[prost(enumeration = "JobKind", tag = "16")]
    pub kind: i32,
    #[prost(enumeration = "ListenerEventType", tag = "17")]
    pub listener_event_type: i32,
    #[prost(string, repeated, tag = "18")]
    pub tags: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum JobKind {
    BpmnElement = 0,
    ExecutionListener = 1,
    TaskListener = 2,
    AdHocSubProcess = 3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum ListenerEventType {
    Assigning = 0,
    Canceling = 1,
    Completing = 2,
    Creating = 3,
    End = 4,
    Start = 5,
    Unspecified = 6,
    Updating = 7,
}

#[derive(Clone, PartialEq, Message)]
pub struct CompleteJobRequest {
    #[prost(int64, tag = "1")]
    pub job_key: i64,
    #[prost(bytes = "bytes", tag = "2")]
    pub variables: Bytes,
    #[prost(message, optional, tag = "3")]
    pub result: Option<JobResult>,
}

#[derive(Clone, PartialEq, Message)]
pub struct FailJobRequest {
    #[prost(int64, tag = "1")]
    pub job_key: i64,
    #[prost(int32, tag = "2")]
    pub retries: i32,
    #[prost(string, tag = "3")]
    pub error_message: String,
    #[prost(int64, tag = "4")]
    pub retry_back_off: i64,
    #[prost(bytes = "bytes", tag = "5")]
    pub variables: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct ThrowErrorRequest {
    #[prost(int64, tag = "1")]
    pub job_key: i64,
    #[prost(string, tag = "2")]
    pub error_code: String,
    #[prost(string, tag = "3")]
    pub error_message: String,
    #[prost(bytes = "bytes", tag = "4")]
    pub variables: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct UpdateJobRetriesRequest {
    #[prost(int64, tag = "1")]
    pub job_key: i64,
    #[prost(int32, tag = "2")]
    pub retries: i32,
    #[prost(uint64, optional, tag = "3")]
    pub operation_reference: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct UpdateJobTimeoutRequest {
    #[prost(int64, tag = "1")]
    pub job_key: i64,
    #[prost(int64, tag = "2")]
    pub timeout: i64,
    #[prost(uint64, optional, tag = "3")]
    pub operation_reference: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct SetVariablesRequest {
    #[prost(int64, tag = "1")]
    pub element_instance_key: i64,
    #[prost(bytes = "bytes", tag = "2")]
    pub variables: Bytes,
    #[prost(bool, tag = "3")]
    pub local: bool,
    #[prost(uint64, optional, tag = "4")]
    pub operation_reference: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct SetVariablesResponse {
    #[prost(int64, tag = "1")]
    pub key: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct ResolveIncidentRequest {
    #[prost(int64, tag = "1")]
    pub incident_key: i64,
    #[prost(uint64, optional, tag = "2")]
    pub operation_reference: Option<u64>,
}
