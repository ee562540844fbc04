//! The clients: what they ask next, what they wait for, which jobs they hold.
//!
//! They are greedy and careless: they complete jobs twice, address what has ended, open and close streams, and never
//! stop while the server restarts. They learn keys from answers, and a few (incidents, scopes) from the oracle.

use std::collections::BTreeMap;

use bytes::Bytes;
use ringbolt_partition::{Answer, PollSpec, StreamSpec};
use ringbolt_record::command::{
    ActivateJobs, AwaitResult, BroadcastSignal, CreateDeployment, CreateProcessInstance, DecisionSelector,
    DefinitionSelector, EvaluateDecision, FailJob, JobUpdateKind, PublishMessage, Resource, UpdateSemantics,
};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{
    Activation, Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, RequestId, StreamId, UserTaskCommand,
    VariableDocument,
};

use crate::batches;
use crate::models::{self, JOB_TYPES, PROCESS_IDS};
use crate::oracle::Oracle;
use crate::random::Random;

/// Streams open at once, at most.
const STREAMS_MAX: usize = 3;
/// Polls that wait at once, at most.
const POLLS_MAX: usize = 4;
/// Jobs in the clients' hands, at most; more are forgotten and time out.
const HANDS_MAX: usize = 12;
/// Largest filler among an instance's variables, bytes.
const PADDING_BYTES_MAX: u64 = 6_000;

/// A request that waits.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) partition: PartitionId,
    pub(crate) command: Command,
    /// The last entry that any answer rests on.
    pub(crate) gate: u64,
    /// The command's own entry, if it made one.
    pub(crate) own_entry: Option<u64>,
}

/// What the clients do next.
pub(crate) enum Act {
    Submit(PartitionId, Command),
    OpenStream(StreamSpec),
    CloseStream(StreamId),
    OpenPoll(PollSpec),
    EndPoll(StreamId),
}

#[derive(Default)]
pub(crate) struct Clients {
    pub(crate) pending: BTreeMap<RequestId, Pending>,
    /// Answers to requests that a test watches.
    pub(crate) watched: BTreeMap<RequestId, Option<Answer>>,
    next_request: u64,
    next_stream: u64,
    /// Jobs in workers' hands.
    pub(crate) hands: Vec<Key>,
    /// Open streams with the jobs that their clients did not take yet.
    pub(crate) streams: BTreeMap<StreamId, Vec<Activation>>,
    /// Polls that wait for jobs of a type.
    pub(crate) polls: BTreeMap<StreamId, PollSpec>,
    deployments: u64,
}

fn variables(random: &mut Random) -> VariableDocument {
    let mut members = Vec::new();
    if !random.one_in(4) {
        members.push(format!(r#""amount":{}"#, random.below(6)));
    }
    if !random.one_in(4) {
        members.push(format!(r#""n":{}"#, random.below(4)));
    }
    if random.one_in(6) {
        let length = random.below(PADDING_BYTES_MAX) as usize;
        members.push(format!(r#""pad":"{}""#, "x".repeat(length)));
    }
    if !random.one_in(3) {
        members.push(format!(r#""order":"order-{}""#, random.below(models::ORDERS)));
    }
    let text = format!("{{{}}}", members.join(","));
    VariableDocument::parse(Bytes::from(text)).expect("this is JSON")
}

fn job_type(random: &mut Random) -> &'static str {
    JOB_TYPES[random.index(JOB_TYPES.len())]
}

impl Clients {
    pub(crate) fn new_request(&mut self) -> RequestId {
        self.next_request += 1;
        RequestId(self.next_request)
    }

    pub(crate) fn new_stream(&mut self) -> StreamId {
        self.next_stream += 1;
        StreamId(self.next_stream)
    }

    /// Jobs that reached a worker.
    pub(crate) fn take_jobs(&mut self, jobs: impl IntoIterator<Item = Key>) {
        self.hands.extend(jobs);
        let excess = self.hands.len().saturating_sub(HANDS_MAX);
        self.hands.drain(..excess);
    }

    /// The server is gone: connections break, workers keep what they have.
    pub(crate) fn on_crash(&mut self) {
        self.pending.clear();
        self.polls.clear();
        for (_, jobs) in std::mem::take(&mut self.streams) {
            self.take_jobs(jobs.iter().map(|activation| activation.job_key));
        }
    }

    /// A copy for a side branch.
    pub(crate) fn fork(&self) -> Self {
        Self {
            pending: BTreeMap::new(),
            watched: BTreeMap::new(),
            next_request: self.next_request,
            next_stream: self.next_stream,
            hands: self.hands.clone(),
            streams: BTreeMap::new(),
            polls: BTreeMap::new(),
            deployments: self.deployments,
        }
    }

    pub(crate) fn act(&mut self, random: &mut Random, oracle: &Oracle) -> Act {
        let ids: Vec<PartitionId> = oracle.partitions.keys().copied().collect();
        let partition = ids[random.index(ids.len())];
        if self.deployments < ids.len() as u64 * 2 {
            let partition = ids[(self.deployments as usize) % ids.len()];
            return Act::Submit(partition, self.deploy(random));
        }
        match random.below(49) {
            0 => Act::Submit(partition, self.deploy(random)),
            1..=9 => Act::Submit(partition, self.create(random, oracle, partition)),
            10..=11 => Act::Submit(partition, activate(random)),
            12..=13 if self.polls.len() < POLLS_MAX => Act::OpenPoll(poll(random)),
            12..=13 => {
                let polls: Vec<StreamId> = self.polls.keys().copied().collect();
                Act::EndPoll(*random.choose(&polls).expect("some wait"))
            }
            14..=15 if self.streams.len() < STREAMS_MAX => Act::OpenStream(stream(random)),
            14..=16 => match random.choose(&self.streams.keys().copied().collect::<Vec<_>>()) {
                Some(id) => Act::CloseStream(*id),
                None => Act::OpenStream(stream(random)),
            },
            17..=29 => self.work(random, oracle, partition),
            30..=31 => update(random, oracle, partition),
            32..=34 => set_variables(random, oracle, partition),
            35 => cancel(random, oracle, partition),
            36 => Act::Submit(partition, evaluate(random)),
            37 => publish(random, ids.len()),
            38 => suspend_or_resume(random, oracle, partition),
            39 | 40 => answer(random, oracle, partition),
            41 => broadcast(random, partition),
            42 => assign_business_id(random, oracle, partition),
            43 | 44 => batches::ask(random, oracle, partition),
            45..=47 => batches::select(random, oracle, partition),
            _ => resolve(random, oracle, partition),
        }
    }

    fn deploy(&mut self, random: &mut Random) -> Command {
        // The first deployments bring everything, later ones new versions or nothing new.
        let is_first = self.deployments < 4;
        self.deployments += 1;
        let numbers = if is_first { 0..PROCESS_IDS.len() } else { 0..1 + random.index(PROCESS_IDS.len()) };
        let resource = |number: usize, variant: u64| Resource {
            name: format!("{}.bpmn", PROCESS_IDS[number]),
            content: models::document(number, variant).into(),
        };
        let mut resources: Vec<Resource> = numbers.map(|number| resource(number, random.below(2))).collect();
        if is_first || random.one_in(2) {
            let content = models::decisions(random.below(2)).into();
            resources.push(Resource { name: "choices.dmn".to_owned(), content });
        }
        Command::CreateDeployment(CreateDeployment { resources, tenant_id: DEFAULT_TENANT.to_owned() })
    }

    fn create(&self, random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Command {
        let bpmn_process_id = PROCESS_IDS[random.index(PROCESS_IDS.len())].to_owned();
        let known: Vec<Key> = oracle.of(partition).facts.definitions.keys().copied().collect();
        let definition = match (random.below(6), random.choose(&known)) {
            (0, Some(key)) => DefinitionSelector::Key(*key),
            (1, _) => DefinitionSelector::Version { bpmn_process_id, version: 1 + random.below(2) as i32 },
            _ => DefinitionSelector::Latest { bpmn_process_id },
        };
        Command::CreateProcessInstance(CreateProcessInstance {
            definition,
            variables: variables(random),
            start_element_ids: Vec::new(),
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.to_owned(),
            tags: Vec::new(),
            business_id: business_id(random, partition, oracle.partitions.len()),
            await_result: random.one_in(5).then(AwaitResult::default),
        })
    }

    /// What a worker does with a job: mostly complete it.
    fn work(&mut self, random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
        let job_key = match self.hands.len() {
            0 => oracle.of(partition).some_job(random),
            length => Some(self.hands[random.index(length)]),
        };
        let Some(job_key) = job_key else { return Act::Submit(partition, activate(random)) };
        // Some jobs stay in hand and are reported on again.
        if !random.one_in(8) {
            self.hands.retain(|key| *key != job_key);
        }
        let command = match random.below(10) {
            0 => Command::FailJob(FailJob {
                job_key,
                retries: random.below(3) as i32,
                retry_backoff: DurationMs(random.below(2) as i64 * 400),
                error_message: "it did not work".to_owned(),
                variables: variables(random),
            }),
            1 if random.one_in(2) => Command::ThrowJobError {
                job_key,
                error_code: "E".to_owned(),
                error_message: String::new(),
                variables: VariableDocument::default(),
            },
            _ => Command::CompleteJob { job_key, variables: variables(random) },
        };
        Act::Submit(job_key.partition(), command)
    }
}

/// Mostly none; else one that falls to the partition, if any does.
fn business_id(random: &mut Random, partition: PartitionId, partitions: usize) -> String {
    let id = format!("business-{}", random.below(models::BUSINESS_IDS));
    let falls_here = PartitionId::of_correlation_key(&id, partitions as u16) == partition;
    if falls_here && random.one_in(2) { id } else { String::new() }
}

fn evaluate(random: &mut Random) -> Command {
    let decision_id = if random.one_in(8) { "unknown" } else { models::DECISION_ID }.to_owned();
    Command::EvaluateDecision(EvaluateDecision {
        decision: DecisionSelector::Latest { decision_id },
        variables: variables(random),
        tenant_id: DEFAULT_TENANT.to_owned(),
    })
}

fn publish(random: &mut Random, partitions: usize) -> Act {
    let correlation_key = format!("order-{}", random.below(models::ORDERS));
    let partition = PartitionId::of_correlation_key(&correlation_key, partitions as u16);
    let message_id = if random.one_in(2) { String::new() } else { format!("m{}", random.below(3)) };
    let time_to_live = DurationMs(random.below(3) as i64 * 700);
    let name = if random.one_in(3) { models::BEGIN } else { "paid" }.to_owned();
    let business_id = match random.one_in(2) {
        true => format!("business-{}", random.below(models::BUSINESS_IDS)),
        false => String::new(),
    };
    let command = PublishMessage {
        name,
        correlation_key,
        time_to_live,
        message_id,
        business_id,
        variables: variables(random),
        tenant_id: DEFAULT_TENANT.to_owned(),
    };
    Act::Submit(partition, Command::PublishMessage(command))
}

fn broadcast(random: &mut Random, partition: PartitionId) -> Act {
    let (name, tenant_id) = (models::SIGNAL.to_owned(), DEFAULT_TENANT.to_owned());
    let variables = variables(random);
    Act::Submit(partition, Command::BroadcastSignal(BroadcastSignal { name, variables, tenant_id }))
}

/// What a person does with a user task.
fn answer(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let tasks: Vec<Key> = oracle.of(partition).facts.user_tasks.iter().copied().collect();
    let user_task_key = random.choose(&tasks).copied().unwrap_or(Key::new(partition, 1));
    let operation = match random.below(4) {
        0 => UserTaskOperation::Assign { assignee: "anna".to_owned() },
        _ => UserTaskOperation::Complete { variables: variables(random) },
    };
    let command = UserTaskCommand { user_task_key, action: String::new(), operation };
    Act::Submit(partition, Command::UserTask(command))
}

fn activate(random: &mut Random) -> Command {
    Command::ActivateJobs(ActivateJobs {
        job_type: job_type(random).to_owned(),
        worker: "poll".to_owned(),
        timeout: DurationMs(500 + random.below(1_000) as i64),
        jobs_max: 1 + random.below(4) as u32,
        bytes_max: 1 << 20,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
        with_leases: false,
    })
}

fn poll(random: &mut Random) -> PollSpec {
    PollSpec { jobs: stream(random), bytes_max: 1 << 20, waits: true }
}

fn stream(random: &mut Random) -> StreamSpec {
    StreamSpec {
        job_type: job_type(random).into(),
        worker: "stream".into(),
        timeout: DurationMs(500 + random.below(1_000) as i64),
        fetch_variables: [].into(),
        tenant_ids: [DEFAULT_TENANT.to_owned()].into(),
        window: 1 + random.below(4) as u32,
        with_leases: false,
    }
}

fn update(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let job_key = oracle.of(partition).some_job(random).unwrap_or(Key::new(partition, 1));
    let retries = Some(1 + random.below(2) as i32);
    let timeout = Some(DurationMs(random.below(2_000) as i64));
    let (retries, timeout, kind) = match random.below(3) {
        0 => (retries, timeout, JobUpdateKind::Both),
        1 => (None, timeout, JobUpdateKind::Timeout),
        _ => (retries, None, JobUpdateKind::Retries),
    };
    let priority = (kind == JobUpdateKind::Both).then(|| random.below(3) as i32 - 1);
    Act::Submit(partition, Command::UpdateJob { job_key, retries, timeout, priority, kind })
}

fn set_variables(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let scopes = oracle.of(partition).open_scopes();
    let element_instance_key = random.choose(&scopes).copied().unwrap_or(Key::new(partition, 1));
    let semantics = if random.one_in(2) { UpdateSemantics::Local } else { UpdateSemantics::Propagate };
    let variables = variables(random);
    Act::Submit(partition, Command::SetVariables { element_instance_key, variables, semantics })
}

fn cancel(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let instances = oracle.of(partition).open_instances();
    let process_instance_key = random.choose(&instances).copied().unwrap_or(Key::new(partition, 1));
    Act::Submit(partition, Command::CancelProcessInstance { process_instance_key })
}

fn suspend_or_resume(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let instances = oracle.of(partition).open_instances();
    let process_instance_key = random.choose(&instances).copied().unwrap_or(Key::new(partition, 1));
    let command = match random.one_in(3) {
        true => Command::SuspendProcessInstance { process_instance_key },
        false => Command::ResumeProcessInstance { process_instance_key },
    };
    Act::Submit(partition, command)
}

fn assign_business_id(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let instances = oracle.of(partition).open_instances();
    let process_instance_key = random.choose(&instances).copied().unwrap_or(Key::new(partition, 1));
    let business_id = format!("business-{}", random.below(2));
    Act::Submit(partition, Command::AssignBusinessId { process_instance_key, business_id })
}

fn resolve(random: &mut Random, oracle: &Oracle, partition: PartitionId) -> Act {
    let incidents = oracle.of(partition).open_incidents();
    let incident_key = random.choose(&incidents).copied().unwrap_or(Key::new(partition, 1));
    Act::Submit(partition, Command::ResolveIncident { incident_key })
}
