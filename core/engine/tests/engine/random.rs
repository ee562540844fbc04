//! Random processes along random paths, from a seed: whatever happens, replay gives equal rows (the rig checks it after
//! every command), every instance ends, and nothing of it stays.
//!
//! `SEEDS=1000 cargo test -p ringbolt-engine random` runs more; a failure names its seed, `SEED=n` runs one alone.

use crate::rig::Rig;
use crate::seeded::Random;
use bytes::Bytes;
use ringbolt_engine::{ENTRY_BYTES_MAX, EngineSettings};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, FailJob, JobUpdateKind,
    Resource,
};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{
    Activation, Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, Reply, USER_TASK_JOB_TYPE,
    UserTaskChanges, UserTaskCommand, VariableDocument,
};
use std::fmt::Write;

/// How long a worker has a job.
const TIMEOUT: DurationMs = DurationMs(1000);

/// Seeds of a plain run.
const SEEDS: u64 = 40;
/// Steps after which a path is brought to its end.
const STEPS: usize = 40;

/// Writes a random block-structured process.
struct Modeler<'a> {
    random: &'a mut Random,
    elements: String,
    flows: String,
    count: usize,
    /// Ids of elements that an instance can be started at.
    startable: Vec<String>,
}

impl Modeler<'_> {
    fn id(&mut self, kind: &str) -> String {
        self.count += 1;
        let id = format!("{kind}_{}", self.count);
        if !matches!(kind, "flow" | "start" | "late" | "tick" | "stop") {
            self.startable.push(id.clone());
        }
        id
    }

    fn flow(&mut self, from: &str, to: &str, condition: Option<&str>) -> String {
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
    fn block(&mut self, depth: u32) -> (String, String) {
        let kinds = if depth == 0 { 6 } else { 10 };
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
            6 => {
                let (first, middle) = self.block(depth - 1);
                let (next, last) = self.block(depth - 1);
                self.flow(&middle, &next, None);
                (first, last)
            }
            7 => self.fork("parallelGateway", depth),
            8 => self.choice(depth),
            _ => {
                let (sub, _) = self.sub_process(depth);
                self.attached(sub)
            }
        }
    }

    /// A timer event definition.
    fn timer(&mut self, kind: &str, before: &str) -> String {
        let seconds = ["0.3", "1", "5"][self.random.below(3) as usize];
        format!(
            "<bpmn:timerEventDefinition><bpmn:{kind}>{before}PT{seconds}S</bpmn:{kind}></bpmn:timerEventDefinition>"
        )
    }

    fn wait(&mut self) -> (String, String) {
        let (id, timer) = (self.id("wait"), self.timer("timeDuration", ""));
        let _ = write!(
            self.elements,
            r#"<bpmn:intermediateCatchEvent id="{id}">{timer}</bpmn:intermediateCatchEvent>"#
        );
        (id.clone(), id)
    }

    /// An activity, perhaps with timers attached: one that takes its place, one that comes again beside it.
    fn attached(&mut self, activity: String) -> (String, String) {
        if self.random.below(3) == 0 {
            let (tick, end, timer) = (self.id("tick"), self.id("end"), self.timer("timeCycle", "R3/"));
            let _ = write!(
                self.elements,
                r#"<bpmn:boundaryEvent id="{tick}" cancelActivity="false" attachedToRef="{activity}">{timer}</bpmn:boundaryEvent><bpmn:endEvent id="{end}" />"#
            );
            self.flow(&tick, &end, None);
        }
        if self.random.below(3) > 0 {
            return (activity.clone(), activity);
        }
        let (late, merge, timer) = (self.id("late"), self.id("merge"), self.timer("timeDuration", ""));
        let _ = write!(
            self.elements,
            r#"<bpmn:boundaryEvent id="{late}" attachedToRef="{activity}">{timer}</bpmn:boundaryEvent><bpmn:exclusiveGateway id="{merge}" />"#
        );
        self.flow(&late, &merge, None);
        self.flow(&activity, &merge, None);
        (activity, merge)
    }

    /// Perhaps ends everything in a scope after a while.
    fn stop(&mut self, start: &str) {
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
    fn event_sub_process(&mut self) {
        if self.random.below(4) > 0 {
            return;
        }
        let (sub, start, end) = (self.id("sub"), self.id("start"), self.id("end"));
        let (kind, before, is_interrupting) = match self.random.below(2) {
            0 => ("timeDuration", "", true),
            _ => ("timeCycle", "R2/", false),
        };
        let timer = self.timer(kind, before);
        let outside = (std::mem::take(&mut self.elements), std::mem::take(&mut self.flows));
        let (task, _) = self.task("");
        self.flow(&start, &task, None);
        self.flow(&task, &end, None);
        let (elements, flows) =
            (std::mem::replace(&mut self.elements, outside.0), std::mem::replace(&mut self.flows, outside.1));
        let _ = write!(
            self.elements,
            r#"<bpmn:subProcess id="{sub}" triggeredByEvent="true"><bpmn:startEvent id="{start}" isInterrupting="{is_interrupting}">{timer}</bpmn:startEvent><bpmn:endEvent id="{end}" />{elements}{flows}</bpmn:subProcess>"#
        );
    }

    fn task(&mut self, mappings: &str) -> (String, String) {
        let id = self.id("task");
        let _ = write!(
            self.elements,
            r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="work" />{mappings}</bpmn:extensionElements></bpmn:serviceTask>"#
        );
        (id.clone(), id)
    }

    fn script(&mut self) -> (String, String) {
        let id = self.id("script");
        let _ = write!(
            self.elements,
            r#"<bpmn:scriptTask id="{id}"><bpmn:extensionElements><zeebe:script expression="= v + 1" resultVariable="v{}" /></bpmn:extensionElements></bpmn:scriptTask>"#,
            self.random.below(3)
        );
        (id.clone(), id)
    }

    /// A task for people: the engine's own, or a job.
    fn user_task(&mut self) -> (String, String) {
        let id = self.id("user");
        let native = ["<zeebe:userTask />", ""][self.random.below(2) as usize];
        let _ = write!(
            self.elements,
            r#"<bpmn:userTask id="{id}"><bpmn:extensionElements>{native}<zeebe:assignmentDefinition
              assignee="= if v = 1 then &quot;anna&quot; else &quot;&quot;" candidateUsers="ben, carl" />
              <zeebe:ioMapping><zeebe:input source="= v" target="mine" /></zeebe:ioMapping></bpmn:extensionElements></bpmn:userTask>"#
        );
        (id.clone(), id)
    }

    /// A link, from one end to the other: no flow leads there.
    fn jump(&mut self) -> (String, String) {
        let (from, to) = (self.id("jump"), self.id("there"));
        for (kind, id) in [("Throw", &from), ("Catch", &to)] {
            let _ = write!(
                self.elements,
                r#"<bpmn:intermediate{kind}Event id="{id}"><bpmn:linkEventDefinition id="link_of_{id}" name="{to}" /></bpmn:intermediate{kind}Event>"#
            );
        }
        (from, to)
    }

    fn fork(&mut self, kind: &str, depth: u32) -> (String, String) {
        let (fork, join) = (self.id("fork"), self.id("join"));
        let _ = write!(self.elements, r#"<bpmn:{kind} id="{fork}" /><bpmn:{kind} id="{join}" />"#);
        for _ in 0..1 + self.random.below(3) {
            let (first, last) = self.block(depth - 1);
            self.flow(&fork, &first, None);
            self.flow(&last, &join, None);
        }
        (fork, join)
    }

    fn choice(&mut self, depth: u32) -> (String, String) {
        let (split, merge) = (self.id("split"), self.id("merge"));
        let (yes, yes_end) = self.block(depth - 1);
        let (no, no_end) = self.block(depth - 1);
        self.flow(&split, &yes, Some("v &gt; 1"));
        let default = self.flow(&split, &no, None);
        self.flow(&yes_end, &merge, None);
        self.flow(&no_end, &merge, None);
        let _ = write!(
            self.elements,
            r#"<bpmn:exclusiveGateway id="{split}" default="{default}" /><bpmn:exclusiveGateway id="{merge}" />"#
        );
        (split, merge)
    }

    fn sub_process(&mut self, depth: u32) -> (String, String) {
        let id = self.id("sub");
        let outside = (std::mem::take(&mut self.elements), std::mem::take(&mut self.flows));
        self.scope(depth - 1);
        let (elements, flows) =
            (std::mem::replace(&mut self.elements, outside.0), std::mem::replace(&mut self.flows, outside.1));
        let _ = write!(self.elements, r#"<bpmn:subProcess id="{id}">{elements}{flows}</bpmn:subProcess>"#);
        (id.clone(), id)
    }

    fn scope(&mut self, depth: u32) {
        let (start, end) = (self.id("start"), self.id("end"));
        let _ = write!(self.elements, r#"<bpmn:startEvent id="{start}" /><bpmn:endEvent id="{end}" />"#);
        let (first, last) = self.block(depth);
        self.flow(&start, &first, None);
        self.flow(&last, &end, None);
        self.stop(&start);
        self.event_sub_process();
    }

    fn document(mut self) -> (String, Vec<String>) {
        self.scope(3);
        let document = format!(
            r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
              xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
              <bpmn:process id="random" isExecutable="true">{}{}</bpmn:process></bpmn:definitions>"#,
            self.elements, self.flows
        );
        (document, self.startable)
    }
}

struct Path {
    rig: Rig,
    random: Random,
    instances: Vec<Key>,
    /// Those started in the middle: they may wait for ever for what they passed by.
    direct: Vec<Key>,
}

impl Path {
    fn activate(&mut self) -> Vec<Key> {
        let job_type = ["work", USER_TASK_JOB_TYPE][self.random.below(2) as usize];
        let jobs_max = 1 + self.random.below(3) as u32;
        let request = self.rig.send(&Command::ActivateJobs(ActivateJobs {
            job_type: job_type.into(),
            worker: "w".into(),
            timeout: TIMEOUT,
            jobs_max,
            bytes_max: 1 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
        }));
        match self.rig.answer(request) {
            Some(Ok(Reply::JobsActivated(batch))) => batch.jobs.iter().map(|job| job.key).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn variables(&mut self) -> VariableDocument {
        let text = format!(r#"{{"v":{},"n{}":true}}"#, self.random.below(4), self.random.below(3));
        VariableDocument::parse(Bytes::from(text)).unwrap()
    }

    fn step(&mut self) {
        match self.random.below(10) {
            0 => self.rig.now = self.rig.now.plus(DurationMs(700)),
            1 => self.rig.restart(),
            2 => self.rig.checkpoint(),
            3 if self.random.below(8) == 0 => {
                if let Some(key) = self.instances.pop() {
                    self.rig.send(&Command::CancelProcessInstance { process_instance_key: key });
                }
            }
            3 => {
                for job_key in self.activate() {
                    let retries = self.random.below(3) as i32;
                    let retry_backoff = DurationMs(self.random.below(2) as i64 * 500);
                    let variables = self.variables();
                    let error_message = String::new();
                    self.rig.send(&Command::FailJob(FailJob {
                        job_key,
                        retries,
                        retry_backoff,
                        error_message,
                        variables,
                    }));
                }
            }
            4 => {
                for job_key in self.activate() {
                    let (error_code, error_message) = ("E".to_owned(), String::new());
                    let variables = VariableDocument::default();
                    self.rig.send(&Command::ThrowJobError { job_key, error_code, error_message, variables });
                }
            }
            5 => {
                for job_key in self.activate() {
                    let deadline = self.rig.now.plus(TIMEOUT);
                    self.rig.send(&Command::YieldJob { activation: Activation { job_key, deadline } });
                }
            }
            6 => self.resolve(),
            7 => self.do_user_tasks(),
            _ => self.work(),
        }
        self.rig.check_counts();
        self.rig.run_due();
        self.rig.check_counts();
    }

    /// Starts an instance, at its start event or somewhere in the middle.
    fn start(&mut self, startable: &[String]) {
        let variables = self.variables();
        let starts = self.random.below(2) * self.random.below(3);
        let starts: Vec<String> = (0..starts)
            .map(|_| startable[self.random.below(startable.len() as u64) as usize].clone())
            .collect();
        let is_direct = !starts.is_empty();
        let request = self.rig.send(&Command::CreateProcessInstance(CreateProcessInstance {
            definition: DefinitionSelector::Latest { bpmn_process_id: "random".into() },
            variables,
            start_element_ids: starts,
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.into(),
            tags: vec!["tag".into()],
            business_id: String::new(),
            await_result: None,
        }));
        match self.rig.answer(request) {
            Some(Ok(Reply::ProcessInstanceCreated(created))) => {
                self.instances.push(created.process_instance_key);
                if is_direct {
                    self.direct.push(created.process_instance_key);
                }
            }
            other => panic!("{other:?}"),
        }
        self.rig.run_due();
    }

    fn work(&mut self) {
        for job_key in self.activate() {
            let variables = self.variables();
            self.rig.send(&Command::CompleteJob { job_key, variables });
        }
    }

    /// Does something with every user task: rejected where it has ended already.
    fn do_user_tasks(&mut self) {
        for user_task_key in std::mem::take(&mut self.rig.names.user_tasks) {
            let assignee = ["anna", "ben", ""][self.random.below(3) as usize].to_owned();
            let operation = match self.random.below(6) {
                0 => UserTaskOperation::Assign { assignee },
                1 => UserTaskOperation::Claim { assignee },
                2 => UserTaskOperation::Update(UserTaskChanges {
                    priority: Some(self.random.below(101) as i32),
                    candidate_users: Some(vec![assignee]),
                    ..UserTaskChanges::default()
                }),
                _ => UserTaskOperation::Complete { variables: self.variables() },
            };
            self.rig.send(&Command::UserTask(UserTaskCommand {
                user_task_key,
                action: String::new(),
                operation,
            }));
            if self.rig.tables.user_task(user_task_key).is_some() {
                self.rig.names.user_tasks.push(user_task_key);
            }
        }
    }

    /// Resolves every incident; rejected where it is resolved already.
    fn resolve(&mut self) {
        for job_key in self.rig.names.jobs.clone() {
            if self.rig.tables.job(job_key).is_none_or(|job| job.retries > 0) {
                continue;
            }
            let command =
                Command::UpdateJob { job_key, retries: Some(2), timeout: None, kind: JobUpdateKind::Retries };
            self.rig.send(&command);
        }
        for incident_key in std::mem::take(&mut self.rig.names.incidents) {
            self.rig.send(&Command::ResolveIncident { incident_key });
        }
    }
}

fn run(seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let modeler = Modeler {
        random: &mut random,
        elements: String::new(),
        flows: String::new(),
        count: 0,
        startable: Vec::new(),
    };
    let (document, startable) = modeler.document();
    let settings = EngineSettings {
        batch_steps_max: [1, 2, 5, 100][random.below(4) as usize],
        entry_bytes_max: [24 << 10, ENTRY_BYTES_MAX][random.below(2) as usize],
        ..EngineSettings::new(PartitionId(1))
    };
    let mut path = Path { rig: Rig::with(settings), random, instances: Vec::new(), direct: Vec::new() };
    let resource = Resource { name: "random.bpmn".into(), content: document.clone().into() };
    let request = path.rig.send(&Command::CreateDeployment(CreateDeployment {
        resources: vec![resource],
        tenant_id: DEFAULT_TENANT.into(),
    }));
    assert!(matches!(path.rig.answer(request), Some(Ok(_))), "{document}");
    let rows = path.rig.dump();
    for _ in 0..3 {
        path.start(&startable);
    }
    for _ in 0..STEPS {
        path.step();
        path.rig.effects.clear();
    }
    for round in 0..200 {
        if round == 50 {
            for process_instance_key in std::mem::take(&mut path.direct) {
                path.rig.send(&Command::CancelProcessInstance { process_instance_key });
            }
        }
        path.rig.now = path.rig.now.plus(DurationMs(2000));
        path.rig.run_due();
        path.resolve();
        path.work();
        path.do_user_tasks();
        path.rig.run_due();
        path.rig.effects.clear();
        if path.rig.dump() == rows {
            return;
        }
    }
    panic!("an instance did not end, or something of it stays: {document}");
}

#[test]
fn random_processes_along_random_paths() {
    if let Some(seed) = std::env::var("SEED").ok().and_then(|text| text.parse().ok()) {
        return run(seed);
    }
    let seeds = std::env::var("SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    for seed in 0..seeds {
        let result = std::panic::catch_unwind(|| run(seed));
        if let Err(cause) = result {
            eprintln!("seed {seed} fails");
            std::panic::resume_unwind(cause);
        }
    }
}
