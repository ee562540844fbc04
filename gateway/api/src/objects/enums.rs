//! Texts of which a value must be one, where more than one object has them.

use crate::schema::Schema;

/// `AgentDefinitionType`.
pub const AGENT_DEFINITION_TYPE: Schema =
    Schema::Enum(&["AI_AGENT_SUB_PROCESS", "AI_AGENT_TASK", "EXTERNAL_AGENT"], &[]);

/// The type of a reference to a document.
pub const DOCUMENT_TYPE: Schema = Schema::Enum(&["camunda"], &[]);

/// `AgentInstanceHistoryCommitStatus`.
pub const AGENT_INSTANCE_HISTORY_COMMIT_STATUS: Schema =
    Schema::Enum(&["COMMITTED", "DISCARDED", "PENDING"], &[]);

/// `AgentInstanceHistoryRole`.
pub const AGENT_INSTANCE_HISTORY_ROLE: Schema =
    Schema::Enum(&["ASSISTANT", "CONFIGURATION", "TOOL_RESULT", "USER"], &[]);

/// `AgentInstanceStatus`.
pub const AGENT_INSTANCE_STATUS: Schema = Schema::Enum(
    &["COMPLETED", "IDLE", "INITIALIZING", "THINKING", "TOOL_CALLING", "TOOL_DISCOVERY", "UNKNOWN"],
    &[],
);

/// `AuditLogActorType`.
pub const AUDIT_LOG_ACTOR_TYPE: Schema = Schema::Enum(&["ANONYMOUS", "CLIENT", "UNKNOWN", "USER"], &[]);

/// `AuditLogCategory`.
pub const AUDIT_LOG_CATEGORY: Schema = Schema::Enum(&["ADMIN", "DEPLOYED_RESOURCES", "USER_TASKS"], &[]);

/// `AuditLogEntityType`.
pub const AUDIT_LOG_ENTITY_TYPE: Schema = Schema::Enum(
    &[
        "AUTHORIZATION",
        "BATCH",
        "CLIENT",
        "DECISION",
        "GROUP",
        "INCIDENT",
        "JOB",
        "MAPPING_RULE",
        "PROCESS_INSTANCE",
        "RESOURCE",
        "ROLE",
        "TENANT",
        "USER",
        "USER_TASK",
        "VARIABLE",
    ],
    &[],
);

/// `AuditLogOperationType`.
pub const AUDIT_LOG_OPERATION_TYPE: Schema = Schema::Enum(
    &[
        "ASSIGN", "CANCEL", "COMPLETE", "CREATE", "DELETE", "EVALUATE", "MIGRATE", "MODIFY", "RESOLVE",
        "RESUME", "SUSPEND", "UNASSIGN", "UNKNOWN", "UPDATE",
    ],
    &[],
);

/// `AuditLogOutcome`.
pub const AUDIT_LOG_OUTCOME: Schema = Schema::Enum(&["FAIL", "SUCCESS"], &[]);

/// `BackupType`.
pub const BACKUP_TYPE: Schema = Schema::Enum(&["MANUAL_BACKUP", "SCHEDULED_BACKUP"], &[]);

/// `BatchOperationState`.
pub const BATCH_OPERATION_STATE: Schema = Schema::Enum(
    &["ACTIVE", "CANCELED", "COMPLETED", "CREATED", "FAILED", "PARTIALLY_COMPLETED", "SUSPENDED"],
    &[],
);

/// `BatchOperationType`.
pub const BATCH_OPERATION_TYPE: Schema = Schema::Enum(
    &[
        "ADD_VARIABLE",
        "CANCEL_PROCESS_INSTANCE",
        "DELETE_DECISION_DEFINITION",
        "DELETE_DECISION_INSTANCE",
        "DELETE_PROCESS_DEFINITION",
        "DELETE_PROCESS_INSTANCE",
        "MIGRATE_PROCESS_INSTANCE",
        "MODIFY_PROCESS_INSTANCE",
        "RESOLVE_INCIDENT",
        "UPDATE_VARIABLE",
    ],
    &["RESUME_PROCESS_INSTANCE", "SUSPEND_PROCESS_INSTANCE", "UPDATE_JOB"],
);

/// `ClusterVariableKind`.
pub const CLUSTER_VARIABLE_KIND: Schema = Schema::Enum(&["JSON", "SECRET_REFERENCE"], &[]);

/// `ClusterVariableScope`.
pub const CLUSTER_VARIABLE_SCOPE: Schema = Schema::Enum(&["GLOBAL", "TENANT"], &[]);

/// `DecisionDefinitionType`.
pub const DECISION_DEFINITION_TYPE: Schema =
    Schema::Enum(&["DECISION_TABLE", "LITERAL_EXPRESSION", "UNKNOWN", "UNSPECIFIED"], &[]);

/// `DecisionInstanceState`.
pub const DECISION_INSTANCE_STATE: Schema =
    Schema::Enum(&["EVALUATED", "FAILED", "UNKNOWN", "UNSPECIFIED"], &[]);

/// `ElementInstanceState`.
pub const ELEMENT_INSTANCE_STATE: Schema = Schema::Enum(&["ACTIVE", "COMPLETED", "TERMINATED"], &[]);

/// `GlobalListenerSource`.
pub const GLOBAL_LISTENER_SOURCE: Schema = Schema::Enum(&["API", "CONFIGURATION"], &[]);

/// `GlobalTaskListenerEventType`.
pub const GLOBAL_TASK_LISTENER_EVENT_TYPE: Schema =
    Schema::Enum(&["all", "assigning", "canceling", "completing", "creating", "updating"], &[]);

/// `GroupClientSearchQuerySortRequestField`.
pub const GROUP_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["clientId"], &[]);

/// `GroupUserSearchQuerySortRequestField`.
pub const GROUP_USER_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["username"], &[]);

/// `IncidentErrorType`.
pub const INCIDENT_ERROR_TYPE: Schema = Schema::Enum(
    &[
        "AD_HOC_SUB_PROCESS_NO_RETRIES",
        "CALLED_DECISION_ERROR",
        "CALLED_ELEMENT_ERROR",
        "CONDITION_ERROR",
        "DECISION_EVALUATION_ERROR",
        "EXECUTION_LISTENER_NO_RETRIES",
        "EXTRACT_VALUE_ERROR",
        "FORM_NOT_FOUND",
        "IO_MAPPING_ERROR",
        "JOB_NO_RETRIES",
        "MESSAGE_SIZE_EXCEEDED",
        "RESOURCE_NOT_FOUND",
        "TASK_LISTENER_NO_RETRIES",
        "UNHANDLED_ERROR_EVENT",
        "UNKNOWN",
        "UNSPECIFIED",
    ],
    &["SECRET_RESOLUTION_ERROR"],
);

/// `IncidentState`.
pub const INCIDENT_STATE: Schema =
    Schema::Enum(&["ACTIVE", "MIGRATED", "PENDING", "RESOLVED", "UNKNOWN"], &[]);

/// `JobKind`.
pub const JOB_KIND: Schema =
    Schema::Enum(&["AD_HOC_SUB_PROCESS", "BPMN_ELEMENT", "EXECUTION_LISTENER", "TASK_LISTENER"], &[]);

/// `JobListenerEventType`.
pub const JOB_LISTENER_EVENT_TYPE: Schema = Schema::Enum(
    &[
        "ASSIGNING",
        "BEFORE_ALL",
        "CANCEL",
        "CANCELING",
        "COMPLETING",
        "CREATING",
        "END",
        "START",
        "UNSPECIFIED",
        "UPDATING",
    ],
    &[],
);

/// `JobListenerEventType2`.
pub const JOB_LISTENER_EVENT_TYPE_2: Schema = Schema::Enum(
    &[
        "ASSIGNING",
        "BEFORE_ALL",
        "CANCELING",
        "COMPLETING",
        "CREATING",
        "END",
        "START",
        "UNSPECIFIED",
        "UPDATING",
    ],
    &["CANCEL"],
);

/// `JobState`.
pub const JOB_STATE: Schema = Schema::Enum(
    &[
        "CANCELED",
        "COMPLETED",
        "CREATED",
        "ERROR_THROWN",
        "FAILED",
        "MIGRATED",
        "PRIORITY_UPDATED",
        "RETRIES_UPDATED",
        "TIMED_OUT",
        "TIMEOUT_UPDATED",
    ],
    &[],
);

/// `JobState2`.
pub const JOB_STATE_2: Schema = Schema::Enum(
    &[
        "CANCELED",
        "COMPLETED",
        "CREATED",
        "ERROR_THROWN",
        "FAILED",
        "MIGRATED",
        "RETRIES_UPDATED",
        "TIMED_OUT",
    ],
    &["PRIORITY_UPDATED", "TIMEOUT_UPDATED"],
);

/// `MessageSubscriptionState`.
pub const MESSAGE_SUBSCRIPTION_STATE: Schema =
    Schema::Enum(&["CORRELATED", "CREATED", "DELETED", "MIGRATED"], &[]);

/// `MessageSubscriptionType`.
pub const MESSAGE_SUBSCRIPTION_TYPE: Schema = Schema::Enum(&["PROCESS_EVENT", "START_EVENT"], &[]);

/// `Mode`.
pub const MODE: Schema = Schema::Enum(&["PROCESSING", "RECOVERING"], &[]);

/// `OwnerType`.
pub const OWNER_TYPE: Schema =
    Schema::Enum(&["CLIENT", "GROUP", "MAPPING_RULE", "ROLE", "UNSPECIFIED", "USER"], &[]);

/// `PermissionType`.
pub const PERMISSION_TYPE: Schema = Schema::Enum(
    &[
        "ACCESS",
        "CANCEL_PROCESS_INSTANCE",
        "CLAIM",
        "CLAIM_USER_TASK",
        "COMPLETE",
        "COMPLETE_USER_TASK",
        "CREATE",
        "CREATE_BATCH_OPERATION_CANCEL_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_DELETE_DECISION_DEFINITION",
        "CREATE_BATCH_OPERATION_DELETE_DECISION_INSTANCE",
        "CREATE_BATCH_OPERATION_DELETE_PROCESS_DEFINITION",
        "CREATE_BATCH_OPERATION_DELETE_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_MIGRATE_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_MODIFY_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_RESOLVE_INCIDENT",
        "CREATE_DECISION_INSTANCE",
        "CREATE_PROCESS_INSTANCE",
        "CREATE_TASK_LISTENER",
        "DELETE",
        "DELETE_DECISION_INSTANCE",
        "DELETE_DRD",
        "DELETE_FORM",
        "DELETE_PROCESS",
        "DELETE_PROCESS_INSTANCE",
        "DELETE_RESOURCE",
        "DELETE_TASK_LISTENER",
        "EVALUATE",
        "MODIFY_PROCESS_INSTANCE",
        "READ",
        "READ_DECISION_DEFINITION",
        "READ_DECISION_INSTANCE",
        "READ_JOB_METRIC",
        "READ_PROCESS_DEFINITION",
        "READ_PROCESS_INSTANCE",
        "READ_TASK_LISTENER",
        "READ_USAGE_METRIC",
        "READ_USER_TASK",
        "UPDATE",
        "UPDATE_PROCESS_INSTANCE",
        "UPDATE_TASK_LISTENER",
        "UPDATE_USER_TASK",
    ],
    &[
        "CREATE_BATCH_OPERATION_SUSPEND_PROCESS_INSTANCE",
        "CREATE_BATCH_OPERATION_UPDATE_JOB",
        "PAUSE",
        "RESTORE",
        "REVEAL",
        "SUSPEND_PROCESS_INSTANCE",
    ],
);

/// `ProcessDefinitionResultState`.
pub const PROCESS_DEFINITION_RESULT_STATE: Schema = Schema::Enum(&["ACTIVE", "DELETED", "DRAINING"], &[]);

/// `ProcessDefinitionSearchQueryFilterState`.
pub const PROCESS_DEFINITION_SEARCH_QUERY_FILTER_STATE: Schema =
    Schema::Enum(&["ACTIVE", "DELETED", "DRAINING"], &[]);

/// `ProcessInstanceState`.
pub const PROCESS_INSTANCE_STATE: Schema =
    Schema::Enum(&["ACTIVE", "COMPLETED", "TERMINATED"], &["SUSPENDED"]);

/// `ResourceType`.
pub const RESOURCE_TYPE: Schema = Schema::Enum(
    &[
        "AUDIT_LOG",
        "AUTHORIZATION",
        "BATCH",
        "CLUSTER_VARIABLE",
        "COMPONENT",
        "DECISION_DEFINITION",
        "DECISION_REQUIREMENTS_DEFINITION",
        "DOCUMENT",
        "EXPRESSION",
        "GLOBAL_LISTENER",
        "GROUP",
        "MAPPING_RULE",
        "MESSAGE",
        "PROCESS_DEFINITION",
        "RESOURCE",
        "ROLE",
        "SYSTEM",
        "TENANT",
        "USER",
        "USER_TASK",
    ],
    &["BACKUP", "EXPORTER", "SECRET"],
);

/// `RoleClientSearchQuerySortRequestField`.
pub const ROLE_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["clientId"], &[]);

/// `RoleGroupSearchQuerySortRequestField`.
pub const ROLE_GROUP_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["groupId"], &[]);

/// `RoleUserSearchQuerySortRequestField`.
pub const ROLE_USER_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["username"], &[]);

/// `SortOrder`.
pub const SORT_ORDER: Schema = Schema::Enum(&["ASC", "DESC"], &[]);

/// `StateCode`.
pub const STATE_CODE: Schema =
    Schema::Enum(&["COMPLETED", "DELETED", "DOES_NOT_EXIST", "FAILED", "INCOMPLETE", "IN_PROGRESS"], &[]);

/// `TenantClientSearchQuerySortRequestField`.
pub const TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["clientId"], &[]);

/// `TenantGroupSearchQuerySortRequestField`.
pub const TENANT_GROUP_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["groupId"], &[]);

/// `TenantUserSearchQuerySortRequestField`.
pub const TENANT_USER_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema = Schema::Enum(&["username"], &[]);

/// `UserTaskState`.
pub const USER_TASK_STATE: Schema = Schema::Enum(
    &[
        "ASSIGNING",
        "CANCELED",
        "CANCELING",
        "COMPLETED",
        "COMPLETING",
        "CREATED",
        "CREATING",
        "FAILED",
        "UPDATING",
    ],
    &[],
);

/// `UserTaskVariableSearchQuerySortRequestField`.
pub const USER_TASK_VARIABLE_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema =
    Schema::Enum(&["name", "processInstanceKey", "scopeKey", "tenantId", "value", "variableKey"], &[]);

/// `VariableSearchQuerySortRequestField`.
pub const VARIABLE_SEARCH_QUERY_SORT_REQUEST_FIELD: Schema =
    Schema::Enum(&["name", "processInstanceKey", "scopeKey", "tenantId", "value", "variableKey"], &[]);

/// `WaitStateElementType`.
pub const WAIT_STATE_ELEMENT_TYPE: Schema = Schema::Enum(
    &[
        "AD_HOC_SUB_PROCESS",
        "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
        "BOUNDARY_EVENT",
        "BUSINESS_RULE_TASK",
        "CALL_ACTIVITY",
        "END_EVENT",
        "EVENT_BASED_GATEWAY",
        "EVENT_SUB_PROCESS",
        "EXCLUSIVE_GATEWAY",
        "INCLUSIVE_GATEWAY",
        "INTERMEDIATE_CATCH_EVENT",
        "INTERMEDIATE_THROW_EVENT",
        "MANUAL_TASK",
        "MULTI_INSTANCE_BODY",
        "PARALLEL_GATEWAY",
        "PROCESS",
        "RECEIVE_TASK",
        "SCRIPT_TASK",
        "SEND_TASK",
        "SEQUENCE_FLOW",
        "SERVICE_TASK",
        "START_EVENT",
        "SUB_PROCESS",
        "TASK",
        "UNKNOWN",
        "UNSPECIFIED",
        "USER_TASK",
    ],
    &[],
);
