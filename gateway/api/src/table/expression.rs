//! Operations: expression.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_list, put_text};
use crate::objects::expression::{EXPRESSION_EVALUATION_REQUEST, EXPRESSION_EVALUATION_RESULT};
use crate::operation::{Group, Method, Version, Written, json, op};
use crate::request::Request;
use crate::schema::{Level, Object, Schema};
use ringbolt_record::Reply;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Expression",
    operations: &[op("evaluateExpression", Method::Post, "/expression/evaluation", Version::V8_9)
        .json(Schema::Object(&EXPRESSION_EVALUATION_REQUEST))
        .says("Evaluates an expression as models have it, without a trace in the log")
        .new_work("EVALUATE", evaluate, evaluated)
        .gives(&[json(200, Schema::Object(&EXPRESSION_EVALUATION_RESULT))])
        .errors(&[400, 401, 403, 500])
        .errors_own(&[503, 504])],
};

fn evaluate(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &EXPRESSION_EVALUATION_REQUEST;
    call.refuse(const { BODY.at("scopeKey") }, BODY)?;
    call.check()?;
    let expression = call.text_or_empty(const { BODY.at("expression") });
    let variables = call.variables(const { BODY.at("variables") })?;
    let tenant_id = call.text_or_empty(const { BODY.at("tenantId") });
    call.mapper.evaluate_expression(expression, variables, &tenant_id)
}

fn evaluated(reply: &Reply, level: Level, out: &mut Vec<u8>) -> Written {
    let Reply::ExpressionEvaluated(evaluation) = reply else { return Written::Unexpected };
    out.reserve(128 + evaluation.expression.len() + evaluation.result.len());
    put(out, r#"{"expression":"#);
    put_text(out, &evaluation.expression);
    put(out, r#","result":"#);
    out.extend_from_slice(&evaluation.result);
    put(out, r#","warnings":"#);
    put_list(out, evaluation.warnings.iter(), |out, warning| {
        put(out, r#"{"message":"#);
        put_text(out, warning);
        out.push(b'}');
    });
    put(out, if level >= Level::V8_10 { r#","referencedSecrets":[]}"# } else { "}" });
    Written::Yes
}
