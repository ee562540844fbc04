//! What happens to what is deployed, and to commands that every partition processes.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// What happens to a deployment.
    DeploymentIntent {
        Create = 0 "CREATE",
        Created = 1 "CREATED",
        Distribute = 2 "DISTRIBUTE",
        Distributed = 3 "DISTRIBUTED",
    }
}
wire_enum! {
    /// What happens to a command that every partition is to process.
    CommandDistributionIntent {
        Started = 0 "STARTED",
        Distributing = 1 "DISTRIBUTING",
        Acknowledged = 3 "ACKNOWLEDGED",
        Finished = 4 "FINISHED",
    }
}
wire_enum! {
    /// What happens to a process definition.
    ProcessIntent { Created = 0 "CREATED", Deleting = 1 "DELETING", Deleted = 2 "DELETED", }
}
wire_enum! {
    /// What happens to a decision.
    DecisionIntent { Created = 0 "CREATED", Deleted = 1 "DELETED", }
}
wire_enum! {
    /// What happens to a model of decisions.
    DecisionRequirementsIntent { Created = 0 "CREATED", Deleted = 1 "DELETED", }
}
wire_enum! {
    /// What happens to a form.
    FormIntent { Created = 0 "CREATED", Deleted = 1 "DELETED", }
}
wire_enum! {
    /// What happens to a resource that is no model and no form.
    ResourceIntent { Created = 0 "CREATED", Deleted = 1 "DELETED", Fetch = 2 "FETCH", }
}
wire_enum! {
    /// What happens to the deletion of something deployed.
    ResourceDeletionIntent { Delete = 0 "DELETE", Deleting = 1 "DELETING", Deleted = 2 "DELETED", }
}
