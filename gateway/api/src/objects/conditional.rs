//! Objects of the protocol: conditional.

use crate::schema::kinds::{KEY, TENANT, list};
use crate::schema::{Object, Schema, field};

/// `ConditionalEvaluationInstruction`.
pub static CONDITIONAL_EVALUATION_INSTRUCTION: Object = Object {
    name: "ConditionalEvaluationInstruction",
    fields: &[
        field("tenantId", TENANT),
        field("processDefinitionKey", KEY),
        field("variables", Schema::Document).required(),
    ],
};

/// `EvaluateConditionalResult`.
pub static EVALUATE_CONDITIONAL_RESULT: Object = Object {
    name: "EvaluateConditionalResult",
    fields: &[
        field("conditionalEvaluationKey", KEY).required(),
        field("tenantId", TENANT).required(),
        field("processInstances", list(&Schema::Object(&PROCESS_INSTANCE_REFERENCE))).required(),
    ],
};

/// `ProcessInstanceReference`.
pub static PROCESS_INSTANCE_REFERENCE: Object = Object {
    name: "ProcessInstanceReference",
    fields: &[field("processDefinitionKey", KEY).required(), field("processInstanceKey", KEY).required()],
};
