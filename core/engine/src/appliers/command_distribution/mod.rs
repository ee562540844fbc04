//! Events of commands that every partition is to process.

mod acknowledged_v1;
mod distributing_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::CommandDistributionRecord;
use ringbolt_record::{CommandDistributionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for CommandDistributionRecord {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::CommandDistribution(intent) = intent else { return Err(NoEvent) };
        match intent {
            CommandDistributionIntent::Started | CommandDistributionIntent::Finished => {}
            CommandDistributionIntent::Distributing => {
                distributing_v1::apply_distributing(tables, key, value)
            }
            CommandDistributionIntent::Acknowledged => {
                acknowledged_v1::apply_acknowledged(tables, key, value)
            }
        }
        Ok(())
    }
}
