//! Batch operations as JSON.

use super::values::{Written, tenant};
use super::writer::Object;
use crate::batch_operation::{BatchItem, BatchPlan, ElementPair, JobUpdatePlan};
use crate::entry::RecordRef;
use crate::ids::Key;
use crate::values::{
    ArchivedBatchOperationErrorValue, BatchOperationChunkRecord, BatchOperationCreationRecord,
    BatchOperationExecutionRecord, BatchOperationInitializationRecord,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord, HistoryDeletionRecord,
};
use crate::wire_enums::{
    BatchOperationErrorType, BatchOperationType, HistoryDeletionType, Intent, RejectionType,
};
use std::convert::Infallible;

pub(super) fn write_creation(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BatchOperationCreationRecord<'_>>()?;
    out.key("batchOperationKey", record.header.key);
    out.name_of("batchOperationType", BatchOperationType::of(&value.kind).name());
    out.text("entityFilter", &value.filter);
    let plan = BatchPlan::read(&value.plan).unwrap_or_default();
    write_plan(out, &plan);
    let partitions: Vec<u16> = (1..=value.partition_count.to_native()).collect();
    out.array("partitionIds", partitions.iter(), |out, id| out.extend_from_slice(id.to_string().as_bytes()));
    Ok(())
}

/// As in Zeebe both plans of old are always there, empty where they say nothing; that of jobs, which is newer, only where it says something.
fn write_plan(out: &mut Object<'_>, plan: &BatchPlan) {
    let nothing: (Key, &[ElementPair]) = (Key::NONE, &[]);
    let (target, mappings) = match plan {
        BatchPlan::Migration(plan) => (plan.target_process_definition_key, plan.mappings.as_slice()),
        BatchPlan::Plain | BatchPlan::Modification(_) | BatchPlan::JobUpdate(_) | BatchPlan::History(_) => {
            nothing
        }
    };
    let moves = match plan {
        BatchPlan::Modification(plan) => plan.moves.as_slice(),
        BatchPlan::Plain | BatchPlan::Migration(_) | BatchPlan::JobUpdate(_) | BatchPlan::History(_) => {
            nothing.1
        }
    };
    let Ok(()) = out.object("migrationPlan", |out| -> Result<(), Infallible> {
        out.key("targetProcessDefinitionKey", target);
        write_pairs(out, "mappingInstructions", mappings);
        Ok(())
    });
    let Ok(()) = out.object("modificationPlan", |out| -> Result<(), Infallible> {
        write_pairs(out, "moveInstructions", moves);
        Ok(())
    });
    let BatchPlan::JobUpdate(JobUpdatePlan { retries, timeout_ms, priority }) = *plan else { return };
    let Ok(()) = out.object("jobUpdatePlan", |out| -> Result<(), Infallible> {
        let mut put = |name: &str, number: Option<i64>| match number {
            Some(number) => out.number(name, number),
            None => out.raw(name, "null"),
        };
        put("retries", retries.map(i64::from));
        put("timeout", timeout_ms);
        put("priority", priority.map(i64::from));
        Ok(())
    });
}

fn write_pairs(out: &mut Object<'_>, name: &str, pairs: &[ElementPair]) {
    out.objects(name, pairs.iter(), |out, pair| {
        out.text("sourceElementId", &pair.source_element_id);
        out.text("targetElementId", &pair.target_element_id);
    });
}

pub(super) fn write_initialization(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BatchOperationInitializationRecord>()?;
    out.key("batchOperationKey", Key::of(&value.batch_operation_key));
    out.text("searchResultCursor", &Key::of(&value.cursor).to_string());
    out.number("searchQueryPageSize", value.items.to_native());
    Ok(())
}

pub(super) fn write_chunk(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BatchOperationChunkRecord>()?;
    out.key("batchOperationKey", Key::of(&value.batch_operation_key));
    out.objects("items", value.items.iter(), |out, item| {
        let item = BatchItem::of(item);
        out.key("itemKey", item.item_key);
        out.key("processInstanceKey", item.process_instance_key);
        out.key("rootProcessInstanceKey", item.root_process_instance_key);
    });
    Ok(())
}

pub(super) fn write_execution(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BatchOperationExecutionRecord<'_>>()?;
    out.key("batchOperationKey", Key::of(&value.batch_operation_key));
    out.keys("itemKeys", std::iter::once(Key::of(&value.item.item_key)));
    if let Some(failure) = value.failure.as_ref() {
        out.name_of("failureType", RejectionType::of(&failure.rejection_type).name());
        out.text("failureReason", &failure.reason);
    }
    Ok(())
}

pub(super) fn write_lifecycle(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BatchOperationLifecycleManagementRecord<'_>>()?;
    out.key("batchOperationKey", Key::of(&value.batch_operation_key));
    out.objects("errors", value.errors.iter(), write_error);
    Ok(())
}

fn write_error(out: &mut Object<'_>, error: &ArchivedBatchOperationErrorValue<'_>) {
    out.number("partitionId", error.partition_id.to_native());
    out.name_of("type", BatchOperationErrorType::of(&error.error_type).name());
    out.text("message", &error.message);
}

pub(super) fn write_partition(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BatchOperationPartitionLifecycleRecord<'_>>()?;
    out.key("batchOperationKey", Key::of(&value.batch_operation_key));
    out.number("sourcePartitionId", value.source_partition_id.to_native());
    if let Some(error) = value.error.as_ref() {
        let Ok(()) = out.object("error", |out| -> Result<(), Infallible> {
            write_error(out, error);
            Ok(())
        });
    }
    Ok(())
}

pub(super) fn write_history_deletion(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<HistoryDeletionRecord>()?;
    let Intent::HistoryDeletion(_) = record.header.intent else { return Ok(()) };
    out.key("resourceKey", record.header.key);
    out.name_of("resourceType", HistoryDeletionType::of(&value.kind).name());
    // Ringbolt deletes by key alone.
    out.text("processId", "");
    out.text("decisionDefinitionId", "");
    tenant(out, "");
    Ok(())
}
