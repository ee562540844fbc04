//! What process instances are told from outside.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// What happens to a change of where an instance stands.
    ProcessInstanceModificationIntent { Modify = 0 "MODIFY", Modified = 1 "MODIFIED", }
}
wire_enum! {
    /// What happens to a change of which definition an instance runs.
    ProcessInstanceMigrationIntent { Migrate = 0 "MIGRATE", Migrated = 1 "MIGRATED", }
}
wire_enum! {
    /// What happens to the business id of an instance that had none.
    ProcessInstanceBusinessIdIntent { Assign = 0 "ASSIGN", Assigned = 1 "ASSIGNED", }
}
wire_enum! {
    /// What a partition hears of who has a business id elsewhere, of who waits for it, and of messages that ask for it.
    BusinessIdHoldIntent {
        Held = 0 "HELD", Released = 1 "RELEASED", Awaited = 2 "AWAITED", Told = 3 "TOLD", Asked = 4 "ASKED", Answered = 5 "ANSWERED",
    }
}
wire_enum! {
    /// What comes of what an instance was told for its run.
    RuntimeInstructionIntent { Interrupted = 0 "INTERRUPTED", }
}
