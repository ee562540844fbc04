//! Random processes along random paths, from a seed: whatever happens, replay gives equal rows (the rig checks it after
//! every command), every instance ends, and nothing of it stays.
//!
//! `SEEDS=1000 cargo test -p ringbolt-engine random` runs more; a failure names its seed, `SEED=n` runs one alone.

use crate::copies::{Copied, copied_id, copy};
use crate::modeler::{AdHocs, MESSAGES, Modeler, STARTS, Written};
use crate::random_batches::Wide;
use crate::random_wild::Wild;
use crate::rig::Rig;
use crate::seeded::Random;
use bytes::Bytes;
use ringbolt_engine::{ENTRY_BYTES_MAX, EngineSettings};
use ringbolt_record::command::{
    ActivateJobs, BroadcastSignal, CompleteListener, CreateDeployment, CreateProcessInstance,
    DefinitionSelector, EvaluateConditionals, FailJob, JobUpdateKind, Resource, UpdateSemantics, WithLease,
};
use ringbolt_record::modification::{
    ActivateInstruction, AncestorScope, ElementInstanceSelector, MoveInstruction, VariableInstruction,
};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{
    Activation, AdHocActivation, AdHocInstruction, Command, CompleteAdHocJob, DEFAULT_TENANT, DurationMs,
    InstructAdHocSubProcess, JobKind, Key, ModifyProcessInstance, PartitionId, RejectionType, Reply,
    TaskListenerResult, USER_TASK_JOB_TYPE, UserTaskChanges, UserTaskCommand, VariableDocument, lease_token,
};

/// How long a worker has a job.
const TIMEOUT: DurationMs = DurationMs(1000);

/// Seeds of a plain run.
const SEEDS: u64 = 40;
/// Steps after which a path is brought to its end.
const STEPS: usize = 40;

pub(crate) struct Path {
    pub(crate) rig: Rig,
    pub(crate) random: Random,
    pub(crate) instances: Vec<Key>,
    /// Those started in the middle: they may wait for ever for what they passed by.
    pub(crate) direct: Vec<Key>,
    /// Elements at which instances can be started.
    startable: Vec<String>,
    /// Elements that can be entered by hand, those among them.
    pub(crate) enterable: Vec<String>,
    ad_hocs: AdHocs,
    /// Draws what is suspended and resumed, apart from everything else; nothing is where there is none.
    pub(crate) suspensions: Option<Random>,
    /// Asks for batch operations and cluster variables.
    pub(crate) wide: Wide,
    /// What is seldom.
    pub(crate) wild: Wild,
    /// Whether all that is chosen ends soon.
    pub(crate) is_ending: bool,
    /// What is called so in the process, and in its copy; and the keys of both.
    pub(crate) ids: Vec<(String, String)>,
    pub(crate) definitions: [Key; 2],
}

impl Path {
    fn activate(&mut self) -> Vec<Key> {
        let job_type = ["work", USER_TASK_JOB_TYPE][self.random.below(2) as usize];
        let jobs_max = 1 + self.random.below(3) as u32;
        // Jobs that had a lease are given out with one only: at last all are.
        let with_leases = self.is_ending || self.random.below(4) == 0;
        let request = self.rig.send(&Command::ActivateJobs(ActivateJobs {
            job_type: job_type.into(),
            worker: "w".into(),
            timeout: TIMEOUT,
            jobs_max,
            bytes_max: 1 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases,
        }));
        match self.rig.answer(request) {
            Some(Ok(Reply::JobsActivated(batch))) => batch.jobs.iter().map(|job| job.key).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Sends what a worker does with a job, with the token of its lease if it has one.
    pub(crate) fn report(&mut self, job_key: Key, command: Command) {
        let lease = self.rig.tables.job(job_key).map_or(Key::NONE, |job| job.lease);
        let command = match lease_token(lease, job_key) {
            Some(token) => Command::WithLease(Box::new(WithLease { token: token.into(), command })),
            None => command,
        };
        self.rig.send(&command);
    }

    pub(crate) fn variables(&mut self) -> VariableDocument {
        // Three only begins more beside what there is: at last jobs that bring it would begin more than they end.
        let value = self.random.below(if self.is_ending { 3 } else { 4 });
        let odd = if self.is_ending { String::new() } else { self.wild.member() };
        let text = format!(r#"{{"v":{value},"n{}":true{odd}}}"#, self.random.below(3));
        VariableDocument::parse(Bytes::from(text)).unwrap()
    }

    fn step(&mut self) {
        self.suspend_or_resume();
        self.ask_widely();
        self.give_business_id();
        match self.random.below(12) {
            0 => self.rig.now = self.rig.now.plus(DurationMs(700)),
            1 => self.restart(),
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
                    let fail = FailJob { job_key, retries, retry_backoff, error_message, variables };
                    self.report(job_key, Command::FailJob(fail));
                }
            }
            4 => {
                for job_key in self.activate() {
                    let (error_code, error_message) = ("E".to_owned(), String::new());
                    let variables = VariableDocument::default();
                    let command = Command::ThrowJobError { job_key, error_code, error_message, variables };
                    self.report(job_key, command);
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
            8 if self.random.below(2) == 0 => self.choose(),
            8 => {
                let ttl = self.random.below(3) as i64 * 400;
                self.publish(ttl);
                let key = self.random.below(2);
                self.publish_one(STARTS, "", key, ttl);
                let name = MESSAGES[self.random.below(MESSAGES.len() as u64) as usize];
                let name = [name, STARTS][self.random.below(2) as usize];
                self.broadcast(name);
                let begins = self.random.below(2) == 0;
                self.evaluate(begins);
            }
            9 => {
                self.modify();
                let value = self.random.below(4);
                self.set_everywhere(value);
            }
            10 => self.migrate(),
            _ => self.work(),
        }
        self.rig.check_counts();
        self.rig.run_due();
        self.rig.check_counts();
        self.check_business_ids();
    }

    /// Evaluates the conditions of start events.
    fn evaluate(&mut self, begins: bool) {
        self.rig.send(&Command::EvaluateConditionals(EvaluateConditionals {
            process_definition_key: Key::NONE,
            variables: VariableDocument::parse(format!(r#"{{"begins":{begins}}}"#).into()).unwrap(),
            tenant_id: DEFAULT_TENANT.to_owned(),
        }));
    }

    pub(crate) fn broadcast(&mut self, name: &str) {
        let variables = self.variables();
        self.rig.send(&Command::BroadcastSignal(BroadcastSignal {
            name: format!("signal_{name}"),
            variables,
            tenant_id: DEFAULT_TENANT.to_owned(),
        }));
    }

    /// Starts an instance, at its start event or somewhere in the middle.
    fn start(&mut self) {
        let (variables, startable, business_id) =
            (self.variables(), self.startable.clone(), self.business_id());
        let starts = self.random.below(2) * self.random.below(3);
        let starts: Vec<String> = (0..starts)
            .map(|_| startable[self.random.below(startable.len() as u64) as usize].clone())
            .collect();
        let limit = self.any(&startable).filter(|_| self.random.below(4) == 0);
        let terminate_after_element_ids: Vec<String> = limit.into_iter().collect();
        let is_direct = !starts.is_empty();
        let request = self.rig.send(&Command::CreateProcessInstance(CreateProcessInstance {
            definition: DefinitionSelector::Latest { bpmn_process_id: "random".into() },
            variables,
            start_element_ids: starts,
            terminate_after_element_ids,
            tenant_id: DEFAULT_TENANT.into(),
            tags: vec!["tag".into()],
            business_id,
            await_result: None,
        }));
        match self.rig.answer(request) {
            Some(Ok(Reply::ProcessInstanceCreated(created))) => {
                self.instances.push(created.process_instance_key);
                if is_direct {
                    self.direct.push(created.process_instance_key);
                }
            }
            // Another one has its business id.
            Some(Err(rejection)) if rejection.kind == RejectionType::AlreadyExists => {}
            other => panic!("{other:?}"),
        }
        self.rig.run_due();
    }

    /// Lets an instance stand anywhere else, as often as not with a refusal: what is asked for is any nonsense.
    fn modify(&mut self) {
        let Some(process_instance_key) = self.any(&self.instances.clone()) else { return };
        let of_instance = self.rig.names.elements.iter().filter(|(of, _, _)| *of == process_instance_key);
        let standing: Vec<(String, Key)> = of_instance
            .filter(|(_, _, key)| self.rig.tables.element_instance_state(*key).is_some())
            .map(|(_, id, key)| (id.clone(), *key))
            .collect();
        let mut modify = ModifyProcessInstance { process_instance_key, ..ModifyProcessInstance::default() };
        for _ in 0..self.random.below(3) {
            let Some(element_id) = self.any(&self.enterable.clone()) else { continue };
            let ancestor = self.any(&standing).filter(|_| self.random.below(2) == 0);
            let variables =
                vec![VariableInstruction { scope_id: element_id.clone(), variables: self.variables() }];
            modify.activate.push(ActivateInstruction {
                element_id,
                ancestor_element_instance_key: ancestor.map_or(Key::NONE, |(_, key)| key),
                variables: if self.random.below(2) == 0 { variables } else { Vec::new() },
            });
        }
        for _ in 0..self.random.below(3) {
            let Some((id, key)) = self.any(&standing) else { continue };
            let by_id = ElementInstanceSelector::ElementId(id);
            let selector = if self.random.below(2) == 0 { by_id } else { ElementInstanceSelector::Key(key) };
            let target = self.any(&self.enterable.clone()).filter(|_| self.random.below(2) == 0);
            match target {
                None => modify.terminate.push(selector),
                Some(target_element_id) => modify.moves.push(MoveInstruction {
                    source: selector,
                    target_element_id,
                    ancestor: [AncestorScope::Only, AncestorScope::Inferred, AncestorScope::SourceParent]
                        [self.random.below(3) as usize],
                    variables: Vec::new(),
                }),
            }
        }
        let request = self.rig.send(&Command::ModifyProcessInstance(modify));
        match self.rig.answer(request) {
            Some(Ok(_)) => self.direct.push(process_instance_key),
            Some(Err(rejection)) if rejection.kind != RejectionType::ProcessingError => {}
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn any<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let at = self.random.below(of.len().max(1) as u64);
        of.get(at as usize).cloned()
    }

    pub(crate) fn work(&mut self) {
        for job_key in self.activate() {
            let job = self.rig.tables.job(job_key);
            if job.as_ref().is_some_and(|job| job.kind == JobKind::TaskListener) {
                self.answer_for_task(job_key);
                continue;
            }
            if let Some(job) = job.filter(|job| job.kind == JobKind::AdHocSubProcess) {
                let (variables, instruction) = (self.variables(), self.instruction(job.element_instance_key));
                let complete = CompleteAdHocJob { job_key, variables, instruction };
                self.report(job_key, Command::CompleteAdHocJob(Box::new(complete)));
                continue;
            }
            let variables = self.variables();
            self.report(job_key, Command::CompleteJob { job_key, variables });
        }
    }

    /// What an ad-hoc sub-process is told: it does not go on for ever.
    fn instruction(&mut self, element_instance_key: Key) -> AdHocInstruction {
        let mut elements = self.rig.names.elements.iter().filter(|(_, _, key)| *key == element_instance_key);
        let id = elements.next().map(|(_, id, _)| id.clone()).unwrap_or_default();
        let of_id = self.ad_hocs.iter().find(|(ad_hoc, _)| *ad_hoc == id);
        let activities = of_id.map(|(_, activities)| activities.clone()).unwrap_or_default();
        let mut instruction = AdHocInstruction {
            is_completion_condition_fulfilled: self.is_ending || self.random.below(3) == 0,
            cancels_remaining_instances: self.is_ending || self.random.below(3) == 0,
            ..AdHocInstruction::default()
        };
        for _ in 0..self.random.below(3) {
            if let Some(element_id) = self.any(&activities).filter(|_| !self.is_ending) {
                let variables = self.variables();
                instruction.activate.push(AdHocActivation { element_id, variables });
            }
        }
        instruction
    }

    /// Chooses something in every ad-hoc sub-process; rejected where it is not there any more.
    pub(crate) fn choose(&mut self) {
        let of_id = |id: &str| self.ad_hocs.iter().find(|(ad_hoc, _)| *ad_hoc == id);
        let standing =
            self.rig.names.elements.iter().filter_map(|(_, id, key)| Some((of_id(id)?.1.clone(), *key)));
        let standing: Vec<(Vec<String>, Key)> =
            standing.filter(|(_, key)| self.rig.tables.element_instance_state(*key).is_some()).collect();
        for (activities, element_instance_key) in standing {
            let mut instruction = self.instruction(element_instance_key);
            instruction.is_completion_condition_fulfilled = false;
            if self.is_ending {
                // What was chosen before has time to end.
                let row = self.rig.tables.element_instance(element_instance_key);
                if row.is_some_and(|row| row.active_children > 0) {
                    continue;
                }
                // What it waits for comes.
                let variables = VariableDocument::parse(Bytes::from_static(b"{\"v\":1}")).unwrap();
                let semantics = UpdateSemantics::Local;
                self.rig.send(&Command::SetVariables { element_instance_key, variables, semantics });
            }
            if let Some(element_id) = self.any(&activities).filter(|_| self.is_ending) {
                instruction
                    .activate
                    .push(AdHocActivation { element_id, variables: VariableDocument::default() });
            }
            let command = InstructAdHocSubProcess { element_instance_key, instruction };
            self.rig.send(&Command::InstructAdHocSubProcess(Box::new(command)));
        }
    }

    /// A listener of a task agrees, corrects or denies; refused where it must not.
    fn answer_for_task(&mut self, job_key: Key) {
        let wish = self.random.below(4);
        let priority = (wish == 1).then(|| self.random.below(101) as i32);
        let result = TaskListenerResult {
            is_denied: wish == 0,
            assignee: (wish == 2).then(|| "dora".to_owned()),
            corrections: UserTaskChanges { priority, ..UserTaskChanges::default() },
            ..TaskListenerResult::default()
        };
        let variables = VariableDocument::default();
        let complete = CompleteListener { job_key, variables, result };
        self.report(job_key, Command::CompleteListener(Box::new(complete)));
    }

    /// Does something with every user task: rejected where it has ended already.
    pub(crate) fn do_user_tasks(&mut self) {
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
    pub(crate) fn resolve(&mut self) {
        for job_key in self.rig.names.jobs.clone() {
            if self.rig.tables.job(job_key).is_none_or(|job| job.retries > 0) {
                continue;
            }
            let (retries, kind) = (Some(2), JobUpdateKind::Both);
            let priority = Some(self.random.below(5) as i32 - 2);
            self.rig.send(&Command::UpdateJob { job_key, retries, timeout: None, priority, kind });
        }
        for incident_key in std::mem::take(&mut self.rig.names.incidents) {
            self.rig.send(&Command::ResolveIncident { incident_key });
            // Not while its instance is suspended.
            if self.suspensions.is_some() && self.rig.tables.incident(incident_key).is_some() {
                self.rig.names.incidents.push(incident_key);
            }
        }
    }
}

fn run(seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let (document, written) = Modeler::new(&mut random).document();
    let Written { startable, mut enterable, mut ad_hocs } = written;
    let copied = |(id, chosen): &(String, Vec<String>)| {
        (copied_id(id), chosen.iter().map(|id| copied_id(id)).collect())
    };
    ad_hocs.extend(ad_hocs.iter().map(copied).collect::<Vec<_>>());
    enterable.extend(startable.iter().cloned());
    // Each of its processes stands in the deployment's entry with the whole document.
    let is_small = document.len() * document.matches("<bpmn:process ").count() < 16 << 10;
    let settings = EngineSettings {
        batch_steps_max: [1, 2, 5, 100][random.below(4) as usize],
        entry_bytes_max: if random.below(2) == 0 && is_small { 24 << 10 } else { ENTRY_BYTES_MAX },
        ..EngineSettings::new(PartitionId(1))
    };
    let mut wild = Wild::new(seed, settings.entry_bytes_max == ENTRY_BYTES_MAX);
    let document = wild.timers(&document);
    let Copied { document: copied, ids } = copy(&mut random, &document);
    let mut path = Path {
        rig: Rig::with(settings),
        random,
        instances: Vec::new(),
        direct: Vec::new(),
        startable,
        enterable,
        ad_hocs,
        suspensions: Some(Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) | 1)),
        wide: Wide::new(seed),
        wild,
        is_ending: false,
        ids,
        definitions: [Key::NONE; 2],
    };
    for (name, content) in [("random.bpmn", &document), ("copy.bpmn", &copied)] {
        let resource = Resource { name: name.into(), content: content.clone().into() };
        let request = path.rig.send(&Command::CreateDeployment(CreateDeployment {
            resources: vec![resource],
            tenant_id: DEFAULT_TENANT.into(),
        }));
        let answer = path.rig.answer(request);
        assert!(matches!(answer, Some(Ok(_))), "{answer:?} {content}");
    }
    path.definitions = ["random", "copy"]
        .map(|id| path.rig.tables.latest_process(DEFAULT_TENANT, id).expect("it is deployed").key);
    // The row that counts messages stays, and that of what expressions see of the cluster.
    path.publish(0);
    path.change_twice();
    let rows = path.rig.dump();
    for _ in 0..3 {
        path.start();
    }
    for _ in 0..STEPS {
        path.step();
        path.rig.effects.clear();
    }
    if !path.end(&rows, document.contains("compensateEventDefinition")) {
        panic!("an instance did not end, or something of it stays: {document}");
    }
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
