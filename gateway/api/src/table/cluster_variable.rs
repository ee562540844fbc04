//! Operations: cluster variable.

use crate::objects::cluster_variable::{
    CLUSTER_VARIABLE_RESULT, CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST, CLUSTER_VARIABLE_SEARCH_QUERY_RESULT,
    CREATE_CLUSTER_VARIABLE_REQUEST, UPDATE_CLUSTER_VARIABLE_REQUEST,
};
use crate::operation::{Group, Method, Version, empty, json, op, path, query};
use crate::schema::Schema;
use crate::schema::kinds::{ENTITY_ID, TENANT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Cluster Variable",
    operations: &[
        op("createGlobalClusterVariable", Method::Post, "/cluster-variables/global", Version::V8_9)
            .json(Schema::Object(&CREATE_CLUSTER_VARIABLE_REQUEST))
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 500])
            .errors_8_10(&[409]),
        op("deleteGlobalClusterVariable", Method::Delete, "/cluster-variables/global/{name}", Version::V8_9)
            .takes(&[path("name", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 401, 403, 404, 500]),
        op("getGlobalClusterVariable", Method::Get, "/cluster-variables/global/{name}", Version::V8_9)
            .takes(&[path("name", ENTITY_ID)])
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("updateGlobalClusterVariable", Method::Put, "/cluster-variables/global/{name}", Version::V8_9)
            .takes(&[path("name", ENTITY_ID)])
            .json(Schema::Object(&UPDATE_CLUSTER_VARIABLE_REQUEST))
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("searchClusterVariables", Method::Post, "/cluster-variables/search", Version::V8_9)
            .takes(&[query("truncateValues", Schema::Flag)])
            .json_or_nothing(Schema::Object(&CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op(
            "createTenantClusterVariable",
            Method::Post,
            "/cluster-variables/tenants/{tenantId}",
            Version::V8_9,
        )
        .takes(&[path("tenantId", TENANT)])
        .json(Schema::Object(&CREATE_CLUSTER_VARIABLE_REQUEST))
        .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
        .errors(&[400, 401, 403, 404, 500])
        .errors_8_10(&[409]),
        op(
            "deleteTenantClusterVariable",
            Method::Delete,
            "/cluster-variables/tenants/{tenantId}/{name}",
            Version::V8_9,
        )
        .takes(&[path("tenantId", TENANT), path("name", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "getTenantClusterVariable",
            Method::Get,
            "/cluster-variables/tenants/{tenantId}/{name}",
            Version::V8_9,
        )
        .takes(&[path("tenantId", TENANT), path("name", ENTITY_ID)])
        .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "updateTenantClusterVariable",
            Method::Put,
            "/cluster-variables/tenants/{tenantId}/{name}",
            Version::V8_9,
        )
        .takes(&[path("tenantId", TENANT), path("name", ENTITY_ID)])
        .json(Schema::Object(&UPDATE_CLUSTER_VARIABLE_REQUEST))
        .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};
