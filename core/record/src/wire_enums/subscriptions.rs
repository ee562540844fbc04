//! What happens to those who wait for messages, signals and conditions, to what can be compensated, and to escalations.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// What happens to an activity that can be compensated.
    CompensationSubscriptionIntent {
        Created = 0 "CREATED",
        Triggered = 1 "TRIGGERED",
        Completed = 2 "COMPLETED",
        Deleted = 3 "DELETED",
        Migrated = 4 "MIGRATED",
    }
}

wire_enum! {
    /// What happens to somebody who waits for a condition.
    ConditionalSubscriptionIntent {
        Created = 0 "CREATED",
        Triggered = 2 "TRIGGERED",
        Deleted = 3 "DELETED",
        Migrated = 4 "MIGRATED",
    }
}

wire_enum! {
    /// What happens to an evaluation of conditions that start processes.
    ConditionalEvaluationIntent { Evaluate = 0 "EVALUATE", Evaluated = 1 "EVALUATED", }
}

wire_enum! {
    /// What happens to a subscription of messages on the messages' side.
    MessageSubscriptionIntent {
        Create = 0 "CREATE",
        Created = 1 "CREATED",
        Correlate = 2 "CORRELATE",
        Correlated = 3 "CORRELATED",
        Reject = 4 "REJECT",
        Rejected = 5 "REJECTED",
        Delete = 6 "DELETE",
        Deleted = 7 "DELETED",
        Correlating = 8 "CORRELATING",
        Migrate = 9 "MIGRATE",
        Migrated = 10 "MIGRATED",
    }
}

wire_enum! {
    /// What happens to a subscription of messages on the instance's side.
    ProcessMessageSubscriptionIntent {
        Creating = 0 "CREATING",
        Create = 1 "CREATE",
        Created = 2 "CREATED",
        Correlate = 3 "CORRELATE",
        Correlated = 4 "CORRELATED",
        Deleting = 5 "DELETING",
        Delete = 6 "DELETE",
        Deleted = 7 "DELETED",
        Migrated = 8 "MIGRATED",
    }
}

wire_enum! {
    /// What happens to a start event that waits for messages.
    MessageStartEventSubscriptionIntent { Created = 0 "CREATED", Correlated = 1 "CORRELATED", Deleted = 2 "DELETED", }
}

wire_enum! {
    /// What happens to somebody who waits for a signal.
    SignalSubscriptionIntent { Created = 0 "CREATED", Deleted = 1 "DELETED", Migrated = 2 "MIGRATED", }
}
wire_enum! {
    /// What becomes of an escalation.
    EscalationIntent { Escalated = 0 "ESCALATED", NotEscalated = 1 "NOT_ESCALATED", }
}
