//! What ad-hoc sub-processes are told.

mod completed_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::AdHocSubProcessInstructionRecord;
use ringbolt_record::{AdHocSubProcessInstructionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for AdHocSubProcessInstructionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        match intent {
            // What is entered has events of its own.
            Intent::AdHocSubProcessInstruction(AdHocSubProcessInstructionIntent::Activated) => Ok(()),
            Intent::AdHocSubProcessInstruction(AdHocSubProcessInstructionIntent::Completed) => {
                completed_v1::apply_completed(tables, value);
                Ok(())
            }
            _ => Err(NoEvent),
        }
    }
}
