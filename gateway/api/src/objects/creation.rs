//! Objects as which bodies of several forms are read: the fields of all forms, none of them required.

use crate::objects::process_instance::{
    PROCESS_INSTANCE_CREATION_START_INSTRUCTION, PROCESS_INSTANCE_CREATION_TERMINATE_INSTRUCTION,
};
use crate::schema::kinds::{INT, KEY, LONG, MODEL_ID, TAG, TENANT, TEXT, at_least, list, list_of, text};
use crate::schema::{Bits, Object, Schema, field};

/// A new instance, of a process by id, key or version tag.
pub static PROCESS_INSTANCE_CREATION: Object = Object {
    name: "ProcessInstanceCreationInstruction",
    fields: &[
        field("processDefinitionId", MODEL_ID),
        field("processDefinitionKey", KEY),
        field("processDefinitionVersion", INT),
        field("processDefinitionVersionTag", text(1, 0)),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
        field("businessId", text(1, 256)),
        field("operationReference", at_least(Bits::B64, 1)),
        field("startInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_START_INSTRUCTION))),
        field("runtimeInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_TERMINATE_INSTRUCTION))),
        field("awaitCompletion", Schema::Flag),
        field("fetchVariables", list(&TEXT)),
        field("requestTimeout", LONG),
        field("tags", list_of(&TAG, 0, 10)),
    ],
};

/// An evaluation, of a decision by id or key.
pub static DECISION_EVALUATION: Object = Object {
    name: "DecisionEvaluationInstruction",
    fields: &[
        field("decisionDefinitionId", MODEL_ID),
        field("decisionDefinitionKey", KEY),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
    ],
};
