//! Events of escalations: they are told, and change nothing by themselves.

use super::{Applied, NoEvent};
use ringbolt_record::values::EscalationRecord;
use ringbolt_record::{EscalationIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for EscalationRecord<'_> {
    fn apply(
        _tables: &mut Tables,
        intent: Intent,
        _key: Key,
        _value: &Self::Archived,
    ) -> Result<(), NoEvent> {
        let Intent::Escalation(intent) = intent else { return Err(NoEvent) };
        match intent {
            EscalationIntent::Escalated | EscalationIntent::NotEscalated => Ok(()),
        }
    }
}
