//! What happens to those who can be compensated, and to those who wait for conditions.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// What happens to an activity that can be compensated.
    CompensationSubscriptionIntent {
        Created = 0 "CREATED",
        Triggered = 1 "TRIGGERED",
        Completed = 2 "COMPLETED",
        Deleted = 3 "DELETED",
    }
}

wire_enum! {
    /// What happens to somebody who waits for a condition.
    ConditionalSubscriptionIntent {
        Created = 0 "CREATED",
        Triggered = 2 "TRIGGERED",
        Deleted = 3 "DELETED",
    }
}
