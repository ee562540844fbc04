//! Evaluates a decision for a client. A decision that fails is an answer too, not a refusal.

use crate::behaviors::decisions;
use crate::behaviors::expressions::GivenVariables;
use crate::failure::{Refusal, invalid_argument, not_found};
use crate::writers::Processing;
use ringbolt_record::command::{DecisionSelector, EvaluateDecision};
use ringbolt_record::{Rejection, RejectionType, Reply};

pub(crate) fn process_evaluate(p: &mut Processing<'_>, evaluate: &EvaluateDecision) -> Result<(), Refusal> {
    let found = match &evaluate.decision {
        DecisionSelector::Latest { decision_id } if decision_id.is_empty() => {
            return Err(invalid_argument(
                "Expected either a decision id or a valid decision key, but none provided",
            ));
        }
        DecisionSelector::Latest { decision_id } => {
            let key = p.tables().latest_decision(&evaluate.tenant_id, decision_id);
            decisions::find(p, key, decision_id, "id")
        }
        DecisionSelector::Key(key) => decisions::find(p, Some(*key), &key.0.to_string(), "key"),
    };
    let found = found.map_err(not_found)?;
    let key = p.next_key();
    let given = GivenVariables::of(&evaluate.variables);
    let evaluation = decisions::evaluate(p, &found, &given.beside(p.tables()), key).map_err(|too_large| {
        let max = too_large.bytes_max;
        let reason = format!("The record of the evaluation would have more than {max} bytes");
        Rejection::new(RejectionType::ExceededBatchRecordSize, reason)
    })?;
    decisions::append(p, &evaluation, None);
    p.reply(Reply::DecisionEvaluated(Box::new(evaluation)));
    Ok(())
}
