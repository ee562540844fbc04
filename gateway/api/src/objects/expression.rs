//! Objects of the protocol: expression.

use crate::schema::kinds::{KEY, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `ExpressionEvaluationRequest`.
pub static EXPRESSION_EVALUATION_REQUEST: Object = Object {
    name: "ExpressionEvaluationRequest",
    fields: &[
        field("expression", TEXT).required().may_be_blank(),
        field("tenantId", TEXT),
        field("scopeKey", KEY).since_8_10(),
        field("variables", Schema::Document).nullable(),
    ],
};

/// `ExpressionEvaluationResult`.
pub static EXPRESSION_EVALUATION_RESULT: Object = Object {
    name: "ExpressionEvaluationResult",
    fields: &[
        field("expression", TEXT).required(),
        field("result", Schema::Any).required().nullable(),
        field("warnings", list(&Schema::Object(&EXPRESSION_EVALUATION_WARNING_ITEM))).required(),
        field("referencedSecrets", list(&Schema::Object(&EXPRESSION_SECRET_REFERENCE_ITEM)))
            .required()
            .since_8_10(),
    ],
};

/// `ExpressionEvaluationWarningItem`.
pub static EXPRESSION_EVALUATION_WARNING_ITEM: Object =
    Object { name: "ExpressionEvaluationWarningItem", fields: &[field("message", TEXT).required()] };

/// `ExpressionSecretReferenceItem`.
pub static EXPRESSION_SECRET_REFERENCE_ITEM: Object = Object {
    name: "ExpressionSecretReferenceItem",
    fields: &[field("storeId", TEXT).required(), field("secretName", TEXT).required()],
};
