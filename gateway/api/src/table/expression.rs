//! Operations: expression.

use crate::objects::expression::{EXPRESSION_EVALUATION_REQUEST, EXPRESSION_EVALUATION_RESULT};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Expression",
    operations: &[op("evaluateExpression", Method::Post, "/expression/evaluation", Version::V8_9)
        .json(Schema::Object(&EXPRESSION_EVALUATION_REQUEST))
        .gives(&[json(200, Schema::Object(&EXPRESSION_EVALUATION_RESULT))])
        .errors(&[400, 401, 403, 500])],
};
