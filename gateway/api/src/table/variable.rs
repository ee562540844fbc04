//! Operations: variable.

use crate::objects::variable::{VARIABLE_RESULT, VARIABLE_SEARCH_QUERY, VARIABLE_SEARCH_QUERY_RESULT};
use crate::operation::{Group, Method, Version, json, op, path, query};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Variable",
    operations: &[
        op("searchVariables", Method::Post, "/variables/search", Version::V8_8)
            .takes(&[query("truncateValues", Schema::Flag)])
            .json_or_nothing(Schema::Object(&VARIABLE_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&VARIABLE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getVariable", Method::Get, "/variables/{variableKey}", Version::V8_8)
            .takes(&[path("variableKey", KEY)])
            .gives(&[json(200, Schema::Object(&VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
    ],
};
