//! Objects of the protocol: process instance.

use crate::objects::enums::PROCESS_INSTANCE_STATE;
use crate::objects::process_instance_search::PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER;
use crate::schema::kinds::{
    DATE_TIME, INT, KEY, LONG, MODEL_ID, TAG, TENANT, TEXT, at_least, list, list_of, text,
};
use crate::schema::{Bits, Object, Schema, field};

/// `CancelProcessInstanceRequest`.
pub static CANCEL_PROCESS_INSTANCE_REQUEST: Object = Object {
    name: "CancelProcessInstanceRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1))],
};

/// `CreateProcessInstanceResult`.
pub static CREATE_PROCESS_INSTANCE_RESULT: Object = Object {
    name: "CreateProcessInstanceResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionVersion", INT).required(),
        field("tenantId", TENANT).required(),
        field("variables", Schema::Document).required(),
        field("processDefinitionKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("tags", list_of(&TAG, 0, 10)).required(),
        field("businessId", text(1, 256)).required().nullable(),
    ],
};

/// `DeleteProcessInstanceRequest`.
pub static DELETE_PROCESS_INSTANCE_REQUEST: Object = Object {
    name: "DeleteProcessInstanceRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1))],
};

/// `DirectAncestorKeyInstruction`.
pub static DIRECT_ANCESTOR_KEY_INSTRUCTION: Object = Object {
    name: "DirectAncestorKeyInstruction",
    fields: &[
        field("ancestorScopeType", TEXT).required(),
        field("ancestorElementInstanceKey", KEY).required(),
    ],
};

/// `InferredAncestorKeyInstruction`.
pub static INFERRED_ANCESTOR_KEY_INSTRUCTION: Object =
    Object { name: "InferredAncestorKeyInstruction", fields: &[field("ancestorScopeType", TEXT).required()] };

/// `MigrateProcessInstanceMappingInstruction`.
pub static MIGRATE_PROCESS_INSTANCE_MAPPING_INSTRUCTION: Object = Object {
    name: "MigrateProcessInstanceMappingInstruction",
    fields: &[field("sourceElementId", TEXT).required(), field("targetElementId", TEXT).required()],
};

/// `ModifyProcessInstanceVariableInstruction`.
pub static MODIFY_PROCESS_INSTANCE_VARIABLE_INSTRUCTION: Object = Object {
    name: "ModifyProcessInstanceVariableInstruction",
    fields: &[field("variables", Schema::Document).required(), field("scopeId", TEXT)],
};

/// `ProcessInstanceBusinessIdAssignmentInstruction`.
pub static PROCESS_INSTANCE_BUSINESS_ID_ASSIGNMENT_INSTRUCTION: Object = Object {
    name: "ProcessInstanceBusinessIdAssignmentInstruction",
    fields: &[field("businessId", text(1, 256)).required()],
};

/// `ProcessInstanceCallHierarchyEntry`.
pub static PROCESS_INSTANCE_CALL_HIERARCHY_ENTRY: Object = Object {
    name: "ProcessInstanceCallHierarchyEntry",
    fields: &[
        field("processInstanceKey", KEY).required(),
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionName", TEXT).required(),
    ],
};

/// `ProcessInstanceCancellationBatchOperationRequest`.
pub static PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceCancellationBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceCreationInstructionById`.
pub static PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_ID: Object = Object {
    name: "ProcessInstanceCreationInstructionById",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionVersion", INT),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
        field("operationReference", at_least(Bits::B64, 1)),
        field("startInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_START_INSTRUCTION))),
        field("runtimeInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_TERMINATE_INSTRUCTION))),
        field("awaitCompletion", Schema::Flag),
        field("fetchVariables", list(&TEXT)),
        field("requestTimeout", LONG),
        field("tags", list_of(&TAG, 0, 10)),
        field("businessId", text(1, 256)),
    ],
};

/// `ProcessInstanceCreationInstructionByKey`.
pub static PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_KEY: Object = Object {
    name: "ProcessInstanceCreationInstructionByKey",
    fields: &[
        field("processDefinitionKey", KEY).required(),
        field("processDefinitionVersion", INT),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
        field("operationReference", at_least(Bits::B64, 1)),
        field("startInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_START_INSTRUCTION))),
        field("runtimeInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_TERMINATE_INSTRUCTION))),
        field("awaitCompletion", Schema::Flag),
        field("fetchVariables", list(&TEXT)),
        field("requestTimeout", LONG),
        field("tags", list_of(&TAG, 0, 10)),
        field("businessId", text(1, 256)),
    ],
};

/// `ProcessInstanceCreationInstructionByVersionTag`.
pub static PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_VERSION_TAG: Object = Object {
    name: "ProcessInstanceCreationInstructionByVersionTag",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionVersionTag", text(1, 0)).required(),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
        field("operationReference", at_least(Bits::B64, 1)),
        field("startInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_START_INSTRUCTION))),
        field("runtimeInstructions", list(&Schema::Object(&PROCESS_INSTANCE_CREATION_TERMINATE_INSTRUCTION))),
        field("awaitCompletion", Schema::Flag),
        field("fetchVariables", list(&TEXT)),
        field("requestTimeout", LONG),
        field("tags", list_of(&TAG, 0, 10)),
        field("businessId", text(1, 256)),
    ],
};

/// `ProcessInstanceCreationStartInstruction`.
pub static PROCESS_INSTANCE_CREATION_START_INSTRUCTION: Object = Object {
    name: "ProcessInstanceCreationStartInstruction",
    fields: &[field("elementId", TEXT).required()],
};

/// `ProcessInstanceCreationTerminateInstruction`.
pub static PROCESS_INSTANCE_CREATION_TERMINATE_INSTRUCTION: Object = Object {
    name: "ProcessInstanceCreationTerminateInstruction",
    fields: &[field("type", TEXT), field("afterElementId", TEXT).required()],
};

/// `ProcessInstanceDeletionBatchOperationRequest`.
pub static PROCESS_INSTANCE_DELETION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceDeletionBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceIncidentResolutionBatchOperationRequest`.
pub static PROCESS_INSTANCE_INCIDENT_RESOLUTION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceIncidentResolutionBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceMigrationBatchOperationRequest`.
pub static PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceMigrationBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field(
            "migrationPlan",
            Schema::Object(&PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST_MIGRATION_PLAN),
        )
        .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceMigrationBatchOperationRequestMigrationPlan`.
pub static PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST_MIGRATION_PLAN: Object = Object {
    name: "ProcessInstanceMigrationBatchOperationRequestMigrationPlan",
    fields: &[
        field("targetProcessDefinitionKey", KEY).required(),
        field("mappingInstructions", list(&Schema::Object(&MIGRATE_PROCESS_INSTANCE_MAPPING_INSTRUCTION)))
            .required(),
    ],
};

/// `ProcessInstanceMigrationInstruction`.
pub static PROCESS_INSTANCE_MIGRATION_INSTRUCTION: Object = Object {
    name: "ProcessInstanceMigrationInstruction",
    fields: &[
        field("targetProcessDefinitionKey", KEY).required(),
        field("mappingInstructions", list(&Schema::Object(&MIGRATE_PROCESS_INSTANCE_MAPPING_INSTRUCTION)))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceModificationActivateInstruction`.
pub static PROCESS_INSTANCE_MODIFICATION_ACTIVATE_INSTRUCTION: Object = Object {
    name: "ProcessInstanceModificationActivateInstruction",
    fields: &[
        field("elementId", TEXT).required(),
        field("variableInstructions", list(&Schema::Object(&MODIFY_PROCESS_INSTANCE_VARIABLE_INSTRUCTION))),
        field("ancestorElementInstanceKey", KEY),
    ],
};

/// `ProcessInstanceModificationBatchOperationRequest`.
pub static PROCESS_INSTANCE_MODIFICATION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceModificationBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field(
            "moveInstructions",
            list(&Schema::Object(&PROCESS_INSTANCE_MODIFICATION_MOVE_BATCH_OPERATION_INSTRUCTION)),
        )
        .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceModificationInstruction`.
pub static PROCESS_INSTANCE_MODIFICATION_INSTRUCTION: Object = Object {
    name: "ProcessInstanceModificationInstruction",
    fields: &[
        field("operationReference", at_least(Bits::B64, 1)),
        field(
            "activateInstructions",
            list(&Schema::Object(&PROCESS_INSTANCE_MODIFICATION_ACTIVATE_INSTRUCTION)),
        ),
        field("moveInstructions", list(&Schema::Object(&PROCESS_INSTANCE_MODIFICATION_MOVE_INSTRUCTION))),
        field(
            "terminateInstructions",
            list(&Schema::OneOf(&[
                Schema::Object(&PROCESS_INSTANCE_MODIFICATION_TERMINATE_BY_ID_INSTRUCTION),
                Schema::Object(&PROCESS_INSTANCE_MODIFICATION_TERMINATE_BY_KEY_INSTRUCTION),
            ])),
        ),
    ],
};

/// `ProcessInstanceModificationMoveBatchOperationInstruction`.
pub static PROCESS_INSTANCE_MODIFICATION_MOVE_BATCH_OPERATION_INSTRUCTION: Object = Object {
    name: "ProcessInstanceModificationMoveBatchOperationInstruction",
    fields: &[field("sourceElementId", TEXT).required(), field("targetElementId", TEXT).required()],
};

/// `ProcessInstanceModificationMoveInstruction`.
pub static PROCESS_INSTANCE_MODIFICATION_MOVE_INSTRUCTION: Object = Object {
    name: "ProcessInstanceModificationMoveInstruction",
    fields: &[
        field(
            "sourceElementInstruction",
            Schema::OneOf(&[
                Schema::Object(&SOURCE_ELEMENT_ID_INSTRUCTION),
                Schema::Object(&SOURCE_ELEMENT_INSTANCE_KEY_INSTRUCTION),
            ]),
        )
        .required(),
        field("targetElementId", TEXT).required(),
        field(
            "ancestorScopeInstruction",
            Schema::OneOf(&[
                Schema::Object(&DIRECT_ANCESTOR_KEY_INSTRUCTION),
                Schema::Object(&INFERRED_ANCESTOR_KEY_INSTRUCTION),
                Schema::Object(&USE_SOURCE_PARENT_KEY_INSTRUCTION),
            ]),
        ),
        field("variableInstructions", list(&Schema::Object(&MODIFY_PROCESS_INSTANCE_VARIABLE_INSTRUCTION))),
    ],
};

/// `ProcessInstanceModificationTerminateByIdInstruction`.
pub static PROCESS_INSTANCE_MODIFICATION_TERMINATE_BY_ID_INSTRUCTION: Object = Object {
    name: "ProcessInstanceModificationTerminateByIdInstruction",
    fields: &[field("elementId", TEXT).required()],
};

/// `ProcessInstanceModificationTerminateByKeyInstruction`.
pub static PROCESS_INSTANCE_MODIFICATION_TERMINATE_BY_KEY_INSTRUCTION: Object = Object {
    name: "ProcessInstanceModificationTerminateByKeyInstruction",
    fields: &[field("elementInstanceKey", KEY).required()],
};

/// `ProcessInstanceResult`.
pub static PROCESS_INSTANCE_RESULT: Object = Object {
    name: "ProcessInstanceResult",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionName", TEXT).required().nullable(),
        field("processDefinitionVersion", INT).required(),
        field("processDefinitionVersionTag", TEXT).required().nullable(),
        field("startDate", DATE_TIME).required(),
        field("endDate", DATE_TIME).required().nullable(),
        field("state", PROCESS_INSTANCE_STATE).required(),
        field("suspendedDate", DATE_TIME).required().nullable().since_8_10(),
        field("hasIncident", Schema::Flag).required(),
        field("tenantId", TENANT).required(),
        field("processInstanceKey", KEY).required(),
        field("processDefinitionKey", KEY).required(),
        field("parentProcessInstanceKey", KEY).required().nullable(),
        field("parentElementInstanceKey", KEY).required().nullable(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("tags", list_of(&TAG, 0, 10)).required(),
        field("businessId", text(1, 256)).required().nullable(),
    ],
};

/// `ProcessInstanceResumptionBatchOperationRequest`.
pub static PROCESS_INSTANCE_RESUMPTION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceResumptionBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ProcessInstanceSequenceFlowResult`.
pub static PROCESS_INSTANCE_SEQUENCE_FLOW_RESULT: Object = Object {
    name: "ProcessInstanceSequenceFlowResult",
    fields: &[
        field("sequenceFlowId", TEXT).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("processDefinitionKey", KEY).required().nullable_since_8_10(),
        field("processDefinitionId", MODEL_ID).required().nullable_since_8_10(),
        field("elementId", TEXT).required(),
        field("tenantId", TENANT).required(),
    ],
};

/// `ProcessInstanceSuspensionBatchOperationRequest`.
pub static PROCESS_INSTANCE_SUSPENSION_BATCH_OPERATION_REQUEST: Object = Object {
    name: "ProcessInstanceSuspensionBatchOperationRequest",
    fields: &[
        field("filter", Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER))
            .required(),
        field("operationReference", at_least(Bits::B64, 1)),
    ],
};

/// `ResumeProcessInstanceRequest`.
pub static RESUME_PROCESS_INSTANCE_REQUEST: Object = Object {
    name: "ResumeProcessInstanceRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1))],
};

/// `SourceElementIdInstruction`.
pub static SOURCE_ELEMENT_ID_INSTRUCTION: Object = Object {
    name: "SourceElementIdInstruction",
    fields: &[field("sourceType", TEXT).required(), field("sourceElementId", TEXT).required()],
};

/// `SourceElementInstanceKeyInstruction`.
pub static SOURCE_ELEMENT_INSTANCE_KEY_INSTRUCTION: Object = Object {
    name: "SourceElementInstanceKeyInstruction",
    fields: &[field("sourceType", TEXT).required(), field("sourceElementInstanceKey", KEY).required()],
};

/// `SuspendProcessInstanceRequest`.
pub static SUSPEND_PROCESS_INSTANCE_REQUEST: Object = Object {
    name: "SuspendProcessInstanceRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1))],
};

/// `UseSourceParentKeyInstruction`.
pub static USE_SOURCE_PARENT_KEY_INSTRUCTION: Object =
    Object { name: "UseSourceParentKeyInstruction", fields: &[field("ancestorScopeType", TEXT).required()] };
