//! What clients of 8.9 are told where 8.10 has a value that their enums lack.

use super::{Level, Schema};

/// What stands for a value at 8.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// Another value, which says the same as well as can be.
    As(&'static str),
    /// Nothing: what has it is left out, and not counted.
    LeftOut,
}

use Older::{As, LeftOut};

/// Every value that 8.10 added to an enum of its answers. A value of that name that was there at 8.9 is no concern of this table.
pub static VALUES: &[(&str, Older)] = &[
    // Kinds of batches and what may be done to them.
    ("RESUME_PROCESS_INSTANCE", LeftOut),
    ("SUSPEND_PROCESS_INSTANCE", LeftOut),
    ("UPDATE_JOB", LeftOut),
    ("CREATE_BATCH_OPERATION_SUSPEND_PROCESS_INSTANCE", LeftOut),
    ("CREATE_BATCH_OPERATION_UPDATE_JOB", LeftOut),
    // Permissions, and what they are about.
    ("PAUSE", LeftOut),
    ("RESTORE", LeftOut),
    ("REVEAL", LeftOut),
    ("BACKUP", LeftOut),
    ("EXPORTER", LeftOut),
    ("SECRET", LeftOut),
    // What a listener listens to that no worker of 8.9 can know. Its job is given to workers of 8.9 too, so they find it.
    ("CANCEL", As("UNSPECIFIED")),
    // A job whose priority or deadline was changed is there to be worked on.
    ("PRIORITY_UPDATED", As("CREATED")),
    ("TIMEOUT_UPDATED", As("CREATED")),
    ("SECRET_RESOLUTION_ERROR", As("UNKNOWN")),
    // It has neither ended nor been given up.
    ("SUSPENDED", As("ACTIVE")),
];

impl Schema {
    /// What stands for a value of an enum at a level; none for a value whose item is left out there.
    pub fn value_at(&self, value: &'static str, level: Level) -> Option<&'static str> {
        if self.values(level).contains(&value) {
            return Some(value);
        }
        match VALUES.iter().find(|(newer, _)| *newer == value) {
            Some((_, As(older))) if level == Level::V8_9 => Some(older),
            Some((_, As(_) | LeftOut)) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Older, VALUES};
    use crate::objects::enums::{BATCH_OPERATION_STATE, INCIDENT_ERROR_TYPE, PROCESS_INSTANCE_STATE};
    use crate::schema::Level;

    #[test]
    fn values_are_as_they_are_where_they_are_known() {
        let instance = |level| PROCESS_INSTANCE_STATE.value_at("SUSPENDED", level);
        assert_eq!((instance(Level::V8_9), instance(Level::V8_10)), (Some("ACTIVE"), Some("SUSPENDED")));
        // A batch could be suspended before an instance could.
        assert_eq!(BATCH_OPERATION_STATE.value_at("SUSPENDED", Level::V8_9), Some("SUSPENDED"));
        assert_eq!(INCIDENT_ERROR_TYPE.value_at("JOB_NO_RETRIES", Level::V8_9), Some("JOB_NO_RETRIES"));
        assert_eq!(INCIDENT_ERROR_TYPE.value_at("NEVER_HEARD_OF", Level::V8_10), None);
    }

    #[test]
    fn the_table_names_each_value_once() {
        for (at, (value, older)) in VALUES.iter().enumerate() {
            assert!(VALUES[..at].iter().all(|(other, _)| other != value), "{value}");
            assert_ne!(*older, Older::As(value));
        }
    }
}
