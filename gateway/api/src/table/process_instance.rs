//! Operations: process instance.

use crate::objects::incident::{INCIDENT_SEARCH_QUERY, INCIDENT_SEARCH_QUERY_RESULT};
use crate::objects::process_instance::{
    CANCEL_PROCESS_INSTANCE_REQUEST, CREATE_PROCESS_INSTANCE_RESULT, DELETE_PROCESS_INSTANCE_REQUEST,
    PROCESS_INSTANCE_BUSINESS_ID_ASSIGNMENT_INSTRUCTION, PROCESS_INSTANCE_CALL_HIERARCHY_ENTRY,
    PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST, PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_ID,
    PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_KEY, PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_VERSION_TAG,
    PROCESS_INSTANCE_DELETION_BATCH_OPERATION_REQUEST,
    PROCESS_INSTANCE_INCIDENT_RESOLUTION_BATCH_OPERATION_REQUEST,
    PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST, PROCESS_INSTANCE_MIGRATION_INSTRUCTION,
    PROCESS_INSTANCE_MODIFICATION_BATCH_OPERATION_REQUEST, PROCESS_INSTANCE_MODIFICATION_INSTRUCTION,
    PROCESS_INSTANCE_RESULT, PROCESS_INSTANCE_RESUMPTION_BATCH_OPERATION_REQUEST,
    PROCESS_INSTANCE_SUSPENSION_BATCH_OPERATION_REQUEST, RESUME_PROCESS_INSTANCE_REQUEST,
    SUSPEND_PROCESS_INSTANCE_REQUEST,
};
use crate::objects::process_instance_search::{
    PROCESS_INSTANCE_ELEMENT_STATISTICS_QUERY_RESULT, PROCESS_INSTANCE_SEARCH_QUERY,
    PROCESS_INSTANCE_SEARCH_QUERY_RESULT, PROCESS_INSTANCE_SEQUENCE_FLOWS_QUERY_RESULT,
    PROCESS_INSTANCE_WAIT_STATE_STATISTICS_QUERY_RESULT,
};
use crate::objects::shared::BATCH_OPERATION_CREATED_RESULT;
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{KEY, list};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Process instance",
    operations: &[
        op("createProcessInstance", Method::Post, "/process-instances", Version::V8_6)
            .json(Schema::Levels(
                &Schema::OneOf(&[
                    Schema::Object(&PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_KEY),
                    Schema::Object(&PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_ID),
                ]),
                &Schema::OneOf(&[
                    Schema::Object(&PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_KEY),
                    Schema::Object(&PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_ID),
                    Schema::Object(&PROCESS_INSTANCE_CREATION_INSTRUCTION_BY_VERSION_TAG),
                ]),
            ))
            .gives(&[json(200, Schema::Object(&CREATE_PROCESS_INSTANCE_RESULT))])
            .errors(&[400, 409, 500, 503, 504]),
        op(
            "cancelProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/cancellation",
            Version::V8_8,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "deleteProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/deletion",
            Version::V8_9,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_DELETION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "resolveIncidentsBatchOperation",
            Method::Post,
            "/process-instances/incident-resolution",
            Version::V8_8,
        )
        .json_or_nothing(Schema::Object(&PROCESS_INSTANCE_INCIDENT_RESOLUTION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "migrateProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/migration",
            Version::V8_8,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "modifyProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/modification",
            Version::V8_8,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_MODIFICATION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "resumeProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/resumption",
            Version::V8_10,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_RESUMPTION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("searchProcessInstances", Method::Post, "/process-instances/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&PROCESS_INSTANCE_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "suspendProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/suspension",
            Version::V8_10,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_SUSPENSION_BATCH_OPERATION_REQUEST))
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getProcessInstance", Method::Get, "/process-instances/{processInstanceKey}", Version::V8_8)
            .takes(&[path("processInstanceKey", KEY)])
            .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "assignProcessInstanceBusinessId",
            Method::Post,
            "/process-instances/{processInstanceKey}/business-id-assignment",
            Version::V8_10,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json(Schema::Object(&PROCESS_INSTANCE_BUSINESS_ID_ASSIGNMENT_INSTRUCTION))
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
        op(
            "getProcessInstanceCallHierarchy",
            Method::Get,
            "/process-instances/{processInstanceKey}/call-hierarchy",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .gives(&[json(200, list(&Schema::Object(&PROCESS_INSTANCE_CALL_HIERARCHY_ENTRY)))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "cancelProcessInstance",
            Method::Post,
            "/process-instances/{processInstanceKey}/cancellation",
            Version::V8_6,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json_or_nothing(Schema::Object(&CANCEL_PROCESS_INSTANCE_REQUEST))
        .gives(&[empty(204)])
        .errors(&[400, 404, 500, 503, 504])
        .errors_8_10(&[409]),
        op(
            "deleteProcessInstance",
            Method::Post,
            "/process-instances/{processInstanceKey}/deletion",
            Version::V8_9,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json_or_nothing(Schema::Object(&DELETE_PROCESS_INSTANCE_REQUEST))
        .gives(&[empty(204)])
        .errors(&[401, 403, 404, 409, 500, 503]),
        op(
            "resolveProcessInstanceIncidents",
            Method::Post,
            "/process-instances/{processInstanceKey}/incident-resolution",
            Version::V8_9,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 404, 500, 503]),
        op(
            "searchProcessInstanceIncidents",
            Method::Post,
            "/process-instances/{processInstanceKey}/incidents/search",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json_or_nothing(Schema::Object(&INCIDENT_SEARCH_QUERY))
        .gives(&[json(200, Schema::Object(&INCIDENT_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "migrateProcessInstance",
            Method::Post,
            "/process-instances/{processInstanceKey}/migration",
            Version::V8_6,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json(Schema::Object(&PROCESS_INSTANCE_MIGRATION_INSTRUCTION))
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
        op(
            "modifyProcessInstance",
            Method::Post,
            "/process-instances/{processInstanceKey}/modification",
            Version::V8_6,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json(Schema::Object(&PROCESS_INSTANCE_MODIFICATION_INSTRUCTION))
        .gives(&[empty(204)])
        .errors(&[400, 404, 500, 503]),
        op(
            "resumeProcessInstance",
            Method::Post,
            "/process-instances/{processInstanceKey}/resumption",
            Version::V8_10,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json_or_nothing(Schema::Object(&RESUME_PROCESS_INSTANCE_REQUEST))
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
        op(
            "getProcessInstanceSequenceFlows",
            Method::Get,
            "/process-instances/{processInstanceKey}/sequence-flows",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_SEQUENCE_FLOWS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessInstanceStatistics",
            Method::Get,
            "/process-instances/{processInstanceKey}/statistics/element-instances",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_ELEMENT_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessInstanceWaitStateStatistics",
            Method::Get,
            "/process-instances/{processInstanceKey}/statistics/wait-states",
            Version::V8_10,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_WAIT_STATE_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "suspendProcessInstance",
            Method::Post,
            "/process-instances/{processInstanceKey}/suspension",
            Version::V8_10,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .json_or_nothing(Schema::Object(&SUSPEND_PROCESS_INSTANCE_REQUEST))
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
    ],
};
