//! Activities that can be compensated as JSON.

use super::Style;
use super::values::{Written, named_element, tenant};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::{ElementIndex, Key};
use crate::values::{CompensationSubscriptionRecord, InstanceRef};

pub(super) fn write_subscription(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<CompensationSubscriptionRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("processInstanceKey", instance.process_instance_key);
    out.key("processDefinitionKey", instance.process_definition_key);
    let mut element = |names, element: &_| {
        let element = ElementIndex::of(element);
        named_element(out, names, &value.instance, element, style);
    };
    element(["compensableActivityId", "compensableActivityIndex"], &value.activity);
    for (names, index) in [
        (["compensationHandlerId", "compensationHandlerIndex"], &value.handler),
        (["throwEventId", "throwEventIndex"], &value.throw_event),
    ] {
        match ElementIndex::of(index) {
            ElementIndex::PROCESS => out.text(names[0], ""),
            found => named_element(out, names, &value.instance, found, style),
        }
    }
    out.key("compensableActivityInstanceKey", Key::of(&value.activity_key));
    out.key("compensableActivityScopeKey", Key::of(&value.scope_key));
    out.key("compensationHandlerInstanceKey", Key::of(&value.handler_key));
    out.key("throwEventInstanceKey", Key::of(&value.throw_event_key));
    out.member("variables", b"{}");
    tenant(out, &value.tenant_id);
    Ok(())
}
