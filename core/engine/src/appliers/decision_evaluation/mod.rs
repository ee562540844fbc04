//! Events of evaluations of decisions. They change nothing: what an evaluation gave goes on as variables.

use super::{Applied, NoEvent};
use ringbolt_record::values::DecisionEvaluationRecord;
use ringbolt_record::{DecisionEvaluationIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DecisionEvaluationRecord<'_> {
    fn apply(
        _tables: &mut Tables,
        intent: Intent,
        _key: Key,
        _value: &Self::Archived,
    ) -> Result<(), NoEvent> {
        let Intent::DecisionEvaluation(intent) = intent else { return Err(NoEvent) };
        match intent {
            DecisionEvaluationIntent::Evaluated | DecisionEvaluationIntent::Failed => Ok(()),
            DecisionEvaluationIntent::Evaluate => Err(NoEvent),
        }
    }
}
