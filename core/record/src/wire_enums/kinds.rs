//! The other closed sets: why commands are refused and incidents raised, and of what kind elements, events, decisions and jobs are.

use rkyv::{Archive, Deserialize, Serialize};

wire_enum! {
    /// Why a command was refused.
    RejectionType {
        InvalidArgument = 0 "INVALID_ARGUMENT",
        NotFound = 1 "NOT_FOUND",
        AlreadyExists = 2 "ALREADY_EXISTS",
        InvalidState = 3 "INVALID_STATE",
        ProcessingError = 4 "PROCESSING_ERROR",
        ExceededBatchRecordSize = 5 "EXCEEDED_BATCH_RECORD_SIZE",
        Unauthorized = 6 "UNAUTHORIZED",
        Forbidden = 7 "FORBIDDEN",
        // Of the gateways' errors, not of Zeebe's rejections; no rejection is ever stored.
        ResourceExhausted = 8 "RESOURCE_EXHAUSTED",
    }
}
wire_enum! {
    /// Why an incident was raised.
    ErrorType {
        Unknown = 0 "UNKNOWN",
        IoMappingError = 1 "IO_MAPPING_ERROR",
        JobNoRetries = 2 "JOB_NO_RETRIES",
        ExecutionListenerNoRetries = 3 "EXECUTION_LISTENER_NO_RETRIES",
        ConditionError = 4 "CONDITION_ERROR",
        ExtractValueError = 5 "EXTRACT_VALUE_ERROR",
        CalledElementError = 6 "CALLED_ELEMENT_ERROR",
        UnhandledErrorEvent = 7 "UNHANDLED_ERROR_EVENT",
        MessageSizeExceeded = 8 "MESSAGE_SIZE_EXCEEDED",
        CalledDecisionError = 9 "CALLED_DECISION_ERROR",
        DecisionEvaluationError = 10 "DECISION_EVALUATION_ERROR",
        FormNotFound = 11 "FORM_NOT_FOUND",
        ResourceNotFound = 12 "RESOURCE_NOT_FOUND",
        TaskListenerNoRetries = 13 "TASK_LISTENER_NO_RETRIES",
        AdHocSubProcessNoRetries = 14 "AD_HOC_SUB_PROCESS_NO_RETRIES",
    }
}
wire_enum! {
    /// What kind of element an instance is of.
    BpmnElementType {
        Unspecified = 0 "UNSPECIFIED",
        Process = 1 "PROCESS",
        SubProcess = 2 "SUB_PROCESS",
        EventSubProcess = 3 "EVENT_SUB_PROCESS",
        AdHocSubProcess = 4 "AD_HOC_SUB_PROCESS",
        StartEvent = 5 "START_EVENT",
        IntermediateCatchEvent = 6 "INTERMEDIATE_CATCH_EVENT",
        IntermediateThrowEvent = 7 "INTERMEDIATE_THROW_EVENT",
        BoundaryEvent = 8 "BOUNDARY_EVENT",
        EndEvent = 9 "END_EVENT",
        ServiceTask = 10 "SERVICE_TASK",
        ReceiveTask = 11 "RECEIVE_TASK",
        UserTask = 12 "USER_TASK",
        ManualTask = 13 "MANUAL_TASK",
        Task = 14 "TASK",
        ExclusiveGateway = 15 "EXCLUSIVE_GATEWAY",
        ParallelGateway = 16 "PARALLEL_GATEWAY",
        EventBasedGateway = 17 "EVENT_BASED_GATEWAY",
        InclusiveGateway = 18 "INCLUSIVE_GATEWAY",
        SequenceFlow = 19 "SEQUENCE_FLOW",
        MultiInstanceBody = 20 "MULTI_INSTANCE_BODY",
        CallActivity = 21 "CALL_ACTIVITY",
        BusinessRuleTask = 22 "BUSINESS_RULE_TASK",
        ScriptTask = 23 "SCRIPT_TASK",
        SendTask = 24 "SEND_TASK",
        AdHocSubProcessInnerInstance = 25 "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
    }
}
wire_enum! {
    /// What kind of event an element is.
    BpmnEventType {
        Unspecified = 0 "UNSPECIFIED",
        None = 1 "NONE",
        Timer = 2 "TIMER",
        Message = 3 "MESSAGE",
        Signal = 4 "SIGNAL",
        Error = 5 "ERROR",
        Escalation = 6 "ESCALATION",
        Compensation = 7 "COMPENSATION",
        Link = 8 "LINK",
        Terminate = 9 "TERMINATE",
        Conditional = 10 "CONDITIONAL",
    }
}
wire_enum! {
    /// What kind of logic a decision has. On the wire it is its name; the numbers are Ringbolt's own.
    DecisionType {
        Unknown = 0 "UNKNOWN",
        DecisionTable = 1 "DECISION_TABLE",
        LiteralExpression = 2 "LITERAL_EXPRESSION",
        Context = 3 "CONTEXT",
        Invocation = 4 "INVOCATION",
        List = 5 "LIST",
        Relation = 6 "RELATION",
    }
}
wire_enum! {
    /// What a listener listens to.
    JobListenerEventType {
        Unspecified = 0 "UNSPECIFIED",
        Start = 1 "START",
        End = 2 "END",
        Creating = 3 "CREATING",
        Assigning = 4 "ASSIGNING",
        Updating = 5 "UPDATING",
        Completing = 6 "COMPLETING",
        Canceling = 7 "CANCELING",
        BeforeAll = 8 "BEFORE_ALL",
        Cancel = 9 "CANCEL",
    }
}
wire_enum! {
    /// What made a job.
    JobKind {
        BpmnElement = 0 "BPMN_ELEMENT",
        ExecutionListener = 1 "EXECUTION_LISTENER",
        TaskListener = 2 "TASK_LISTENER",
        AdHocSubProcess = 3 "AD_HOC_SUB_PROCESS",
    }
}
