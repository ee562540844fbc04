//! What the local name of a BPMN element in a process or sub-process means, and what an id looks like.

use crate::process::TaskKind;

/// What a child of a process or sub-process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    StartEvent,
    EndEvent,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    BoundaryEvent,
    JobWorkerTask(TaskKind),
    UserTask,
    CallActivity,
    ManualTask,
    UndefinedTask,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
    EventBasedGateway,
    ReceiveTask,
    SubProcess,
    AdHocSubProcess,
    SequenceFlow,
    /// Not executable: it changes nothing.
    Ignored,
    /// A flow element that Camunda does not run either; the name of its type.
    NotExecutable(&'static str),
    /// No BPMN element of this name can stand here.
    Unknown,
}

impl Tag {
    pub(super) fn of(local_name: &str) -> Self {
        match local_name {
            "startEvent" => Self::StartEvent,
            "endEvent" => Self::EndEvent,
            "intermediateCatchEvent" => Self::IntermediateCatchEvent,
            "intermediateThrowEvent" => Self::IntermediateThrowEvent,
            "boundaryEvent" => Self::BoundaryEvent,
            "serviceTask" => Self::JobWorkerTask(TaskKind::Service),
            "sendTask" => Self::JobWorkerTask(TaskKind::Send),
            "scriptTask" => Self::JobWorkerTask(TaskKind::Script),
            "businessRuleTask" => Self::JobWorkerTask(TaskKind::BusinessRule),
            "userTask" => Self::UserTask,
            "callActivity" => Self::CallActivity,
            "manualTask" => Self::ManualTask,
            "task" => Self::UndefinedTask,
            "exclusiveGateway" => Self::ExclusiveGateway,
            "inclusiveGateway" => Self::InclusiveGateway,
            "parallelGateway" => Self::ParallelGateway,
            "subProcess" => Self::SubProcess,
            "sequenceFlow" => Self::SequenceFlow,
            "eventBasedGateway" => Self::EventBasedGateway,
            "receiveTask" => Self::ReceiveTask,
            "adHocSubProcess" => Self::AdHocSubProcess,
            "complexGateway" => Self::NotExecutable("ComplexGateway"),
            "transaction" => Self::NotExecutable("Transaction"),
            "callChoreography" => Self::NotExecutable("CallChoreography"),
            "choreographyTask" => Self::NotExecutable("ChoreographyTask"),
            "subChoreography" => Self::NotExecutable("SubChoreography"),
            "implicitThrowEvent" => Self::NotExecutable("ImplicitThrowEvent"),
            "event" => Self::NotExecutable("Event"),
            "documentation"
            | "extensionElements"
            | "auditing"
            | "monitoring"
            | "category"
            | "categoryValueRef"
            | "property"
            | "laneSet"
            | "dataObject"
            | "dataObjectReference"
            | "dataStoreReference"
            | "association"
            | "group"
            | "textAnnotation"
            | "resourceRole"
            | "performer"
            | "humanPerformer"
            | "potentialOwner"
            | "correlationSubscription"
            | "supports"
            | "supportedInterfaceRef"
            | "ioSpecification"
            | "ioBinding"
            | "incoming"
            | "outgoing"
            | "dataInputAssociation"
            | "dataOutputAssociation"
            | "standardLoopCharacteristics"
            | "multiInstanceLoopCharacteristics" => Self::Ignored,
            _ => Self::Unknown,
        }
    }
}

/// Whether a local name is that of an event definition, or of a reference to one.
pub(super) fn is_event_definition(local_name: &str) -> bool {
    local_name == "eventDefinitionRef"
        || local_name.len() > "EventDefinition".len() && local_name.ends_with("EventDefinition")
}
