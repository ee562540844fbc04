//! Operations: user task.

use crate::call::Call;
use crate::error::ApiError;
use crate::listeners;
use crate::objects::audit_log::AUDIT_LOG_SEARCH_QUERY_RESULT;
use crate::objects::form::FORM_RESULT;
use crate::objects::user_task::{
    USER_TASK_ASSIGNMENT_REQUEST, USER_TASK_AUDIT_LOG_SEARCH_QUERY_REQUEST, USER_TASK_COMPLETION_REQUEST,
    USER_TASK_EFFECTIVE_VARIABLE_SEARCH_QUERY_REQUEST, USER_TASK_RESULT, USER_TASK_SEARCH_QUERY,
    USER_TASK_SEARCH_QUERY_RESULT, USER_TASK_UPDATE_REQUEST, USER_TASK_VARIABLE_SEARCH_QUERY_REQUEST,
};
use crate::objects::variable::VARIABLE_SEARCH_QUERY_RESULT;
use crate::operation::{Group, Method, Operation, Version, done, empty, json, op, path, query};
use crate::request::Request;
use crate::schema::kinds::KEY;
use crate::schema::{Object, Schema};
use crate::search::{Look, each, is, row_by, rows_of};
use crate::table::form::form_document;
use crate::table::variable::shown;
use ringbolt_query::views::definitions::FORMS;
use ringbolt_query::views::instances::VARIABLES;
use ringbolt_query::views::jobs::USER_TASKS;
use ringbolt_query::{Filter, Value};
use ringbolt_record::UserTaskChanges;
use ringbolt_record::user_task::UserTaskOperation;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "User task",
    operations: &[
        op("searchUserTasks", Method::Post, "/user-tasks/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&USER_TASK_SEARCH_QUERY))
            .says("Searches user tasks")
            .search(rows_of(&USER_TASKS))
            .gives(&[json(200, Schema::Object(&USER_TASK_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getUserTask", Method::Get, "/user-tasks/{userTaskKey}", Version::V8_8)
            .takes(&[path("userTaskKey", KEY)])
            .says("A user task")
            .row(row_by(&USER_TASKS, "userTaskKey"))
            .gives(&[json(200, Schema::Object(&USER_TASK_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("updateUserTask", Method::Patch, "/user-tasks/{userTaskKey}", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .json_or_nothing(Schema::Object(&USER_TASK_UPDATE_REQUEST))
            .says("Changes what a user task says")
            .command(update, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503, 504]),
        op("unassignUserTask", Method::Delete, "/user-tasks/{userTaskKey}/assignee", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .says("Takes a user task from whom it was given to")
            .command(unassign, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503, 504]),
        op("assignUserTask", Method::Post, "/user-tasks/{userTaskKey}/assignment", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .json(Schema::Object(&USER_TASK_ASSIGNMENT_REQUEST))
            .says("Gives a user task to somebody")
            .command(assign, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503, 504]),
        op(
            "searchUserTaskAuditLogs",
            Method::Post,
            "/user-tasks/{userTaskKey}/audit-logs/search",
            Version::V8_9,
        )
        .takes(&[path("userTaskKey", KEY)])
        .json_or_nothing(Schema::Object(&USER_TASK_AUDIT_LOG_SEARCH_QUERY_REQUEST))
        .gives(&[json(200, Schema::Object(&AUDIT_LOG_SEARCH_QUERY_RESULT))])
        .errors(&[400, 500]),
        op("completeUserTask", Method::Post, "/user-tasks/{userTaskKey}/completion", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .json_or_nothing(Schema::Object(&USER_TASK_COMPLETION_REQUEST))
            .says("Ends a user task well, with variables")
            .command(complete, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503, 504]),
        op(
            "searchUserTaskEffectiveVariables",
            Method::Post,
            "/user-tasks/{userTaskKey}/effective-variables/search",
            Version::V8_8,
        )
        .takes(&[path("userTaskKey", KEY), query("truncateValues", Schema::Flag)])
        .json_or_nothing(Schema::Object(&USER_TASK_EFFECTIVE_VARIABLE_SEARCH_QUERY_REQUEST))
        .says("Searches the variables that a user task sees: of one name the innermost")
        .search(rows_of(&VARIABLES).renamed(shown).narrowed(effective))
        .gives(&[json(200, Schema::Object(&VARIABLE_SEARCH_QUERY_RESULT))])
        .errors(&[400, 500]),
        op("getUserTaskForm", Method::Get, "/user-tasks/{userTaskKey}/form", Version::V8_8)
            .takes(&[path("userTaskKey", KEY)])
            .says("The form of a user task")
            .look(form_of_task)
            .gives(&[json(200, Schema::Object(&FORM_RESULT)), empty(204)])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "searchUserTaskVariables",
            Method::Post,
            "/user-tasks/{userTaskKey}/variables/search",
            Version::V8_8,
        )
        .takes(&[path("userTaskKey", KEY), query("truncateValues", Schema::Flag)])
        .json_or_nothing(Schema::Object(&USER_TASK_VARIABLE_SEARCH_QUERY_REQUEST))
        .says("Searches the variables that a user task sees, those of its scopes included")
        .search(rows_of(&VARIABLES).renamed(shown).narrowed(of_scopes))
        .gives(&[json(200, Schema::Object(&VARIABLE_SEARCH_QUERY_RESULT))])
        .errors(&[400, 500]),
    ],
};

/// The client's word for taking a task from somebody.
const UNASSIGN: &str = "unassign";

fn assign(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &USER_TASK_ASSIGNMENT_REQUEST;
    let assignee = call.text_or_empty(const { BODY.at("assignee") });
    if assignee.trim().is_empty() {
        call.violated("No assignee provided");
    }
    call.check()?;
    // Who may not take it from another claims it.
    let overrides = const { BODY.at("allowOverride") };
    let operation = match call.has(overrides) && !call.flag(overrides) {
        true => UserTaskOperation::Claim { assignee },
        false => UserTaskOperation::Assign { assignee },
    };
    let action = call.text_or_empty(const { BODY.at("action") });
    Ok(call.mapper.user_task(call.path_key(0)?, action, operation))
}

fn unassign(call: &mut Call<'_>) -> Result<Request, ApiError> {
    call.check()?;
    let operation = UserTaskOperation::Assign { assignee: String::new() };
    Ok(call.mapper.user_task(call.path_key(0)?, UNASSIGN.to_owned(), operation))
}

fn update(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &USER_TASK_UPDATE_REQUEST;
    let changeset = call.value(const { BODY.at("changeset") });
    let changes = listeners::changes(changeset);
    let at = const { BODY.at("action") };
    if !call.has(at) && changes == UserTaskChanges::default() {
        call.violated(NOTHING_TO_UPDATE);
    }
    call.check()?;
    let action = call.text_or_empty(at);
    Ok(call.mapper.user_task(call.path_key(0)?, action, UserTaskOperation::Update(changes)))
}

/// What is said of an update without an action or a new value.
const NOTHING_TO_UPDATE: &str = "No update data provided. Provide at least an \"action\" or a non-null value for a supported \
    attribute in the \"changeset\"";

fn complete(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &USER_TASK_COMPLETION_REQUEST;
    call.check()?;
    let variables = call.variables(const { BODY.at("variables") })?;
    let action = call.text_or_empty(const { BODY.at("action") });
    Ok(call.mapper.user_task(call.path_key(0)?, action, UserTaskOperation::Complete { variables }))
}

/// A condition on variables with the keys of a user task's scopes in it: its element's, those around it, and the instance's.
macro_rules! with_scopes {
    ($before:literal, $after:literal) => {
        &[
            concat!(
                $before,
                "(WITH RECURSIVE s(k) AS (SELECT u.element_instance_key FROM user_tasks u WHERE u.user_task_key = "
            ),
            " UNION SELECT u.process_instance_key FROM user_tasks u WHERE u.user_task_key = ",
            concat!(
                " UNION SELECT e.flow_scope_key FROM s, element_instances e \
                 WHERE e.element_instance_key = s.k AND e.flow_scope_key IS NOT NULL) SELECT s.k FROM s)",
                $after
            ),
        ]
    };
}

fn of_scopes(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    Ok(vec![Filter::Of(with_scopes!("v.scope_key IN ", ""), Value::Int(call.path_key(0)?))])
}

/// Keys grow inwards, so the innermost scope has the largest.
fn effective(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    let hidden = with_scopes!(
        "NOT EXISTS (SELECT 1 FROM variables w WHERE w.process_instance_key = v.process_instance_key \
         AND w.name = v.name AND w.scope_key > v.scope_key AND w.scope_key IN ",
        ")"
    );
    let mut filters = of_scopes(call)?;
    filters.push(Filter::Of(hidden, Value::Int(call.path_key(0)?)));
    Ok(filters)
}

/// The form that a user task names by its key.
fn form_of_task(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let level = call.mapper.limits.level;
    let (mut query, missing) = row_by(&USER_TASKS, "userTaskKey").existing(call)?;
    query.output = USER_TASKS.column("formKey").into_iter().collect();
    Ok(Box::new(move |searcher, cancel| {
        let mut key = None;
        each(searcher, cancel, &query, |row| key = row.int(0))?.first.ok_or(missing)?;
        match key {
            Some(key) => form_document(
                searcher,
                cancel,
                operation,
                level,
                vec![is(&FORMS, "formKey", Value::Int(key))],
            ),
            None => Ok(None),
        }
    }))
}
