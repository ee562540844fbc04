//! Process instances and what is in them: elements, flows, variables, incidents, decisions.

use crate::codes::{
    DECISION_DEFINITION_TYPES, DECISION_INSTANCE_STATES, ELEMENT_INSTANCE_STATES, ELEMENT_TYPES,
    INCIDENT_ERROR_TYPES, INCIDENT_STATES, PROCESS_INSTANCE_STATES,
};
use crate::view::{By, Column, Kind, Place, View, own, plain, within};
use crate::views::{business_id, of_definition, shown_chars, tenant};

/// Element instances of a process instance.
pub(crate) const ELEMENTS_OF_INSTANCE: &str =
    "p.process_instance_key IN (SELECT e.process_instance_key FROM element_instances e WHERE ";
/// Its incidents that are open, which nobody has who has ended.
pub(crate) const INCIDENTS: &str =
    "p.process_instance_key IN (SELECT i.process_instance_key FROM incidents i WHERE i.state = 0 AND ";
/// Its jobs that are not done, which nobody has who has ended.
pub(crate) const JOBS: &str =
    "p.process_instance_key IN (SELECT j.process_instance_key FROM jobs j WHERE j.is_over IS NULL AND ";
/// Its variables.
pub const VARIABLES_OF_INSTANCE: &str =
    "p.process_instance_key IN (SELECT v.process_instance_key FROM variables v WHERE ";
/// The same, asked of one process instance after the other.
pub(crate) const VARIABLES_OF_THIS: &str =
    "EXISTS (SELECT 1 FROM variables v WHERE v.process_instance_key = p.process_instance_key AND ";
/// The same, gathered once one is asked of, which other conditions have found.
pub(crate) const VARIABLES_OF_THOSE: &str =
    "+p.process_instance_key IN (SELECT v.process_instance_key FROM variables v WHERE ";
/// Batch operations that it is, or has, an item of.
const BATCH_ITEMS: &str =
    "p.process_instance_key IN (SELECT b.process_instance_key FROM batch_operation_items b WHERE ";
/// A batch operation as text, which an index holds.
const BATCH_OPERATION: &str = "CAST(b.batch_operation_key AS TEXT)";
/// Its tags.
const TAGS: &str = "EXISTS (SELECT 1 FROM json_each(p.tags) g WHERE ";

/// Its process definition.
pub(crate) const DEFINITION_OF_INSTANCE: &str =
    "p.process_definition_key IN (SELECT d.process_definition_key FROM process_definitions d WHERE ";

/// The process definition of an element instance, where that of its process instance is known.
pub(crate) static DEFINITION_OF_ELEMENTS: Column =
    within("processDefinitionKey", ELEMENTS_OF_INSTANCE, "e.process_definition_key", Kind::Key);

/// Process instances.
pub static PROCESS_INSTANCES: View = View {
    thing: "Process Instance",
    from: "process_instances p",
    key: &["p.process_instance_key"],
    place: Place::Instances,
    columns: &[
        own("processInstanceKey", "p.process_instance_key"),
        plain("processDefinitionKey", "p.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "p", "process_definition_id", Text),
        of_definition!("processDefinitionName", "p", "name", Text),
        of_definition!("processDefinitionVersion", "p", "version", Int),
        of_definition!("processDefinitionVersionTag", "p", "version_tag", Text),
        plain("startDate", "p.start_date", Kind::Time),
        plain("endDate", "p.end_date", Kind::Time),
        plain("suspendedDate", "nullif(p.suspended_date, 0)", Kind::Time),
        plain("state", "p.state", Kind::Enum(&PROCESS_INSTANCE_STATES)),
        plain("hasIncident", "(p.incident_count > 0)", Kind::Flag),
        tenant!("p"),
        plain("parentProcessInstanceKey", "p.parent_process_instance_key", Kind::Key),
        plain("parentElementInstanceKey", "p.parent_element_instance_key", Kind::Key),
        plain("rootProcessInstanceKey", "p.root_process_instance_key", Kind::Key),
        Column { name: "tags", sql: "p.tags", kind: Kind::Json, by: By::Any(TAGS, "g.value") },
        plain("businessId", "p.business_id", Kind::Text),
        within("elementId", ELEMENTS_OF_INSTANCE, "e.element_id", Kind::Text),
        within("elementInstanceState", ELEMENTS_OF_INSTANCE, "e.state", Kind::Enum(&ELEMENT_INSTANCE_STATES)),
        within("hasElementInstanceIncident", ELEMENTS_OF_INSTANCE, "(e.incident_count > 0)", Kind::Flag),
        within("errorMessage", INCIDENTS, "i.error_message", Kind::LongText),
        within("incidentErrorHashCode", INCIDENTS, "i.error_message_hash", Kind::Int),
        within("hasRetriesLeft", JOBS, "j.has_failed_with_retries_left", Kind::Flag),
        within("variables", VARIABLES_OF_INSTANCE, "v.value", Kind::Value),
        within("batchOperationId", BATCH_ITEMS, BATCH_OPERATION, Kind::Text),
        within("batchOperationKey", BATCH_ITEMS, BATCH_OPERATION, Kind::Text),
    ],
};

/// Element instances.
pub static ELEMENT_INSTANCES: View = View {
    thing: "Element Instance",
    from: "element_instances e",
    key: &["e.element_instance_key"],
    place: Place::Instances,
    columns: &[
        own("elementInstanceKey", "e.element_instance_key"),
        own("processInstanceKey", "e.process_instance_key"),
        plain("processDefinitionKey", "e.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "e", "process_definition_id", Text),
        plain("rootProcessInstanceKey", "e.root_process_instance_key", Kind::Key),
        own("elementInstanceScopeKey", "e.flow_scope_key"),
        plain("elementId", "e.element_id", Kind::Text),
        plain(
            "elementName",
            "coalesce((SELECT n.element_name FROM elements n WHERE n.process_definition_key = e.process_definition_key \
             AND n.element_id = e.element_id), e.element_id)",
            Kind::Text,
        ),
        plain("type", "e.type", Kind::Enum(&ELEMENT_TYPES)),
        plain("state", "e.state", Kind::Enum(&ELEMENT_INSTANCE_STATES)),
        plain("startDate", "e.start_date", Kind::Time),
        plain("endDate", "e.end_date", Kind::Time),
        plain("hasIncident", "(e.incident_count > 0)", Kind::Flag),
        own("incidentKey", "e.incident_key"),
        tenant!("e"),
    ],
};

/// Sequence flows that were taken.
pub static SEQUENCE_FLOWS: View = View {
    thing: "Sequence Flow",
    from: "taken_flows f",
    key: &["f.process_instance_key", "f.element_id"],
    place: Place::Instances,
    columns: &[
        plain("sequenceFlowId", "(f.process_instance_key || '_' || f.element_id)", Kind::Text),
        own("processInstanceKey", "f.process_instance_key"),
        plain("rootProcessInstanceKey", "f.root_process_instance_key", Kind::Key),
        plain("processDefinitionKey", "f.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "f", "process_definition_id", Text),
        plain("elementId", "f.element_id", Kind::Text),
        tenant!("f"),
    ],
};

/// Variables.
pub static VARIABLES: View = View {
    thing: "Variable",
    from: "variables v",
    key: &["v.variable_key"],
    place: Place::Instances,
    columns: &[
        own("variableKey", "v.variable_key"),
        own("processInstanceKey", "v.process_instance_key"),
        plain("rootProcessInstanceKey", "v.root_process_instance_key", Kind::Key),
        own("scopeKey", "v.scope_key"),
        plain("name", "v.name", Kind::Text),
        plain("value", "v.value", Kind::Value),
        plain("shownValue", concat!("substr(v.value, 1, ", shown_chars!(), ")"), Kind::LongText),
        plain("isNeverTruncated", "(v.variable_key IS NULL)", Kind::Flag),
        plain("isTruncated", concat!("(length(v.value) > ", shown_chars!(), ")"), Kind::Flag),
        tenant!("v"),
    ],
};

/// Incidents.
pub static INCIDENTS_VIEW: View = View {
    thing: "Incident",
    from: "incidents i",
    key: &["i.incident_key"],
    place: Place::Instances,
    columns: &[
        own("incidentKey", "i.incident_key"),
        own("processInstanceKey", "i.process_instance_key"),
        plain("processDefinitionKey", "i.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "i", "process_definition_id", Text),
        plain("rootProcessInstanceKey", "i.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "i.element_instance_key"),
        plain("elementId", "i.element_id", Kind::Text),
        own("jobKey", "i.job_key"),
        plain("errorType", "i.error_type", Kind::Enum(&INCIDENT_ERROR_TYPES)),
        plain("errorMessage", "i.error_message", Kind::LongText),
        plain("errorHashCode", "i.error_message_hash", Kind::Int),
        plain("state", "i.state", Kind::Enum(&INCIDENT_STATES)),
        plain("creationTime", "i.creation_time", Kind::Time),
        tenant!("i"),
    ],
};

/// Decisions that were evaluated.
pub static DECISION_INSTANCES: View = View {
    thing: "Decision Instance",
    from: "decision_instances x",
    key: &["x.decision_evaluation_key", "x.decision_evaluation_number"],
    place: Place::Instances,
    columns: &[
        own("decisionEvaluationKey", "x.decision_evaluation_key"),
        plain(
            "decisionEvaluationInstanceKey",
            "(x.decision_evaluation_key || '-' || x.decision_evaluation_number)",
            Kind::Text,
        ),
        plain("decisionEvaluationNumber", "x.decision_evaluation_number", Kind::Int),
        own("processInstanceKey", "x.process_instance_key"),
        plain("processDefinitionKey", "x.process_definition_key", Kind::Key),
        plain("rootProcessInstanceKey", "x.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "x.element_instance_key"),
        business_id!("x", "decision_evaluation_key"),
        plain("state", "x.state", Kind::Enum(&DECISION_INSTANCE_STATES)),
        plain("evaluationDate", "x.evaluation_date", Kind::Time),
        plain("evaluationFailure", "x.evaluation_failure", Kind::LongText),
        plain("decisionDefinitionKey", "x.decision_definition_key", Kind::Key),
        plain("decisionDefinitionId", "x.decision_definition_id", Kind::Text),
        plain("decisionDefinitionName", "x.decision_definition_name", Kind::Text),
        plain("decisionDefinitionVersion", "x.decision_definition_version", Kind::Int),
        plain("decisionDefinitionType", "x.decision_definition_type", Kind::Enum(&DECISION_DEFINITION_TYPES)),
        plain("rootDecisionDefinitionKey", "x.root_decision_definition_key", Kind::Key),
        plain("decisionRequirementsKey", "x.decision_requirements_key", Kind::Key),
        plain("result", "x.result", Kind::LongText),
        plain("evaluatedInputs", "x.evaluated_inputs", Kind::Json),
        plain("matchedRules", "x.matched_rules", Kind::Json),
        tenant!("x"),
    ],
};
