//! How requests for batch operations are read: those that create one, and those that change it.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_text};
use crate::objects::job::JOB_BATCH_UPDATE_REQUEST as JOB_UPDATE;
use crate::objects::process_instance::{
    PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST as MIGRATION,
    PROCESS_INSTANCE_MODIFICATION_BATCH_OPERATION_REQUEST as MODIFICATION,
};
use crate::operation::Written;
use crate::request::{JobChangesInput, Missing, Request};
use crate::schema::{At, Level, Object};
use crate::search::selection;
use crate::value::Value;
use ringbolt_record::batch_operation::{ElementPair, JobUpdatePlan, MigrationPlan, ModificationPlan};
use ringbolt_record::{
    BatchOperationCommand, BatchOperationType, BatchPlan, HistoryDeletionType, Key, Reply,
};

/// The request of a batch operation, whose object has these two fields.
fn create(
    call: &mut Call<'_>,
    object: &'static Object,
    kind: BatchOperationType,
    plan: BatchPlan,
) -> Result<Request, ApiError> {
    let place = |name: &[u8]| object.find(name).map(|(at, _)| at);
    let filter_text = place(b"filter").map(|at| call.raw(at)).unwrap_or_default();
    let filter = String::from_utf8_lossy(&filter_text).into_owned();
    let level = call.mapper.limits.level;
    for violation in selection::check(kind, &filter, level) {
        call.violated(violation);
    }
    call.check()?;
    let reference = place(b"operationReference").map(|at| call.reference(at)).unwrap_or_default();
    call.mapper.create_batch_operation(kind, filter, plan, reference)
}

/// Requests of kinds that say everything by their filter.
macro_rules! plain {
    ($($(#[$meta:meta])* $name:ident: $kind:ident of $object:path;)*) => {
        $($(#[$meta])*
        pub(super) fn $name(call: &mut Call<'_>) -> Result<Request, ApiError> {
            create(call, &$object, BatchOperationType::$kind, BatchPlan::Plain)
        })*
    };
}
plain! {
    /// Cancels instances.
    cancel_instances: CancelProcessInstance
        of crate::objects::process_instance::PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST;
    /// Lets instances rest.
    suspend_instances: SuspendProcessInstance
        of crate::objects::process_instance::PROCESS_INSTANCE_SUSPENSION_BATCH_OPERATION_REQUEST;
    /// Lets suspended instances go on.
    resume_instances: ResumeProcessInstance
        of crate::objects::process_instance::PROCESS_INSTANCE_RESUMPTION_BATCH_OPERATION_REQUEST;
    /// Deletes what is known of ended instances.
    delete_instances: DeleteProcessInstance
        of crate::objects::process_instance::PROCESS_INSTANCE_DELETION_BATCH_OPERATION_REQUEST;
    /// Resolves the incidents of instances.
    resolve_incidents: ResolveIncident
        of crate::objects::process_instance::PROCESS_INSTANCE_INCIDENT_RESOLUTION_BATCH_OPERATION_REQUEST;
    /// Deletes what is known of evaluated decisions.
    delete_decisions: DeleteDecisionInstance
        of crate::objects::decision_instance::DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST;
}

fn pair(item: Value<'_>) -> ElementPair {
    let id = |name: &str| item.member(name).and_then(Value::text).unwrap_or_default().into_owned();
    ElementPair { source_element_id: id("sourceElementId"), target_element_id: id("targetElementId") }
}

pub(super) fn migrate_instances(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const PLAN: At = MIGRATION.at("migrationPlan");
    let plan = call.value(PLAN);
    let member = |name: &str| plan.and_then(|plan| plan.member(name));
    let target = member("targetProcessDefinitionKey").and_then(Value::text);
    let target = target.and_then(|text| text.parse().ok()).unwrap_or_default();
    let listed = member("mappingInstructions");
    let mappings: Vec<ElementPair> = listed.map(|list| list.items().map(pair).collect()).unwrap_or_default();
    let is_empty = listed.is_some() && mappings.is_empty();
    if is_empty {
        call.violated("No mappingInstructions provided");
    }
    let plan = MigrationPlan { target_process_definition_key: Key::from_wire(target), mappings };
    create(call, &MIGRATION, BatchOperationType::MigrateProcessInstance, BatchPlan::Migration(plan))
}

pub(super) fn modify_instances(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const MOVES: At = MODIFICATION.at("moveInstructions");
    let moves: Vec<ElementPair> = call.items(MOVES).map(pair).collect();
    if call.has(MOVES) && moves.is_empty() {
        call.violated("No moveInstructions provided");
    }
    let plan = ModificationPlan { moves };
    create(call, &MODIFICATION, BatchOperationType::ModifyProcessInstance, BatchPlan::Modification(plan))
}

pub(super) fn update_jobs(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const CHANGES: At = JOB_UPDATE.at("changeset");
    let JobChangesInput { retries, timeout_ms, priority } = super::job::changes(call, CHANGES);
    let plan = BatchPlan::JobUpdate(JobUpdatePlan { retries, timeout_ms, priority });
    create(call, &JOB_UPDATE, BatchOperationType::UpdateJob, plan)
}

/// Resolves the incidents of the instance in the path.
pub(super) fn resolve_incidents_of(call: &mut Call<'_>) -> Result<Request, ApiError> {
    call.check()?;
    let filter = format!(r#"{{"processInstanceKey":"{}"}}"#, call.path_key(0)?);
    call.mapper.create_batch_operation(BatchOperationType::ResolveIncident, filter, BatchPlan::Plain, 0)
}

pub(super) fn created(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::BatchOperationCreated { batch_operation_key, kind } = reply else {
        return Written::Unexpected;
    };
    put_created(out, *batch_operation_key, *kind);
    Written::Yes
}

/// A batch operation that was created, as an object.
pub(super) fn put_created(out: &mut Vec<u8>, batch_operation_key: Key, kind: BatchOperationType) {
    put(out, r#"{"batchOperationKey":"#);
    put_key(out, batch_operation_key);
    put(out, r#","batchOperationType":"#);
    put_text(out, kind.name());
    out.push(b'}');
}

pub(super) fn cancel(call: &mut Call<'_>) -> Result<Request, ApiError> {
    change(call, "cancel a batch operation", |key| BatchOperationCommand::Cancel { batch_operation_key: key })
}

pub(super) fn suspend(call: &mut Call<'_>) -> Result<Request, ApiError> {
    change(call, "suspend a batch operation", |key| BatchOperationCommand::Suspend {
        batch_operation_key: key,
    })
}

pub(super) fn resume(call: &mut Call<'_>) -> Result<Request, ApiError> {
    change(call, "resume a batch operation", |key| BatchOperationCommand::Resume { batch_operation_key: key })
}

fn change(
    call: &mut Call<'_>,
    wish: &'static str,
    change: fn(Key) -> BatchOperationCommand,
) -> Result<Request, ApiError> {
    call.check()?;
    Ok(call.mapper.change_batch_operation(call.path_key(0)?, wish, change))
}

pub(super) fn delete_instance(call: &mut Call<'_>) -> Result<Request, ApiError> {
    use crate::objects::process_instance::DELETE_PROCESS_INSTANCE_REQUEST as BODY;
    let missing = Missing::new("delete a process instance", "process instance");
    delete(call, HistoryDeletionType::ProcessInstance, missing, const { BODY.at("operationReference") })
}

pub(super) fn delete_decision(call: &mut Call<'_>) -> Result<Request, ApiError> {
    use crate::objects::decision_instance::DELETE_DECISION_INSTANCE_REQUEST as BODY;
    let missing = Missing::new("delete a decision instance", "decision instance");
    delete(call, HistoryDeletionType::DecisionInstance, missing, const { BODY.at("operationReference") })
}

fn delete(
    call: &mut Call<'_>,
    kind: HistoryDeletionType,
    missing: Missing,
    reference: At,
) -> Result<Request, ApiError> {
    call.check()?;
    let reference = call.reference(reference);
    Ok(call.mapper.delete_history(call.path_key(0)?, kind, missing, reference))
}
