//! Operations: cluster variable.
//!
//! Names are held against their pattern at both levels: the servers of 8.9 do so too, though its description does not say it.

use crate::call::Call;
use crate::error::{ApiError, ErrorKind};
use crate::json::{put, put_document, put_text, put_text_or_null};
use crate::objects::cluster_variable::{
    CLUSTER_VARIABLE_RESULT, CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST, CLUSTER_VARIABLE_SEARCH_QUERY_RESULT,
    CREATE_CLUSTER_VARIABLE_REQUEST, UPDATE_CLUSTER_VARIABLE_REQUEST,
};
use crate::operation::{Group, Method, Version, Written, empty, json, op, path, query};
use crate::request::Request;
use crate::schema::kinds::{ENTITY_ID, TENANT};
use crate::schema::{At, Level, Object, Schema};
use crate::search::{is, row_by_path, rows_of};
use crate::table::variable::shown;
use bytes::Bytes;
use ringbolt_query::views::definitions::CLUSTER_VARIABLES;
use ringbolt_query::{Filter, Value};
use ringbolt_record::{ClusterVariable, ClusterVariableChange, ClusterVariableScope, Reply};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Cluster Variable",
    operations: &[
        op("createGlobalClusterVariable", Method::Post, "/cluster-variables/global", Version::V8_9)
            .json(Schema::Object(&CREATE_CLUSTER_VARIABLE_REQUEST))
            .says("Creates a cluster variable that all processes see")
            .command(|call| create(call, ClusterVariableScope::Global), changed)
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 500])
            .errors_8_10(&[409]),
        op("deleteGlobalClusterVariable", Method::Delete, "/cluster-variables/global/{name}", Version::V8_9)
            .takes(&[path("name", ENTITY_ID)])
            .says("Deletes a cluster variable that all processes see")
            .command(|call| delete(call, ClusterVariableScope::Global), gone)
            .gives(&[empty(204)])
            .errors(&[400, 401, 403, 404, 500]),
        op("getGlobalClusterVariable", Method::Get, "/cluster-variables/global/{name}", Version::V8_9)
            .takes(&[path("name", ENTITY_ID)])
            .says("A cluster variable that all processes see, with its whole value")
            .row(row_by_path(&CLUSTER_VARIABLES, of_all))
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("updateGlobalClusterVariable", Method::Put, "/cluster-variables/global/{name}", Version::V8_9)
            .takes(&[path("name", ENTITY_ID)])
            .json(Schema::Object(&UPDATE_CLUSTER_VARIABLE_REQUEST))
            .says("Gives a cluster variable that all processes see another value")
            .command(|call| update(call, ClusterVariableScope::Global), changed)
            .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("searchClusterVariables", Method::Post, "/cluster-variables/search", Version::V8_9)
            .takes(&[query("truncateValues", Schema::Flag)])
            .json_or_nothing(Schema::Object(&CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST))
            .says("Searches cluster variables; long values are cut unless the query says otherwise")
            .search(rows_of(&CLUSTER_VARIABLES).renamed(shown).narrowed(without_metadata))
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
        .says("Creates a cluster variable that the processes of a tenant see")
        .command(|call| create(call, ClusterVariableScope::Tenant), changed)
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
        .says("Deletes a cluster variable that the processes of a tenant see")
        .command(|call| delete(call, ClusterVariableScope::Tenant), gone)
        .gives(&[empty(204)])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "getTenantClusterVariable",
            Method::Get,
            "/cluster-variables/tenants/{tenantId}/{name}",
            Version::V8_9,
        )
        .takes(&[path("tenantId", TENANT), path("name", ENTITY_ID)])
        .says("A cluster variable that the processes of a tenant see, with its whole value")
        .row(row_by_path(&CLUSTER_VARIABLES, of_tenant))
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
        .says("Gives a cluster variable that the processes of a tenant see another value")
        .command(|call| update(call, ClusterVariableScope::Tenant), changed)
        .gives(&[json(200, Schema::Object(&CLUSTER_VARIABLE_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
    ],
};

fn create(call: &mut Call<'_>, scope: ClusterVariableScope) -> Result<Request, ApiError> {
    const BODY: &Object = &CREATE_CLUSTER_VARIABLE_REQUEST;
    if call.text(const { BODY.at("kind") }).as_deref() == Some("SECRET_REFERENCE") {
        call.check()?;
        return Err(ApiError::new(
            ErrorKind::Unimplemented,
            "Expected a cluster variable of the kind JSON: references to secrets are not supported yet",
        ));
    }
    let name = call.text_or_empty(const { BODY.at("name") });
    let given = [const { BODY.at("value") }, const { BODY.at("metadata") }];
    change(call, ClusterVariableChange::Create, scope, name, given)
}

fn update(call: &mut Call<'_>, scope: ClusterVariableScope) -> Result<Request, ApiError> {
    const BODY: &Object = &UPDATE_CLUSTER_VARIABLE_REQUEST;
    let name = call.last_path_text().to_owned();
    let given = [const { BODY.at("value") }, const { BODY.at("metadata") }];
    change(call, ClusterVariableChange::Update, scope, name, given)
}

fn change(
    call: &mut Call<'_>,
    change: ClusterVariableChange,
    scope: ClusterVariableScope,
    name: String,
    [value, metadata]: [At; 2],
) -> Result<Request, ApiError> {
    call.check()?;
    let body = call.body();
    let entries = call.value(metadata).map_or(0, |metadata| metadata.members().count());
    let bytes = |at: At| call.value(at).map(|value| value.slice_of(&body)).unwrap_or_default();
    let variable = ClusterVariable {
        scope,
        tenant_id: tenant_of(call, scope),
        name,
        value: bytes(value),
        metadata: bytes(metadata),
    };
    call.mapper.change_cluster_variable(change, variable, entries)
}

fn delete(call: &mut Call<'_>, scope: ClusterVariableScope) -> Result<Request, ApiError> {
    call.check()?;
    let variable = ClusterVariable {
        scope,
        tenant_id: tenant_of(call, scope),
        name: call.last_path_text().to_owned(),
        value: Bytes::new(),
        metadata: Bytes::new(),
    };
    call.mapper.change_cluster_variable(ClusterVariableChange::Delete, variable, 0)
}

fn tenant_of(call: &Call<'_>, scope: ClusterVariableScope) -> String {
    match scope {
        ClusterVariableScope::Global => String::new(),
        ClusterVariableScope::Tenant => call.path_text(0).to_owned(),
    }
}

fn of_all(call: &Call<'_>) -> Vec<Filter> {
    named(call, 0)
}

fn of_tenant(call: &Call<'_>) -> Vec<Filter> {
    let mut filters = named(call, 1);
    filters.push(is(&CLUSTER_VARIABLES, "tenantId", Value::Text(call.path_text(0).to_owned())));
    filters
}

/// The code of a scope is its place among the names.
fn named(call: &Call<'_>, scope: i64) -> Vec<Filter> {
    let name = Value::Text(call.last_path_text().to_owned());
    vec![is(&CLUSTER_VARIABLES, "name", name), is(&CLUSTER_VARIABLES, "scope", Value::Int(scope))]
}

/// What clients note is shown, but not searched.
fn without_metadata(call: &Call<'_>) -> Result<Vec<Filter>, ApiError> {
    let filter = call.value(const { CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST.at("filter") });
    let metadata = filter.and_then(|filter| filter.member("metadata")).filter(|metadata| !metadata.is_null());
    match metadata {
        None => Ok(Vec::new()),
        Some(_) => Err(ApiError::new(
            ErrorKind::Unimplemented,
            "Expected a filter without 'metadata', which is not supported yet",
        )),
    }
}

/// What is gone is not shown again.
fn gone(reply: &Reply, _: Level, _: &mut Vec<u8>) -> Written {
    match reply {
        Reply::ClusterVariableChanged(_) => Written::Yes,
        _ => Written::Unexpected,
    }
}

fn changed(reply: &Reply, level: Level, out: &mut Vec<u8>) -> Written {
    let Reply::ClusterVariableChanged(variable) = reply else { return Written::Unexpected };
    put(out, r#"{"value":"#);
    put_text(out, &String::from_utf8_lossy(&variable.value));
    put(out, r#","name":"#);
    put_text(out, &variable.name);
    put(out, r#","scope":"#);
    put_text(out, variable.scope.name());
    put(out, r#","tenantId":"#);
    put_text_or_null(out, &variable.tenant_id);
    if level >= Level::V8_10 {
        put(out, r#","metadata":"#);
        put_document(out, if variable.metadata.is_empty() { b"{}" } else { &variable.metadata });
        put(out, r#","kind":"JSON""#);
    }
    out.push(b'}');
    Written::Yes
}
