//! Messages about forms and deletions.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct FormMetadata {
    #[prost(string, tag = "1")]
    pub form_id: String,
    #[prost(int32, tag = "2")]
    pub version: i32,
    #[prost(int64, tag = "3")]
    pub form_key: i64,
    #[prost(string, tag = "4")]
    pub resource_name: String,
    #[prost(string, tag = "5")]
    pub tenant_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeleteResourceRequest {
    #[prost(int64, tag = "1")]
    pub resource_key: i64,
    #[prost(uint64, optional, tag = "2")]
    pub operation_reference: Option<u64>,
    #[prost(bool, optional, tag = "3")]
    pub delete_history: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
pub struct DeleteResourceResponse {
    #[prost(string, tag = "1")]
    pub resource_key: String,
    #[prost(message, optional, tag = "2")]
    pub batch_operation: Option<BatchOperationCreatedResult>,
}

#[derive(Clone, PartialEq, Message)]
pub struct BatchOperationCreatedResult {
    #[prost(string, tag = "1")]
    pub batch_operation_key: String,
    #[prost(enumeration = "BatchOperationTypeEnum", tag = "2")]
    pub batch_operation_type: i32,
}

/// Those that a deletion brings, and the one that is zero; the protocol has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
pub enum BatchOperationTypeEnum {
    AddVariable = 0,
    DeleteProcessInstance = 4,
    DeleteDecisionInstance = 9,
}
