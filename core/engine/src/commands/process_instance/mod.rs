//! Commands on process instances.

pub(crate) mod assign_business_id;
pub(crate) mod cancel;
pub(crate) mod resume;
pub(crate) mod suspend;

use crate::failure::{Refusal, not_found};
use crate::writers::Processing;
use ringbolt_record::{BpmnElementType, Key};
use ringbolt_tables::{ElementInstanceRow, ElementInstanceState};

/// A process instance that is there and is not ending. `verb` is what the command wants to do.
fn find(p: &Processing<'_>, key: Key, verb: &str) -> Result<ElementInstanceRow, Refusal> {
    let found = p.tables().element_instance(key).filter(|row| {
        row.element.element_type == BpmnElementType::Process && row.state != ElementInstanceState::Terminating
    });
    found.ok_or_else(|| {
        not_found(format!(
            "Expected to {verb} a process instance with key '{}', but no such process was found",
            key.to_wire()
        ))
    })
}
