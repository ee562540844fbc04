//! Messages and who waits for them as JSON.

use super::Style;
use super::values::{Written, tenant, time};
use super::values::{element_id, instance, named_element};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::ElementIndex;
use crate::ids::Key;
use crate::values::{
    InstanceRef, MessageCorrelationRecord, MessageRecord, MessageStartEventSubscriptionRecord,
    MessageSubscriptionRecord, ProcessMessageSubscriptionRecord,
};

pub(super) fn write_message(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<MessageRecord<'_>>()?;
    out.text("name", &value.name);
    out.text("correlationKey", &value.correlation_key);
    out.number("timeToLive", value.time_to_live.0.to_native());
    match &*value.variables {
        [] => out.raw("variables", "{}"),
        variables => out.member("variables", variables),
    }
    out.text("messageId", &value.message_id);
    business_id(out, &value.business_id);
    out.number("deadline", time(value.deadline.0.to_native()));
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_subscription(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<MessageSubscriptionRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("processInstanceKey", instance.process_instance_key);
    out.key("rootProcessInstanceKey", instance.root_process_instance_key);
    out.key("processDefinitionKey", instance.process_definition_key);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.text("bpmnProcessId", &value.bpmn_process_id);
    out.key("messageKey", Key::of(&value.message_key));
    out.text("messageName", &value.message_name);
    out.text("correlationKey", &value.correlation_key);
    out.boolean("interrupting", value.is_interrupting);
    business_id(out, &value.business_id);
    tenant(out, &value.tenant_id);
    Ok(())
}

/// Where there is one: the records of those that have none are as they were before there were any.
fn business_id(out: &mut Object<'_>, id: &str) {
    if !id.is_empty() {
        out.text("businessId", id);
    }
}

pub(super) fn write_process_subscription(
    out: &mut Object<'_>,
    record: &RecordRef<'_>,
    style: Style<'_>,
) -> Written {
    let value = record.value::<ProcessMessageSubscriptionRecord<'_>>()?;
    instance(out, &value.instance, None, style);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    element_id(out, &value.instance, ElementIndex::of(&value.element_index), style);
    out.key("messageKey", Key::of(&value.message_key));
    out.text("messageName", &value.message_name);
    out.text("correlationKey", &value.correlation_key);
    out.boolean("interrupting", value.is_interrupting);
    if value.is_for_suspension {
        out.boolean("closedForSuspend", true);
    }
    tenant(out, &value.tenant_id);
    Ok(())
}

/// What the message brought stands in the event that was caught with it.
pub(super) fn write_start_subscription(
    out: &mut Object<'_>,
    record: &RecordRef<'_>,
    style: Style<'_>,
) -> Written {
    let value = record.value::<MessageStartEventSubscriptionRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("processDefinitionKey", instance.process_definition_key);
    out.key("processInstanceKey", instance.process_instance_key);
    out.text("bpmnProcessId", &value.bpmn_process_id);
    let element = ElementIndex::of(&value.element_index);
    named_element(out, ["startEventId", "startEventIndex"], &value.instance, element, style);
    out.text("messageName", &value.message_name);
    out.text("correlationKey", &value.correlation_key);
    out.key("messageKey", Key::of(&value.message_key));
    business_id(out, &value.business_id);
    tenant(out, &value.tenant_id);
    Ok(())
}

/// What the message brings stands in its PUBLISHED.
pub(super) fn write_correlation(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<MessageCorrelationRecord<'_>>()?;
    out.text("name", &value.name);
    out.text("correlationKey", &value.correlation_key);
    out.key("messageKey", record.header.key);
    out.key("processInstanceKey", Key::of(&value.process_instance_key));
    tenant(out, &value.tenant_id);
    Ok(())
}
