//! Objects of the protocol: resource.

use crate::objects::enums::{BATCH_OPERATION_TYPE, SORT_ORDER};
use crate::objects::parts::{KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{BINARY, INT, KEY, MODEL_ID, TENANT, TEXT, at_least, list};
use crate::schema::{Bits, Object, Schema, field};

/// `CreateDeploymentData`.
pub static CREATE_DEPLOYMENT_DATA: Object = Object {
    name: "CreateDeploymentData",
    fields: &[field("resources", list(&BINARY)).required(), field("tenantId", TENANT)],
};

/// `DeleteResourceRequest`.
pub static DELETE_RESOURCE_REQUEST: Object = Object {
    name: "DeleteResourceRequest",
    fields: &[field("operationReference", at_least(Bits::B64, 1)), field("deleteHistory", Schema::Flag)],
};

/// `DeleteResourceResponse`.
pub static DELETE_RESOURCE_RESPONSE: Object = Object {
    name: "DeleteResourceResponse",
    fields: &[
        field("resourceKey", KEY).required(),
        field("batchOperation", Schema::Object(&DELETE_RESOURCE_RESPONSE_BATCH_OPERATION))
            .required()
            .nullable(),
    ],
};

/// `DeleteResourceResponseBatchOperation`.
pub static DELETE_RESOURCE_RESPONSE_BATCH_OPERATION: Object = Object {
    name: "DeleteResourceResponseBatchOperation",
    fields: &[
        field("batchOperationKey", TEXT).required(),
        field("batchOperationType", BATCH_OPERATION_TYPE).required(),
    ],
};

/// `DeploymentMetadataResult`.
pub static DEPLOYMENT_METADATA_RESULT: Object = Object {
    name: "DeploymentMetadataResult",
    fields: &[
        field("processDefinition", Schema::Object(&DEPLOYMENT_METADATA_RESULT_PROCESS_DEFINITION))
            .required()
            .nullable(),
        field("decisionDefinition", Schema::Object(&DEPLOYMENT_METADATA_RESULT_DECISION_DEFINITION))
            .required()
            .nullable(),
        field("decisionRequirements", Schema::Object(&DEPLOYMENT_METADATA_RESULT_DECISION_REQUIREMENTS))
            .required()
            .nullable(),
        field("form", Schema::Object(&DEPLOYMENT_METADATA_RESULT_FORM)).required().nullable(),
        field("resource", Schema::Object(&DEPLOYMENT_METADATA_RESULT_RESOURCE)).required().nullable(),
    ],
};

/// `DeploymentMetadataResultDecisionDefinition`.
pub static DEPLOYMENT_METADATA_RESULT_DECISION_DEFINITION: Object = Object {
    name: "DeploymentMetadataResultDecisionDefinition",
    fields: &[
        field("decisionDefinitionId", MODEL_ID).required(),
        field("version", INT).required(),
        field("name", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("decisionRequirementsId", TEXT).required(),
        field("decisionDefinitionKey", KEY).required(),
        field("decisionRequirementsKey", KEY).required(),
    ],
};

/// `DeploymentMetadataResultDecisionRequirements`.
pub static DEPLOYMENT_METADATA_RESULT_DECISION_REQUIREMENTS: Object = Object {
    name: "DeploymentMetadataResultDecisionRequirements",
    fields: &[
        field("decisionRequirementsId", TEXT).required(),
        field("decisionRequirementsName", TEXT).required(),
        field("version", INT).required(),
        field("resourceName", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("decisionRequirementsKey", KEY).required(),
    ],
};

/// `DeploymentMetadataResultForm`.
pub static DEPLOYMENT_METADATA_RESULT_FORM: Object = Object {
    name: "DeploymentMetadataResultForm",
    fields: &[
        field("formId", TEXT).required(),
        field("version", INT).required(),
        field("resourceName", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("formKey", KEY).required(),
    ],
};

/// `DeploymentMetadataResultProcessDefinition`.
pub static DEPLOYMENT_METADATA_RESULT_PROCESS_DEFINITION: Object = Object {
    name: "DeploymentMetadataResultProcessDefinition",
    fields: &[
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionVersion", INT).required(),
        field("resourceName", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("processDefinitionKey", KEY).required(),
    ],
};

/// `DeploymentMetadataResultResource`.
pub static DEPLOYMENT_METADATA_RESULT_RESOURCE: Object = Object {
    name: "DeploymentMetadataResultResource",
    fields: &[
        field("resourceId", TEXT).required(),
        field("resourceName", TEXT).required(),
        field("version", INT).required(),
        field("tenantId", TENANT).required(),
        field("resourceKey", KEY).required(),
    ],
};

/// `DeploymentResult`.
pub static DEPLOYMENT_RESULT: Object = Object {
    name: "DeploymentResult",
    fields: &[
        field("deploymentKey", KEY).required(),
        field("tenantId", TENANT).required(),
        field("deployments", list(&Schema::Object(&DEPLOYMENT_METADATA_RESULT))).required(),
    ],
};

/// `ResourceResult`.
pub static RESOURCE_RESULT: Object = Object {
    name: "ResourceResult",
    fields: &[
        field("resourceName", TEXT).required(),
        field("version", INT).required(),
        field("versionTag", TEXT).required().nullable(),
        field("resourceId", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("resourceKey", KEY).required(),
    ],
};

/// `ResourceSearchQuery`.
pub static RESOURCE_SEARCH_QUERY: Object = Object {
    name: "ResourceSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&RESOURCE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&RESOURCE_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `ResourceSearchQueryFilter`.
pub static RESOURCE_SEARCH_QUERY_FILTER: Object = Object {
    name: "ResourceSearchQueryFilter",
    fields: &[
        field("resourceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("resourceName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("resourceId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("version", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("versionTag", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("deploymentKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("tenantId", TENANT),
    ],
};

/// `ResourceSearchQueryResult`.
pub static RESOURCE_SEARCH_QUERY_RESULT: Object = Object {
    name: "ResourceSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&RESOURCE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ResourceSearchQuerySortRequest`.
pub static RESOURCE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "ResourceSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "deploymentKey",
                    "resourceId",
                    "resourceKey",
                    "resourceName",
                    "tenantId",
                    "version",
                    "versionTag",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
