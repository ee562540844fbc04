//! Operations: resource.

use crate::objects::resource::{
    CREATE_DEPLOYMENT_DATA, DELETE_RESOURCE_REQUEST, DELETE_RESOURCE_RESPONSE, DEPLOYMENT_RESULT,
    RESOURCE_RESULT, RESOURCE_SEARCH_QUERY, RESOURCE_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Limit, Method, Special, Version, json, media, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{BINARY, KEY};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Resource",
    operations: &[
        op("createDeployment", Method::Post, "/deployments", Version::V8_6)
            .form(Schema::Object(&CREATE_DEPLOYMENT_DATA), Limit::Deployment)
            .says("Deploys files: processes and decisions")
            .special(Special::Deploy)
            .gives(&[json(200, Schema::Object(&DEPLOYMENT_RESULT))])
            .errors(&[400, 503]),
        op("searchResources", Method::Post, "/resources/search", Version::V8_10)
            .at_both_levels()
            .json_or_nothing(Schema::Object(&RESOURCE_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&RESOURCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getResource", Method::Get, "/resources/{resourceKey}", Version::V8_7)
            .takes(&[path("resourceKey", KEY)])
            .gives(&[json(200, Schema::Object(&RESOURCE_RESULT))])
            .errors(&[404, 500]),
        op("getResourceContent", Method::Get, "/resources/{resourceKey}/content", Version::V8_7)
            .takes(&[path("resourceKey", KEY)])
            .gives(&[
                media(200, "application/octet-stream", BINARY).until_8_9(),
                json(200, Schema::Document).since_8_10(),
            ])
            .errors(&[404, 500])
            .errors_8_10(&[406]),
        op(
            "getResourceContentBinary",
            Method::Get,
            "/resources/{resourceKey}/content/binary",
            Version::V8_10,
        )
        .takes(&[path("resourceKey", KEY)])
        .gives(&[media(200, "application/octet-stream", BINARY)])
        .errors(&[404, 500]),
        op("deleteResource", Method::Post, "/resources/{resourceKey}/deletion", Version::V8_6)
            .takes(&[path("resourceKey", KEY)])
            .json_or_nothing(Schema::Object(&DELETE_RESOURCE_REQUEST))
            .gives(&[json(200, Schema::Object(&DELETE_RESOURCE_RESPONSE))])
            .errors(&[400, 404, 500, 503])
            .errors_8_10(&[409]),
    ],
};
