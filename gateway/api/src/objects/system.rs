//! Objects of the protocol: system.

use crate::schema::kinds::{INT, LONG, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `AuthenticationConfigurationResponse`.
pub static AUTHENTICATION_CONFIGURATION_RESPONSE: Object = Object {
    name: "AuthenticationConfigurationResponse",
    fields: &[
        field("canLogout", Schema::Flag).required(),
        field("isLoginDelegated", Schema::Flag).required(),
    ],
};

/// `CloudConfigurationResponse`.
pub static CLOUD_CONFIGURATION_RESPONSE: Object = Object {
    name: "CloudConfigurationResponse",
    fields: &[field("stage", Schema::Enum(&["dev", "int", "prod"], &[])).required().nullable()],
};

/// `ComponentsConfigurationResponse`.
pub static COMPONENTS_CONFIGURATION_RESPONSE: Object = Object {
    name: "ComponentsConfigurationResponse",
    fields: &[field("active", list(&Schema::Enum(&["admin", "operate", "tasklist"], &[]))).required()],
};

/// `DeploymentConfigurationResponse`.
pub static DEPLOYMENT_CONFIGURATION_RESPONSE: Object = Object {
    name: "DeploymentConfigurationResponse",
    fields: &[
        field("isMultiTenancyEnabled", Schema::Flag).required(),
        field("maxRequestSize", LONG).required(),
    ],
};

/// `JobMetricsConfigurationResponse`.
pub static JOB_METRICS_CONFIGURATION_RESPONSE: Object = Object {
    name: "JobMetricsConfigurationResponse",
    fields: &[
        field("enabled", Schema::Flag).required(),
        field("exportInterval", TEXT).required(),
        field("maxWorkerNameLength", INT).required(),
        field("maxJobTypeLength", INT).required(),
        field("maxTenantIdLength", INT).required(),
        field("maxUniqueKeys", INT).required(),
    ],
};

/// `SystemConfigurationResponse`.
pub static SYSTEM_CONFIGURATION_RESPONSE: Object = Object {
    name: "SystemConfigurationResponse",
    fields: &[
        field("jobMetrics", Schema::Object(&JOB_METRICS_CONFIGURATION_RESPONSE)).required(),
        field("components", Schema::Object(&COMPONENTS_CONFIGURATION_RESPONSE)).required().since_8_10(),
        field("deployment", Schema::Object(&DEPLOYMENT_CONFIGURATION_RESPONSE)).required().since_8_10(),
        field("authentication", Schema::Object(&AUTHENTICATION_CONFIGURATION_RESPONSE))
            .required()
            .since_8_10(),
        field("cloud", Schema::Object(&CLOUD_CONFIGURATION_RESPONSE)).required().since_8_10(),
    ],
};

/// `UsageMetricsResponse`.
pub static USAGE_METRICS_RESPONSE: Object = Object {
    name: "UsageMetricsResponse",
    fields: &[
        field("activeTenants", LONG).required(),
        field("tenants", Schema::Map(&Schema::Object(&USAGE_METRICS_RESPONSE_TENANTS_VALUE))).required(),
        field("processInstances", LONG).required(),
        field("decisionInstances", LONG).required(),
        field("assignees", LONG).required(),
    ],
};

/// `UsageMetricsResponseTenantsValue`.
pub static USAGE_METRICS_RESPONSE_TENANTS_VALUE: Object = Object {
    name: "UsageMetricsResponseTenantsValue",
    fields: &[
        field("processInstances", LONG).required(),
        field("decisionInstances", LONG).required(),
        field("assignees", LONG).required(),
    ],
};
