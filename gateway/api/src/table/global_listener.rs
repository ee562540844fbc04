//! Operations: global listener.

use crate::objects::global_listener::{
    CREATE_GLOBAL_TASK_LISTENER_REQUEST, GLOBAL_TASK_LISTENER_RESULT,
    GLOBAL_TASK_LISTENER_SEARCH_QUERY_REQUEST, GLOBAL_TASK_LISTENER_SEARCH_QUERY_RESULT,
    UPDATE_GLOBAL_TASK_LISTENER_REQUEST,
};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::ENTITY_ID;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Global listener",
    operations: &[
        op("createGlobalTaskListener", Method::Post, "/global-task-listeners", Version::V8_9)
            .json(Schema::Object(&CREATE_GLOBAL_TASK_LISTENER_REQUEST))
            .gives(&[json(201, Schema::Object(&GLOBAL_TASK_LISTENER_RESULT))])
            .errors(&[400, 401, 403, 409, 500, 503]),
        op("searchGlobalTaskListeners", Method::Post, "/global-task-listeners/search", Version::V8_9)
            .json_or_nothing(Schema::Object(&GLOBAL_TASK_LISTENER_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&GLOBAL_TASK_LISTENER_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("deleteGlobalTaskListener", Method::Delete, "/global-task-listeners/{id}", Version::V8_9)
            .takes(&[path("id", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 401, 403, 404, 500, 503]),
        op("getGlobalTaskListener", Method::Get, "/global-task-listeners/{id}", Version::V8_9)
            .takes(&[path("id", ENTITY_ID)])
            .gives(&[json(200, Schema::Object(&GLOBAL_TASK_LISTENER_RESULT))])
            .errors(&[401, 403, 404, 500]),
        op("updateGlobalTaskListener", Method::Put, "/global-task-listeners/{id}", Version::V8_9)
            .takes(&[path("id", ENTITY_ID)])
            .json(Schema::Object(&UPDATE_GLOBAL_TASK_LISTENER_REQUEST))
            .gives(&[json(200, Schema::Object(&GLOBAL_TASK_LISTENER_RESULT))])
            .errors(&[400, 401, 403, 404, 500, 503]),
    ],
};
