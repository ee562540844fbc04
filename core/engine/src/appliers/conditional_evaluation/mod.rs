//! Events of evaluations of conditions. They change nothing: what they start begins with events of its own.

use super::{Applied, NoEvent};
use ringbolt_record::values::ConditionalEvaluationRecord;
use ringbolt_record::{ConditionalEvaluationIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for ConditionalEvaluationRecord<'_> {
    fn apply(
        _tables: &mut Tables,
        intent: Intent,
        _key: Key,
        _value: &Self::Archived,
    ) -> Result<(), NoEvent> {
        match intent {
            Intent::ConditionalEvaluation(ConditionalEvaluationIntent::Evaluated) => Ok(()),
            _ => Err(NoEvent),
        }
    }
}
