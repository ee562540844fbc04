//! Messages and signals that clients throw, and conditions that they have evaluated.

use bytes::Bytes;
use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct BroadcastSignalRequest {
    #[prost(string, tag = "1")]
    pub signal_name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub variables: Bytes,
    #[prost(string, tag = "3")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct BroadcastSignalResponse {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(string, tag = "2")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct PublishMessageRequest {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub correlation_key: String,
    #[prost(int64, tag = "3")]
    pub time_to_live: i64,
    #[prost(string, tag = "4")]
    pub message_id: String,
    #[prost(bytes = "bytes", tag = "5")]
    pub variables: Bytes,
    #[prost(string, tag = "6")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct PublishMessageResponse {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(string, tag = "2")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluateConditionalRequest {
    #[prost(string, tag = "1")]
    pub tenant_id: String,
    #[prost(int64, optional, tag = "2")]
    pub process_definition_key: Option<i64>,
    #[prost(bytes = "bytes", tag = "3")]
    pub variables: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub struct EvaluateConditionalResponse {
    #[prost(message, repeated, tag = "1")]
    pub process_instances: Vec<ProcessInstanceReference>,
    #[prost(int64, tag = "2")]
    pub conditional_evaluation_key: i64,
    #[prost(string, tag = "3")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct ProcessInstanceReference {
    #[prost(int64, tag = "1")]
    pub process_definition_key: i64,
    #[prost(int64, tag = "2")]
    pub process_instance_key: i64,
}
