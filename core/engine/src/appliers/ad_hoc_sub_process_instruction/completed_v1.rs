//! An ad-hoc sub-process completes once nothing stands in it any more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedAdHocSubProcessInstructionRecord;
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_completed(tables: &mut Tables, value: &ArchivedAdHocSubProcessInstructionRecord<'_>) {
    tables.change_element_instance_flags(Key::of(&value.element_instance_key), |flags| {
        flags.with(ElementInstanceFlags::SATISFIED)
    });
}
