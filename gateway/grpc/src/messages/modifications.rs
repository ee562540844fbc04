//! Messages of changes of where an instance stands.

use bytes::Bytes;
use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct ModifyProcessInstanceRequest {
    #[prost(int64, tag = "1")]
    pub process_instance_key: i64,
    #[prost(message, repeated, tag = "2")]
    pub activate_instructions: Vec<ActivateInstruction>,
    #[prost(message, repeated, tag = "3")]
    pub terminate_instructions: Vec<TerminateInstruction>,
    #[prost(uint64, optional, tag = "4")]
    pub operation_reference: Option<u64>,
    #[prost(message, repeated, tag = "5")]
    pub move_instructions: Vec<MoveInstruction>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ActivateInstruction {
    #[prost(string, tag = "1")]
    pub element_id: String,
    #[prost(int64, tag = "2")]
    pub ancestor_element_instance_key: i64,
    #[prost(message, repeated, tag = "3")]
    pub variable_instructions: Vec<VariableInstruction>,
}

#[derive(Clone, PartialEq, Message)]
pub struct VariableInstruction {
    #[prost(bytes = "bytes", tag = "1")]
    pub variables: Bytes,
    #[prost(string, tag = "2")]
    pub scope_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct TerminateInstruction {
    #[prost(int64, tag = "1")]
    pub element_instance_key: i64,
    #[prost(string, tag = "2")]
    pub element_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct MoveInstruction {
    #[prost(int64, tag = "1")]
    pub source_element_instance_key: i64,
    #[prost(string, tag = "2")]
    pub source_element_id: String,
    #[prost(string, tag = "3")]
    pub target_element_id: String,
    #[prost(message, repeated, tag = "4")]
    pub variable_instructions: Vec<VariableInstruction>,
    #[prost(int64, tag = "5")]
    pub ancestor_element_instance_key: i64,
    #[prost(bool, tag = "6")]
    pub infer_ancestor_scope_from_source_hierarchy: bool,
    #[prost(bool, tag = "7")]
    pub use_source_parent_key_as_ancestor_scope_key: bool,
}
