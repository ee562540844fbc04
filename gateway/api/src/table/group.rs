//! Operations: group.

use crate::objects::group::{
    GROUP_CLIENT_SEARCH_QUERY_REQUEST, GROUP_CLIENT_SEARCH_RESULT, GROUP_CREATE_REQUEST, GROUP_CREATE_RESULT,
    GROUP_MAPPING_RULE_SEARCH_RESULT, GROUP_RESULT, GROUP_ROLE_SEARCH_RESULT, GROUP_SEARCH_QUERY_REQUEST,
    GROUP_SEARCH_QUERY_RESULT, GROUP_UPDATE_REQUEST, GROUP_UPDATE_RESULT, GROUP_USER_SEARCH_QUERY_REQUEST,
    GROUP_USER_SEARCH_RESULT,
};
use crate::objects::mapping_rule::MAPPING_RULE_SEARCH_QUERY_REQUEST;
use crate::objects::role::ROLE_SEARCH_QUERY_REQUEST;
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::{ENTITY_ID, GROUP_ID, USERNAME};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Group",
    operations: &[
        op("createGroup", Method::Post, "/groups", Version::V8_8)
            .json_or_nothing(Schema::Object(&GROUP_CREATE_REQUEST))
            .gives(&[json(201, Schema::Object(&GROUP_CREATE_RESULT))])
            .errors(&[400, 401, 403, 500, 503])
            .errors_8_10(&[409]),
        op("searchGroups", Method::Post, "/groups/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&GROUP_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&GROUP_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("deleteGroup", Method::Delete, "/groups/{groupId}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID)])
            .gives(&[empty(204)])
            .errors(&[401, 404, 500, 503]),
        op("getGroup", Method::Get, "/groups/{groupId}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID)])
            .gives(&[json(200, Schema::Object(&GROUP_RESULT))])
            .errors(&[401, 403, 404, 500]),
        op("updateGroup", Method::Put, "/groups/{groupId}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID)])
            .json(Schema::Object(&GROUP_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&GROUP_UPDATE_RESULT))])
            .errors(&[400, 401, 404, 500, 503]),
        op("searchClientsForGroup", Method::Post, "/groups/{groupId}/clients/search", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID)])
            .json_or_nothing(Schema::Object(&GROUP_CLIENT_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&GROUP_CLIENT_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("unassignClientFromGroup", Method::Delete, "/groups/{groupId}/clients/{clientId}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID), path("clientId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignClientToGroup", Method::Put, "/groups/{groupId}/clients/{clientId}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID), path("clientId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 409, 500, 503]),
        op(
            "searchMappingRulesForGroup",
            Method::Post,
            "/groups/{groupId}/mapping-rules/search",
            Version::V8_8,
        )
        .takes(&[path("groupId", GROUP_ID)])
        .json_or_nothing(Schema::Object(&MAPPING_RULE_SEARCH_QUERY_REQUEST))
        .gives(&[json(200, Schema::Object(&GROUP_MAPPING_RULE_SEARCH_RESULT))])
        .errors(&[400, 401, 403, 404, 500]),
        op(
            "unassignMappingRuleFromGroup",
            Method::Delete,
            "/groups/{groupId}/mapping-rules/{mappingRuleId}",
            Version::V8_8,
        )
        .takes(&[path("groupId", GROUP_ID), path("mappingRuleId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
        op(
            "assignMappingRuleToGroup",
            Method::Put,
            "/groups/{groupId}/mapping-rules/{mappingRuleId}",
            Version::V8_8,
        )
        .takes(&[path("groupId", GROUP_ID), path("mappingRuleId", ENTITY_ID)])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 409, 500, 503]),
        op("searchRolesForGroup", Method::Post, "/groups/{groupId}/roles/search", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID)])
            .json_or_nothing(Schema::Object(&ROLE_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&GROUP_ROLE_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("searchUsersForGroup", Method::Post, "/groups/{groupId}/users/search", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID)])
            .json_or_nothing(Schema::Object(&GROUP_USER_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&GROUP_USER_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 404, 500]),
        op("unassignUserFromGroup", Method::Delete, "/groups/{groupId}/users/{username}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID), path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 500, 503]),
        op("assignUserToGroup", Method::Put, "/groups/{groupId}/users/{username}", Version::V8_8)
            .takes(&[path("groupId", GROUP_ID), path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 403, 404, 409, 500, 503]),
    ],
};
