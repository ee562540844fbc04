//! Takes the items of a batch operation, one a step: each is an ordinary command, whose refusal fails the item alone.
//!
//! The item is taken and its command done in the same entry, so that each is done once whatever happens in between. A new kind of batch
//! operation is an arm in `run`.

use crate::behaviors::{bans, batch_operations};
use crate::commands::batch_operation::delete_history;
use crate::commands::job::update::JobChanges;
use crate::commands::{
    incident, job, process_instance, process_instance_migration, process_instance_modification,
};
use crate::failure::{Refusal, Unexpected};
use crate::writers::Processing;
use ringbolt_record::batch_operation::{ElementPair, JobUpdatePlan, MigrationPlan, ModificationPlan};
use ringbolt_record::command::JobUpdateKind;
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::modification::{AncestorScope, ElementInstanceSelector, MoveInstruction};
use ringbolt_record::values::{BatchOperationExecutionRecord, ItemFailure};
use ringbolt_record::{
    BatchItem, BatchOperationExecutionIntent, BatchOperationType, BatchPlan, DurationMs, FollowUp,
    HistoryDeletionType, Key, MigrateProcessInstance, ModifyProcessInstance, Rejection, RejectionType,
};
use ringbolt_tables::BatchOperationStatus;

/// Does what comes next for a batch operation: takes an item, or forgets those that are not done any more.
pub(crate) fn go_on(p: &mut Processing<'_>, key: Key) {
    let Some(progress) = p.tables().batch_operation_progress(key) else { return };
    if progress.has_ended || progress.status == BatchOperationStatus::Canceled {
        return batch_operations::forget_items(p, key);
    }
    if progress.status == BatchOperationStatus::Suspended || !progress.is_selected {
        return;
    }
    match p.tables().next_batch_item(key) {
        Some(item) => take(p, key, item),
        None => batch_operations::end_part(p, key, None),
    }
}

/// Takes the next item, whose command does not fit into an entry, without doing it.
pub(crate) fn give_up(p: &mut Processing<'_>, key: Key) {
    let Some(item) = p.tables().next_batch_item(key) else { return };
    append(p, BatchOperationExecutionIntent::Executing, key, item, None);
    let reason = "What the command does is too much for one entry of the log";
    let rejection = Rejection::new(RejectionType::ExceededBatchRecordSize, reason);
    append(p, BatchOperationExecutionIntent::Executed, key, item, Some(&rejection));
    come_back(p, key);
}

fn take(p: &mut Processing<'_>, key: Key, item: BatchItem) {
    append(p, BatchOperationExecutionIntent::Executing, key, item, None);
    let result = apart(p, |p| run(p, key, item));
    let failure = match result {
        Ok(()) => None,
        // What the entry has no room for is undone with the whole step, and tried again.
        Err(_) if p.has_overflowed() => return,
        Err(Refusal::Rejected(rejection)) => Some(rejection),
        Err(Refusal::Unexpected(unexpected)) => Some(ban(p, &unexpected)),
    };
    append(p, BatchOperationExecutionIntent::Executed, key, item, failure.as_ref());
    come_back(p, key);
}

/// Does something that is undone where it is refused, and that answers nobody.
fn apart(
    p: &mut Processing<'_>,
    act: impl FnOnce(&mut Processing<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mark = p.begin();
    let result = p.unasked(act);
    if result.is_ok() || p.has_overflowed() {
        p.keep_step();
    } else {
        p.roll_back(mark);
    }
    result
}

/// Bans the instance that processing failed in, as where a command of its own had failed.
fn ban(p: &mut Processing<'_>, unexpected: &Unexpected) -> Rejection {
    let process_instance_key = unexpected.process_instance_key;
    if process_instance_key.is_some() && !p.tables().is_banned(process_instance_key) {
        bans::ban(p, process_instance_key, &unexpected.message);
    }
    Rejection::new(RejectionType::ProcessingError, unexpected.message.clone())
}

/// Goes on with the next item, or ends.
fn come_back(p: &mut Processing<'_>, key: Key) {
    if p.tables().next_batch_item(key).is_some() {
        p.follow_up(key, FollowUp::BatchOperation { key });
    } else {
        batch_operations::end_part(p, key, None);
    }
}

fn append(
    p: &mut Processing<'_>,
    intent: BatchOperationExecutionIntent,
    key: Key,
    item: BatchItem,
    failure: Option<&Rejection>,
) {
    let reason = failure.map(|rejection| p.bounded(&rejection.reason).to_owned()).unwrap_or_default();
    let failure = failure.map(|rejection| ItemFailure { rejection_type: rejection.kind, reason: &reason });
    let record = BatchOperationExecutionRecord { batch_operation_key: key, item, failure };
    p.append(intent, key, &record);
}

/// The command of an item.
fn run(p: &mut Processing<'_>, key: Key, item: BatchItem) -> Result<(), Refusal> {
    let Some(row) = p.tables().batch_operation(key) else { return Ok(()) };
    let (kind, plan) = (row.kind, BatchPlan::read(row.plan));
    let plan = plan.map_err(|unknown| Unexpected::new(Key::NONE, unknown.to_string()))?;
    match (kind, plan) {
        (BatchOperationType::CancelProcessInstance, _) => {
            process_instance::cancel::process_cancel(p, item.item_key)
        }
        (BatchOperationType::SuspendProcessInstance, _) => {
            process_instance::suspend::process_suspend(p, item.item_key)
        }
        (BatchOperationType::ResumeProcessInstance, _) => {
            process_instance::resume::process_resume(p, item.item_key)
        }
        (BatchOperationType::UpdateJob, BatchPlan::JobUpdate(plan)) => {
            let JobUpdatePlan { retries, timeout_ms, priority } = plan;
            let changes = JobChanges { retries, timeout: timeout_ms.map(DurationMs), priority };
            job::update::process_update(p, item.item_key, changes, JobUpdateKind::Both)
        }
        (BatchOperationType::ResolveIncident, _) => resolve(p, item.item_key),
        (BatchOperationType::MigrateProcessInstance, BatchPlan::Migration(plan)) => {
            process_instance_migration::migrate::process_migrate(p, &migration(item.item_key, plan))
        }
        (BatchOperationType::ModifyProcessInstance, BatchPlan::Modification(plan)) => {
            process_instance_modification::modify::process_modify(p, &modification(item.item_key, plan))
        }
        (BatchOperationType::DeleteProcessInstance, _) => {
            delete_history::process_delete(p, HistoryDeletionType::ProcessInstance, item.item_key)
        }
        (BatchOperationType::DeleteDecisionInstance, _) => {
            delete_history::process_delete(p, HistoryDeletionType::DecisionInstance, item.item_key)
        }
        (
            BatchOperationType::MigrateProcessInstance
            | BatchOperationType::ModifyProcessInstance
            | BatchOperationType::UpdateJob,
            _,
        ) => Err(Unexpected::new(Key::NONE, "The plan is not one of this kind of batch operation").into()),
    }
}

/// As Camunda does, a job whose incident is resolved gets one more attempt first.
fn resolve(p: &mut Processing<'_>, incident_key: Key) -> Result<(), Refusal> {
    let job_key = p.tables().incident(incident_key).map(|incident| incident.job_key).unwrap_or_default();
    if p.tables().job(job_key).is_some() {
        let changes = JobChanges { retries: Some(1), ..JobChanges::default() };
        job::update::process_update(p, job_key, changes, JobUpdateKind::Retries)?;
    }
    incident::resolve::process_resolve(p, incident_key)
}

fn migration(process_instance_key: Key, plan: MigrationPlan) -> MigrateProcessInstance {
    let MigrationPlan { target_process_definition_key, mappings } = plan;
    let mappings = mappings.into_iter().map(|ElementPair { source_element_id, target_element_id }| {
        MigrateMapping { source_element_id, target_element_id }
    });
    let mappings = mappings.collect();
    MigrateProcessInstance { process_instance_key, target_process_definition_key, mappings }
}

/// All instances of an element are moved, each within what is directly around it.
fn modification(process_instance_key: Key, plan: ModificationPlan) -> ModifyProcessInstance {
    let moves = plan.moves.into_iter().map(|pair| MoveInstruction {
        source: ElementInstanceSelector::ElementId(pair.source_element_id),
        target_element_id: pair.target_element_id,
        ancestor: AncestorScope::SourceParent,
        variables: Vec::new(),
    });
    ModifyProcessInstance { process_instance_key, moves: moves.collect(), ..ModifyProcessInstance::default() }
}
