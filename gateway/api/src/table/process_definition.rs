//! Operations: process definition.

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
use crate::operation::{Group, Method, Version, empty, json, media, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{KEY, TEXT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Process definition",
    operations: &[
        op("searchProcessDefinitions", Method::Post, "/process-definitions/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionMessageSubscriptionStatistics",
            Method::Post,
            "/process-definitions/statistics/message-subscriptions",
            Version::V8_9,
        )
        .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionInstanceStatistics",
            Method::Post,
            "/process-definitions/statistics/process-instances",
            Version::V8_9,
        )
        .json_or_nothing(Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_INSTANCE_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionInstanceVersionStatistics",
            Method::Post,
            "/process-definitions/statistics/process-instances-by-version",
            Version::V8_9,
        )
        .json(Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY))
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("getProcessDefinition", Method::Get, "/process-definitions/{processDefinitionKey}", Version::V8_8)
            .takes(&[path("processDefinitionKey", KEY)])
            .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "getStartProcessForm",
            Method::Get,
            "/process-definitions/{processDefinitionKey}/form",
            Version::V8_8,
        )
        .takes(&[path("processDefinitionKey", KEY)])
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
        .gives(&[json(200, Schema::Object(&PROCESS_DEFINITION_VARIABLE_NAME_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op(
            "getProcessDefinitionXML",
            Method::Get,
            "/process-definitions/{processDefinitionKey}/xml",
            Version::V8_8,
        )
        .takes(&[path("processDefinitionKey", KEY)])
        .gives(&[media(200, "text/xml", TEXT), media(204, "text/plain", TEXT)])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};
