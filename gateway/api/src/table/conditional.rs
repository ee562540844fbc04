//! Operations: conditional.

use crate::objects::conditional::{CONDITIONAL_EVALUATION_INSTRUCTION, EVALUATE_CONDITIONAL_RESULT};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Conditional",
    operations: &[op("evaluateConditionals", Method::Post, "/conditionals/evaluation", Version::V8_9)
        .json(Schema::Object(&CONDITIONAL_EVALUATION_INSTRUCTION))
        .gives(&[json(200, Schema::Object(&EVALUATE_CONDITIONAL_RESULT))])
        .errors(&[400, 403, 404, 500, 503])],
};
