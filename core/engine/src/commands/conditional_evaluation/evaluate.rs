//! Evaluates the conditions of processes' start events over what a client brings, and starts an instance for each that holds. It
//! happens on one partition alone, since the start events of a definition wait on every one. So it is in Camunda 8.9
//! (`ConditionalEvaluationEvaluateProcessor`).

use crate::behaviors::conditional_starts::{self, EVALUATED_MAX, TooMuch};
use crate::failure::{Refusal, not_found};
use crate::writers::Processing;
use ringbolt_record::command::EvaluateConditionals;
use ringbolt_record::values::ConditionalEvaluationRecord;
use ringbolt_record::{ConditionalEvaluationIntent, Key, Rejection, RejectionType, Reply};

pub(crate) fn process_evaluate(
    p: &mut Processing<'_>,
    evaluate: &EvaluateConditionals,
) -> Result<(), Refusal> {
    let EvaluateConditionals { process_definition_key, variables, tenant_id } = evaluate;
    let definition_key = *process_definition_key;
    let is_known = |key| p.tables().process(key).is_some_and(|row| row.tenant_id == tenant_id);
    if !definition_key.is_none() && !is_known(definition_key) {
        return Err(not_found(format!(
            "Expected to evaluate conditional with command key '{}' for process definition key '{}', but no such process was found.",
            Key::NONE.to_wire(),
            definition_key.to_wire()
        )));
    }
    let json = variables.to_json();
    let found = conditional_starts::find(p, definition_key, tenant_id, variables);
    let started = found.and_then(|found| conditional_starts::start(p, &found, &json)).map_err(too_much)?;
    let record = ConditionalEvaluationRecord {
        process_definition_key: definition_key,
        variables: &json,
        started: started.clone(),
        tenant_id,
    };
    let key = p.next_key();
    p.append(ConditionalEvaluationIntent::Evaluated, key, &record);
    p.reply(Reply::ConditionalsEvaluated { key, started });
    Ok(())
}

fn too_much(what: TooMuch) -> Rejection {
    let reason = match what {
        TooMuch::Waits => format!(
            "Expected to evaluate the conditions of start events, but more than {EVALUATED_MAX} wait; evaluate those of one process \
             definition at a time"
        ),
        TooMuch::Work => "Expected to evaluate the conditions of start events, but they need more work than an entry of the log \
                          has for expressions"
            .to_owned(),
        TooMuch::Bytes => "Expected to start process instances by their conditions, but what they begin with does not go into one \
                           entry of the log"
            .to_owned(),
    };
    Rejection::new(RejectionType::ExceededBatchRecordSize, reason)
}
