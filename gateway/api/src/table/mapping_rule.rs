//! Operations: mapping rule.

use crate::objects::mapping_rule::{
    MAPPING_RULE_CREATE_REQUEST, MAPPING_RULE_CREATE_RESULT, MAPPING_RULE_RESULT,
    MAPPING_RULE_SEARCH_QUERY_REQUEST, MAPPING_RULE_SEARCH_QUERY_RESULT, MAPPING_RULE_UPDATE_REQUEST,
    MAPPING_RULE_UPDATE_RESULT,
};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::ENTITY_ID;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Mapping rule",
    operations: &[
        op("createMappingRule", Method::Post, "/mapping-rules", Version::V8_8)
            .json_or_nothing(Schema::Object(&MAPPING_RULE_CREATE_REQUEST))
            .gives(&[json(201, Schema::Object(&MAPPING_RULE_CREATE_RESULT))])
            .errors(&[400, 403, 404, 500])
            .errors_8_10(&[409]),
        op("searchMappingRule", Method::Post, "/mapping-rules/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&MAPPING_RULE_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&MAPPING_RULE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("deleteMappingRule", Method::Delete, "/mapping-rules/{mappingRuleId}", Version::V8_8)
            .takes(&[path("mappingRuleId", ENTITY_ID)])
            .gives(&[empty(204)])
            .errors(&[401, 404, 500, 503]),
        op("getMappingRule", Method::Get, "/mapping-rules/{mappingRuleId}", Version::V8_8)
            .takes(&[path("mappingRuleId", ENTITY_ID)])
            .gives(&[json(200, Schema::Object(&MAPPING_RULE_RESULT))])
            .errors(&[401, 404, 500]),
        op("updateMappingRule", Method::Put, "/mapping-rules/{mappingRuleId}", Version::V8_8)
            .takes(&[path("mappingRuleId", ENTITY_ID)])
            .json_or_nothing(Schema::Object(&MAPPING_RULE_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&MAPPING_RULE_UPDATE_RESULT))])
            .errors(&[400, 403, 404, 500, 503]),
    ],
};
