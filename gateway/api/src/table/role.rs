//! Operations: role.

use crate::objects::mapping_rule::MAPPING_RULE_SEARCH_QUERY_REQUEST;
use crate::objects::role::{
    ROLE_CLIENT_SEARCH_QUERY_REQUEST, ROLE_CLIENT_SEARCH_RESULT, ROLE_CREATE_REQUEST, ROLE_CREATE_RESULT,
    ROLE_GROUP_SEARCH_QUERY_REQUEST, ROLE_GROUP_SEARCH_RESULT, ROLE_MAPPING_RULE_SEARCH_RESULT, ROLE_RESULT,
    ROLE_SEARCH_QUERY_REQUEST, ROLE_SEARCH_QUERY_RESULT, ROLE_UPDATE_REQUEST, ROLE_UPDATE_RESULT,
    ROLE_USER_SEARCH_QUERY_REQUEST, ROLE_USER_SEARCH_RESULT,
};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{ENTITY_ID, GROUP_ID, USERNAME};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Role",
    operations: &[
        op("createRole", Method::Post, "/roles", Version::V8_8)
            .json_or_nothing(Schema::Object(&ROLE_CREATE_REQUEST))
            .gives(&[json(201, Schema::Object(&ROLE_CREATE_RESULT))])
            .errors(&[400, 401, 403, 500, 503])
            .errors_8_10(&[409]),
        op("searchRoles", Method::Post, "/roles/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&ROLE_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&ROLE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("deleteRole", Method::Delete, "/roles/{roleId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[401, 404, 500, 503]),
        op("getRole", Method::Get, "/roles/{roleId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .gives(&[json(200, Schema::Object(&ROLE_RESULT))])
            .errors(&[401, 403, 404, 500]),
        op("updateRole", Method::Put, "/roles/{roleId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .json(Schema::Object(&ROLE_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&ROLE_UPDATE_RESULT))])
            .errors(&[400, 401, 404, 500, 503]),
        op("searchClientsForRole", Method::Post, "/roles/{roleId}/clients/search", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .json_or_nothing(Schema::Object(&ROLE_CLIENT_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&ROLE_CLIENT_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("unassignRoleFromClient", Method::Delete, "/roles/{roleId}/clients/{clientId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID), path("clientId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignRoleToClient", Method::Put, "/roles/{roleId}/clients/{clientId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID), path("clientId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 409, 500, 503]),
        op("searchGroupsForRole", Method::Post, "/roles/{roleId}/groups/search", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .json_or_nothing(Schema::Object(&ROLE_GROUP_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&ROLE_GROUP_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("unassignRoleFromGroup", Method::Delete, "/roles/{roleId}/groups/{groupId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID), path("groupId", GROUP_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignRoleToGroup", Method::Put, "/roles/{roleId}/groups/{groupId}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID), path("groupId", GROUP_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 409, 500, 503]),
        op("searchMappingRulesForRole", Method::Post, "/roles/{roleId}/mapping-rules/search", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .json_or_nothing(Schema::Object(&MAPPING_RULE_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&ROLE_MAPPING_RULE_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op(
            "unassignRoleFromMappingRule",
            Method::Delete,
            "/roles/{roleId}/mapping-rules/{mappingRuleId}",
            Version::V8_8,
        )
        .takes(&[path("roleId", ENTITY_ID), path("mappingRuleId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
        op(
            "assignRoleToMappingRule",
            Method::Put,
            "/roles/{roleId}/mapping-rules/{mappingRuleId}",
            Version::V8_8,
        )
        .takes(&[path("roleId", ENTITY_ID), path("mappingRuleId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 409, 500, 503]),
        op("searchUsersForRole", Method::Post, "/roles/{roleId}/users/search", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID)])
            .json_or_nothing(Schema::Object(&ROLE_USER_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&ROLE_USER_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("unassignRoleFromUser", Method::Delete, "/roles/{roleId}/users/{username}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID), path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignRoleToUser", Method::Put, "/roles/{roleId}/users/{username}", Version::V8_8)
            .takes(&[path("roleId", ENTITY_ID), path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 409, 500, 503]),
    ],
};
