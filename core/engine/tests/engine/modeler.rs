//! Random block-structured processes.

mod compensation;
mod events;

use crate::seeded::Random;
use std::fmt::Write;

/// The messages that they wait for, each by the number in the variable `v`. The last two are for those that wait on after a
/// message: an older one of these gets all messages of its name.
/// The name of the message that starts an instance, and the end of that of the signal that does.
pub(crate) const STARTS: &str = "begin";
pub(crate) const MESSAGES: [&str; 5] = ["one", "two", "three", "again", "meanwhile"];

/// Writes a random block-structured process.
pub(crate) struct Modeler<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) elements: String,
    pub(crate) flows: String,
    /// What stands behind all elements and flows.
    pub(crate) artifacts: String,
    pub(crate) count: usize,
    /// Ids of elements that an instance can be started at.
    pub(crate) startable: Vec<String>,
    /// Ids of elements in ad-hoc sub-processes, at which none can be.
    pub(crate) enterable: Vec<String>,
    /// Ad-hoc sub-processes, with what can be chosen in them.
    pub(crate) ad_hocs: AdHocs,
    /// Whether what is written stands directly in one, where there are no end events.
    pub(crate) is_ad_hoc: bool,
    /// The processes that are called.
    pub(crate) called: String,
    /// Whether there is compensation; then it may wait for ever for what was ended.
    pub(crate) compensates: bool,
    /// Activities of the scope that can be compensated.
    pub(crate) compensable: Vec<String>,
}

/// Ad-hoc sub-processes by their ids, with the ids of what can be chosen in them.
pub(crate) type AdHocs = Vec<(String, Vec<String>)>;

/// What is said of a random model beside its text.
pub(crate) struct Written {
    /// Ids of elements that an instance can be started at.
    pub(crate) startable: Vec<String>,
    /// Ids of other elements that can be entered by hand.
    pub(crate) enterable: Vec<String>,
    /// Its ad-hoc sub-processes.
    pub(crate) ad_hocs: AdHocs,
}

impl<'a> Modeler<'a> {
    pub(crate) fn new(random: &'a mut Random) -> Self {
        let [elements, flows, artifacts, called] = [const { String::new() }; 4];
        let compensates = random.below(3) == 0;
        let (startable, enterable, ad_hocs, compensable) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (count, is_ad_hoc) = (0, false);
        Self {
            random,
            elements,
            flows,
            artifacts,
            count,
            startable,
            enterable,
            ad_hocs,
            is_ad_hoc,
            called,
            compensates,
            compensable,
        }
    }

    pub(crate) fn id(&mut self, kind: &str) -> String {
        self.count += 1;
        let id = format!("{kind}_{}", self.count);
        if !matches!(kind, "flow" | "start" | "late" | "tick" | "stop" | "process" | "fault" | "branch") {
            self.startable.push(id.clone());
        }
        id
    }

    pub(crate) fn flow(&mut self, from: &str, to: &str, condition: Option<&str>) -> String {
        let id = self.id("flow");
        let inner = condition.map_or_else(String::new, |text| {
            format!("<bpmn:conditionExpression>= {text}</bpmn:conditionExpression>")
        });
        let _ = write!(
            self.flows,
            r#"<bpmn:sequenceFlow id="{id}" sourceRef="{from}" targetRef="{to}">{inner}</bpmn:sequenceFlow>"#
        );
        id
    }

    /// A block; its first and last element.
    pub(crate) fn block(&mut self, depth: u32) -> (String, String) {
        let kinds = if depth == 0 { 9 } else { 16 };
        match self.random.below(kinds) {
            0 => {
                let (task, _) = self.task("");
                self.attached(task)
            }
            1 => {
                let mappings = "<zeebe:ioMapping><zeebe:input source=\"= v\" target=\"mine\" />\
                    <zeebe:output source=\"= mine\" target=\"out.x\" /></zeebe:ioMapping>";
                self.task(mappings)
            }
            2 => self.jump(),
            3 => self.script(),
            4 => {
                let (task, _) = self.user_task();
                self.attached(task)
            }
            5 => self.wait(),
            6 => self.receive(),
            7 => self.race(),
            8 if self.compensates && self.random.below(2) == 0 => self.compensation(),
            8 => self.escalate(),
            9 => {
                let (first, middle) = self.block(depth - 1);
                let (next, last) = self.block(depth - 1);
                self.flow(&middle, &next, None);
                (first, last)
            }
            10 => {
                let kind = ["parallelGateway", "inclusiveGateway"][self.random.below(2) as usize];
                self.fork(kind, depth)
            }
            11 => self.choice(depth),
            12 => {
                let call = self.call(depth);
                self.attached(call)
            }
            13 => {
                let ad_hoc = self.ad_hoc(depth);
                self.attached(ad_hoc)
            }
            14 => {
                let (sub, _) = self.sub_process(depth, "");
                self.attached(sub)
            }
            _ => self.failing(depth),
        }
    }

    /// A timer event definition.
    pub(crate) fn timer(&mut self, kind: &str, before: &str) -> String {
        // Camunda looks once a second: of a shorter cycle several would be due at once.
        let first = if kind == "timeCycle" { "2" } else { "0.3" };
        let seconds = [first, "1", "5"][self.random.below(3) as usize];
        format!(
            "<bpmn:timerEventDefinition><bpmn:{kind}>{before}PT{seconds}S</bpmn:{kind}></bpmn:timerEventDefinition>"
        )
    }

    pub(crate) fn wait(&mut self) -> (String, String) {
        let (id, timer) = (self.id("wait"), self.awaited(2, "timeDuration", ""));
        let listeners = self.only_listeners(&["start", "end"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:intermediateCatchEvent id="{id}">{listeners}{timer}</bpmn:intermediateCatchEvent>"#
        );
        (id.clone(), id)
    }

    /// What an event waits for: a message, a signal, or a time.
    pub(crate) fn awaited(&mut self, message: usize, kind: &str, before: &str) -> String {
        let name = MESSAGES[message];
        match self.random.below(6) {
            5 => format!(
                "<bpmn:conditionalEventDefinition><bpmn:condition>= v = {}</bpmn:condition></bpmn:conditionalEventDefinition>",
                message.min(3)
            ),
            0 | 1 => format!(r#"<bpmn:messageEventDefinition messageRef="{name}" />"#),
            2 => format!(r#"<bpmn:signalEventDefinition signalRef="signal_{name}" />"#),
            _ => self.timer(kind, before),
        }
    }

    /// A task that waits for a message.
    pub(crate) fn receive(&mut self) -> (String, String) {
        // Not that of what may be attached to it.
        let (id, message) = (self.id("receive"), [0, 2][self.random.below(2) as usize]);
        let listeners = self.only_listeners(&["start", "end"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:receiveTask id="{id}" messageRef="{}">{listeners}</bpmn:receiveTask>"#,
            MESSAGES[message]
        );
        self.attached(id)
    }

    /// A sub-process that ends with an error, which what is attached to it catches.
    pub(crate) fn failing(&mut self, depth: u32) -> (String, String) {
        let error = ["e", "expression", "f"][self.random.below(3) as usize];
        let (sub, _) = self.sub_process(depth, &error_definition(error));
        let (fault, merge) = (self.id("fault"), self.id("merge"));
        let _ = write!(
            self.elements,
            r#"<bpmn:boundaryEvent id="{fault}" attachedToRef="{sub}"><bpmn:errorEventDefinition /></bpmn:boundaryEvent><bpmn:exclusiveGateway id="{merge}" />"#
        );
        self.flow(&fault, &merge, None);
        self.flow(&sub, &merge, None);
        (sub, merge)
    }

    /// An activity, perhaps with something attached that takes its place or comes again beside it.
    pub(crate) fn attached(&mut self, activity: String) -> (String, String) {
        self.compensated(&activity);
        if self.random.below(3) == 0 {
            let (tick, timer) = (self.id("tick"), self.awaited(3, "timeCycle", "R3/"));
            let _ = write!(
                self.elements,
                r#"<bpmn:boundaryEvent id="{tick}" cancelActivity="false" attachedToRef="{activity}">{timer}</bpmn:boundaryEvent>"#
            );
            if !self.is_ad_hoc {
                let end = self.id("end");
                let _ = write!(self.elements, r#"<bpmn:endEvent id="{end}" />"#);
                self.flow(&tick, &end, None);
            }
        }
        if self.random.below(3) > 0 {
            return (activity.clone(), activity);
        }
        let definition = match self.random.below(4) {
            0 => error_definition("e"),
            1 if activity.starts_with("sub") => escalation_definition(),
            _ => self.awaited(1, "timeDuration", ""),
        };
        let (late, merge) = (self.id("late"), self.id("merge"));
        let listeners = self.only_listeners(&["end"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:boundaryEvent id="{late}" attachedToRef="{activity}">{listeners}{definition}</bpmn:boundaryEvent><bpmn:exclusiveGateway id="{merge}" />"#
        );
        self.flow(&late, &merge, None);
        self.flow(&activity, &merge, None);
        (activity, merge)
    }

    /// Perhaps execution listeners of some of these kinds; a worker of jobs of tasks does theirs too.
    pub(crate) fn listeners(&mut self, kinds: &[&str]) -> String {
        let chosen: String = kinds
            .iter()
            .filter(|_| self.random.below(5) == 0)
            .map(|kind| format!(r#"<zeebe:executionListener eventType="{kind}" type="work" />"#))
            .collect();
        if chosen.is_empty() {
            chosen
        } else {
            format!("<zeebe:executionListeners>{chosen}</zeebe:executionListeners>")
        }
    }

    /// The same where the element has no other extensions.
    pub(crate) fn only_listeners(&mut self, kinds: &[&str]) -> String {
        let listeners = self.listeners(kinds);
        format!("<bpmn:extensionElements>{listeners}</bpmn:extensionElements>")
    }

    /// Perhaps ends everything in a scope after a while.
    pub(crate) fn stop(&mut self, start: &str) {
        if self.random.below(4) > 0 {
            return;
        }
        let ((wait, _), stop) = (self.wait(), self.id("stop"));
        let _ = write!(
            self.elements,
            r#"<bpmn:endEvent id="{stop}"><bpmn:terminateEventDefinition /></bpmn:endEvent>"#
        );
        self.flow(start, &wait, None);
        self.flow(&wait, &stop, None);
    }

    /// Perhaps an event sub-process, which takes a scope's place or runs beside it.
    pub(crate) fn event_sub_process(&mut self) {
        if self.random.below(4) > 0 {
            return;
        }
        let (sub, start, end) = (self.id("sub"), self.id("start"), self.id("end"));
        let (definition, is_interrupting) = match self.random.below(5) {
            0 => (self.awaited(4, "timeDuration", ""), true),
            1 => (self.awaited(4, "timeCycle", "R2/"), false),
            2 => (escalation_definition(), true),
            3 => (escalation_definition(), false),
            _ => (error_definition("e"), true),
        };
        let inside = self.inside(|modeler| {
            let (task, _) = modeler.task("");
            modeler.flow(&start, &task, None);
            modeler.flow(&task, &end, None);
        });
        let listeners = self.only_listeners(&["start", "end"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:subProcess id="{sub}" triggeredByEvent="true">{listeners}<bpmn:startEvent id="{start}" isInterrupting="{is_interrupting}">{definition}</bpmn:startEvent><bpmn:endEvent id="{end}" />{inside}</bpmn:subProcess>"#
        );
    }

    pub(crate) fn task(&mut self, mappings: &str) -> (String, String) {
        let (id, repeats) = (self.id("task"), self.repeats("v0"));
        let kinds = ["start", "end", "beforeAll"];
        let listeners = self.listeners(if repeats.is_empty() { &kinds[..2] } else { &kinds });
        let _ = write!(
            self.elements,
            r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="work" />{mappings}{listeners}</bpmn:extensionElements>{repeats}</bpmn:serviceTask>"#
        );
        (id.clone(), id)
    }

    pub(crate) fn script(&mut self) -> (String, String) {
        let (id, listeners) = (self.id("script"), self.listeners(&["start", "end"]));
        let _ = write!(
            self.elements,
            r#"<bpmn:scriptTask id="{id}"><bpmn:extensionElements><zeebe:script expression="= v + 1" resultVariable="v{}" />{listeners}</bpmn:extensionElements></bpmn:scriptTask>"#,
            self.random.below(3)
        );
        (id.clone(), id)
    }

    /// A task for people: the engine's own, or a job.
    pub(crate) fn user_task(&mut self) -> (String, String) {
        let id = self.id("user");
        let is_native = self.random.below(2) == 0;
        let (mut listeners, mut asked) = (self.listeners(&["start", "end"]), String::new());
        for kind in ["creating", "assigning", "updating", "completing", "completing", "canceling"] {
            if is_native && self.random.below(6) == 0 {
                let _ = write!(asked, r#"<zeebe:taskListener eventType="{kind}" type="work" />"#);
            }
        }
        if !asked.is_empty() {
            let _ = write!(listeners, "<zeebe:taskListeners>{asked}</zeebe:taskListeners>");
        }
        let native = if is_native { "<zeebe:userTask />" } else { "" };
        let _ = write!(
            self.elements,
            r#"<bpmn:userTask id="{id}"><bpmn:extensionElements>{native}<zeebe:assignmentDefinition
              assignee="= if v = 1 then &quot;anna&quot; else &quot;&quot;" candidateUsers="ben, carl" />
              <zeebe:ioMapping><zeebe:input source="= v" target="mine" /></zeebe:ioMapping>{listeners}</bpmn:extensionElements></bpmn:userTask>"#
        );
        (id.clone(), id)
    }

    /// A link, from one end to the other: no flow leads there.
    pub(crate) fn jump(&mut self) -> (String, String) {
        let (from, to) = (self.id("jump"), self.id("there"));
        for (kind, id) in [("Throw", &from), ("Catch", &to)] {
            let _ = write!(
                self.elements,
                r#"<bpmn:intermediate{kind}Event id="{id}"><bpmn:linkEventDefinition id="link_of_{id}" name="{to}" /></bpmn:intermediate{kind}Event>"#
            );
        }
        (from, to)
    }

    pub(crate) fn fork(&mut self, kind: &str, depth: u32) -> (String, String) {
        let (fork, join) = (self.id("fork"), self.id("join"));
        let listeners = self.only_listeners(&["start"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:{kind} id="{fork}">{listeners}</bpmn:{kind}><bpmn:{kind} id="{join}">{listeners}</bpmn:{kind}>"#
        );
        for number in 0..1 + self.random.below(3) {
            let (first, last) = self.block(depth - 1);
            let holds = if number == 0 || self.random.below(2) == 0 { "true" } else { "false" };
            let condition = (kind == "inclusiveGateway").then_some(holds);
            self.flow(&fork, &first, condition);
            self.flow(&last, &join, None);
        }
        (fork, join)
    }

    pub(crate) fn choice(&mut self, depth: u32) -> (String, String) {
        let (split, merge) = (self.id("split"), self.id("merge"));
        let (yes, yes_end) = self.block(depth - 1);
        let (no, no_end) = self.block(depth - 1);
        self.flow(&split, &yes, Some("string(v) = &quot;2&quot;"));
        let default = self.flow(&split, &no, None);
        self.flow(&yes_end, &merge, None);
        self.flow(&no_end, &merge, None);
        let _ = write!(
            self.elements,
            r#"<bpmn:exclusiveGateway id="{split}" default="{default}" /><bpmn:exclusiveGateway id="{merge}" />"#
        );
        (split, merge)
    }

    /// The model, and what is to be known of it.
    pub(crate) fn document(mut self) -> (String, Written) {
        self.scope(3, "");
        self.begun_by_event();
        let listeners = self.only_listeners(&["start", "end", "cancel"]);
        let declare = |name| {
            // A called process may not see the variable.
            format!(
                r#"<bpmn:message id="{name}" name="{name}"><bpmn:extensionElements><zeebe:subscription correlationKey="= if v = null then 1 else v" /></bpmn:extensionElements></bpmn:message>"#
            )
        };
        let messages: String = MESSAGES.iter().map(declare).collect();
        let signal = |name| format!(r#"<bpmn:signal id="signal_{name}" name="signal_{name}" />"#);
        let signals: String = MESSAGES.iter().chain([&STARTS]).map(signal).collect();
        let document = format!(
            r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
              xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">{messages}{signals}<bpmn:message id="{STARTS}" name="{STARTS}" />
              <bpmn:error id="error_e" errorCode="E" /><bpmn:error id="error_expression" errorCode="=&quot;E&quot;" />
              <bpmn:error id="error_f" errorCode="F" /><bpmn:escalation id="escalation" escalationCode="X" />
              <bpmn:process id="random" isExecutable="true">{listeners}{}{}{}</bpmn:process>{}</bpmn:definitions>"#,
            self.elements, self.flows, self.artifacts, self.called
        );
        let Self { startable, enterable, ad_hocs, .. } = self;
        (document, Written { startable, enterable, ad_hocs })
    }
}

/// The definition of an event of one of the document's errors.
fn error_definition(id: &str) -> String {
    format!(r#"<bpmn:errorEventDefinition errorRef="error_{id}" />"#)
}

/// The definition of an event of the document's escalation.
fn escalation_definition() -> String {
    r#"<bpmn:escalationEventDefinition escalationRef="escalation" />"#.to_owned()
}
