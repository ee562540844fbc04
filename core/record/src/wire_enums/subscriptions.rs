//! What happens to those who can be compensated.

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
