//! Messages and signals that clients throw.

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
