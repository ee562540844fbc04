//! Operations: process definition.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::form::FORM_RESULT;
use crate::objects::process_definition::{
    PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY, PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY_RESULT,
    PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY, PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_RESULT,
    PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY,
    PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_RESULT,
    PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY,
    PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY_RESULT, PROCESS_DEFINITION_RESULT,
    PROCESS_DEFINITION_SEARCH_QUERY, PROCESS_DEFINITION_SEARCH_QUERY_RESULT,
    PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY, PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Operation, Version, empty, json, media, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{KEY, TEXT};
use crate::search::{Look, each, is, row_by, rows_of};
use crate::table::figures;
use crate::table::form::form_document;
use ringbolt_query::views::definitions::FORMS;
use ringbolt_query::views::definitions::PROCESS_DEFINITIONS;
use ringbolt_query::views::instances::PROCESS_INSTANCES;
use ringbolt_query::{Filter, Value};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Process definition",
    operations: &[
        op("searchProcessDefinitions", Method::Post, "/process-definitions/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_SEARCH_QUERY))
            .says("Searches process definitions")
            .search(rows_of(&PROCESS_DEFINITIONS))
            .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionMessageSubscriptionStatistics",
            Method::Post,
            "/process-definitions/statistics/message-subscriptions",
            Version::V8_9,
        )
        .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY))
        .says("Open message subscriptions, by process definition")
        .look(|call, operation| figures::SUBSCRIPTIONS.look(call, operation, Vec::new()))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionInstanceStatistics",
            Method::Post,
            "/process-definitions/statistics/process-instances",
            Version::V8_9,
        )
        .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY))
        .says("Running instances with and without incidents, by process")
        .look(|call, operation| figures::INSTANCES.look(call, operation, Vec::new()))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionInstanceVersionStatistics",
            Method::Post,
            "/process-definitions/statistics/process-instances-by-version",
            Version::V8_9,
        )
        .json(Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY))
        .says("Running instances of a process with and without incidents, by version")
        .look(|call, operation| figures::VERSIONS.look(call, operation, Vec::new()))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getProcessDefinition", Method::Get, "/process-definitions/{processDefinitionKey}", Version::V8_8)
            .takes(&[path("processDefinitionKey", KEY)])
            .says("A process definition")
            .row(row_by(&PROCESS_DEFINITIONS, "processDefinitionKey"))
            .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "getStartProcessForm",
            Method::Get,
            "/process-definitions/{processDefinitionKey}/form",
            Version::V8_8,
        )
        .takes(&[path("processDefinitionKey", KEY)])
        .says("The form that a process starts with")
        .look(start_form)
        .gives(&[json(200, Schema::Object(&FORM_RESULT)), empty(204)])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "getProcessDefinitionStatistics",
            Method::Post,
            "/process-definitions/{processDefinitionKey}/statistics/element-instances",
            Version::V8_8,
        )
        .takes(&[path("processDefinitionKey", KEY)])
        .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY))
        .says("What became of the elements of a process definition")
        .look(|call, operation| figures::ELEMENTS.look(call, operation, of_definition(call)?))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_ELEMENT_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "searchProcessDefinitionVariableNames",
            Method::Post,
            "/process-definitions/{processDefinitionKey}/variable-names/search",
            Version::V8_10,
        )
        .takes(&[path("processDefinitionKey", KEY)])
        .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY))
        .says("Names of the variables in the instances of a process definition")
        .look(|call, operation| figures::NAMES.look(call, operation, named_in(call)?))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionXML",
            Method::Get,
            "/process-definitions/{processDefinitionKey}/xml",
            Version::V8_8,
        )
        .takes(&[path("processDefinitionKey", KEY)])
        .says("The model of a process definition, as it was deployed")
        .row(row_by(&PROCESS_DEFINITIONS, "processDefinitionKey"))
        .gives(&[media(200, "text/xml", TEXT), media(204, "text/plain", TEXT)])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};

/// The newest form of the id that the start event names.
fn start_form(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let level = call.mapper.limits.level;
    let (mut query, missing) = row_by(&PROCESS_DEFINITIONS, "processDefinitionKey").existing(call)?;
    query.output = PROCESS_DEFINITIONS.column("startFormId").into_iter().collect();
    Ok(Box::new(move |searcher, cancel| {
        let mut id = None;
        each(searcher, cancel, &query, |row| id = row.text(0).map(str::to_owned))?.first.ok_or(missing)?;
        match id {
            Some(id) => {
                let latest = is(&FORMS, "isLatestVersion", Value::Int(1));
                let filters = vec![is(&FORMS, "formId", Value::Text(id)), latest];
                form_document(searcher, cancel, operation, level, filters)
            }
            None => Ok(None),
        }
    }))
}

/// Instances of the definition of the key in the path.
fn of_definition(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    Ok(vec![is(&PROCESS_INSTANCES, "processDefinitionKey", Value::Int(call.path_key(0)?))])
}

/// Variables of those.
fn named_in(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    let instances = &[
        "v.process_instance_key IN (SELECT p.process_instance_key FROM process_instances p WHERE p.process_definition_key = ",
        ")",
    ];
    Ok(vec![Filter::Of(instances, Value::Int(call.path_key(0)?))])
}
