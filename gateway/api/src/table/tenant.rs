//! Operations: tenant.

use crate::objects::mapping_rule::MAPPING_RULE_SEARCH_QUERY_REQUEST;
use crate::objects::role::ROLE_SEARCH_QUERY_REQUEST;
use crate::objects::tenant::{
    TENANT_CLIENT_SEARCH_QUERY_REQUEST, TENANT_CLIENT_SEARCH_RESULT, TENANT_CREATE_REQUEST,
    TENANT_CREATE_RESULT, TENANT_GROUP_SEARCH_QUERY_REQUEST, TENANT_GROUP_SEARCH_RESULT,
    TENANT_MAPPING_RULE_SEARCH_RESULT, TENANT_RESULT, TENANT_ROLE_SEARCH_RESULT, TENANT_SEARCH_QUERY_REQUEST,
    TENANT_SEARCH_QUERY_RESULT, TENANT_UPDATE_REQUEST, TENANT_UPDATE_RESULT,
    TENANT_USER_SEARCH_QUERY_REQUEST, TENANT_USER_SEARCH_RESULT,
};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{ENTITY_ID, GROUP_ID, TENANT, USERNAME};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Tenant",
    operations: &[
        op("createTenant", Method::Post, "/tenants", Version::V8_8)
            .json(Schema::Object(&TENANT_CREATE_REQUEST))
            .gives(&[json(201, Schema::Object(&TENANT_CREATE_RESULT))])
            .errors(&[400, 403, 404, 409, 500, 503]),
        op("searchTenants", Method::Post, "/tenants/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&TENANT_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&TENANT_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("deleteTenant", Method::Delete, "/tenants/{tenantId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("getTenant", Method::Get, "/tenants/{tenantId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .gives(&[json(200, Schema::Object(&TENANT_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("updateTenant", Method::Put, "/tenants/{tenantId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .json(Schema::Object(&TENANT_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&TENANT_UPDATE_RESULT))])
            .errors(&[400, 403, 404, 500, 503]),
        op("searchClientsForTenant", Method::Post, "/tenants/{tenantId}/clients/search", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .json_or_nothing(Schema::Object(&TENANT_CLIENT_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&TENANT_CLIENT_SEARCH_RESULT))]),
        op(
            "unassignClientFromTenant",
            Method::Delete,
            "/tenants/{tenantId}/clients/{clientId}",
            Version::V8_8,
        )
        .takes(&[path("tenantId", TENANT), path("clientId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
        op("assignClientToTenant", Method::Put, "/tenants/{tenantId}/clients/{clientId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("clientId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("searchGroupIdsForTenant", Method::Post, "/tenants/{tenantId}/groups/search", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .json_or_nothing(Schema::Object(&TENANT_GROUP_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&TENANT_GROUP_SEARCH_RESULT))]),
        op("unassignGroupFromTenant", Method::Delete, "/tenants/{tenantId}/groups/{groupId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("groupId", GROUP_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignGroupToTenant", Method::Put, "/tenants/{tenantId}/groups/{groupId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("groupId", GROUP_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op(
            "searchMappingRulesForTenant",
            Method::Post,
            "/tenants/{tenantId}/mapping-rules/search",
            Version::V8_8,
        )
        .takes(&[path("tenantId", TENANT)])
        .json_or_nothing(Schema::Object(&MAPPING_RULE_SEARCH_QUERY_REQUEST))
        .gives(&[json(200, Schema::Object(&TENANT_MAPPING_RULE_SEARCH_RESULT))]),
        op(
            "unassignMappingRuleFromTenant",
            Method::Delete,
            "/tenants/{tenantId}/mapping-rules/{mappingRuleId}",
            Version::V8_8,
        )
        .takes(&[path("tenantId", TENANT), path("mappingRuleId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
        op(
            "assignMappingRuleToTenant",
            Method::Put,
            "/tenants/{tenantId}/mapping-rules/{mappingRuleId}",
            Version::V8_8,
        )
        .takes(&[path("tenantId", TENANT), path("mappingRuleId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
        op("searchRolesForTenant", Method::Post, "/tenants/{tenantId}/roles/search", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .json_or_nothing(Schema::Object(&ROLE_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&TENANT_ROLE_SEARCH_RESULT))]),
        op("unassignRoleFromTenant", Method::Delete, "/tenants/{tenantId}/roles/{roleId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("roleId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignRoleToTenant", Method::Put, "/tenants/{tenantId}/roles/{roleId}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("roleId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("searchUsersForTenant", Method::Post, "/tenants/{tenantId}/users/search", Version::V8_8)
            .takes(&[path("tenantId", TENANT)])
            .json_or_nothing(Schema::Object(&TENANT_USER_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&TENANT_USER_SEARCH_RESULT))]),
        op("unassignUserFromTenant", Method::Delete, "/tenants/{tenantId}/users/{username}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignUserToTenant", Method::Put, "/tenants/{tenantId}/users/{username}", Version::V8_8)
            .takes(&[path("tenantId", TENANT), path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
    ],
};
