//! Operations: user task.

use crate::objects::audit_log::AUDIT_LOG_SEARCH_QUERY_RESULT;
use crate::objects::form::FORM_RESULT;
use crate::objects::user_task::{
    USER_TASK_ASSIGNMENT_REQUEST, USER_TASK_AUDIT_LOG_SEARCH_QUERY_REQUEST, USER_TASK_COMPLETION_REQUEST,
    USER_TASK_EFFECTIVE_VARIABLE_SEARCH_QUERY_REQUEST, USER_TASK_RESULT, USER_TASK_SEARCH_QUERY,
    USER_TASK_SEARCH_QUERY_RESULT, USER_TASK_UPDATE_REQUEST, USER_TASK_VARIABLE_SEARCH_QUERY_REQUEST,
};
use crate::objects::variable::VARIABLE_SEARCH_QUERY_RESULT;
use crate::operation::{Group, Method, Version, empty, json, op, path, query};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "User task",
    operations: &[
        op("searchUserTasks", Method::Post, "/user-tasks/search", Version::V8_6)
            .json_or_nothing(Schema::Object(&USER_TASK_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&USER_TASK_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getUserTask", Method::Get, "/user-tasks/{userTaskKey}", Version::V8_8)
            .takes(&[path("userTaskKey", KEY)])
            .gives(&[json(200, Schema::Object(&USER_TASK_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("updateUserTask", Method::Patch, "/user-tasks/{userTaskKey}", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .json_or_nothing(Schema::Object(&USER_TASK_UPDATE_REQUEST))
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503, 504]),
        op("unassignUserTask", Method::Delete, "/user-tasks/{userTaskKey}/assignee", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503, 504]),
        op("assignUserTask", Method::Post, "/user-tasks/{userTaskKey}/assignment", Version::V8_5)
            .takes(&[path("userTaskKey", KEY)])
            .json(Schema::Object(&USER_TASK_ASSIGNMENT_REQUEST))
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
        .gives(&[json(200, Schema::Object(&VARIABLE_SEARCH_QUERY_RESULT))])
        .errors(&[400, 500]),
        op("getUserTaskForm", Method::Get, "/user-tasks/{userTaskKey}/form", Version::V8_8)
            .takes(&[path("userTaskKey", KEY)])
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
        .gives(&[json(200, Schema::Object(&VARIABLE_SEARCH_QUERY_RESULT))])
        .errors(&[400, 500]),
    ],
};
