//! Messages of changes of which definition an instance runs.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct MigrateProcessInstanceRequest {
    #[prost(int64, tag = "1")]
    pub process_instance_key: i64,
    #[prost(message, optional, tag = "2")]
    pub migration_plan: Option<MigrationPlan>,
    #[prost(uint64, optional, tag = "3")]
    pub operation_reference: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct MigrationPlan {
    #[prost(int64, tag = "1")]
    pub target_process_definition_key: i64,
    #[prost(message, repeated, tag = "2")]
    pub mapping_instructions: Vec<MappingInstruction>,
}

#[derive(Clone, PartialEq, Message)]
pub struct MappingInstruction {
    #[prost(string, tag = "1")]
    pub source_element_id: String,
    #[prost(string, tag = "2")]
    pub target_element_id: String,
}
