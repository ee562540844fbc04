//! BPMN 2.0 XML with Zeebe extension elements -> an immutable executable process, plus the checks of a deployment.
//!
//! Code map, in the order a document takes:
//! - `parse`: the entry; reads the tree with `ringbolt-xml`, compiles, reports.
//! - `xml`: namespaces, attribute and path helpers over the tree.
//! - `compile`: one file per part of BPMN: `scope` (process and sub-process), `event`, `timer`, `multi_instance`, `ad_hoc`, `task`,
//!   `call_activity`, `decision`, `script`, `user_task`, `flow`, `extension`, `expression`.
//! - `event`: what triggers events. `schedule`, `interval`, `cron`: when timers are due. `kinds`: the one table of kinds of elements.
//! - `loops`: refuses loops that would run forever without a wait state.
//! - `ad_hoc`: how elements of ad-hoc sub-processes are chosen. `number`: static text that is a number. `user_task`: people, dates and forms of user tasks.
//! - `process`: the result, index arenas that the engine reads. What was wrong is a [`Violation`] of `ringbolt-xml`.
//!
//! Invariants:
//! - Pure and deterministic: the same bytes give the same process or the same list of violations, in document order.
//! - Any input ends in bounded time and memory: every bound is in [`Limits`] or a named constant.
//! - Nothing that changes how a process runs is ignored in silence: what is not supported is refused by name and id.
//! - Every [`ElementIndex`] and [`FlowIndex`] inside a [`Process`] is valid for that process.
//!
//! Deliberately not here: evaluating expressions, comparing a deployment with an earlier one, keys and versions,
//! and full XML schema validation (element order and unknown attributes are not checked).

mod ad_hoc;
mod compile;
mod content;
mod cron;
mod event;
mod header;
mod interval;
mod json_type;
mod kinds;
mod known_names;
mod limits;
mod listener;
mod loops;
mod number;
mod parse;
mod paths;
mod process;
mod repeated;
mod roots;
mod schedule;
mod user_task;
mod xml;

pub use ad_hoc::AdHocSubProcess;
pub use event::{
    BoundaryEvent, Compensation, Condition, EventDefinition, Link, Message, Signal, StartEvent, Timer,
};
pub use interval::{Interval, Repeated, date_time_millis, is_date_time};
pub use json_type::json_type;
pub use kinds::{Caught, EVENTS_RUN, Flags};
pub use limits::Limits;
pub use listener::{Listener, ListenerPhase, listeners_of};
pub use number::whole_part;
pub use parse::{ParsedResource, parse, parse_new};
pub use paths::Paths;
pub use process::{
    Binding, CallActivity, CalledDecision, Element, ElementKind, FlowIndex, Header, InclusiveGateway,
    JobWorkerTask, LinkedResource, Mapping, MultiInstance, Process, Property, Script, SequenceFlow, TaskKind,
    Text,
};
pub use ringbolt_record::ElementIndex;
pub use ringbolt_xml::{
    DEPLOYMENT_REJECTION_PREFIX, Position, REPORT_BYTES_MAX, Subject, Violation, format_rejection,
    format_violations,
};
pub use schedule::{Due, Schedule};
pub use user_task::{Candidates, FormOfTask, UserTask, date_time_text, shown_date_time};
