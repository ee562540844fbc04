//! Operations: conditional.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_list, put_text};
use crate::objects::conditional::{CONDITIONAL_EVALUATION_INSTRUCTION, EVALUATE_CONDITIONAL_RESULT};
use crate::operation::{Group, Method, Version, Written, json, op};
use crate::request::Request;
use crate::schema::{Level, Object, Schema};
use ringbolt_record::command::EvaluateConditionals;
use ringbolt_record::{DEFAULT_TENANT, Key, Reply};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Conditional",
    operations: &[op("evaluateConditionals", Method::Post, "/conditionals/evaluation", Version::V8_9)
        .json(Schema::Object(&CONDITIONAL_EVALUATION_INSTRUCTION))
        .says(
            "Evaluates the conditions of processes' start events, and starts an instance for each that holds",
        )
        .new_work("EVALUATE", evaluate, evaluated)
        .gives(&[json(200, Schema::Object(&EVALUATE_CONDITIONAL_RESULT))])
        .errors(&[400, 403, 404, 500, 503])],
};

fn evaluate(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &CONDITIONAL_EVALUATION_INSTRUCTION;
    call.check()?;
    let key = call.key(const { BODY.at("processDefinitionKey") });
    let evaluate = EvaluateConditionals {
        process_definition_key: key.map_or(Key::NONE, Key::from_wire),
        variables: call.variables(const { BODY.at("variables") })?,
        tenant_id: call.text_or_empty(const { BODY.at("tenantId") }),
    };
    call.mapper.evaluate_conditionals(evaluate)
}

fn evaluated(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::ConditionalsEvaluated { key, started } = reply else { return Written::Unexpected };
    put(out, r#"{"conditionalEvaluationKey":"#);
    put_key(out, *key);
    put(out, r#","tenantId":"#);
    put_text(out, DEFAULT_TENANT);
    put(out, r#","processInstances":"#);
    put_list(out, started.iter(), |out, instance| {
        put(out, r#"{"processDefinitionKey":"#);
        put_key(out, instance.process_definition_key);
        put(out, r#","processInstanceKey":"#);
        put_key(out, instance.process_instance_key);
        out.push(b'}');
    });
    out.push(b'}');
    Written::Yes
}
