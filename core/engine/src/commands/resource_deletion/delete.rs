//! Deletes something deployed: a process, a model of decisions with its decisions, a form or another resource. A process
//! with instances on this partition stays; on the others it goes when their instances have ended.
//!
//! What is known of its instances is deleted, where that is asked for, by a batch operation that this partition leads.

use crate::behaviors::{batch_operations, deletions, distributions, last_instances};
use crate::commands::batch_operation::create::check_room;
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::batch_operation::HistoryPlan;
use ringbolt_record::partition_message::{DeleteResource, DistributedBatchOperation};
use ringbolt_record::{BatchOperationType, BatchPlan, HistoryDeletionType, Key, PartitionMessage, Reply};

pub(crate) fn process_delete(
    p: &mut Processing<'_>,
    resource_key: Key,
    delete_history: bool,
) -> Result<(), Refusal> {
    if !deletions::can_be_found(p, resource_key) {
        return Err(not_found(format!(
            "Expected to delete resource but no resource found with key `{}`",
            resource_key.to_wire()
        )));
    }
    if last_instances::has_any(p, resource_key) {
        return Err(invalid_state(format!(
            "Expected to delete resource with key `{}` but there are still running instances",
            resource_key.to_wire()
        )));
    }
    let history = delete_history.then(|| history_of(p, resource_key)).flatten();
    if history.is_some() {
        check_room(p)?;
    }
    let deletion_key = p.next_key();
    let deletion = DeleteResource { deletion_key, resource_key };
    deletions::delete(p, deletion);
    distributions::begin(p, &PartitionMessage::DeleteResource(deletion));
    let history = history.map(|(kind, plan)| (delete_instances(p, kind, plan), kind));
    p.reply(Reply::ResourceDeleted { resource_key, history });
    Ok(())
}

/// How what is known of the instances of something is deleted, if it is something that has any.
fn history_of(p: &Processing<'_>, key: Key) -> Option<(BatchOperationType, HistoryPlan)> {
    let tables = p.tables();
    if tables.process(key).is_some() {
        let plan = HistoryPlan { kind: HistoryDeletionType::ProcessDefinition, key };
        Some((BatchOperationType::DeleteProcessInstance, plan))
    } else if tables.decision_requirements(key).is_some() {
        let plan = HistoryPlan { kind: HistoryDeletionType::DecisionRequirements, key };
        Some((BatchOperationType::DeleteDecisionInstance, plan))
    } else {
        None
    }
}

/// Creates the batch operation; its key. Its filter is one of the API.
fn delete_instances(p: &mut Processing<'_>, kind: BatchOperationType, plan: HistoryPlan) -> Key {
    let field = match plan.kind {
        HistoryDeletionType::DecisionRequirements => "decisionRequirementsKey",
        _ => "processDefinitionKey",
    };
    let batch_operation_key = p.next_key();
    let create = DistributedBatchOperation {
        batch_operation_key,
        kind,
        filter: format!(r#"{{"{field}":"{}"}}"#, plan.key.to_wire()),
        plan: BatchPlan::History(plan).to_bytes(),
    };
    batch_operations::create(p, create)
}
