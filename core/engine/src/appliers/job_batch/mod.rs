//! Events of batches of jobs.

mod activated_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::JobBatchRecord;
use ringbolt_record::{Intent, JobBatchIntent, Key};
use ringbolt_tables::Tables;

impl Applied for JobBatchRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::JobBatch(intent) = intent else { return Err(NoEvent) };
        match intent {
            JobBatchIntent::Activated => activated_v1::apply_activated(tables, key, value),
            JobBatchIntent::Activate => return Err(NoEvent),
        }
        Ok(())
    }
}
