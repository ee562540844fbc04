//! Closed sets of cluster variables.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// What happens to a cluster variable.
    ClusterVariableIntent {
        Create = 0 "CREATE",
        Created = 1 "CREATED",
        Update = 2 "UPDATE",
        Updated = 3 "UPDATED",
        Delete = 4 "DELETE",
        Deleted = 5 "DELETED",
    }
}
wire_enum! {
    /// Who sees a cluster variable.
    ClusterVariableScope { Global = 0 "GLOBAL", Tenant = 1 "TENANT", }
}
