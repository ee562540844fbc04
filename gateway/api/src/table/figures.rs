//! What statistics count, and by what.

use crate::search::Statistics;
use ringbolt_query::Kind;
use ringbolt_query::views::instances::{INCIDENTS_VIEW, PROCESS_INSTANCES, VARIABLES};
use ringbolt_query::views::jobs::{WAIT_STATES, WAITS_BY_ELEMENT};
use ringbolt_query::views::messages::MESSAGE_SUBSCRIPTIONS;

/// Instances of a definition by element, and what became of it there: an instance counts once however often it has been at the element
/// (as the statistics of definitions in Camunda 8.9 do, `ProcessDefinitionMapper`), so that a repeated activity and its items are one.
pub(super) static ELEMENTS: Statistics = Statistics {
    view: &PROCESS_INSTANCES,
    before: "SELECT e.element_id, \
             count(DISTINCT CASE WHEN e.state = 0 AND e.incident_count = 0 THEN e.process_instance_key END), \
             count(DISTINCT CASE WHEN e.state = 2 THEN e.process_instance_key END), \
             count(DISTINCT CASE WHEN e.state = 0 AND e.incident_count > 0 THEN e.process_instance_key END), \
             count(DISTINCT CASE WHEN e.state = 1 THEN e.process_instance_key END) FROM element_instances e \
             WHERE e.process_instance_key IN (SELECT p.process_instance_key FROM process_instances p WHERE ",
    before_at_8_9: None,
    after: ") GROUP BY e.element_id",
    keys: &[("elementId", Kind::Text)],
    numbers: &["active", "canceled", "incidents", "completed"],
};

/// Element instances of an instance by element, without the bodies around the items of repeated activities (13 is their kind), which
/// Camunda leaves out too (`ProcessInstanceMapper` in 8.9).
pub(super) static ELEMENTS_OF_INSTANCE: Statistics = Statistics {
    view: &PROCESS_INSTANCES,
    before: "SELECT e.element_id, sum(e.state = 0 AND e.incident_count = 0), sum(e.state = 2), \
             sum(e.state = 0 AND e.incident_count > 0), sum(e.state = 1) FROM element_instances e \
             WHERE e.type <> 13 AND e.process_instance_key IN \
             (SELECT p.process_instance_key FROM process_instances p WHERE ",
    before_at_8_9: None,
    after: ") GROUP BY e.element_id",
    keys: &[("elementId", Kind::Text)],
    numbers: &["active", "canceled", "incidents", "completed"],
};

/// What waits in an instance, by element.
pub(super) static WAITS: Statistics = Statistics {
    view: &WAIT_STATES,
    before: WAITS_BY_ELEMENT,
    before_at_8_9: None,
    after: " GROUP BY w.element_id",
    keys: &[("elementId", Kind::Text)],
    numbers: &["waitingCount"],
};

/// The text of [`INSTANCES`], with the test of what goes on.
macro_rules! instances {
    ($active:literal) => {
        concat!(
            "SELECT d.process_definition_id, coalesce(d.tenant_id, '<default>'), \
             (SELECT q.name FROM process_definitions q WHERE q.process_definition_id = d.process_definition_id \
             AND q.tenant_id IS d.tenant_id ORDER BY q.version DESC LIMIT 1), \
             (SELECT count(*) > 1 FROM process_definitions q WHERE q.process_definition_id = d.process_definition_id \
             AND q.tenant_id IS d.tenant_id), \
             sum(n.running - n.failed), sum(n.failed) FROM ( \
             SELECT of_key, sum(running) AS running, sum(failed) AS failed FROM ( \
             SELECT q.process_definition_key AS of_key, (SELECT count(*) FROM process_instances p \
             WHERE p.process_definition_key = q.process_definition_key AND p.state ",
            $active,
            ") AS running, 0 AS failed FROM process_definitions q \
             UNION ALL SELECT p.process_definition_key, 0, count(*) FROM process_instances p \
             WHERE p.incident_count > 0 AND +p.state ",
            $active,
            " GROUP BY +p.process_definition_key) GROUP BY of_key HAVING sum(running) > 0) n \
             JOIN process_definitions d ON d.process_definition_key = n.of_key WHERE "
        )
    };
}

/// Running instances by process, all versions together. Definition by definition the index has them side by side, so that files with many
/// that have ended cost next to nothing. At level 8.9, which does not know that an instance is suspended, that is active.
pub(super) static INSTANCES: Statistics = Statistics {
    view: &PROCESS_INSTANCES,
    before: instances!("= 0"),
    before_at_8_9: Some(instances!("IN (0, 2)")),
    after: " GROUP BY 1, 2, 3, 4",
    keys: &[
        ("processDefinitionId", Kind::Text),
        ("tenantId", Kind::Text),
        ("latestProcessDefinitionName", Kind::Text),
        ("hasMultipleVersions", Kind::Flag),
    ],
    numbers: &["activeInstancesWithoutIncidentCount", "activeInstancesWithIncidentCount"],
};

/// The text of [`VERSIONS`], with the test of what goes on.
macro_rules! versions {
    ($active:literal) => {
        concat!(
            "SELECT d.process_definition_id, d.process_definition_key, d.name, coalesce(d.tenant_id, '<default>'), d.version, \
             sum(p.incident_count > 0), sum(p.incident_count = 0) FROM process_instances p \
             JOIN process_definitions d ON d.process_definition_key = p.process_definition_key WHERE p.state ",
            $active,
            " AND "
        )
    };
}

/// Running instances of a process by version.
pub(super) static VERSIONS: Statistics = Statistics {
    view: &PROCESS_INSTANCES,
    before: versions!("= 0"),
    before_at_8_9: Some(versions!("IN (0, 2)")),
    after: " GROUP BY 1, 2, 3, 4, 5",
    keys: &[
        ("processDefinitionId", Kind::Text),
        ("processDefinitionKey", Kind::Key),
        ("processDefinitionName", Kind::Text),
        ("tenantId", Kind::Text),
        ("processDefinitionVersion", Kind::Int),
    ],
    numbers: &["activeInstancesWithIncidentCount", "activeInstancesWithoutIncidentCount"],
};

/// Open message subscriptions by process definition.
pub(super) static SUBSCRIPTIONS: Statistics = Statistics {
    view: &MESSAGE_SUBSCRIPTIONS,
    before: "SELECT d.process_definition_id, coalesce(d.tenant_id, '<default>'), m.process_definition_key, \
             count(DISTINCT m.process_instance_key), count(*) FROM message_subscriptions m \
             JOIN process_definitions d ON d.process_definition_key = m.process_definition_key \
             WHERE m.message_subscription_state = 1 AND ",
    before_at_8_9: None,
    after: " GROUP BY 1, 2, 3",
    keys: &[
        ("processDefinitionId", Kind::Text),
        ("tenantId", Kind::Text),
        ("processDefinitionKey", Kind::Key),
    ],
    numbers: &["processInstancesWithActiveSubscriptions", "activeSubscriptions"],
};

/// Instances with open incidents by error.
pub(super) static ERRORS: Statistics = Statistics {
    view: &INCIDENTS_VIEW,
    before: "SELECT i.error_message_hash, substr(i.error_message, 1, 4096), count(DISTINCT i.process_instance_key) \
             FROM incidents i WHERE i.state = 0 AND ",
    before_at_8_9: None,
    after: " GROUP BY 1, 2",
    keys: &[("errorHashCode", Kind::Int), ("errorMessage", Kind::Text)],
    numbers: &["activeInstancesWithErrorCount"],
};

/// Instances with open incidents of one error by process definition.
pub(super) static DEFINITIONS: Statistics = Statistics {
    view: &INCIDENTS_VIEW,
    before: "SELECT d.process_definition_id, d.process_definition_key, d.name, d.version, \
             coalesce(d.tenant_id, '<default>'), count(DISTINCT i.process_instance_key) FROM incidents i \
             JOIN process_definitions d ON d.process_definition_key = i.process_definition_key WHERE i.state = 0 AND ",
    before_at_8_9: None,
    after: " GROUP BY 1, 2, 3, 4, 5",
    keys: &[
        ("processDefinitionId", Kind::Text),
        ("processDefinitionKey", Kind::Key),
        ("processDefinitionName", Kind::Text),
        ("processDefinitionVersion", Kind::Int),
        ("tenantId", Kind::Text),
    ],
    numbers: &["activeInstancesWithErrorCount"],
};

/// Names of variables.
pub(super) static NAMES: Statistics = Statistics {
    view: &VARIABLES,
    before: "SELECT v.name, count(*) FROM variables v WHERE ",
    before_at_8_9: None,
    after: " GROUP BY v.name",
    keys: &[("name", Kind::Text)],
    numbers: &["count"],
};

#[cfg(test)]
mod tests {
    use super::{
        DEFINITIONS, ELEMENTS, ELEMENTS_OF_INSTANCE, ERRORS, INSTANCES, NAMES, SUBSCRIPTIONS, VERSIONS, WAITS,
    };
    use crate::schema::{Level, Schema};
    use crate::search::{Statistics, item_of};
    use crate::table::operations;

    #[test]
    fn statistics_have_whatever_their_operations_name() {
        for (id, statistics) in [
            ("getProcessDefinitionStatistics", &ELEMENTS),
            ("getProcessInstanceStatistics", &ELEMENTS_OF_INSTANCE),
            ("getProcessInstanceWaitStateStatistics", &WAITS),
            ("getProcessDefinitionInstanceStatistics", &INSTANCES),
            ("getProcessDefinitionInstanceVersionStatistics", &VERSIONS),
            ("getProcessDefinitionMessageSubscriptionStatistics", &SUBSCRIPTIONS),
            ("getProcessInstanceStatisticsByError", &ERRORS),
            ("getProcessInstanceStatisticsByDefinition", &DEFINITIONS),
            ("searchProcessDefinitionVariableNames", &NAMES),
        ] {
            let operation = operations().find(|operation| operation.id == id).expect("an operation");
            let Statistics { view, keys, numbers, .. } = statistics;
            let has = |name: &str| keys.iter().any(|(key, _)| *key == name) || numbers.contains(&name);
            let Schema::Object(answer) = operation.answers[0].schema else { panic!("{id}") };
            for field in item_of(answer).fields {
                assert!(has(field.name), "{id} shows {}", field.name);
            }
            let Some(body) = operation.reads else { continue };
            if let Some((_, field)) = body.find(b"filter") {
                let object = field.schema.object().expect("an object");
                for field in object.fields.iter().filter(|field| field.name != "$or") {
                    assert!(view.column(field.name).is_some(), "{id} filters by {}", field.name);
                }
            }
            if let Some((_, field)) = body.find(b"sort") {
                let Schema::List(Schema::Object(item), _) = field.schema else { panic!("{id}") };
                let (_, by) = item.find(b"field").expect("a field");
                for name in by.schema.values(Level::V8_10) {
                    assert!(has(name), "{id} sorts by {name}");
                }
            }
        }
    }
}
