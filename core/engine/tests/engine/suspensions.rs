//! Suspended instances: what comes to them meanwhile, what is refused, and what they do when they go on. The reference engine that others
//! are compared with does not know them; what is asked for here is in the documentation of Camunda 8.10 ("Process instance
//! suspension").

use crate::budget::{flow, task, variables};
use crate::modifications::{activate, of};
use crate::rig::{OpenStream, Rig};
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::{BroadcastSignal, FailJob, PublishMessage, UpdateSemantics};
use ringbolt_record::modification::{ActivateInstruction, ElementInstanceSelector, VariableInstruction};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, ModifyProcessInstance, PartitionId, RejectionType,
    UserTaskCommand, VariableDocument,
};
use ringbolt_tables::JobState;

pub(crate) const ROOTS: &str = r#"<bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="= &quot;b&quot;" /></bpmn:extensionElements></bpmn:message><bpmn:signal id="sig" name="alarm" /><bpmn:error id="err" errorCode="E" /><bpmn:escalation id="esc" escalationCode="X" />"#;

pub(crate) fn message_event() -> &'static str {
    r#"<bpmn:messageEventDefinition messageRef="m" />"#
}

pub(crate) fn caught(id: &str, definition: &str) -> String {
    format!(r#"<bpmn:intermediateCatchEvent id="{id}">{definition}</bpmn:intermediateCatchEvent>"#)
}

pub(crate) fn attached(id: &str, to: &str, interrupts: bool, definition: &str) -> String {
    format!(
        r#"<bpmn:boundaryEvent id="{id}" attachedToRef="{to}" cancelActivity="{interrupts}">{definition}</bpmn:boundaryEvent>"#
    )
}

pub(crate) fn cycle(text: &str) -> String {
    format!("<bpmn:timerEventDefinition><bpmn:timeCycle>{text}</bpmn:timeCycle></bpmn:timerEventDefinition>")
}

pub(crate) fn published(ttl: i64) -> Command {
    Command::PublishMessage(PublishMessage {
        name: "paid".to_owned(),
        correlation_key: "b".to_owned(),
        time_to_live: DurationMs(ttl),
        message_id: String::new(),
        business_id: String::new(),
        variables: variables(r#"{"paid":true}"#.into()),
        tenant_id: DEFAULT_TENANT.to_owned(),
    })
}

pub(crate) fn broadcast() -> Command {
    Command::BroadcastSignal(BroadcastSignal {
        name: "alarm".to_owned(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    })
}

impl Rig {
    pub(crate) fn told(&mut self, command: &Command) -> Result<(), (RejectionType, String)> {
        let request = self.send(command);
        let answer = self.answer(request).expect("an answer");
        answer.map(drop).map_err(|rejection| (rejection.kind, rejection.reason))
    }

    fn try_suspend(&mut self, process_instance_key: Key) -> Result<(), (RejectionType, String)> {
        self.told(&Command::SuspendProcessInstance { process_instance_key })
    }

    pub(crate) fn suspend(&mut self, process_instance_key: Key) {
        self.try_suspend(process_instance_key).unwrap();
        self.rest();
    }

    pub(crate) fn resume(&mut self, process_instance_key: Key) {
        self.told(&Command::ResumeProcessInstance { process_instance_key }).unwrap();
        self.rest();
    }

    /// All that is due is done, and everything is as after a restart.
    pub(crate) fn rest(&mut self) {
        self.run_due();
        self.check_counts();
        self.restart();
    }

    pub(crate) fn pass(&mut self, millis: i64) {
        self.now = self.now.plus(DurationMs(millis));
        self.rest();
    }

    pub(crate) fn set_all(&mut self, scope: Key, json: &str) -> Result<(), (RejectionType, String)> {
        let variables = variables(json.to_owned());
        let semantics = UpdateSemantics::Local;
        self.told(&Command::SetVariables { element_instance_key: scope, variables, semantics })
    }

    pub(crate) fn is_alive_at(&self, id: &str) -> bool {
        !self.standing(id).is_empty()
    }

    fn cancel_suspended(&mut self, process_instance_key: Key) {
        self.told(&Command::CancelProcessInstance { process_instance_key }).unwrap();
        self.rest();
    }
}

/// All rows of all tables.
type Rows = Vec<(u8, Vec<u8>, Vec<u8>)>;

/// A process `p` with this body, what was there before its instance, and that.
pub(crate) fn begun(body: &str) -> (Rig, Rows, Key) {
    begun_in(Rig::default(), body)
}

pub(crate) fn begun_in(mut rig: Rig, body: &str) -> (Rig, Rows, Key) {
    rig.deploy_with(ROOTS, "p", body);
    // The row that counts messages stays.
    rig.send(&published(0));
    let rows = rig.dump();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.rest();
    rig.records.clear();
    (rig, rows, instance)
}

pub(crate) fn one_task() -> String {
    format!("{}{}", task("t", "work", ""), flow("s", "t"))
}

#[test]
fn what_cannot_be_suspended_or_resumed_is_refused() {
    let (mut rig, _, instance) = begun(&one_task());
    let of = |rejection: Result<(), (RejectionType, String)>| rejection.unwrap_err();
    let resume = |process_instance_key| Command::ResumeProcessInstance { process_instance_key };
    let (kind, reason) = of(rig.told(&resume(instance)));
    assert_eq!(kind, RejectionType::InvalidState);
    assert_eq!(
        reason,
        format!(
            "Expected to resume a process instance with key '{instance}', but it is not currently suspended"
        )
    );
    rig.suspend(instance);
    let (kind, reason) = of(rig.try_suspend(instance));
    assert_eq!(kind, RejectionType::InvalidState);
    assert_eq!(
        reason,
        format!("Expected to suspend a process instance with key '{instance}', but it is already suspended")
    );
    for key in [rig.standing("t")[0], Key(7)] {
        assert_eq!(of(rig.try_suspend(key)).0, RejectionType::NotFound);
        let (kind, reason) = of(rig.told(&resume(key)));
        assert_eq!(kind, RejectionType::NotFound);
        let key = key.to_wire();
        assert_eq!(
            reason,
            format!("Expected to resume a process instance with key '{key}', but no such process was found")
        );
    }
}

/// The records of a suspension are those that Camunda writes, in their order.
#[test]
fn the_records_of_a_suspension() {
    let (mut rig, rows, instance) = begun(&one_task());
    rig.suspend(instance);
    rig.resume(instance);
    let said = |line: &String| {
        let words: Vec<&str> = line.split(' ').take(3).collect();
        words.join(" ")
    };
    let records: Vec<String> = rig.records.iter().filter(|line| line.starts_with('E')).map(said).collect();
    assert_eq!(
        records,
        [
            "E PROCESS_INSTANCE SUSPENDED",
            "E JOB SUSPENDED",
            "E PROCESS_INSTANCE RESUMING",
            "E JOB RESUMED",
            "E PROCESS_INSTANCE RESUMED",
        ]
    );
    let job = rig.take_jobs("work")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    assert_eq!(rig.dump(), rows);
}

#[test]
fn jobs_are_handed_to_nobody_until_the_instance_goes_on() {
    let (mut rig, rows, instance) = begun(&one_task());
    let other = rig.start("p", VariableDocument::default()).unwrap();
    rig.suspend(instance);
    let jobs = rig.take_jobs("work");
    assert_eq!(jobs.len(), 1, "that of the other instance");
    rig.finish(jobs[0], VariableDocument::default()).unwrap();
    assert!(rig.tables.element_instance_state(other).is_none());
    rig.resume(instance);
    // It is pushed as a job that has just become activatable.
    let jobs = rig.take_jobs("work");
    rig.finish(jobs[0], VariableDocument::default()).unwrap();
    assert_eq!(rig.dump(), rows);

    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.suspend(instance);
    let (job_type, worker) = ("work".to_owned(), "w".into());
    let stream = OpenStream { job_type, worker, timeout: DurationMs(1000), fetch: [].into(), credit: 5 };
    rig.streams.open.push(Some(stream));
    rig.resume(instance);
    let job = *rig.names.jobs.last().unwrap();
    assert_eq!(rig.tables.job(job).unwrap().state, JobState::Activated, "it was pushed");
}

/// What a worker says of a job that it had before is refused; the job comes back when its time is over, and rests then.
#[test]
fn a_worker_that_has_a_job_is_refused_and_the_job_comes_back() {
    let (mut rig, rows, instance) = begun(&one_task());
    let job_key = rig.take_jobs("work")[0];
    rig.suspend(instance);
    let variables = VariableDocument::default();
    let (error_code, error_message) = ("E".to_owned(), String::new());
    let fail = FailJob {
        job_key,
        retries: 1,
        retry_backoff: DurationMs(0),
        error_message: String::new(),
        variables: variables.clone(),
    };
    for command in [
        Command::CompleteJob { job_key, variables: variables.clone() },
        Command::FailJob(fail),
        Command::ThrowJobError { job_key, error_code, error_message, variables: variables.clone() },
    ] {
        let (kind, reason) = rig.told(&command).unwrap_err();
        assert_eq!(kind, RejectionType::InvalidState);
        assert!(reason.ends_with("but it is suspended; resume it first"), "{reason}");
    }
    rig.pass(60_000);
    assert_eq!(rig.tables.job(job_key).unwrap().state, JobState::Suspended);
    assert_eq!(rig.engine.next_due(&rig.tables), None, "nothing is due any more");
    rig.resume(instance);
    assert_eq!(rig.take_jobs("work"), [job_key]);
    rig.finish(job_key, variables).unwrap();
    assert_eq!(rig.dump(), rows);
}

#[test]
fn a_job_that_has_rested_after_a_failure_waits_for_the_instance() {
    let (mut rig, _, instance) = begun(&one_task());
    let job_key = rig.take_jobs("work")[0];
    rig.told(&Command::FailJob(FailJob {
        job_key,
        retries: 1,
        retry_backoff: DurationMs(500),
        error_message: String::new(),
        variables: VariableDocument::default(),
    }))
    .unwrap();
    rig.suspend(instance);
    assert_eq!(rig.tables.job(job_key).unwrap().state, JobState::Failed);
    rig.pass(500);
    assert_eq!(rig.tables.job(job_key).unwrap().state, JobState::Suspended);
    rig.resume(instance);
    assert_eq!(rig.take_jobs("work"), [job_key]);
}

#[test]
fn an_incident_is_resolved_after_the_suspension() {
    let (mut rig, rows, instance) = begun(&one_task());
    let job_key = rig.take_jobs("work")[0];
    let fail = |retries| {
        Command::FailJob(FailJob {
            job_key,
            retries,
            retry_backoff: DurationMs(0),
            error_message: String::new(),
            variables: VariableDocument::default(),
        })
    };
    rig.told(&fail(0)).unwrap();
    let incident_key = rig.names.incidents.pop().unwrap();
    rig.suspend(instance);
    let kind = ringbolt_record::command::JobUpdateKind::Retries;
    let command = Command::UpdateJob { job_key, retries: Some(1), timeout: None, priority: None, kind };
    rig.told(&command).unwrap();
    let refused = rig.told(&Command::ResolveIncident { incident_key }).unwrap_err();
    assert_eq!(refused.0, RejectionType::InvalidState);
    rig.resume(instance);
    rig.told(&Command::ResolveIncident { incident_key }).unwrap();
    assert_eq!(rig.take_jobs("work"), [job_key]);
    rig.finish(job_key, VariableDocument::default()).unwrap();
    assert_eq!(rig.dump(), rows);
}

/// A call activity with what is attached to it, and what it calls.
fn calling(rig: &mut Rig, called: &str, attached: &str) -> (Key, Key) {
    rig.deploy_with(ROOTS, "called", called);
    let call = r#"<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called" propagateAllChildVariables="true" /></bpmn:extensionElements></bpmn:callActivity>"#;
    let body = format!(
        "{call}{attached}{}{}{}",
        flow("s", "call"),
        task("after", "work", ""),
        flow("call", "after")
    );
    rig.deploy_with(ROOTS, "p", &body);
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.rest();
    let called = rig.standing("called")[0];
    (instance, called)
}

#[test]
fn a_called_instance_goes_on_and_what_it_gives_back_waits() {
    let mut rig = Rig::default();
    let (instance, called) = calling(&mut rig, &one_task(), "");
    rig.suspend(instance);
    let job = rig.take_jobs("work")[0];
    rig.finish(job, variables(r#"{"result":17}"#.into())).unwrap();
    rig.rest();
    assert!(rig.tables.element_instance_state(called).is_none(), "it has ended");
    assert!(rig.is_alive_at("call") && !rig.is_alive_at("after"));
    rig.resume(instance);
    assert!(!rig.is_alive_at("call") && rig.is_alive_at("after"));
    let result = rig.tables.variables(instance).find(|(name, _)| *name == "result").map(|(_, value)| value);
    assert_eq!(result, Some(&b"17"[..]));
    rig.cancel_suspended(instance);
}

#[test]
fn a_called_instance_can_be_suspended_alone() {
    let mut rig = Rig::default();
    let (instance, called) = calling(&mut rig, &one_task(), "");
    rig.suspend(called);
    assert_eq!(rig.take_jobs("work"), []);
    assert!(!rig.tables.is_suspended(instance));
    rig.cancel_suspended(instance);
    assert_eq!(rig.tables.suspension(called), None, "nothing of the suspension stays");
}

/// An error from what it calls ends the call activity at once; what catches it goes on with the instance.
#[test]
fn an_error_of_a_called_instance_is_caught_at_once_and_goes_on_later() {
    let mut rig = Rig::default();
    let events = attached("b", "call", true, r#"<bpmn:errorEventDefinition errorRef="err" />"#);
    let events = format!("{events}{}{}", task("mend", "work", ""), flow("b", "mend"));
    let (instance, _) = calling(&mut rig, &one_task(), &events);
    rig.suspend(instance);
    let job_key = rig.take_jobs("work")[0];
    let (error_code, error_message, variables) = ("E".to_owned(), String::new(), VariableDocument::default());
    rig.told(&Command::ThrowJobError { job_key, error_code, error_message, variables }).unwrap();
    rig.rest();
    assert!(!rig.is_alive_at("call") && rig.is_alive_at("b") && !rig.is_alive_at("mend"));
    rig.resume(instance);
    assert!(!rig.is_alive_at("b") && rig.is_alive_at("mend"));
    rig.cancel_suspended(instance);
}

fn user_task() -> String {
    let task = r#"<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>"#;
    format!("{task}{}", flow("s", "u"))
}

#[test]
fn variables_are_set_at_once_but_nothing_of_a_user_task_changes() {
    let (mut rig, rows, instance) = begun(&user_task());
    let user_task_key = *rig.names.user_tasks.last().unwrap();
    rig.suspend(instance);
    rig.set_all(instance, r#"{"x":1}"#).unwrap();
    assert_eq!(rig.tables.variables(instance).count(), 1);
    let key = rig.standing("u")[0];
    assert_eq!(rig.set_all(key, r#"{"x":1}"#).unwrap_err().0, RejectionType::InvalidState);
    for operation in [
        UserTaskOperation::Assign { assignee: "anna".into() },
        UserTaskOperation::Complete { variables: VariableDocument::default() },
    ] {
        let action = String::new();
        let command = Command::UserTask(UserTaskCommand { user_task_key, action, operation });
        assert_eq!(rig.told(&command).unwrap_err().0, RejectionType::InvalidState);
    }
    rig.resume(instance);
    let operation = UserTaskOperation::Complete { variables: VariableDocument::default() };
    rig.told(&Command::UserTask(UserTaskCommand { user_task_key, action: String::new(), operation }))
        .unwrap();
    rig.rest();
    assert_eq!(rig.dump(), rows);
}

#[test]
fn a_suspended_instance_is_canceled_with_all_that_it_keeps() {
    let events = [
        attached("b", "t", false, message_event()),
        attached("c", "t", false, &cycle("R/PT1S")),
        attached("a", "t", true, r#"<bpmn:signalEventDefinition signalRef="sig" />"#),
    ];
    let definition = r#"<bpmn:conditionalEventDefinition><bpmn:condition>= x &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>"#;
    let condition = attached("e", "t", false, definition);
    for steps in [1, 2, 100] {
        let settings = EngineSettings { batch_steps_max: steps, ..EngineSettings::new(PartitionId(1)) };
        let body = [&one_task()[..], &events.concat(), &condition].concat();
        let (mut rig, rows, instance) = begun_in(Rig::with(settings), &body);
        rig.suspend(instance);
        rig.set_all(instance, r#"{"x":2}"#).unwrap();
        rig.pass(5_000);
        assert_eq!(rig.tables.held_count(instance), 1);
        rig.cancel_suspended(instance);
        assert_eq!(rig.dump(), rows, "{steps} steps at once");
    }
}

#[test]
fn a_modification_is_done_at_once_and_what_it_enters_goes_on_later() {
    let body = [&one_task()[..], &task("other", "more", "")].concat();
    let (mut rig, rows, instance) = begun(&body);
    rig.suspend(instance);
    let terminate = vec![ElementInstanceSelector::Key(rig.standing("t")[0])];
    let modify =
        ModifyProcessInstance { activate: vec![activate("other", Key::NONE)], terminate, ..of(instance) };
    rig.modify(modify).unwrap();
    rig.rest();
    assert!(!rig.is_alive_at("t") && !rig.is_alive_at("other"));
    assert!(rig.is_alive_at("p"), "something is to be entered");
    rig.resume(instance);
    let job = rig.take_jobs("more")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    assert_eq!(rig.dump(), rows);
    // What is never entered leaves nothing, with variables of its own neither.
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.suspend(instance);
    let own = VariableInstruction { scope_id: "other".into(), variables: variables(r#"{"x":1}"#.into()) };
    let other = ActivateInstruction { variables: vec![own], ..activate("other", Key::NONE) };
    rig.modify(ModifyProcessInstance { activate: vec![other], ..of(instance) }).unwrap();
    rig.cancel_suspended(instance);
    assert_eq!(rig.dump(), rows);
    // Without anything else the instance ends with what was ended.
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.suspend(instance);
    let terminate = vec![ElementInstanceSelector::Key(rig.standing("t")[0])];
    rig.modify(ModifyProcessInstance { terminate, ..of(instance) }).unwrap();
    rig.rest();
    assert_eq!(rig.dump(), rows);
}

/// Steps that were put off when the instance is suspended are kept, and each of a few thousand jobs and messages rests, in slices.
#[test]
fn a_wide_instance_is_suspended_in_the_middle_of_being_entered() {
    const WIDTH: usize = 1_000;
    let items = (0..WIDTH).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let body = format!(
        r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= [{items}]" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>{}{}"#,
        attached("b", "t", false, message_event()),
        flow("s", "t")
    );
    let settings = EngineSettings {
        batch_steps_max: 7,
        entry_bytes_max: 64 << 10,
        ..EngineSettings::new(PartitionId(1))
    };
    for turns in [0, 5, 50] {
        let mut rig = Rig::with(settings.clone());
        rig.deploy_with(ROOTS, "p", &body);
        rig.send(&published(0));
        let rows = rig.dump();
        let instance = rig.start("p", VariableDocument::default()).unwrap();
        for _ in 0..turns {
            let turn = rig.engine.next_turn(&rig.tables).expect("something was put off");
            rig.process(&turn, None);
        }
        let entries = rig.entries.len();
        rig.suspend(instance);
        assert_eq!(rig.take_jobs("work"), []);
        rig.records.clear();
        rig.rest();
        assert_eq!(rig.records, Vec::<String>::new(), "nothing happens by itself");
        rig.resume(instance);
        assert!(rig.entries.len() - entries > 10, "in slices");
        let jobs = rig.take_jobs("work");
        assert_eq!(jobs.len(), WIDTH);
        for job in jobs {
            rig.finish(job, VariableDocument::default()).unwrap();
        }
        rig.rest();
        assert_eq!(rig.dump(), rows, "after {turns} turns");
    }
}
