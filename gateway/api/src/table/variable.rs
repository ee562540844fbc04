//! Operations: variable.

use crate::call::Call;
use crate::objects::variable::{VARIABLE_RESULT, VARIABLE_SEARCH_QUERY, VARIABLE_SEARCH_QUERY_RESULT};
use crate::operation::{Group, Method, Version, json, op, path, query};
use crate::schema::Schema;
use crate::schema::kinds::KEY;
use crate::search::{Renamed, row_by, rows_of};
use ringbolt_query::views::instances::VARIABLES;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Variable",
    operations: &[
        op("searchVariables", Method::Post, "/variables/search", Version::V8_8)
            .takes(&[query("truncateValues", Schema::Flag)])
            .json_or_nothing(Schema::Object(&VARIABLE_SEARCH_QUERY))
            .says("Searches variables; long values are cut unless the query says otherwise")
            .search(rows_of(&VARIABLES).renamed(shown))
            .gives(&[json(200, Schema::Object(&VARIABLE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getVariable", Method::Get, "/variables/{variableKey}", Version::V8_8)
            .takes(&[path("variableKey", KEY)])
            .says("A variable with its whole value")
            .row(row_by(&VARIABLES, "variableKey"))
            .gives(&[json(200, Schema::Object(&VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
    ],
};

/// Values are cut unless the query says otherwise.
pub(super) fn shown(call: &Call<'_>) -> Renamed {
    match call.query("truncateValues") {
        Some("false") => &[("isTruncated", "isNeverTruncated")],
        _ => &[("value", "shownValue")],
    }
}
