//! The `value` of a record, one small function per value type, with the field names of Zeebe's records.
//!
//! A new value type is one function, one arm in `write_value` and one in `standing::standing`.

use super::derived::{self, Placed};
use super::writer::Object;
use super::{
    Resources, Style, ad_hoc, batch_operations, compensations, conditions, decisions, messages,
    modifications, partitions, resources, signals, user_tasks,
};
use crate::entry::{EntryError, RecordRef};
use crate::follow_up::FollowUp;
use crate::ids::{ElementIndex, Key};
use crate::values::{
    ArchivedElementInstanceRef, ArchivedInstanceRef, DeploymentRecord, ElementInstanceRef, ErrorRecord,
    EscalationRecord, IncidentRecord, InstanceRef, ItemList, JobBatchRecord, JobRecord, MultiInstanceRecord,
    PendingCommandRecord, ProcessEventRecord, ProcessInstanceCreationRecord, ProcessInstanceRecord,
    ProcessInstanceResultRecord, ProcessRecord, TimerRecord, VariableDocumentRecord, VariableRecord,
};
use crate::wire_enums::{
    BpmnElementType, ErrorType, Intent, JobIntent, JobKind, MultiInstanceIntent, ValueType,
};

/// What records call the element of an event.
const TARGET_ELEMENT: [&str; 2] = ["targetElementId", "targetElementIndex"];

/// What stands for the element of a job whose error nothing catches, as in Zeebe.
const NO_CATCHER: &str = "NO_CATCH_EVENT_FOUND";

pub(super) type Written = Result<(), EntryError>;

/// Writes the fields of a record's value.
pub(super) fn write_value(out: &mut Object<'_>, placed: Placed<'_>, style: Style<'_>) -> Written {
    let record = &placed.record;
    match record.header.intent.value_type() {
        ValueType::Job => write_job(out, placed, style),
        ValueType::Deployment => write_deployment(out, placed),
        ValueType::ProcessInstance => write_process_instance(out, placed, style),
        ValueType::Incident => write_incident(out, record, style),
        ValueType::Message => messages::write_message(out, record),
        ValueType::MessageSubscription => messages::write_subscription(out, record),
        ValueType::ProcessMessageSubscription => messages::write_process_subscription(out, record, style),
        ValueType::Signal => signals::write_signal(out, record),
        ValueType::ClusterVariable => super::cluster_variables::write_variable(out, record),
        ValueType::SignalSubscription => signals::write_subscription(out, record, style),
        ValueType::CompensationSubscription => compensations::write_subscription(out, record, style),
        ValueType::ConditionalSubscription => conditions::write_subscription(out, record, style),
        ValueType::ConditionalEvaluation => conditions::write_evaluation(out, record),
        ValueType::MessageCorrelation => messages::write_correlation(out, record),
        ValueType::MessageStartEventSubscription => messages::write_start_subscription(out, record, style),
        ValueType::JobBatch => write_job_batch(out, placed),
        ValueType::Timer => write_timer(out, record, style),
        ValueType::ProcessEvent => write_process_event(out, record, style),
        ValueType::Escalation => write_escalation(out, record, style),
        ValueType::Variable => write_variable(out, record, style),
        ValueType::VariableDocument => write_variable_document(out, record),
        ValueType::ProcessInstanceCreation => write_creation(out, placed, style),
        ValueType::ProcessInstanceModification => modifications::write_modification(out, record, style),
        ValueType::AdHocSubProcessInstruction => ad_hoc::write_instruction(out, record),
        ValueType::ProcessInstanceMigration => modifications::write_migration(out, record),
        ValueType::ProcessInstanceBusinessId => modifications::write_business_id(out, record, style),
        ValueType::RuntimeInstruction => modifications::write_runtime_instruction(out, record, style),
        ValueType::Error => write_error(out, record),
        ValueType::ProcessInstanceResult => write_result(out, record, style),
        ValueType::Process => write_process(out, record, style),
        ValueType::Decision => decisions::write_decision(out, record),
        ValueType::DecisionRequirements => decisions::write_requirements(out, record, style),
        ValueType::DecisionEvaluation => decisions::write_evaluation(out, record, style),
        ValueType::CommandDistribution => partitions::write_distribution(out, record),
        ValueType::PartitionMessage => partitions::write_message(out, record),
        ValueType::Routing => partitions::write_routing(out, record),
        ValueType::Form => resources::write_form(out, record, style),
        ValueType::Resource => resources::write_resource(out, record, style),
        ValueType::ResourceDeletion => resources::write_deletion(out, record),
        ValueType::BatchOperationCreation => batch_operations::write_creation(out, record),
        ValueType::BatchOperationInitialization => batch_operations::write_initialization(out, record),
        ValueType::BatchOperationChunk => batch_operations::write_chunk(out, record),
        ValueType::BatchOperationExecution => batch_operations::write_execution(out, record),
        ValueType::BatchOperationLifecycleManagement => batch_operations::write_lifecycle(out, record),
        ValueType::BatchOperationPartitionLifecycle => batch_operations::write_partition(out, record),
        ValueType::HistoryDeletion => batch_operations::write_history_deletion(out, record),
        ValueType::UserTask => user_tasks::write_user_task(out, record, style),
        ValueType::PendingCommand => write_pending(out, record),
        ValueType::MultiInstance => write_multi_instance(out, record, style),
        ValueType::BusinessIdHold => partitions::write_business_id_hold(out, record),
    }
}

fn key_of(instance: &ArchivedInstanceRef) -> Key {
    InstanceRef::of(instance).process_definition_key
}

pub(super) fn tenant(out: &mut Object<'_>, stored: &str) {
    out.text("tenantId", if stored.is_empty() { crate::DEFAULT_TENANT } else { stored });
}

/// Definition and instance. `version_field` is what this value type calls the definition's version, if it has it.
pub(super) fn instance(
    out: &mut Object<'_>,
    archived: &ArchivedInstanceRef,
    version_field: Option<&str>,
    style: Style<'_>,
) {
    let instance = InstanceRef::of(archived);
    if let Some(names) = style.names.definition(instance.process_definition_key) {
        out.text("bpmnProcessId", &names.bpmn_process_id);
        if let Some(field) = version_field {
            out.number(field, names.version);
        }
    }
    out.key("processDefinitionKey", instance.process_definition_key);
    out.key("processInstanceKey", instance.process_instance_key);
    out.key("rootProcessInstanceKey", instance.root_process_instance_key);
}

/// An element's id, or its index where the definition is not at hand.
pub(super) fn element_id(
    out: &mut Object<'_>,
    definition: &ArchivedInstanceRef,
    element: ElementIndex,
    style: Style<'_>,
) {
    named_element(out, ["elementId", "elementIndex"], definition, element, style);
}

pub(super) fn named_element(
    out: &mut Object<'_>,
    names: [&str; 2],
    definition: &ArchivedInstanceRef,
    element: ElementIndex,
    style: Style<'_>,
) {
    element_of(out, names, key_of(definition), element, style);
}

fn element_of(
    out: &mut Object<'_>,
    [id, index]: [&str; 2],
    definition: Key,
    element: ElementIndex,
    style: Style<'_>,
) {
    let names = style.names.definition(definition);
    match names.and_then(|names| names.element_ids.get(element.0 as usize)) {
        Some(text) => out.text(id, text),
        None => out.number(index, element.0),
    }
}

fn element(out: &mut Object<'_>, archived: &ArchivedElementInstanceRef, style: Style<'_>) {
    instance(out, &archived.instance, Some("version"), style);
    let element = ElementInstanceRef::of(archived);
    if element.element_type == BpmnElementType::SequenceFlow {
        let names = style.names.definition(element.instance.process_definition_key);
        match names.and_then(|names| names.flow_ids.get(element.element_index.0 as usize)) {
            Some(id) => out.text("elementId", id),
            None => out.number("elementIndex", element.element_index.0),
        }
    } else {
        element_id(out, &archived.instance, element.element_index, style);
    }
    out.key("flowScopeKey", element.flow_scope_key);
    out.name_of("bpmnElementType", element.element_type.name());
    out.name_of("bpmnEventType", element.event_type.name());
}

/// A moment; -1 where there is none.
pub(super) fn time(ms: i64) -> i64 {
    if ms == 0 { -1 } else { ms }
}

fn write_job(out: &mut Object<'_>, placed: Placed<'_>, style: Style<'_>) -> Written {
    let record = &placed.record;
    let value = record.value::<JobRecord<'_>>()?;
    out.text("type", &value.job_type);
    instance(out, &value.instance, Some("processDefinitionVersion"), style);
    if record.header.intent == Intent::Job(JobIntent::ErrorThrown) && !value.is_caught {
        out.text("elementId", NO_CATCHER);
    } else {
        element_id(out, &value.instance, ElementIndex(value.element_index.0.to_native()), style);
    }
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.name_of("jobKind", JobKind::of(&value.kind).name());
    out.text("worker", &value.worker);
    out.number("retries", value.retries.to_native());
    out.number("priority", value.priority.to_native());
    let lease = crate::lease_token(Key::of(&value.lease), record.header.key).unwrap_or_default();
    out.text("leaseToken", &lease);
    out.number("deadline", time(value.deadline.0.to_native()));
    out.number("retryBackoff", value.retry_backoff.0.to_native());
    out.number("recurringTime", time(value.recurring_time.0.to_native()));
    let element = ElementIndex(value.element_index.0.to_native());
    derived::custom_headers(out, &value.custom_headers, &value.instance, element, style);
    derived::job_extras(out, placed, value)?;
    derived::job_variables(out, placed);
    out.text("errorMessage", &value.error_message);
    out.text("errorCode", &value.error_code);
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_deployment(out: &mut Object<'_>, placed: Placed<'_>) -> Written {
    let record = &placed.record;
    let value = record.value::<DeploymentRecord<'_>>()?;
    // As in Zeebe, resources stand in the events of what they brought.
    out.raw("resources", "[]");
    let mut failure = None;
    out.objects("processesMetadata", value.processes.iter(), |out, process| {
        out.text("bpmnProcessId", &process.bpmn_process_id);
        out.number("version", process.version.to_native());
        out.key("processDefinitionKey", Key::of(&process.process_definition_key));
        out.text("resourceName", &process.resource_name);
        out.boolean("duplicate", process.is_duplicate);
        if !process.is_duplicate {
            out.key("deploymentKey", record.header.key);
        }
        tenant(out, &value.tenant_id);
        if let Err(error) = derived::process_metadata(out, placed, Key::of(&process.process_definition_key)) {
            failure.get_or_insert(error);
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    out.key("deploymentKey", record.header.key);
    decisions::write_metadata(out, value, placed)?;
    resources::write_metadata(out, value, placed)?;
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_process_instance(out: &mut Object<'_>, placed: Placed<'_>, style: Style<'_>) -> Written {
    let record = &placed.record;
    let value = record.value::<ProcessInstanceRecord<'_>>()?;
    element(out, &value.element, style);
    out.key("parentProcessInstanceKey", Key::of(&value.parent_process_instance_key));
    out.key("parentElementInstanceKey", Key::of(&value.parent_element_instance_key));
    let element = ElementInstanceRef::of(&value.element);
    let is_called = !Key::of(&value.parent_process_instance_key).is_none();
    derived::paths(out, placed, &value.element.instance, &element, is_called);
    let is_process = element.element_type == BpmnElementType::Process;
    derived::tags(out, placed, is_process, element.instance.process_instance_key)?;
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_incident(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<IncidentRecord<'_>>()?;
    out.name_of("errorType", ErrorType::of(&value.error_type).name());
    out.text("errorMessage", &value.error_message);
    instance(out, &value.instance, None, style);
    element_id(out, &value.instance, ElementIndex(value.element_index.0.to_native()), style);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.key("jobKey", Key::of(&value.job_key));
    out.key("variableScopeKey", Key::of(&value.variable_scope_key));
    let element = ElementIndex(value.element_index.0.to_native());
    let element_instance = Key::of(&value.element_instance_key);
    derived::incident_paths(out, &value.instance, element, element_instance, style);
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_job_batch(out: &mut Object<'_>, placed: Placed<'_>) -> Written {
    let record = &placed.record;
    let value = record.value::<JobBatchRecord<'_>>()?;
    out.text("type", &value.job_type);
    out.text("worker", &value.worker);
    // How long the worker has the jobs, from the entry on.
    out.number("timeout", value.deadline.0.to_native() - placed.entry.timestamp().0);
    out.texts("tenantIds", std::iter::once(crate::DEFAULT_TENANT));
    out.boolean("withLease", value.with_leases);
    out.keys("jobKeys", value.job_keys.iter().map(Key::of));
    Ok(())
}

fn write_timer(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<TimerRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.key("processInstanceKey", instance.process_instance_key);
    out.number("dueDate", value.due.0.to_native());
    let element = ElementIndex::of(&value.element_index);
    named_element(out, TARGET_ELEMENT, &value.instance, element, style);
    out.number("repetitions", value.repetitions.to_native());
    out.key("processDefinitionKey", instance.process_definition_key);
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_process_event(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ProcessEventRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("scopeKey", Key::of(&value.scope_key));
    let element = ElementIndex::of(&value.element_index);
    named_element(out, TARGET_ELEMENT, &value.instance, element, style);
    out.member("variables", if value.variables.is_empty() { b"{}" } else { &value.variables });
    out.key("processDefinitionKey", instance.process_definition_key);
    out.key("processInstanceKey", instance.process_instance_key);
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_escalation(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<EscalationRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("processInstanceKey", instance.process_instance_key);
    out.text("escalationCode", &value.code);
    let thrower = ElementIndex::of(&value.element_index);
    named_element(out, ["throwElementId", "throwElementIndex"], &value.instance, thrower, style);
    match Key::of(&value.caught_in) {
        Key::NONE => out.text("catchElementId", ""),
        definition => {
            let names = ["catchElementId", "catchElementIndex"];
            element_of(out, names, definition, ElementIndex::of(&value.catcher), style);
        }
    }
    tenant(out, &value.tenant_id);
    Ok(())
}

/// The variable's own value is JSON text in a string, as in Zeebe.
fn write_variable(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<VariableRecord<'_>>()?;
    out.text("name", &value.name);
    out.json_text("value", &value.value);
    out.key("scopeKey", Key::of(&value.scope_key));
    instance(out, &value.instance, None, style);
    tenant(out, &value.tenant_id);
    Ok(())
}

/// The variables themselves follow as records of their own.
fn write_variable_document(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<VariableDocumentRecord<'_>>()?;
    out.key("scopeKey", Key::of(&value.scope_key));
    out.name_of("updateSemantics", if value.is_local { "LOCAL" } else { "PROPAGATE" });
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_creation(out: &mut Object<'_>, placed: Placed<'_>, style: Style<'_>) -> Written {
    let record = &placed.record;
    let value = record.value::<ProcessInstanceCreationRecord<'_>>()?;
    instance(out, &value.instance, None, style);
    out.number("version", value.version.to_native());
    out.objects("startInstructions", value.start_element_ids.iter(), |out, id| out.text("elementId", id));
    out.objects("runtimeInstructions", value.terminate_after_element_ids.iter(), |out, id| {
        out.name_of("type", "TERMINATE_PROCESS_INSTANCE");
        out.text("afterElementId", id);
    });
    out.texts("tags", value.tags.iter().map(|tag| &**tag));
    out.text("businessId", &value.business_id);
    derived::creation_variables(out, placed, Key::of(&value.instance.process_instance_key))?;
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_error(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<ErrorRecord<'_>>()?;
    out.text("exceptionMessage", &value.message);
    out.key("processInstanceKey", Key::of(&value.process_instance_key));
    Ok(())
}

fn write_result(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ProcessInstanceResultRecord<'_>>()?;
    instance(out, &value.instance, Some("version"), style);
    tenant(out, &value.tenant_id);
    Ok(())
}

fn write_process(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ProcessRecord<'_>>()?;
    out.text("bpmnProcessId", &value.bpmn_process_id);
    out.number("version", value.version.to_native());
    out.text("versionTag", &value.version_tag);
    out.key("processDefinitionKey", Key::of(&value.process_definition_key));
    out.key("deploymentKey", Key::of(&value.deployment_key));
    out.text("resourceName", &value.resource_name);
    out.base64("checksum", &value.checksum);
    match style.resources {
        Resources::Whole => out.base64("resource", &value.resource),
        Resources::Size => out.number("resourceBytes", value.resource.len()),
    }
    // What is unchanged brings no event.
    out.boolean("duplicate", false);
    tenant(out, &value.tenant_id);
    Ok(())
}

/// Ringbolt's own: not known to Zeebe. The items themselves stand in their instances' variables.
fn write_multi_instance(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<MultiInstanceRecord<'_>>()?;
    instance(out, &value.instance, None, style);
    element_id(out, &value.instance, ElementIndex::of(&value.element_index), style);
    match record.header.intent {
        Intent::MultiInstance(MultiInstanceIntent::Created) => {
            out.number("numberOfItems", ItemList::new(&value.value).len());
        }
        Intent::MultiInstance(MultiInstanceIntent::Collected) => {
            out.number("loopCounter", value.number.to_native() + 1);
            out.member("result", &value.value);
        }
        _ => {}
    }
    tenant(out, &value.tenant_id);
    Ok(())
}

/// Ringbolt's own: not known to Zeebe.
fn write_pending(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<PendingCommandRecord<'_>>()?;
    out.key("processInstanceKey", Key::of(&value.process_instance_key));
    out.key("lastKey", Key::of(&value.last));
    out.objects("followUps", value.follow_ups.iter(), |out, bytes| match FollowUp::read(bytes) {
        Ok(follow_up) => {
            out.name_of("type", follow_up.name());
            out.key("elementInstanceKey", follow_up.element_instance_key());
        }
        Err(unknown) => out.text("type", &unknown.to_string()),
    });
    Ok(())
}
