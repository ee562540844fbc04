//! The executable process: what the compiler leaves and the engine reads.
//!
//! Invariants: element 0 is the process itself; a parent has a lower index than its children; elements and sequence
//! flows stand in document order; what an ad-hoc sub-process holds stands in its inner instance, which stands right behind it; a multi-instance body stands in front of its only child, the activity that it repeats, which has
//! its id; every index is valid in its own process; a sequence flow connects two elements of
//! the same scope. Nothing here changes after `parse`; a process is `Send + Sync` and meant to live behind an `Arc`.

use crate::ad_hoc::AdHocSubProcess;
use crate::event::{BoundaryEvent, EventDefinition, Message, StartEvent};
pub use crate::header::{Header, Property};
use crate::kinds::{Caught, Flags};
use crate::listener::Listener;
use crate::paths::Paths;
use crate::user_task::UserTask;
use ringbolt_feel::Expression;
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex};
use std::sync::Arc;

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
    /// Every element index but those of repeated activities, ordered by element id.
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
        let is_repeated = |index: &ElementIndex| {
            *index != ElementIndex::PROCESS
                && elements[elements[index.0 as usize].parent.0 as usize].repeats().is_some()
        };
        // Of a body and the activity that it repeats the body is meant.
        let mut elements_by_id: Box<[ElementIndex]> =
            (0..elements.len() as u32).map(ElementIndex).filter(|index| !is_repeated(index)).collect();
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

    /// The events that an instance of an element waits for: itself, those that start its event sub-processes, those attached to
    /// it, the last of the document first as in the reference engine, and those behind an event-based gateway.
    pub fn waits(&self, index: ElementIndex) -> impl Iterator<Item = ElementIndex> {
        let element = self.element(index);
        let starts = element.event_sub_processes.iter().flat_map(|sub| self.element(*sub).starts.iter());
        let own = (element.when_caught() == Some(Caught::Itself)).then_some(index);
        let is_gateway = matches!(element.kind, ElementKind::EventBasedGateway);
        // The last flow of the document first, as everywhere.
        let branches = element.outgoing.iter().rev().filter(move |_| is_gateway);
        let branches = branches.map(|flow| self.flow(*flow).target);
        let others = starts.chain(element.boundary.iter().rev()).copied();
        own.into_iter().chain(others).chain(branches)
    }

    /// The events that would catch an error or an escalation that comes up to an instance of an element, with their codes.
    pub fn catchers(
        &self,
        index: ElementIndex,
        thrown: BpmnEventType,
    ) -> impl Iterator<Item = (ElementIndex, &str)> {
        let events = self.waits(index).filter(move |event| self.element(*event).event_type == thrown);
        events.filter_map(|event| match self.element(event).event()?.code()? {
            Text::Static(code) => Some((event, &**code)),
            Text::Number { .. } | Text::Expression(_) => None,
        })
    }

    /// What compensates an activity: the event attached to it, the last of the document as everywhere, and the handler.
    pub fn compensation_of(&self, activity: ElementIndex) -> Option<(ElementIndex, ElementIndex)> {
        self.element(activity).boundary.iter().rev().find_map(|event| {
            let handler = self.element(*event).event()?.compensation()?.handler?;
            Some((*event, handler))
        })
    }

    /// The id of the form that people fill in to start it: that of its none start event.
    pub fn start_form(&self) -> Option<&str> {
        match &self.element(self.element(ElementIndex::PROCESS).none_start?).kind {
            ElementKind::StartEvent(start) => start.form_id.as_deref(),
            _ => None,
        }
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
    /// Its kind in records.
    pub element_type: BpmnElementType,
    /// What triggers it or what it throws, in records.
    pub event_type: BpmnEventType,
    /// What else its kind and its parts say about it.
    pub flags: Flags,
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
    /// Of a process or sub-process: its start events, in document order.
    pub starts: Box<[ElementIndex]>,
    /// Of a process or sub-process: the event sub-processes directly in it, in document order.
    pub event_sub_processes: Box<[ElementIndex]>,
    /// Of an activity: the events attached to it, in document order.
    pub boundary: Box<[ElementIndex]>,
    /// Of a process or sub-process: the elements directly in it, in document order.
    pub children: Box<[ElementIndex]>,
    /// Execution listeners in the order of their phases, within one in document order.
    pub listeners: Box<[Listener]>,
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
    /// A sub-process that an event of the scope around it starts: its only start event.
    EventSubProcess,
    /// A sub-process whose elements are entered as somebody chooses them.
    AdHocSubProcess(Box<AdHocSubProcess>),
    /// What stands around an element that was chosen in an ad-hoc sub-process, and what follows it.
    AdHocSubProcessInnerInstance,
    /// Repeats its only child, the next element, for each item of a list.
    MultiInstanceBody(MultiInstance),
    /// Where a scope starts.
    StartEvent(StartEvent),
    /// Where a path of a scope ends; what it throws.
    EndEvent(EventDefinition),
    /// An event on a path that waits, or the end of a jump.
    IntermediateCatchEvent(EventDefinition),
    /// An event on a path that throws, or the beginning of a jump.
    IntermediateThrowEvent(EventDefinition),
    /// An event on the border of an activity.
    BoundaryEvent(BoundaryEvent),
    /// A task that waits for a message.
    ReceiveTask(Arc<Message>),
    /// A task that a job worker does.
    JobWorkerTask(JobWorkerTask),
    /// A business rule task that evaluates a decision; passed through.
    CalledDecision(CalledDecision),
    /// A script task that evaluates an expression; passed through.
    Script(Script),
    /// A task for people that the engine keeps itself.
    UserTask(UserTask),
    /// Runs an instance of another process, or of its own, and waits for its end.
    CallActivity(CallActivity),
    /// `manualTask`: done outside the engine, passed through.
    ManualTask,
    /// `task` without a type: passed through.
    UndefinedTask,
    /// Takes the first outgoing flow whose condition holds, or else the default.
    ExclusiveGateway {
        /// The flow taken if no condition holds. It starts at this gateway. It may have a condition of its own.
        default: Option<FlowIndex>,
    },
    /// Waits for the incoming flows that can still be taken, takes every outgoing flow whose condition holds, or else the
    /// default.
    InclusiveGateway(InclusiveGateway),
    /// Waits for the events behind it, and goes on with the first that comes.
    EventBasedGateway,
    /// Waits for all incoming flows, takes all outgoing.
    ParallelGateway,
}

/// What an inclusive gateway waits for and takes.
#[derive(Clone, Debug, Default)]
pub struct InclusiveGateway {
    /// The flow taken if no condition holds. It starts at this gateway.
    pub default: Option<FlowIndex>,
    /// Which of its incoming flows a path leads to from where. Of none with one flow at most: then there is nothing to wait for.
    pub paths: Paths,
}

impl Element {
    /// The task that becomes a job, where it is one, or where a job worker throws the event.
    pub fn job(&self) -> Option<&JobWorkerTask> {
        match &self.kind {
            ElementKind::JobWorkerTask(task) => Some(task),
            ElementKind::AdHocSubProcess(ad_hoc) => ad_hoc.job.as_ref(),
            _ => self.event()?.job(),
        }
    }

    /// The decision that it calls, where it calls one.
    pub fn decision(&self) -> Option<&CalledDecision> {
        if let ElementKind::CalledDecision(decision) = &self.kind { Some(decision) } else { None }
    }

    /// The expression that it evaluates, where it is a script task with one.
    pub fn script(&self) -> Option<&Script> {
        if let ElementKind::Script(script) = &self.kind { Some(script) } else { None }
    }

    /// What it calls, where it is a call activity.
    pub fn call(&self) -> Option<&CallActivity> {
        if let ElementKind::CallActivity(call) = &self.kind { Some(call) } else { None }
    }

    /// What it says of people, dates and forms, where the engine keeps the task itself.
    pub fn user_task(&self) -> Option<&UserTask> {
        if let ElementKind::UserTask(task) = &self.kind { Some(task) } else { None }
    }

    /// The static headers of its job or user task.
    pub fn headers(&self) -> &[Header] {
        match (self.job(), self.user_task()) {
            (Some(task), _) => &task.headers,
            (None, Some(task)) => &task.headers,
            (None, None) => &[],
        }
    }

    /// The static headers of its job or user task as one JSON object, where it has any.
    pub fn headers_json(&self) -> Option<&str> {
        self.job().map(|task| &*task.headers_json).or(self.user_task().map(|task| &*task.headers_json))
    }

    /// The flow that is taken where no condition holds, if there is one.
    pub fn default_flow(&self) -> Option<FlowIndex> {
        match &self.kind {
            ElementKind::ExclusiveGateway { default } => *default,
            ElementKind::InclusiveGateway(gateway) => gateway.default,
            _ => None,
        }
    }

    /// What it waits for, where it is an inclusive gateway.
    pub fn inclusive(&self) -> Option<&InclusiveGateway> {
        if let ElementKind::InclusiveGateway(gateway) = &self.kind { Some(gateway) } else { None }
    }

    /// How its elements are chosen, where it is an ad-hoc sub-process.
    pub fn ad_hoc(&self) -> Option<&AdHocSubProcess> {
        if let ElementKind::AdHocSubProcess(ad_hoc) = &self.kind { Some(ad_hoc) } else { None }
    }

    /// How its only child is repeated, where it is a multi-instance body.
    pub fn repeats(&self) -> Option<&MultiInstance> {
        if let ElementKind::MultiInstanceBody(repeats) = &self.kind { Some(repeats) } else { None }
    }
}

/// How an activity is repeated.
#[derive(Clone, Debug)]
pub struct MultiInstance {
    /// Whether one instance begins when the one before it has ended; else all begin at once.
    pub is_sequential: bool,
    /// The list; there is one instance for each of its items.
    pub input_collection: Expression,
    /// The variable of an instance that gets its item.
    pub input_element: Option<Box<str>>,
    /// The variable that gets the list of results, and what is evaluated for each.
    pub output: Option<(Box<str>, Expression)>,
    /// Ends the repetition early where it holds after an instance. Static text is none that holds or not: an incident.
    pub completion_condition: Option<Text>,
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
    /// Of its jobs that wait, those with more come first; must evaluate to a whole number of 32 bits. 0 if neither it nor
    /// its process says.
    pub priority: Option<Text>,
    /// Task headers in document order; keys are unique, keys and values are not empty.
    pub headers: Box<[Header]>,
    /// The headers as the text of one JSON object, built once.
    pub headers_json: Box<str>,
    /// Resources that its job is told the keys of, in document order.
    pub linked_resources: Box<[LinkedResource]>,
    /// Of a user task: what its job has in further headers.
    pub user_task: Option<Box<UserTask>>,
}

/// A deployed resource that a worker needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedResource {
    /// The resource's id; never an expression.
    pub resource_id: Box<str>,
    /// Which version of it.
    pub binding: Binding,
    /// What kind of resource it is, for the worker.
    pub resource_type: Box<str>,
    /// What it is to the task, for the worker; may be empty.
    pub link_name: Box<str>,
}

/// An expression that a script task evaluates.
#[derive(Clone, Debug)]
pub struct Script {
    /// What is evaluated.
    pub expression: Expression,
    /// The variable that gets the result; not empty.
    pub result_variable: Box<str>,
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

/// A process that a call activity calls.
#[derive(Clone, Debug)]
pub struct CallActivity {
    /// The process's id; must evaluate to text.
    pub process_id: Text,
    /// Which version of the process.
    pub binding: Binding,
    /// Whether the called instance gets everything that the call activity sees; else only what its input mappings give.
    pub propagates_all_down: bool,
    /// Whether the called instance's variables come back where no output mappings say which.
    pub propagates_all_up: bool,
}

impl CallActivity {
    /// A call of the newest version, with all variables there and back.
    pub(crate) fn to(process_id: Text) -> Self {
        Self { process_id, binding: Binding::Latest, propagates_all_down: true, propagates_all_up: true }
    }
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
    /// `userTask`
    User,
    /// `adHocSubProcess`
    AdHocSubProcess,
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
