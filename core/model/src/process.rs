//! The executable process: what the compiler leaves and the engine reads.
//!
//! Invariants: element 0 is the process itself; a parent has a lower index than its children; elements and sequence
//! flows stand in document order; every index is valid in its own process; a sequence flow connects two elements of
//! the same scope. Nothing here changes after `parse`; a process is `Send + Sync` and meant to live behind an `Arc`.

use ringbolt_feel::Expression;

/// Index of an element in its [`Process`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementIndex(pub u32);

impl ElementIndex {
    /// The process itself.
    pub const PROCESS: Self = Self(0);
}

/// Index of a sequence flow in its [`Process`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowIndex(pub u32);

/// One executable process of a resource.
#[derive(Clone, Debug)]
pub struct Process {
    /// The id of the `process` element; not empty.
    pub bpmn_process_id: String,
    /// The name of the `process` element.
    pub name: Option<String>,
    /// The value of `zeebe:versionTag`.
    pub version_tag: Option<String>,
    pub(crate) elements: Box<[Element]>,
    pub(crate) flows: Box<[SequenceFlow]>,
    /// Every element index, ordered by element id.
    pub(crate) elements_by_id: Box<[ElementIndex]>,
    /// Every flow index, ordered by flow id.
    pub(crate) flows_by_id: Box<[FlowIndex]>,
}

impl Process {
    /// Freezes the arenas and builds the id indexes.
    pub(crate) fn new(
        bpmn_process_id: String,
        name: Option<String>,
        version_tag: Option<String>,
        elements: Vec<Element>,
        flows: Vec<SequenceFlow>,
    ) -> Self {
        let mut elements_by_id: Box<[ElementIndex]> = (0..elements.len() as u32).map(ElementIndex).collect();
        elements_by_id.sort_by(|a, b| elements[a.0 as usize].id.cmp(&elements[b.0 as usize].id));
        let mut flows_by_id: Box<[FlowIndex]> = (0..flows.len() as u32).map(FlowIndex).collect();
        flows_by_id.sort_by(|a, b| flows[a.0 as usize].id.cmp(&flows[b.0 as usize].id));
        Self {
            bpmn_process_id,
            name,
            version_tag,
            elements: elements.into(),
            flows: flows.into(),
            elements_by_id,
            flows_by_id,
        }
    }

    /// The element at `index`. Panics if the index is of another process.
    pub fn element(&self, index: ElementIndex) -> &Element {
        &self.elements[index.0 as usize]
    }

    /// The sequence flow at `index`. Panics if the index is of another process.
    pub fn flow(&self, index: FlowIndex) -> &SequenceFlow {
        &self.flows[index.0 as usize]
    }

    /// All elements in document order; the first is the process itself.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// All sequence flows in document order.
    pub fn flows(&self) -> &[SequenceFlow] {
        &self.flows
    }

    /// The element with this id; the process itself is found by its process id.
    pub fn by_id(&self, id: &str) -> Option<ElementIndex> {
        let found = self.elements_by_id.binary_search_by(|index| (*self.element(*index).id).cmp(id)).ok()?;
        Some(self.elements_by_id[found])
    }

    /// The sequence flow with this id.
    pub fn flow_by_id(&self, id: &str) -> Option<FlowIndex> {
        let found = self.flows_by_id.binary_search_by(|index| (*self.flow(*index).id).cmp(id)).ok()?;
        Some(self.flows_by_id[found])
    }
}

/// One element: the process, a sub-process or a flow node.
#[derive(Clone, Debug)]
pub struct Element {
    /// The id in the model; not empty and unique in its document.
    pub id: Box<str>,
    /// The name in the model.
    pub name: Option<Box<str>>,
    /// What it is, with what only this kind has.
    pub kind: ElementKind,
    /// The scope it stands in; the process is its own parent.
    pub parent: ElementIndex,
    /// Sequence flows that end here, in document order.
    pub incoming: Box<[FlowIndex]>,
    /// Sequence flows that start here, in document order: the order in which an exclusive gateway tries them.
    pub outgoing: Box<[FlowIndex]>,
    /// Input mappings, in the order in which they are applied: each sees the results of those before it.
    pub inputs: Box<[Mapping]>,
    /// Output mappings, in the order in which they are applied.
    pub outputs: Box<[Mapping]>,
    /// Of a process or sub-process: its none start event.
    pub none_start: Option<ElementIndex>,
    /// Of a process or sub-process: the elements directly in it, in document order.
    pub children: Box<[ElementIndex]>,
    /// `zeebe:properties`, in document order. They do not change how the element runs.
    pub properties: Box<[Property]>,
}

/// What an element is. Exhaustive: a new kind of element is a new variant and a match arm in the engine.
#[derive(Clone, Debug)]
pub enum ElementKind {
    /// The process itself; only element 0.
    Process,
    /// An embedded sub-process.
    SubProcess,
    /// Where a scope starts.
    StartEvent(StartEvent),
    /// Where a path of a scope ends.
    EndEvent(EndEvent),
    /// A task that a job worker does.
    JobWorkerTask(JobWorkerTask),
    /// A business rule task that evaluates a decision; passed through.
    CalledDecision(CalledDecision),
    /// `manualTask`: done outside the engine, passed through.
    ManualTask,
    /// `task` without a type: passed through.
    UndefinedTask,
    /// Takes the first outgoing flow whose condition holds, or else the default.
    ExclusiveGateway {
        /// The flow taken if no condition holds. It starts at this gateway. It may have a condition of its own.
        default: Option<FlowIndex>,
    },
    /// Waits for all incoming flows, takes all outgoing.
    ParallelGateway,
}

impl ElementKind {
    /// The name of this kind on the wire, as in Zeebe's `BpmnElementType`.
    pub fn bpmn_element_type(&self) -> &'static str {
        match self {
            Self::Process => "PROCESS",
            Self::SubProcess => "SUB_PROCESS",
            Self::StartEvent(_) => "START_EVENT",
            Self::EndEvent(_) => "END_EVENT",
            Self::JobWorkerTask(task) => match task.kind {
                TaskKind::Service => "SERVICE_TASK",
                TaskKind::Send => "SEND_TASK",
                TaskKind::Script => "SCRIPT_TASK",
                TaskKind::BusinessRule => "BUSINESS_RULE_TASK",
            },
            Self::CalledDecision(_) => "BUSINESS_RULE_TASK",
            Self::ManualTask => "MANUAL_TASK",
            Self::UndefinedTask => "TASK",
            Self::ExclusiveGateway { .. } => "EXCLUSIVE_GATEWAY",
            Self::ParallelGateway => "PARALLEL_GATEWAY",
        }
    }

    /// Whether elements can stand in this one.
    pub fn is_container(&self) -> bool {
        match self {
            Self::Process | Self::SubProcess => true,
            Self::StartEvent(_)
            | Self::EndEvent(_)
            | Self::JobWorkerTask(_)
            | Self::CalledDecision(_)
            | Self::ManualTask
            | Self::UndefinedTask
            | Self::ExclusiveGateway { .. }
            | Self::ParallelGateway => false,
        }
    }
}

/// What triggers a start event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartEvent {
    /// Nothing: an instance is created by a command, a sub-process is entered.
    None,
}

/// What an end event throws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndEvent {
    /// Nothing.
    None,
}

/// A task that becomes a job.
#[derive(Clone, Debug)]
pub struct JobWorkerTask {
    /// Which BPMN task it is written as.
    pub kind: TaskKind,
    /// The job type; must evaluate to text.
    pub job_type: Text,
    /// How often the job may fail; must evaluate to a number. `3` if the model does not say.
    pub retries: Text,
    /// Task headers in document order; keys are unique, keys and values are not empty.
    pub headers: Box<[Header]>,
    /// The headers as the text of one JSON object, built once.
    pub headers_json: Box<str>,
}

/// A decision that a business rule task evaluates.
#[derive(Clone, Debug)]
pub struct CalledDecision {
    /// The decision's id; must evaluate to text.
    pub decision_id: Text,
    /// The variable that gets the result; not empty.
    pub result_variable: Box<str>,
    /// Which version of the decision.
    pub binding: Binding,
}

/// Which version of something deployed is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The newest.
    Latest,
    /// The one of the deployment that brought the process.
    Deployment,
    /// The newest one with this version tag, which is not empty.
    VersionTag(Box<str>),
}

/// The BPMN task a job worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// `serviceTask`
    Service,
    /// `sendTask`
    Send,
    /// `scriptTask`
    Script,
    /// `businessRuleTask`
    BusinessRule,
}

/// One task header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Not empty, unique in its task.
    pub key: Box<str>,
    /// Not empty.
    pub value: Box<str>,
}

/// One `zeebe:property`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// May be empty.
    pub name: Box<str>,
    /// May be empty.
    pub value: Box<str>,
}

/// A value that is static text or, with a leading `=` in the model, an expression.
#[derive(Clone, Debug)]
pub enum Text {
    /// The text as it stands in the model; not a number.
    Static(Box<str>),
    /// Text that is a number, and does not count as text.
    Number {
        /// As it stands in the model.
        text: Box<str>,
        /// See [`whole_part`](crate::whole_part).
        whole: i64,
    },
    /// What follows the `=`.
    Expression(Expression),
}

/// One input or output mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// What is evaluated. A static source of an input is an expression for that text; a missing one is `null`.
    pub source: Expression,
    /// The path of the variable that is set, never empty: `a.b` sets `b` inside the context `a`.
    pub target: Box<[Box<str>]>,
}

/// One sequence flow.
#[derive(Clone, Debug)]
pub struct SequenceFlow {
    /// The id in the model; not empty and unique in its document.
    pub id: Box<str>,
    /// Where it starts.
    pub source: ElementIndex,
    /// Where it ends.
    pub target: ElementIndex,
    /// Only a flow that starts at an exclusive gateway has one.
    pub condition: Option<Expression>,
}
