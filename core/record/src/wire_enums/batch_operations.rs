//! What happens to batch operations, and which there are.
//!
//! Zeebe has one set of intents for four value types; here each value type has those that it is written with.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// What happens to the creation of a batch operation.
    BatchOperationCreationIntent { Create = 0 "CREATE", Created = 1 "CREATED", }
}
wire_enum! {
    /// What happens while the items of a batch operation are selected on a partition.
    BatchOperationInitializationIntent {
        Initialize = 2 "INITIALIZE",
        Initializing = 3 "INITIALIZING",
        FinishInitialization = 4 "FINISH_INITIALIZATION",
        Initialized = 5 "INITIALIZED",
    }
}
wire_enum! {
    /// What happens to items of a batch operation that were selected.
    BatchOperationChunkIntent {
        Create = 0 "CREATE",
        Created = 1 "CREATED",
        // Ringbolt's own: items of a canceled batch operation are forgotten, some at a time.
        Forgotten = 240 "FORGOTTEN",
    }
}
wire_enum! {
    /// What happens to an item of a batch operation.
    BatchOperationExecutionIntent { Execute = 0 "EXECUTE", Executing = 1 "EXECUTING", Executed = 2 "EXECUTED", }
}
wire_enum! {
    /// What happens to a batch operation as a whole.
    BatchOperationLifecycleManagementIntent {
        Cancel = 8 "CANCEL",
        Canceled = 9 "CANCELED",
        Suspend = 10 "SUSPEND",
        Suspended = 11 "SUSPENDED",
        Resume = 12 "RESUME",
        Resumed = 13 "RESUMED",
        Completed = 15 "COMPLETED",
    }
}
wire_enum! {
    /// What happens to a partition's part of a batch operation.
    BatchOperationPartitionLifecycleIntent {
        Fail = 6 "FAIL",
        CompletePartition = 16 "COMPLETE_PARTITION",
        PartitionCompleted = 17 "PARTITION_COMPLETED",
        FailPartition = 18 "FAIL_PARTITION",
        PartitionFailed = 19 "PARTITION_FAILED",
    }
}
wire_enum! {
    /// What happens to what is known of something that has ended.
    HistoryDeletionIntent { Delete = 0 "DELETE", Deleted = 1 "DELETED", }
}
wire_enum! {
    /// What a batch operation does with each item. On the wire it is its name; the numbers are Ringbolt's own.
    BatchOperationType {
        CancelProcessInstance = 0 "CANCEL_PROCESS_INSTANCE",
        ResolveIncident = 1 "RESOLVE_INCIDENT",
        MigrateProcessInstance = 2 "MIGRATE_PROCESS_INSTANCE",
        ModifyProcessInstance = 3 "MODIFY_PROCESS_INSTANCE",
        DeleteProcessInstance = 4 "DELETE_PROCESS_INSTANCE",
        DeleteDecisionInstance = 5 "DELETE_DECISION_INSTANCE",
        SuspendProcessInstance = 6 "SUSPEND_PROCESS_INSTANCE",
        ResumeProcessInstance = 7 "RESUME_PROCESS_INSTANCE",
        UpdateJob = 8 "UPDATE_JOB",
    }
}
wire_enum! {
    /// Why a partition's part of a batch operation failed. On the wire it is its name; the numbers are Ringbolt's own.
    BatchOperationErrorType {
        QueryFailed = 0 "QUERY_FAILED",
        ResultBufferSizeExceeded = 1 "RESULT_BUFFER_SIZE_EXCEEDED",
        Unknown = 2 "UNKNOWN",
    }
}
wire_enum! {
    /// Of what everything known is deleted: something that has ended, or a definition that is gone. On the wire it is its name; the numbers are Ringbolt's own.
    HistoryDeletionType {
        ProcessInstance = 0 "PROCESS_INSTANCE",
        DecisionInstance = 1 "DECISION_INSTANCE",
        ProcessDefinition = 2 "PROCESS_DEFINITION",
        DecisionRequirements = 3 "DECISION_REQUIREMENTS",
    }
}
