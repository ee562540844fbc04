//! Jobs, user tasks, and what instances wait for.

use crate::codes::{
    ELEMENT_TYPES, JOB_KINDS, JOB_LISTENER_EVENT_TYPES, JOB_STATES, USER_TASK_STATES, WAIT_STATE_TYPES,
};
use crate::view::{By, Column, Kind, Place, View, own, plain, within};
use crate::views::{business_id, of_definition, of_element, tenant};

/// Jobs.
pub static JOBS: View = View {
    thing: "Job",
    from: "jobs j",
    key: &["j.job_key"],
    place: Place::Instances,
    columns: &[
        own("jobKey", "j.job_key"),
        own("processInstanceKey", "j.process_instance_key"),
        plain("processDefinitionKey", "j.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "j", "process_definition_id", Text),
        plain("rootProcessInstanceKey", "j.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "j.element_instance_key"),
        plain("elementId", "j.element_id", Kind::Text),
        business_id!("j", "job_key"),
        plain("type", "j.type", Kind::Text),
        plain("worker", "j.worker", Kind::Text),
        plain("kind", "j.kind", Kind::Enum(&JOB_KINDS)),
        plain("listenerEventType", "j.listener_event_type", Kind::Enum(&JOB_LISTENER_EVENT_TYPES)),
        plain("state", "j.state", Kind::Enum(&JOB_STATES)),
        plain("retries", "j.retries", Kind::Int),
        plain("priority", "j.priority", Kind::Int),
        plain("hasFailedWithRetriesLeft", "j.has_failed_with_retries_left", Kind::Flag),
        plain("isDenied", "j.is_denied", Kind::Flag),
        plain("deniedReason", "j.denied_reason", Kind::LongText),
        plain("deadline", "j.deadline", Kind::Time),
        plain("errorMessage", "j.error_message", Kind::LongText),
        plain("errorCode", "j.error_code", Kind::Text),
        plain(
            "customHeaders",
            "coalesce(j.custom_headers, (SELECT n.custom_headers FROM elements n \
             WHERE n.process_definition_key = j.process_definition_key AND n.element_id = j.element_id))",
            Kind::Json,
        ),
        plain("creationTime", "j.creation_time", Kind::Time),
        plain("lastUpdateTime", "j.last_update_time", Kind::Time),
        plain("endTime", "j.end_time", Kind::Time),
        // No answer has it: whether nobody waits for it any more.
        plain("isOver", "j.is_over", Kind::Flag),
        tenant!("j"),
    ],
};

/// A group of those who may claim a user task.
const GROUPS: &str = "EXISTS (SELECT 1 FROM json_each(u.candidate_groups) g WHERE ";
/// One of those who may.
const USERS: &str = "EXISTS (SELECT 1 FROM json_each(u.candidate_users) g WHERE ";
/// A label of its instance.
const TAGS: &str = "EXISTS (SELECT 1 FROM process_instances p, json_each(p.tags) g \
                    WHERE p.process_instance_key = u.process_instance_key AND ";
/// Variables of its instance.
pub const VARIABLES_OF_INSTANCE: &str =
    "u.process_instance_key IN (SELECT v.scope_key FROM variables v WHERE ";
/// Its own variables.
pub const VARIABLES_OF_TASK: &str = "u.element_instance_key IN (SELECT v.scope_key FROM variables v WHERE ";

/// User tasks.
pub static USER_TASKS: View = View {
    thing: "User Task",
    from: "user_tasks u",
    key: &["u.user_task_key"],
    place: Place::Instances,
    columns: &[
        own("userTaskKey", "u.user_task_key"),
        own("processInstanceKey", "u.process_instance_key"),
        plain("processDefinitionKey", "u.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "u", "process_definition_id", Text),
        of_definition!("processDefinitionVersion", "u", "version", Int),
        of_definition!("processName", "u", "name", Text),
        plain("rootProcessInstanceKey", "u.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "u.element_instance_key"),
        plain("elementId", "u.element_id", Kind::Text),
        of_element!("name", "u", "element_name", Text),
        business_id!("u", "user_task_key"),
        plain("state", "u.state", Kind::Enum(&USER_TASK_STATES)),
        plain("assignee", "u.assignee", Kind::Text),
        plain("candidateGroups", "u.candidate_groups", Kind::Json),
        plain("candidateUsers", "u.candidate_users", Kind::Json),
        Column { name: "candidateGroup", sql: "NULL", kind: Kind::Text, by: By::Any(GROUPS, "g.value") },
        Column { name: "candidateUser", sql: "NULL", kind: Kind::Text, by: By::Any(USERS, "g.value") },
        plain("creationDate", "u.creation_date", Kind::Time),
        plain("completionDate", "u.completion_date", Kind::Time),
        plain("dueDate", "u.due_date", Kind::Time),
        plain("followUpDate", "u.follow_up_date", Kind::Time),
        plain("priority", "u.priority", Kind::Int),
        plain("formKey", "u.form_key", Kind::Key),
        plain("externalFormReference", "u.external_form_reference", Kind::Text),
        plain(
            "customHeaders",
            "coalesce(u.custom_headers, (SELECT n.custom_headers FROM elements n \
             WHERE n.process_definition_key = u.process_definition_key AND n.element_id = u.element_id))",
            Kind::Json,
        ),
        Column {
            name: "tags",
            sql: "(SELECT p.tags FROM process_instances p WHERE p.process_instance_key = u.process_instance_key)",
            kind: Kind::Json,
            by: By::Any(TAGS, "g.value"),
        },
        within("processInstanceVariables", VARIABLES_OF_INSTANCE, "v.value", Kind::Value),
        within("localVariables", VARIABLES_OF_TASK, "v.value", Kind::Value),
        tenant!("u"),
    ],
};

/// Jobs that failed, by what was wrong: for statistics of errors.
pub static JOB_ERRORS: View = View {
    thing: "Job",
    from: "jobs j",
    key: &["j.job_key"],
    place: Place::Instances,
    columns: &[
        plain("jobType", "j.type", Kind::Text),
        plain("errorCode", "coalesce(j.error_code, '')", Kind::Text),
        plain("errorMessage", "coalesce(j.error_message, '')", Kind::LongText),
        plain("creationTime", "j.creation_time", Kind::Time),
    ],
};

/// What became of jobs, by the minute.
pub static JOB_COUNTS: View = View {
    thing: "Job",
    from: "job_counts c",
    key: &["c.minute", "c.type", "c.worker", "c.tenant_id"],
    place: Place::Partitions,
    columns: &[plain("jobType", "c.type", Kind::Text)],
};

/// What stands before each kind of a wait: its key and circumstances, with the table's letter.
macro_rules! waits {
    ($key:literal, $row:literal, $code:literal) => {
        concat!(
            "SELECT ",
            $row,
            ".",
            $key,
            " AS wait_key, ",
            $row,
            ".process_instance_key, ",
            $row,
            ".process_definition_key, ",
            $row,
            ".root_process_instance_key, ",
            $row,
            ".element_instance_key, ",
            $row,
            ".element_id, ",
            $row,
            ".tenant_id, ",
            $code,
            " AS wait_type, "
        )
    };
}

/// The kind of a row's element.
macro_rules! element_type {
    ($row:literal) => {
        concat!(
            "(SELECT n.element_type FROM elements n WHERE n.process_definition_key = ",
            $row,
            ".process_definition_key AND n.element_id = ",
            $row,
            ".element_id)"
        )
    };
}

/// Everything that instances wait for, with what is known of it: jobs that have not ended, user tasks, messages of receive tasks and
/// catch events, and what other catch events wait for.
macro_rules! all_waits {
    () => {
        concat!(
            "(",
            waits!("job_key", "j", "1"),
            "json_object('waitStateType', 'JOB', 'jobKey', CAST(j.job_key AS TEXT), 'jobType', j.type, 'jobKind', \
             CASE j.kind WHEN 0 THEN 'AD_HOC_SUB_PROCESS' WHEN 1 THEN 'BPMN_ELEMENT' WHEN 2 THEN 'EXECUTION_LISTENER' \
             ELSE 'TASK_LISTENER' END, 'listenerEventType', CASE WHEN j.kind < 2 THEN NULL ELSE \
             CASE j.listener_event_type WHEN 0 THEN 'ASSIGNING' WHEN 1 THEN 'BEFORE_ALL' WHEN 2 THEN 'CANCEL' \
             WHEN 3 THEN 'CANCELING' WHEN 4 THEN 'COMPLETING' WHEN 5 THEN 'CREATING' WHEN 6 THEN 'END' \
             WHEN 7 THEN 'START' WHEN 9 THEN 'UPDATING' ELSE 'UNSPECIFIED' END END, 'retries', j.retries) AS details \
             FROM live_jobs j WHERE j.is_over IS NULL UNION ALL ",
            waits!("user_task_key", "u", "5"),
            "json_object('waitStateType', 'USER_TASK', 'taskKey', CAST(u.user_task_key AS TEXT), 'dueDate', \
             strftime('%Y-%m-%dT%H:%M:%fZ', u.due_date / 1000.0, 'unixepoch')) FROM live_user_tasks u \
             WHERE u.state NOT IN (1, 3, 6) UNION ALL ",
            waits!("message_subscription_key", "m", "2"),
            "json_object('waitStateType', 'MESSAGE', 'messageName', m.message_name, 'correlationKey', m.correlation_key) \
             FROM live_message_subscriptions m WHERE m.message_subscription_state IN (1, 3) \
             AND m.process_instance_key IS NOT NULL AND ",
            element_type!("m"),
            " IN (10, 16) UNION ALL ",
            waits!("wait_key", "e", "e.wait_type"),
            "CASE e.wait_type \
             WHEN 4 THEN json_object('waitStateType', 'TIMER', 'dueDate', e.due_date, 'repetitions', e.repetitions) \
             WHEN 3 THEN json_object('waitStateType', 'SIGNAL', 'signalName', e.waits_for) \
             ELSE json_object('waitStateType', 'CONDITION', 'expression', e.waits_for, 'events', json(e.variable_events)) \
             END FROM live_event_waits e WHERE NOT e.is_over AND ",
            element_type!("e"),
            " = 10)"
        )
    };
}

/// Counts them by element.
pub const WAITS_BY_ELEMENT: &str = concat!("SELECT w.element_id, count(*) FROM ", all_waits!(), " w WHERE ");

/// What instances wait for, of the living alone.
pub static WAIT_STATES: View = View {
    thing: "Wait State",
    from: concat!(all_waits!(), " w"),
    key: &["w.wait_key"],
    place: Place::Partitions,
    columns: &[
        own("elementInstanceKey", "w.element_instance_key"),
        own("processInstanceKey", "w.process_instance_key"),
        plain("rootProcessInstanceKey", "w.root_process_instance_key", Kind::Key),
        plain("elementId", "w.element_id", Kind::Text),
        plain("elementType", concat!("coalesce(", element_type!("w"), ", 25)"), Kind::Enum(&ELEMENT_TYPES)),
        plain("waitStateType", "w.wait_type", Kind::Enum(&WAIT_STATE_TYPES)),
        of_definition!("bpmnProcessId", "w", "process_definition_id", Text),
        plain("details", "w.details", Kind::Json),
        tenant!("w"),
    ],
};

/// Timers of instances that have not fired, of the living alone: those of catch events, on borders and of event sub-processes.
pub static TIMERS: View = View {
    thing: "Timer",
    from: "(SELECT * FROM live_event_waits WHERE wait_type = 4 AND NOT is_over) t",
    key: &["t.wait_key"],
    place: Place::Partitions,
    columns: &[
        own("timerKey", "t.wait_key"),
        own("processInstanceKey", "t.process_instance_key"),
        own("elementInstanceKey", "t.element_instance_key"),
        plain("processDefinitionKey", "t.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "t", "process_definition_id", Text),
        plain("elementId", "t.element_id", Kind::Text),
        plain("elementType", concat!("coalesce(", element_type!("t"), ", 25)"), Kind::Enum(&ELEMENT_TYPES)),
        plain("dueDate", "t.due_date", Kind::Time),
        plain("repetitions", "t.repetitions", Kind::Int),
        tenant!("t"),
    ],
};

#[cfg(test)]
mod tests {
    use crate::codes::{
        ELEMENT_TYPES, JOB_KINDS, JOB_LISTENER_EVENT_TYPES, MESSAGE_SUBSCRIPTION_STATES, USER_TASK_STATES,
        WAIT_STATE_TYPES, code_of,
    };
    use crate::schema::hot_in_memory;

    /// SQL names codes by their numbers.
    #[test]
    fn codes_in_the_sql_of_waits_are_those_of_the_names() {
        let sql = all_waits!();
        for (code, name) in JOB_KINDS.iter().enumerate().take(3) {
            assert!(sql.contains(&format!("WHEN {code} THEN '{name}'")), "{name}");
        }
        for (code, name) in
            JOB_LISTENER_EVENT_TYPES.iter().enumerate().filter(|(_, name)| **name != "UNSPECIFIED")
        {
            assert!(sql.contains(&format!("WHEN {code} THEN '{name}'")), "{name}");
        }
        let codes = |names: &[&str], wanted: &[&str]| {
            wanted.iter().map(|name| code_of(names, name)).collect::<Vec<_>>()
        };
        assert_eq!(
            codes(&USER_TASK_STATES, &["CANCELED", "COMPLETED", "CREATING"]),
            [Some(1), Some(3), Some(6)]
        );
        assert_eq!(codes(&MESSAGE_SUBSCRIPTION_STATES, &["CREATED", "MIGRATED"]), [Some(1), Some(3)]);
        let kinds = ["INTERMEDIATE_CATCH_EVENT", "RECEIVE_TASK", "UNSPECIFIED"];
        assert_eq!(codes(&ELEMENT_TYPES, &kinds), [Some(10), Some(16), Some(25)]);
        let kinds = ["CONDITION", "JOB", "MESSAGE", "SIGNAL", "TIMER", "USER_TASK"];
        assert_eq!(kinds, WAIT_STATE_TYPES);
    }

    #[test]
    fn waits_of_an_instance_are_found_by_indexes() {
        let hot = hot_in_memory();
        let plan = |condition: &str| -> String {
            let sql =
                format!("EXPLAIN QUERY PLAN SELECT w.wait_key FROM {} w WHERE {condition}", all_waits!());
            let mut statement = hot.prepare(&sql).expect("SQL");
            let rows = statement.query_map([], |row| row.get::<_, String>(3)).expect("a query");
            rows.map(|row| row.expect("a row") + "\n").collect()
        };
        for condition in ["w.process_instance_key = 1", "w.wait_key = 1"] {
            let plan = plan(condition);
            assert!(
                !plan.contains("SCAN j") && !plan.contains("SCAN u") && !plan.contains("SCAN e"),
                "{plan}"
            );
            assert!(!plan.contains("SCAN m"), "{plan}");
        }
    }
}
