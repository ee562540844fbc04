//! What instances were told for their run.

mod interrupted_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::RuntimeInstructionRecord;
use ringbolt_record::{Intent, Key, RuntimeInstructionIntent};
use ringbolt_tables::Tables;

impl Applied for RuntimeInstructionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, _: &Self::Archived) -> Result<(), NoEvent> {
        match intent {
            Intent::RuntimeInstruction(RuntimeInstructionIntent::Interrupted) => {
                interrupted_v1::apply_interrupted(tables, key);
                Ok(())
            }
            _ => Err(NoEvent),
        }
    }
}
