//! Messages, signals and locks of starts between partitions that do not hear each other well: what they tell each other is lost,
//! doubled and reordered, and one of them is away for an hour. Once all has come, both sides of every wait agree.

use crate::budget::variables;
use crate::outbox::{Cluster, Random};
use ringbolt_record::command::{BroadcastSignal, CorrelateMessage, PublishMessage};
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, TimestampMs, VariableDocument};
use ringbolt_tables::{ForWhom, MessageWaitState};
use std::collections::{BTreeMap, BTreeSet};

const PARTITIONS: usize = 3;
/// Correlation keys, so few that many wait for the same.
const ORDERS: usize = 4;
const DAY_MS: i64 = 86_400_000;

const ROOTS: &str = r#"<bpmn:message id="paid" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message><bpmn:message id="begin" name="begin" /><bpmn:signal id="alarm" name="alarm" />"#;
/// Takes two messages, one after the other, or ends by a signal.
const WAITS: &str = r#"<bpmn:receiveTask id="r" messageRef="paid" /><bpmn:boundaryEvent id="b" attachedToRef="r"><bpmn:signalEventDefinition signalRef="alarm" /></bpmn:boundaryEvent><bpmn:intermediateCatchEvent id="c"><bpmn:messageEventDefinition messageRef="paid" /></bpmn:intermediateCatchEvent><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="r" /><bpmn:sequenceFlow id="g" sourceRef="r" targetRef="c" />"#;
/// Takes messages for as long as its task waits.
const BESIDE: &str = r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask><bpmn:boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><bpmn:messageEventDefinition messageRef="paid" /></bpmn:boundaryEvent><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t" />"#;
/// Begun by messages, one at a time for each key; then it waits for one.
const BEGUN: &str = r#"<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="begin" /></bpmn:startEvent><bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="begun" /></bpmn:extensionElements></bpmn:serviceTask><bpmn:sequenceFlow id="f" sourceRef="m" targetRef="t" />"#;

/// The value of a field in a line of records.
fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let of = line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    of.unwrap_or_else(|| panic!("no {name} in {line}"))
}

struct Far {
    cluster: Cluster,
    random: Random,
}

impl Far {
    fn new(seed: u64) -> Self {
        let mut cluster = Cluster::new(PARTITIONS as u16);
        for (id, body) in [("waits", WAITS), ("beside", BESIDE), ("begun", BEGUN)] {
            cluster.rig(PartitionId(1)).deploy_with(ROOTS, id, body);
        }
        cluster.collect();
        let mut far = Self { cluster, random: Random(seed) };
        far.rest();
        far
    }

    /// Everything that is under way arrives, and nothing more is told. No day passes by that.
    fn rest(&mut self) {
        for _ in 0..100 {
            while !self.cluster.mail.is_empty() {
                self.cluster.deliver(0);
            }
            self.cluster.pass(DurationMs(0));
            self.cluster.collect();
            if self.cluster.mail.is_empty() && !self.cluster.unacknowledged() {
                return;
            }
            if self.cluster.mail.is_empty() {
                self.cluster.pass(DurationMs(60_000));
                self.cluster.collect();
            }
        }
        panic!("the partitions do not come to rest");
    }

    fn order(&mut self) -> String {
        format!("order-{}", self.random.below(ORDERS))
    }

    fn business_id(&mut self) -> String {
        ["", "", "x", "y"][self.random.below(4)].to_owned()
    }

    /// One thing that a client does on a partition that is not away.
    fn act(&mut self) {
        let there: Vec<u16> =
            (1..=PARTITIONS as u16).filter(|id| self.cluster.away != Some(PartitionId(*id))).collect();
        let partition = PartitionId(there[self.random.below(there.len())]);
        match self.random.below(10) {
            0..=3 => self.create(partition),
            4..=6 => self.publish(),
            7 => {
                let rig = self.cluster.rig(partition);
                let instances: Vec<Key> = rig.names.instances.clone();
                if let Some(at) = (!instances.is_empty()).then(|| self.random.below(instances.len())) {
                    let process_instance_key = instances[at];
                    self.cluster
                        .rig(partition)
                        .send(&Command::CancelProcessInstance { process_instance_key });
                }
            }
            8 => {
                let jobs = self.cluster.rig(partition).take_jobs("begun");
                for job in jobs {
                    let _ = self.cluster.rig(partition).finish(job, VariableDocument::default());
                }
            }
            _ => {
                let name = "alarm".to_owned();
                let tenant_id = DEFAULT_TENANT.to_owned();
                let variables = VariableDocument::default();
                let signal = BroadcastSignal { name, variables, tenant_id };
                self.cluster.rig(partition).send(&Command::BroadcastSignal(signal));
            }
        }
        self.cluster.rig(partition).run_due();
        self.cluster.collect();
    }

    fn create(&mut self, partition: PartitionId) {
        let id = ["waits", "waits", "beside"][self.random.below(3)];
        let (order, business_id) = (self.order(), self.business_id());
        let document = variables(format!(r#"{{"order":"{order}"}}"#));
        let rig = self.cluster.rig(partition);
        rig.start_of(&business_id, id, document).expect("it is deployed");
    }

    fn publish(&mut self) {
        let (correlation_key, business_id) = (self.order(), self.business_id());
        let partition = PartitionId::of_correlation_key(&correlation_key, PARTITIONS as u16);
        if self.cluster.away == Some(partition) {
            return;
        }
        let name = ["paid", "paid", "begin"][self.random.below(3)].to_owned();
        let tenant_id = DEFAULT_TENANT.to_owned();
        let variables = VariableDocument::default();
        let command = match self.random.below(4) {
            0 => Command::CorrelateMessage(CorrelateMessage {
                name,
                correlation_key,
                business_id,
                variables,
                tenant_id,
            }),
            kept => Command::PublishMessage(PublishMessage {
                name,
                correlation_key,
                time_to_live: DurationMs([0, DAY_MS][usize::from(kept > 1)]),
                message_id: String::new(),
                business_id,
                variables,
                tenant_id,
            }),
        };
        let rig = self.cluster.rig(partition);
        rig.send(&command);
        rig.run_due();
    }

    fn rows(&self, table: u8) -> impl Iterator<Item = (usize, Key)> {
        let rows = self.cluster.rigs.iter().enumerate().flat_map(move |(at, rig)| {
            rig.dump().into_iter().filter(move |(of, _, _)| *of == table).map(move |(_, key, _)| (at, key))
        });
        rows.map(|(at, key)| (at, Key(u64::from_be_bytes(key[..8].try_into().expect("a key")))))
    }

    /// Both sides of every wait agree, nobody is told of anything, and nobody waits for what is kept for him.
    fn check_waits(&self) {
        const WAITS: u8 = 54;
        const SUBSCRIPTIONS: u8 = 49;
        const AWAITED: u8 = 59;
        for (at, key) in self.rows(WAITS) {
            let rig = &self.cluster.rigs[at];
            let wait = rig.tables.message_wait(key).expect("a row");
            assert_eq!(wait.state, MessageWaitState::Open, "{key}");
            let there = &self.cluster.rigs[usize::from(wait.partition_id.0) - 1];
            let subscription = there.tables.message_subscription_of(key).expect("the other side knows of it");
            let row = there.tables.message_subscription(subscription).expect("a row");
            assert!(!row.is_correlating, "{key}");
            assert_eq!((row.message_name, row.correlation_key), (wait.message_name, wait.correlation_key));
            let whom = ForWhom {
                tenant_id: row.tenant_id,
                name: row.message_name,
                correlation_key: row.correlation_key,
                business_id: Some(row.business_id),
            };
            let missed = there.tables.next_message_for(whom, row.bpmn_process_id, there.now);
            assert_eq!(missed, None, "{key} waits for what is there");
        }
        for (at, key) in self.rows(SUBSCRIPTIONS) {
            let owner = self.cluster.rigs[at].tables.message_subscription(key).expect("a row").owner_key;
            let there = &self.cluster.rigs[usize::from(owner.partition().0) - 1];
            assert!(there.tables.message_wait(owner).is_some(), "nobody waits, but {key} does");
        }
        assert_eq!(self.rows(AWAITED).count(), 0, "whoever waits for an answer has it");
    }

    fn lines<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.cluster.rigs.iter().flat_map(|rig| &rig.records);
        lines.map(String::as_str).filter(move |line| line.starts_with(what))
    }

    /// What each message reached, as each of the two sides says.
    fn check_taken(&self) {
        let taken = |what| {
            let pairs =
                self.lines(what).map(|line| (field(line, "messageKey"), field(line, "bpmnProcessId")));
            let pairs: Vec<_> = pairs.collect();
            let once: BTreeSet<_> = pairs.iter().copied().collect();
            assert_eq!(once.len(), pairs.len(), "a message reaches a process once");
            once
        };
        let instances = taken("E PROCESS_MESSAGE_SUBSCRIPTION CORRELATED");
        assert!(!instances.is_empty());
        assert_eq!(instances, taken("E MESSAGE_SUBSCRIPTION CORRELATED"));
        assert!(!taken("E MESSAGE_START_EVENT_SUBSCRIPTION CORRELATED").is_empty());
    }

    /// Every signal came to every partition, once.
    fn check_signals(&self) {
        let signals = |at: usize| {
            let lines =
                self.cluster.rigs[at].records.iter().filter(|line| line.starts_with("E SIGNAL BROADCASTED"));
            let mut keys: Vec<&str> = lines.map(|line| field(line, "key")).collect();
            keys.sort_unstable();
            keys
        };
        let first = signals(0);
        assert!(first.windows(2).all(|pair| pair[0] != pair[1]), "a signal comes once");
        assert!((1..PARTITIONS).all(|at| signals(at) == first), "each comes to all");
    }

    /// One instance for a key at a time holds its lock, and what is kept for it begins when it ends, each once.
    fn check_locks(&mut self) {
        const LOCKS: u8 = 57;
        const LOCK_OF_INSTANCE: u8 = 58;
        loop {
            assert_eq!(self.rows(LOCKS).count(), self.rows(LOCK_OF_INSTANCE).count());
            for (at, instance) in self.rows(LOCK_OF_INSTANCE) {
                assert!(self.cluster.rigs[at].tables.element_instance_state(instance).is_some());
            }
            let mut ended = 0;
            for rig in &mut self.cluster.rigs {
                for job in rig.take_jobs("begun") {
                    rig.finish(job, VariableDocument::default()).expect("it waits for that");
                    ended += 1;
                }
                rig.run_due();
            }
            self.cluster.collect();
            if ended == 0 {
                break;
            }
        }
        assert_eq!(self.rows(LOCKS).count(), 0);
        let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
        for line in self.lines("E MESSAGE PUBLISHED") {
            if field(line, "name") == "begin" && line.contains("timeToLive=86400000") {
                kept.insert(field(line, "key"), 0);
            }
        }
        for line in self.lines("E MESSAGE_START_EVENT_SUBSCRIPTION CORRELATED") {
            kept.entry(field(line, "messageKey")).and_modify(|times| *times += 1);
        }
        assert!(kept.values().all(|times| *times == 1), "{kept:?}");
    }

    fn check(&mut self) {
        self.check_waits();
        self.check_taken();
        self.check_signals();
        self.check_locks();
    }
}

#[test]
fn both_sides_of_every_wait_agree_whatever_the_network_does() {
    for seed in 1..=30 {
        let mut far = Far::new(seed);
        for _ in 0..160 {
            match far.random.below(6) {
                0 | 1 => far.act(),
                2 if far.random.below(4) == 0 => {
                    let span = DurationMs(far.random.below(20_000) as i64);
                    far.cluster.pass(span);
                    far.cluster.collect();
                }
                2 if seed % 4 == 0 && far.random.below(4) == 0 => {
                    let partition = PartitionId(1 + far.random.below(PARTITIONS) as u16);
                    far.cluster.rig(partition).restart();
                }
                _ => far.cluster.mishap(&mut far.random),
            }
        }
        far.rest();
        far.check();
    }
}

/// It hears nothing and does nothing for an hour, while the others go on: what they have for it comes when it is back, once.
#[test]
fn a_partition_that_is_away_for_an_hour_finds_every_wait_and_message() {
    for (seed, away) in (1..=6).map(|seed| (seed, PartitionId(1 + (seed % 3) as u16))) {
        let mut far = Far::new(seed);
        (0..40).for_each(|_| far.act());
        // What was on its way there is lost too.
        far.cluster.away = Some(away);
        far.cluster.mail.retain(|(partition, _)| *partition != away);
        let left: TimestampMs = far.cluster.rig(away).now;
        for _ in 0..60 {
            far.act();
            while !far.cluster.mail.is_empty() {
                far.cluster.deliver(0);
            }
            far.cluster.pass(DurationMs(60_000));
            far.cluster.collect();
        }
        assert!(far.cluster.rig(away).now.0 - left.0 >= 3_600_000);
        assert!(far.cluster.unacknowledged(), "there is something that it has not heard of");
        far.cluster.away = None;
        far.rest();
        far.check();
    }
}
