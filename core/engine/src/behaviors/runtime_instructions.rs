//! Instances that were told to end after one of their elements: whatever else stands in them ends with it.

use crate::at::At;
use crate::writers::Processing;
use ringbolt_model::{Element, Flags};
use ringbolt_record::values::{ElementInstanceRef, RuntimeInstructionRecord};
use ringbolt_record::{ElementIndex, FollowUp, RuntimeInstructionIntent};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceState, InstanceMetadataRow};

/// Whether an instance ends after this element. Nothing is looked up where the instance's row does not say that it may.
pub(crate) fn is_last(p: &Processing<'_>, at: &At) -> bool {
    may_end(p, &at.element) && is_named(p, &at.element, at.model())
}

/// Ends the instance of an element that was the last.
pub(crate) fn end(p: &mut Processing<'_>, element: &ElementInstanceRef, tenant_id: &str) {
    let (instance, element_index) = (element.instance, element.element_index);
    let key = instance.process_instance_key;
    let record = RuntimeInstructionRecord { instance, element_index, tenant_id };
    p.append(RuntimeInstructionIntent::Interrupted, key, &record);
    p.follow_up(key, FollowUp::Terminate { key });
}

/// The same of an element instance that was ended from outside, where the definition can still be had.
pub(crate) fn end_after(p: &mut Processing<'_>, element: &ElementInstanceRef, tenant_id: &str) {
    if !may_end(p, element) {
        return;
    }
    let Ok(Some(definition)) = p.definition(element.instance.process_definition_key) else { return };
    if is_named(p, element, definition.element(element.element_index)) {
        end(p, element, tenant_id);
    }
}

fn may_end(p: &Processing<'_>, element: &ElementInstanceRef) -> bool {
    let key = element.instance.process_instance_key;
    let limited = |flags: ElementInstanceFlags| {
        flags.has(ElementInstanceFlags::LIMITED) && !flags.has(ElementInstanceFlags::INTERRUPTED)
    };
    element.element_index != ElementIndex::PROCESS
        && p.tables().element_instance_scope(key).is_some_and(|(_, flags)| limited(flags))
        && p.tables().element_instance_state(key) == Some(ElementInstanceState::Activated)
}

/// Of a repeated activity only the whole is meant.
fn is_named(p: &Processing<'_>, element: &ElementInstanceRef, model: &Element) -> bool {
    let metadata = p.tables().instance_metadata(element.instance.process_instance_key);
    let named = |row: InstanceMetadataRow| row.terminate_after_element_ids.iter().any(|id| **id == *model.id);
    !model.flags.has(Flags::IS_REPEATED) && metadata.is_some_and(named)
}
