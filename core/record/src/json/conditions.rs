//! Who waits for conditions, and their evaluations, as JSON.

use super::Style;
use super::values::{Written, named_element, tenant};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::{ElementIndex, Key};
use crate::values::{ConditionalEvaluationRecord, ConditionalSubscriptionRecord, InstanceRef};

pub(super) fn write_subscription(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ConditionalSubscriptionRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    let scope_key = Key::of(&value.element_instance_key);
    out.key("scopeKey", scope_key);
    out.key("elementInstanceKey", scope_key);
    out.key("processInstanceKey", instance.process_instance_key);
    out.key("processDefinitionKey", instance.process_definition_key);
    out.text("bpmnProcessId", &value.bpmn_process_id);
    let element = ElementIndex::of(&value.element_index);
    named_element(out, ["catchEventId", "catchEventIndex"], &value.instance, element, style);
    out.text("condition", &value.condition);
    for (name, list) in
        [("variableNames", &*value.variable_names), ("variableEvents", &*value.variable_events)]
    {
        out.texts(name, list.split(',').filter(|item| !item.is_empty()));
    }
    out.boolean("interrupting", value.is_interrupting);
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_evaluation(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<ConditionalEvaluationRecord<'_>>()?;
    out.key("processDefinitionKey", Key::of(&value.process_definition_key));
    out.member("variables", if value.variables.is_empty() { b"{}" } else { &value.variables });
    out.objects("startedProcessInstances", value.started.iter(), |out, instance| {
        out.key("processDefinitionKey", Key::of(&instance.process_definition_key));
        out.key("processInstanceKey", Key::of(&instance.process_instance_key));
    });
    tenant(out, &value.tenant_id);
    Ok(())
}
