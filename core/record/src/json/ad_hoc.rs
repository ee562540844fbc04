//! What ad-hoc sub-processes are told, as JSON.

use super::values::{Written, tenant};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::Key;
use crate::values::AdHocSubProcessInstructionRecord;

pub(super) fn write_instruction(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<AdHocSubProcessInstructionRecord<'_>>()?;
    out.key("adHocSubProcessInstanceKey", Key::of(&value.element_instance_key));
    out.objects("activateElements", value.activate.iter(), |out, element| {
        out.text("elementId", &element.element_id);
        match &*element.variables {
            [] => out.raw("variables", "{}"),
            variables => out.member("variables", variables),
        }
    });
    out.boolean("completionConditionFulfilled", value.is_completion_condition_fulfilled);
    out.boolean("cancelRemainingInstances", value.cancels_remaining_instances);
    tenant(out, &value.tenant_id);
    Ok(())
}
