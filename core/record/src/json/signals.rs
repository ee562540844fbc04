//! Signals and who waits for them as JSON.

use super::Style;
use super::values::{Written, named_element, tenant};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::{ElementIndex, Key};
use crate::values::{InstanceRef, SignalRecord, SignalSubscriptionRecord};

pub(super) fn write_signal(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<SignalRecord<'_>>()?;
    out.text("signalName", &value.name);
    out.member("variables", if value.variables.is_empty() { b"{}" } else { &value.variables });
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_subscription(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<SignalSubscriptionRecord<'_>>()?;
    out.text("signalName", &value.signal_name);
    out.key("processDefinitionKey", InstanceRef::of(&value.instance).process_definition_key);
    out.text("bpmnProcessId", &value.bpmn_process_id);
    let element = ElementIndex::of(&value.element_index);
    named_element(out, ["catchEventId", "catchEventIndex"], &value.instance, element, style);
    out.key("catchEventInstanceKey", Key::of(&value.element_instance_key));
    tenant(out, &value.tenant_id);
    Ok(())
}
