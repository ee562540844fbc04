//! Codes of enums in rows: the place of a name in the alphabetical list of the API's names, counted from 0, so that sorting by
//! code is sorting by name.

macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident: $count:literal = [$($text:literal),* $(,)?];)*) => {
        $($(#[$meta])* pub const $name: [&str; $count] = [$($text),*];)*

        #[cfg(test)]
        const ALL: &[&[&str]] = &[$(&$name),*];
    };
}

codes! {
    /// States of process instances.
    PROCESS_INSTANCE_STATES: 4 = ["ACTIVE", "COMPLETED", "SUSPENDED", "TERMINATED"];
    /// States of element instances.
    ELEMENT_INSTANCE_STATES: 3 = ["ACTIVE", "COMPLETED", "TERMINATED"];
    /// Kinds of elements.
    ELEMENT_TYPES: 27 = [
        "AD_HOC_SUB_PROCESS", "AD_HOC_SUB_PROCESS_INNER_INSTANCE", "BOUNDARY_EVENT", "BUSINESS_RULE_TASK",
        "CALL_ACTIVITY", "END_EVENT", "EVENT_BASED_GATEWAY", "EVENT_SUB_PROCESS", "EXCLUSIVE_GATEWAY",
        "INCLUSIVE_GATEWAY", "INTERMEDIATE_CATCH_EVENT", "INTERMEDIATE_THROW_EVENT", "MANUAL_TASK",
        "MULTI_INSTANCE_BODY", "PARALLEL_GATEWAY", "PROCESS", "RECEIVE_TASK", "SCRIPT_TASK", "SEND_TASK",
        "SEQUENCE_FLOW", "SERVICE_TASK", "START_EVENT", "SUB_PROCESS", "TASK", "UNKNOWN", "UNSPECIFIED",
        "USER_TASK",
    ];
    /// States of process definitions.
    PROCESS_DEFINITION_STATES: 3 = ["ACTIVE", "DELETED", "DRAINING"];
    /// States of jobs.
    JOB_STATES: 10 = [
        "CANCELED", "COMPLETED", "CREATED", "ERROR_THROWN", "FAILED", "MIGRATED", "PRIORITY_UPDATED",
        "RETRIES_UPDATED", "TIMED_OUT", "TIMEOUT_UPDATED",
    ];
    /// Kinds of jobs.
    JOB_KINDS: 4 = ["AD_HOC_SUB_PROCESS", "BPMN_ELEMENT", "EXECUTION_LISTENER", "TASK_LISTENER"];
    /// What listeners listen to.
    JOB_LISTENER_EVENT_TYPES: 10 = [
        "ASSIGNING", "BEFORE_ALL", "CANCEL", "CANCELING", "COMPLETING", "CREATING", "END", "START",
        "UNSPECIFIED", "UPDATING",
    ];
    /// States of incidents.
    INCIDENT_STATES: 5 = ["ACTIVE", "MIGRATED", "PENDING", "RESOLVED", "UNKNOWN"];
    /// Kinds of incidents.
    INCIDENT_ERROR_TYPES: 17 = [
        "AD_HOC_SUB_PROCESS_NO_RETRIES", "CALLED_DECISION_ERROR", "CALLED_ELEMENT_ERROR", "CONDITION_ERROR",
        "DECISION_EVALUATION_ERROR", "EXECUTION_LISTENER_NO_RETRIES", "EXTRACT_VALUE_ERROR", "FORM_NOT_FOUND",
        "IO_MAPPING_ERROR", "JOB_NO_RETRIES", "MESSAGE_SIZE_EXCEEDED", "RESOURCE_NOT_FOUND",
        "SECRET_RESOLUTION_ERROR", "TASK_LISTENER_NO_RETRIES", "UNHANDLED_ERROR_EVENT", "UNKNOWN",
        "UNSPECIFIED",
    ];
    /// States of user tasks.
    USER_TASK_STATES: 9 = [
        "ASSIGNING", "CANCELED", "CANCELING", "COMPLETED", "COMPLETING", "CREATED", "CREATING", "FAILED",
        "UPDATING",
    ];
    /// Who sees a cluster variable.
    CLUSTER_VARIABLE_SCOPES: 2 = ["GLOBAL", "TENANT"];
    /// Kinds of cluster variables.
    CLUSTER_VARIABLE_KINDS: 2 = ["JSON", "SECRET_REFERENCE"];
    /// States of message subscriptions.
    MESSAGE_SUBSCRIPTION_STATES: 4 = ["CORRELATED", "CREATED", "DELETED", "MIGRATED"];
    /// Kinds of message subscriptions.
    MESSAGE_SUBSCRIPTION_TYPES: 2 = ["PROCESS_EVENT", "START_EVENT"];
    /// What is waited for.
    WAIT_STATE_TYPES: 6 = ["CONDITION", "JOB", "MESSAGE", "SIGNAL", "TIMER", "USER_TASK"];
    /// Kinds of batch operations.
    BATCH_OPERATION_TYPES: 13 = [
        "ADD_VARIABLE", "CANCEL_PROCESS_INSTANCE", "DELETE_DECISION_DEFINITION", "DELETE_DECISION_INSTANCE",
        "DELETE_PROCESS_DEFINITION", "DELETE_PROCESS_INSTANCE", "MIGRATE_PROCESS_INSTANCE",
        "MODIFY_PROCESS_INSTANCE", "RESOLVE_INCIDENT", "RESUME_PROCESS_INSTANCE", "SUSPEND_PROCESS_INSTANCE",
        "UPDATE_JOB", "UPDATE_VARIABLE",
    ];
    /// States of batch operations.
    BATCH_OPERATION_STATES: 7 = [
        "ACTIVE", "CANCELED", "COMPLETED", "CREATED", "FAILED", "PARTIALLY_COMPLETED", "SUSPENDED",
    ];
    /// States of their items.
    BATCH_OPERATION_ITEM_STATES: 5 = ["ACTIVE", "CANCELED", "COMPLETED", "FAILED", "SKIPPED"];
    /// States of decision instances.
    DECISION_INSTANCE_STATES: 4 = ["EVALUATED", "FAILED", "UNKNOWN", "UNSPECIFIED"];
    /// Kinds of decisions.
    DECISION_DEFINITION_TYPES: 4 = ["DECISION_TABLE", "LITERAL_EXPRESSION", "UNKNOWN", "UNSPECIFIED"];
}

/// The code of a name.
pub const fn code_of(names: &[&str], name: &str) -> Option<u8> {
    let mut code = 0;
    while code < names.len() {
        if is_same(names[code].as_bytes(), name.as_bytes()) {
            return Some(code as u8);
        }
        code += 1;
    }
    None
}

/// The code of a name that is known to be in the list. Who says it in a constant has it looked up when the program is built.
///
/// # Panics
/// When it is not.
pub const fn code(names: &[&str], name: &str) -> u8 {
    code_of(names, name).expect("the name is in the list")
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// Codes of what records say, by its number there: records are many, and a name is not looked up for each.
macro_rules! by_number {
    // Each of them has one.
    ($kind:ty, $names:expr) => {{
        let mut codes = [0; 256];
        let mut at = 0;
        while at < <$kind>::ALL.len() {
            let one = <$kind>::ALL[at];
            codes[one.number() as usize] = $crate::codes::code(&$names, one.name());
            at += 1;
        }
        codes
    }};
    ($kind:ty, $names:expr, else $unknown:expr) => {{
        let mut codes = [$unknown; 256];
        let mut at = 0;
        while at < <$kind>::ALL.len() {
            let one = <$kind>::ALL[at];
            if let Some(code) = $crate::codes::code_of(&$names, one.name()) {
                codes[one.number() as usize] = code;
            }
            at += 1;
        }
        codes
    }};
}

pub(crate) use by_number;

/// The name of a code.
pub fn name_of<'a>(names: &[&'a str], code: i64) -> Option<&'a str> {
    names.get(usize::try_from(code).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::{ALL, code_of, name_of};

    #[test]
    fn names_stand_in_order_and_have_their_places_as_codes() {
        for names in ALL {
            assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
            for (code, name) in names.iter().enumerate() {
                assert_eq!(code_of(names, name), Some(code as u8));
                assert_eq!(name_of(names, code as i64), Some(*name));
            }
            assert_eq!(
                (code_of(names, "NOTHING"), name_of(names, -1), name_of(names, 99)),
                (None, None, None)
            );
        }
    }
}
