//! Deletes something deployed: a process, a model of decisions with its decisions, a form or another resource. A process
//! with instances on this partition stays; on the others it goes when their instances have ended.
//!
//! What is known of its instances is deleted, where that is asked for, by a batch operation that this partition leads.

use crate::behaviors::{batch_operations, deletions, distributions, last_instances};
use crate::commands::batch_operation::create::check_room;
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::batch_operation::HistoryPlan;
use ringbolt_record::partition_message::DeleteResource;
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
    let history = history.map(|(kind, field, plan)| {
        let filter = format!(r#"{{"{field}":"{}"}}"#, resource_key.to_wire());
        (batch_operations::create(p, kind, filter, &BatchPlan::History(plan)), kind)
    });
    p.reply(Reply::ResourceDeleted { resource_key, history });
    Ok(())
}

/// How what is known of the instances of something is deleted, if it is something that has any: by which kind of batch operation, and by which
/// field of the API's filters they are found.
fn history_of(p: &Processing<'_>, key: Key) -> Option<(BatchOperationType, &'static str, HistoryPlan)> {
    let tables = p.tables();
    if tables.process(key).is_some() {
        let plan = HistoryPlan { kind: HistoryDeletionType::ProcessDefinition, key };
        Some((BatchOperationType::DeleteProcessInstance, "processDefinitionKey", plan))
    } else if tables.decision_requirements(key).is_some() {
        let plan = HistoryPlan { kind: HistoryDeletionType::DecisionRequirements, key };
        Some((BatchOperationType::DeleteDecisionInstance, "decisionRequirementsKey", plan))
    } else {
        None
    }
}
