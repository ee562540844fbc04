//! Operations: process instances; how they are started and ended.

use crate::call::{Call, shown};
use crate::error::ApiError;
use crate::json::{put, put_document, put_key, put_list, put_number, put_text, put_text_or_null, put_texts};
use crate::objects::creation::PROCESS_INSTANCE_CREATION;
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
use crate::operation::{Group, Method, Operation, Version, Written, done, empty, json, op, path};
use crate::request::{CreateInstance, Request};
use crate::schema::kinds::{KEY, list};
use crate::schema::{At, Level, Object, Schema};
use crate::search::{Look, OneRow, Shape, each, first, is, row_by, rows_of};
use crate::table::instance_changes::{assign_business_id, resume, suspend};
use crate::table::migration::migrate;
use crate::table::modification::modify;
use crate::table::{batches, figures};
use ringbolt_query::views::instances::{INCIDENTS_VIEW, PROCESS_INSTANCES, SEQUENCE_FLOWS};
use ringbolt_query::views::jobs::WAIT_STATES;
use ringbolt_query::{Filter, Value};
use ringbolt_record::command::{AwaitResult, DefinitionSelector};
use ringbolt_record::reply::ProcessInstanceReply;
use ringbolt_record::{Key, Reply};

/// The version that stands for the newest.
const LATEST_VERSION: i32 = -1;
/// The one kind of runtime instruction there is.
const TERMINATE: &str = "TERMINATE_PROCESS_INSTANCE";

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
            .read_as(&PROCESS_INSTANCE_CREATION)
            .says("Starts an instance of a process, and waits for its end if asked")
            .new_work("CREATE", create, created)
            .gives(&[json(200, Schema::Object(&CREATE_PROCESS_INSTANCE_RESULT))])
            .errors(&[400, 409, 500, 503, 504]),
        op(
            "cancelProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/cancellation",
            Version::V8_8,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST))
        .says("Cancels all instances that a filter selects")
        .command(batches::cancel_instances, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "deleteProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/deletion",
            Version::V8_9,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_DELETION_BATCH_OPERATION_REQUEST))
        .says("Deletes what is known of all ended instances that a filter selects")
        .command(batches::delete_instances, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "resolveIncidentsBatchOperation",
            Method::Post,
            "/process-instances/incident-resolution",
            Version::V8_8,
        )
        .json_or_nothing(Schema::Object(&PROCESS_INSTANCE_INCIDENT_RESOLUTION_BATCH_OPERATION_REQUEST))
        .says("Resolves the incidents of all instances that a filter selects")
        .command(batches::resolve_incidents, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "migrateProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/migration",
            Version::V8_8,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_MIGRATION_BATCH_OPERATION_REQUEST))
        .says("Lets all instances that a filter selects run another definition")
        .command(batches::migrate_instances, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "modifyProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/modification",
            Version::V8_8,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_MODIFICATION_BATCH_OPERATION_REQUEST))
        .says("Moves tokens of all instances that a filter selects")
        .command(batches::modify_instances, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "resumeProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/resumption",
            Version::V8_10,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_RESUMPTION_BATCH_OPERATION_REQUEST))
        .says("Lets all suspended instances that a filter selects go on")
        .command(batches::resume_instances, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("searchProcessInstances", Method::Post, "/process-instances/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&PROCESS_INSTANCE_SEARCH_QUERY))
            .says("Searches process instances")
            .search(rows_of(&PROCESS_INSTANCES))
            .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "suspendProcessInstancesBatchOperation",
            Method::Post,
            "/process-instances/suspension",
            Version::V8_10,
        )
        .json(Schema::Object(&PROCESS_INSTANCE_SUSPENSION_BATCH_OPERATION_REQUEST))
        .says("Lets all instances that a filter selects rest until they are resumed")
        .command(batches::suspend_instances, batches::created)
        .errors_own(&[503, 504])
        .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getProcessInstance", Method::Get, "/process-instances/{processInstanceKey}", Version::V8_8)
            .takes(&[path("processInstanceKey", KEY)])
            .says("A process instance")
            .row(INSTANCE)
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
        .says("Gives an instance that has no business id one, for what it makes from then on")
        .command(assign_business_id, done)
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
        op(
            "getProcessInstanceCallHierarchy",
            Method::Get,
            "/process-instances/{processInstanceKey}/call-hierarchy",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .says("The instances that called an instance, from the root down to it")
        .look(called_by)
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
        .says("Ends an instance and all that is in it")
        .command(cancel, done)
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
        .says("Deletes what is known of an ended instance")
        .command_of(INSTANCE, batches::delete_instance, done)
        .gives(&[empty(204)])
        .errors(&[401, 403, 404, 409, 500, 503]),
        op(
            "resolveProcessInstanceIncidents",
            Method::Post,
            "/process-instances/{processInstanceKey}/incident-resolution",
            Version::V8_9,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .says("Resolves the incidents of an instance")
        .command_of(INSTANCE, batches::resolve_incidents_of, batches::created)
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
        .says("Searches the incidents of an instance and of those that it called")
        .search(rows_of(&INCIDENTS_VIEW).of(INSTANCE).narrowed(below))
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
        .says("Lets a process instance run another definition")
        .command(migrate, done)
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
        .says("Enters elements of a process instance and ends or moves others")
        .command(modify, done)
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
        .says("Lets a suspended instance go on")
        .command(resume, done)
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
        op(
            "getProcessInstanceSequenceFlows",
            Method::Get,
            "/process-instances/{processInstanceKey}/sequence-flows",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .says("The sequence flows that an instance has taken")
        .search(rows_of(&SEQUENCE_FLOWS).narrowed(|call| {
            Ok(vec![is(&SEQUENCE_FLOWS, "processInstanceKey", Value::Int(call.path_key(0)?))])
        }))
        .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_SEQUENCE_FLOWS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessInstanceStatistics",
            Method::Get,
            "/process-instances/{processInstanceKey}/statistics/element-instances",
            Version::V8_8,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .says("What became of the elements of an instance")
        .look(|call, operation| figures::ELEMENTS_OF_INSTANCE.look(call, operation, of_instance(call)?))
        .gives(&[json(200, Schema::Object(&PROCESS_INSTANCE_ELEMENT_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessInstanceWaitStateStatistics",
            Method::Get,
            "/process-instances/{processInstanceKey}/statistics/wait-states",
            Version::V8_10,
        )
        .takes(&[path("processInstanceKey", KEY)])
        .says("How much waits in an instance, by element")
        .look(|call, operation| figures::WAITS.look(call, operation, waits_of_instance(call)?))
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
        .says("Lets an instance rest until it is resumed")
        .command(suspend, done)
        .gives(&[empty(204)])
        .errors(&[400, 404, 409, 500, 503]),
    ],
};

fn create(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &PROCESS_INSTANCE_CREATION;
    const TERMINATIONS: At = BODY.at("runtimeInstructions");
    call.refuse(const { BODY.at("processDefinitionVersionTag") }, BODY)?;
    let definition = definition(call);
    let kinds = call.texts_of(TERMINATIONS, "type");
    if let Some(other) = kinds.iter().find(|kind| !kind.is_empty() && *kind != TERMINATE) {
        let shown = shown(other);
        call.violated(format!(
            "Cannot map value '{shown}' for type 'runtimeInstructions'. Use any of the following values: [{TERMINATE}]"
        ));
    }
    let fetch_variables = call.texts(const { BODY.at("fetchVariables") });
    let awaits = call.flag(const { BODY.at("awaitCompletion") });
    let variables = call.variables(const { BODY.at("variables") });
    let input = CreateInstance {
        definition,
        variables: match variables {
            Ok(variables) => variables,
            Err(error) => {
                call.check()?;
                return Err(error);
            }
        },
        start_element_ids: call.texts_of(const { BODY.at("startInstructions") }, "elementId"),
        terminate_after_element_ids: call.texts_of(TERMINATIONS, "afterElementId"),
        tenant_id: call.text_or_empty(const { BODY.at("tenantId") }),
        tags: call.texts(const { BODY.at("tags") }),
        business_id: call.text_or_empty(const { BODY.at("businessId") }),
        await_result: awaits.then_some(AwaitResult { fetch_variables }),
        request_timeout_ms: call.long(const { BODY.at("requestTimeout") }).unwrap_or_default(),
        operation_reference: call.reference(const { BODY.at("operationReference") }),
    };
    let made = call.mapper.create_instance(input);
    call.also(made)
}

/// What to start; what is wrong with it is a violation.
fn definition(call: &mut Call<'_>) -> DefinitionSelector {
    const BODY: &Object = &PROCESS_INSTANCE_CREATION;
    const KEY_FIELD: At = BODY.at("processDefinitionKey");
    let id = call.text(const { BODY.at("processDefinitionId") });
    let key = call.key(KEY_FIELD);
    let version = call.int(const { BODY.at("processDefinitionVersion") });
    match (id, key) {
        (Some(bpmn_process_id), None) if !bpmn_process_id.trim().is_empty() => match version {
            None | Some(LATEST_VERSION) => DefinitionSelector::Latest { bpmn_process_id },
            Some(version) => DefinitionSelector::Version { bpmn_process_id, version },
        },
        (None, Some(key)) => {
            if version.is_some_and(|version| version != LATEST_VERSION) {
                call.violated("processDefinitionVersion can only be set when using processDefinitionId");
            }
            DefinitionSelector::Key(Key::from_wire(key))
        }
        (id, key) => {
            if key.is_some() {
                call.violated("Only one of [processDefinitionId, processDefinitionKey] is allowed");
            } else if !call.has(KEY_FIELD) {
                call.violated("At least one of [processDefinitionId, processDefinitionKey] is required");
            }
            DefinitionSelector::Latest { bpmn_process_id: id.unwrap_or_default() }
        }
    }
}

fn created(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    match reply {
        Reply::ProcessInstanceCreated(instance) => put_instance(out, instance, b""),
        Reply::ProcessInstanceResult { instance, variables } => put_instance(out, instance, variables),
        _ => return Written::Unexpected,
    }
    Written::Yes
}

fn put_instance(out: &mut Vec<u8>, instance: &ProcessInstanceReply, variables: &[u8]) {
    out.reserve(320 + variables.len());
    put(out, r#"{"processDefinitionId":"#);
    put_text(out, &instance.bpmn_process_id);
    put(out, r#","processDefinitionVersion":"#);
    put_number(out, instance.version);
    put(out, r#","tenantId":"#);
    put_text(out, &instance.tenant_id);
    put(out, r#","variables":"#);
    put_document(out, variables);
    put(out, r#","processDefinitionKey":"#);
    put_key(out, instance.process_definition_key);
    put(out, r#","processInstanceKey":"#);
    put_key(out, instance.process_instance_key);
    put(out, r#","tags":"#);
    put_texts(out, &instance.tags);
    put(out, r#","businessId":"#);
    put_text_or_null(out, &instance.business_id);
    out.push(b'}');
}

fn cancel(call: &mut Call<'_>) -> Result<Request, ApiError> {
    call.check()?;
    let reference = call.reference(const { CANCEL_PROCESS_INSTANCE_REQUEST.at("operationReference") });
    Ok(call.mapper.cancel_instance(call.path_key(0)?, reference))
}

/// The instance of the key in the path.
const INSTANCE: OneRow = row_by(&PROCESS_INSTANCES, "processInstanceKey");

/// What belongs to an instance, or to one that it called. Those of a root are found by it; those of another by who called whom.
fn below(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    let key = Value::Int(call.path_key(0)?);
    Ok(vec![Filter::Of(
        &[
            "(i.process_instance_key = ",
            " OR i.root_process_instance_key = ",
            " OR i.process_instance_key IN (WITH RECURSIVE c(k) AS (SELECT ",
            " UNION SELECT q.process_instance_key FROM c, process_instances q \
             WHERE q.parent_process_instance_key = c.k) SELECT c.k FROM c))",
        ],
        key,
    )])
}

/// What waits in the instance of the key in the path.
fn waits_of_instance(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    Ok(vec![is(&WAIT_STATES, "processInstanceKey", Value::Int(call.path_key(0)?))])
}

/// The instance of the key in the path, as a condition.
fn of_instance(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    Ok(vec![is(&PROCESS_INSTANCES, "processInstanceKey", Value::Int(call.path_key(0)?))])
}

/// Instances that call each other, at most.
const CALLS_MAX: usize = 1000;

/// Who called an instance, who called that, and so on. An instance that nobody called has no such list.
fn called_by(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let level = call.mapper.limits.level;
    let (_, missing) = INSTANCE.existing(call)?;
    let mut next = Some(call.path_key(0)?);
    Ok(Box::new(move |searcher, cancel| {
        let schema = operation.answer_at(level).map_or(Schema::Any, |answer| answer.schema);
        let Schema::List(Schema::Object(entry), _) = schema else { return Ok(None) };
        let shape = Shape::new(entry, &PROCESS_INSTANCES, &[], level);
        let mut entries: Vec<Vec<u8>> = Vec::new();
        while let Some(key) = next.take().filter(|_| entries.len() < CALLS_MAX) {
            let mut columns = shape.columns();
            let parent = columns.len();
            columns.extend(PROCESS_INSTANCES.column("parentProcessInstanceKey"));
            let filter = is(&PROCESS_INSTANCES, "processInstanceKey", Value::Int(key));
            each(searcher, cancel, &first(&PROCESS_INSTANCES, columns, filter), |row| {
                next = row.int(parent);
                let mut entry = Vec::new();
                shape.put(&mut entry, row);
                entries.push(entry);
            })?;
        }
        match entries.len() {
            0 => Err(missing),
            1 => Ok(Some(b"[]".to_vec())),
            _ => {
                entries.reverse();
                let mut out = Vec::new();
                put_list(&mut out, entries.iter(), |out, entry| out.extend_from_slice(entry));
                Ok(Some(out))
            }
        }
    }))
}
