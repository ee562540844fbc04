//! What is deployed: process definitions, decisions, forms, resources.

use crate::codes::{CLUSTER_VARIABLE_KINDS, CLUSTER_VARIABLE_SCOPES, PROCESS_DEFINITION_STATES};
use crate::view::{Kind, Place, View, plain};
use crate::views::{joined, shown_chars, tenant};

/// Whether a row has the largest version of its id.
macro_rules! is_latest {
    ($table:literal, $id:literal) => {
        plain(
            "isLatestVersion",
            concat!(
                "(t.version = (SELECT max(q.version) FROM ",
                $table,
                " q WHERE q.",
                $id,
                " = t.",
                $id,
                " AND q.tenant_id IS t.tenant_id))"
            ),
            Kind::Flag,
        )
    };
}

/// Process definitions.
pub static PROCESS_DEFINITIONS: View = View {
    thing: "Process Definition",
    from: "process_definitions t",
    key: &["t.process_definition_key"],
    place: Place::Definitions,
    columns: &[
        plain("processDefinitionKey", "t.process_definition_key", Kind::Key),
        plain("processDefinitionId", "t.process_definition_id", Kind::Text),
        plain("name", "t.name", Kind::Text),
        plain("version", "t.version", Kind::Int),
        plain("versionTag", "t.version_tag", Kind::Text),
        plain("resourceName", "t.resource_name", Kind::Text),
        plain("hasStartForm", "t.has_start_form", Kind::Flag),
        plain("state", "t.state", Kind::Enum(&PROCESS_DEFINITION_STATES)),
        is_latest!("process_definitions", "process_definition_id"),
        tenant!("t"),
        plain("startFormId", "t.start_form_id", Kind::Text),
        plain(
            "xml",
            "(SELECT x.xml FROM process_definition_xml x WHERE x.process_definition_key = t.process_definition_key)",
            Kind::Text,
        ),
    ],
};

/// Decisions.
pub static DECISION_DEFINITIONS: View = View {
    thing: "Decision Definition",
    from: "decision_definitions t",
    key: &["t.decision_definition_key"],
    place: Place::Definitions,
    columns: &[
        plain("decisionDefinitionKey", "t.decision_definition_key", Kind::Key),
        plain("decisionDefinitionId", "t.decision_definition_id", Kind::Text),
        plain("decisionRequirementsId", "t.decision_requirements_id", Kind::Text),
        plain("decisionRequirementsKey", "t.decision_requirements_key", Kind::Key),
        joined!(
            "decisionRequirementsName",
            "t",
            "decision_requirements_key",
            "decision_requirements",
            "r",
            "decision_requirements_name",
            Text
        ),
        joined!(
            "decisionRequirementsVersion",
            "t",
            "decision_requirements_key",
            "decision_requirements",
            "r",
            "version",
            Int
        ),
        plain("name", "t.name", Kind::Text),
        plain("version", "t.version", Kind::Int),
        is_latest!("decision_definitions", "decision_definition_id"),
        tenant!("t"),
        joined!("xml", "t", "decision_requirements_key", "decision_requirements_xml", "x", "xml", Text),
    ],
};

/// Models of decisions.
pub static DECISION_REQUIREMENTS: View = View {
    thing: "Decision Requirements",
    from: "decision_requirements t",
    key: &["t.decision_requirements_key"],
    place: Place::Definitions,
    columns: &[
        plain("decisionRequirementsKey", "t.decision_requirements_key", Kind::Key),
        plain("decisionRequirementsId", "t.decision_requirements_id", Kind::Text),
        plain("decisionRequirementsName", "t.decision_requirements_name", Kind::Text),
        plain("version", "t.version", Kind::Int),
        plain("resourceName", "t.resource_name", Kind::Text),
        tenant!("t"),
        joined!("xml", "t", "decision_requirements_key", "decision_requirements_xml", "x", "xml", Text),
    ],
};

/// Forms that were not deleted.
pub static FORMS: View = View {
    thing: "Form",
    from: "forms t",
    key: &["t.form_key"],
    place: Place::Definitions,
    columns: &[
        plain("formKey", "t.form_key", Kind::Key),
        plain("formId", "t.form_id", Kind::Text),
        plain("version", "t.version", Kind::Int),
        plain("schema", "t.schema", Kind::LongText),
        is_latest!("forms", "form_id"),
        plain("isDeleted", "t.is_deleted", Kind::Flag),
        tenant!("t"),
    ],
};

/// Other resources that were not deleted.
pub static RESOURCES: View = View {
    thing: "Resource",
    from: "resources t",
    key: &["t.resource_key"],
    place: Place::Definitions,
    columns: &[
        plain("resourceKey", "t.resource_key", Kind::Key),
        plain("resourceId", "t.resource_id", Kind::Text),
        plain("resourceName", "t.resource_name", Kind::Text),
        plain("version", "t.version", Kind::Int),
        plain("versionTag", "t.version_tag", Kind::Text),
        plain("deploymentKey", "t.deployment_key", Kind::Key),
        plain("isDeleted", "t.is_deleted", Kind::Flag),
        tenant!("t"),
    ],
};

/// Cluster variables.
pub static CLUSTER_VARIABLES: View = View {
    thing: "Cluster Variable",
    from: "cluster_variables t",
    key: &["t.id"],
    place: Place::Definitions,
    columns: &[
        plain("name", "t.name", Kind::Text),
        plain("value", "t.value", Kind::Value),
        plain("shownValue", concat!("substr(t.value, 1, ", shown_chars!(), ")"), Kind::LongText),
        plain("isNeverTruncated", "(t.id IS NULL)", Kind::Flag),
        plain("isTruncated", concat!("(length(t.value) > ", shown_chars!(), ")"), Kind::Flag),
        plain("scope", "t.scope", Kind::Enum(&CLUSTER_VARIABLE_SCOPES)),
        plain("kind", "0", Kind::Enum(&CLUSTER_VARIABLE_KINDS)),
        plain("metadata", "t.metadata", Kind::Json),
        // What all see belongs to nobody.
        plain("tenantId", "CASE t.scope WHEN 1 THEN coalesce(t.tenant_id, '<default>') END", Kind::Text),
    ],
};
