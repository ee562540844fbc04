//! Samples of batch operations, and of what else concerns the whole cluster.

use super::EVENT;
use ringbolt_record::batch_operation::JobUpdatePlan;
use ringbolt_record::values::{
    BatchOperationChunkRecord, BatchOperationCreationRecord, BatchOperationErrorValue,
    BatchOperationExecutionRecord, BatchOperationInitializationRecord,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord, ClusterVariableRecord,
    HistoryDeletionRecord, ItemFailure,
};
use ringbolt_record::{
    BatchItem, BatchOperationChunkIntent, BatchOperationCreationIntent, BatchOperationErrorType,
    BatchOperationExecutionIntent, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent, BatchOperationPartitionLifecycleIntent, BatchOperationType,
    BatchPlan, ClusterVariableIntent, ClusterVariableScope, EntryBuilder, HistoryDeletionIntent,
    HistoryDeletionType, Key, RejectionType,
};

pub(crate) fn push(entry: &mut EntryBuilder) {
    let (batch_operation_key, kind) = (Key(40), BatchOperationType::CancelProcessInstance);
    let item =
        BatchItem { item_key: Key(8), process_instance_key: Key(8), root_process_instance_key: Key(8) };
    let created = BatchOperationCreationRecord {
        kind,
        partition_count: 2,
        filter: "{\"state\":\"ACTIVE\"}",
        plan: b"",
    };
    entry.push(EVENT, BatchOperationCreationIntent::Created.into(), Key(40), &created);
    let plan = BatchPlan::JobUpdate(JobUpdatePlan { retries: Some(3), timeout_ms: None, priority: Some(-1) });
    let jobs = BatchOperationCreationRecord {
        kind: BatchOperationType::UpdateJob,
        filter: "{\"type\":\"work\"}",
        plan: &plan.to_bytes(),
        ..created
    };
    entry.push(EVENT, BatchOperationCreationIntent::Created.into(), Key(42), &jobs);
    let selected = BatchOperationInitializationRecord { batch_operation_key, cursor: Key(8), items: 1 };
    entry.push(EVENT, BatchOperationInitializationIntent::Initialized.into(), Key(40), &selected);
    let chunk = BatchOperationChunkRecord { batch_operation_key, kind, items: vec![item], forgotten: 0 };
    entry.push(EVENT, BatchOperationChunkIntent::Created.into(), Key(41), &chunk);
    let failure = Some(ItemFailure { rejection_type: RejectionType::NotFound, reason: "it is gone" });
    let executed = BatchOperationExecutionRecord { batch_operation_key, item, failure };
    entry.push(EVENT, BatchOperationExecutionIntent::Executed.into(), Key(40), &executed);
    let error = BatchOperationErrorValue {
        partition_id: 1,
        error_type: BatchOperationErrorType::QueryFailed,
        message: "nobody searches",
    };
    let part = BatchOperationPartitionLifecycleRecord {
        batch_operation_key,
        source_partition_id: 1,
        is_own: true,
        is_leading: true,
        error: Some(error),
    };
    entry.push(EVENT, BatchOperationPartitionLifecycleIntent::PartitionFailed.into(), Key(40), &part);
    let ended = BatchOperationLifecycleManagementRecord {
        batch_operation_key,
        have_all_failed: false,
        errors: vec![error],
    };
    entry.push(EVENT, BatchOperationLifecycleManagementIntent::Completed.into(), Key(40), &ended);
    let deleted = HistoryDeletionRecord { kind: HistoryDeletionType::ProcessInstance };
    entry.push(EVENT, HistoryDeletionIntent::Deleted.into(), Key(8), &deleted);
    let variable = ClusterVariableRecord {
        scope: ClusterVariableScope::Global,
        name: "url",
        value: br#"{"a":1}"#,
        metadata: br#"{"owner":"ops"}"#,
        tenant_id: "",
    };
    entry.push(EVENT, ClusterVariableIntent::Created.into(), Key::NONE, &variable);
}
