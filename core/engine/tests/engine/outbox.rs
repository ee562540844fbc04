//! Messages between partitions over a bad network: lost, doubled, reordered, late, with restarts in between.

use crate::rig::Rig;
use bytes::Bytes;
use expect_test::expect;
use ringbolt_engine::{Effect, EngineSettings};
use ringbolt_record::command::{CreateDeployment, PartitionCommand, Resource};
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Key, PartitionId};
use ringbolt_tables::OutboxState;
use std::collections::BTreeSet;

/// Random numbers by a seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Partitions and what is on its way between them.
pub(crate) struct Cluster {
    pub(crate) rigs: Vec<Rig>,
    pub(crate) mail: Vec<(PartitionId, Command)>,
    /// What is sent to it is lost.
    pub(crate) away: Option<PartitionId>,
    deployments: u32,
}

impl Cluster {
    pub(crate) fn new(count: u16) -> Self {
        Self::with(count, |_| {})
    }

    pub(crate) fn with(count: u16, change: impl Fn(&mut EngineSettings)) -> Self {
        let rig = |id| {
            let mut settings =
                EngineSettings { partition_count: count, ..EngineSettings::new(PartitionId(id)) };
            change(&mut settings);
            Rig::with(settings)
        };
        Self { rigs: (1..=count).map(rig).collect(), mail: Vec::new(), away: None, deployments: 0 }
    }

    pub(crate) fn rig(&mut self, partition: PartitionId) -> &mut Rig {
        &mut self.rigs[usize::from(partition.0) - 1]
    }

    /// A deployment of a process that nobody else deploys, with so many bytes more than it needs.
    fn deploy(&mut self, partition: PartitionId, padding: usize) {
        self.deployments += 1;
        let number = self.deployments;
        let content = format!(
            r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><!--{}--><process id="p{number}" isExecutable="true"><startEvent id="s"/></process></definitions>"#,
            "x".repeat(padding)
        );
        let resources = vec![Resource { name: format!("{number}.bpmn"), content: Bytes::from(content) }];
        let tenant_id = DEFAULT_TENANT.to_owned();
        self.rig(partition).send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
        self.collect();
    }

    /// Takes what the partitions have sent; what was sent to the partition that is away is lost. How much that was.
    pub(crate) fn collect(&mut self) -> Vec<(PartitionId, usize)> {
        let mut sent = Vec::new();
        for rig in &mut self.rigs {
            for effect in std::mem::take(&mut rig.effects) {
                let Effect::Send { partition, command } = effect else { continue };
                let bytes = match &command {
                    Command::Partition(PartitionCommand::Deliver { message, .. }) => message.len(),
                    _ => 0,
                };
                sent.push((partition, bytes));
                if self.away != Some(partition) {
                    self.mail.push((partition, command));
                }
            }
        }
        sent
    }

    pub(crate) fn deliver(&mut self, at: usize) {
        let (partition, command) = self.mail.remove(at);
        self.rig(partition).process(&command, None);
        self.collect();
    }

    /// Something on its way comes, in any order, is lost or comes once more.
    pub(crate) fn mishap(&mut self, random: &mut Random) {
        if self.mail.is_empty() {
            return;
        }
        let at = random.below(self.mail.len());
        match random.below(10) {
            0 => drop(self.mail.remove(at)),
            1 => self.mail.push(self.mail[at].clone()),
            _ => self.deliver(at),
        }
    }

    /// Time passes for all but the partition that is away; what is due is done.
    pub(crate) fn pass(&mut self, span: DurationMs) {
        let away = self.away;
        for rig in &mut self.rigs {
            rig.now = rig.now.plus(span);
            if away != Some(rig.partition_id()) {
                rig.run_due();
            }
        }
    }

    /// Delivers everything, whatever it takes.
    pub(crate) fn settle(&mut self) {
        for _ in 0..200 {
            while !self.mail.is_empty() {
                self.deliver(0);
            }
            self.pass(DurationMs(60_000));
            self.collect();
            if self.mail.is_empty() && self.rigs.iter().all(|rig| rig.engine.next_due(&rig.tables).is_none())
            {
                return;
            }
        }
        panic!("the partitions do not come to rest");
    }

    /// Everything sent was taken once and in order.
    pub(crate) fn check(&mut self) {
        let ids: Vec<PartitionId> = self.rigs.iter().map(Rig::partition_id).collect();
        for rig in &self.rigs {
            for (target, state) in rig.tables.outboxes() {
                assert_eq!(state.acknowledged, state.last, "{} to {target}", rig.partition_id());
            }
            assert!(
                rig.dump().iter().all(|(table, _, _)| ![17, 40].contains(table)),
                "nothing is left behind"
            );
            let taken = rig.records.iter().filter(|line| line.contains("DEPLOYMENT DISTRIBUTED")).count();
            let made = rig.records.iter().filter(|line| line.contains("DEPLOYMENT CREATED")).count();
            assert_eq!(taken + made, self.deployments as usize);
            let finished = rig.records.iter().filter(|line| line.contains("DISTRIBUTION FINISHED")).count();
            assert_eq!(finished, made);
        }
        for source in &ids {
            for target in ids.iter().filter(|target| *target != source) {
                let sent = self.rig(*source).tables.outbox(*target).last;
                assert_eq!(self.rig(*target).tables.inbox(*source), sent, "{source} to {target}");
            }
        }
    }

    pub(crate) fn unacknowledged(&self) -> bool {
        let mut states = self.rigs.iter().flat_map(|rig| rig.tables.outboxes());
        states.any(|(_, state)| state.acknowledged < state.last)
    }
}

#[test]
fn a_deployment_reaches_the_others_with_the_records_of_its_way() {
    let mut cluster = Cluster::new(2);
    cluster.deploy(PartitionId(1), 0);
    cluster.settle();
    cluster.check();
    let records = |rig: &Rig| rig.records.iter().map(|line| format!("{line}\n")).collect::<String>();
    expect![[r#"
        E ROUTING CHANGED key=0 partitionCount=2
        E PROCESS CREATED key=2251799813685250 bpmnProcessId=p1 version=1 processDefinitionKey=2251799813685250 resourceName=1.bpmn
        E DEPLOYMENT CREATED key=2251799813685249 processesMetadata=[(bpmnProcessId=p1 processDefinitionKey=2251799813685250 resourceName=1.bpmn version=1)]
        E COMMAND_DISTRIBUTION STARTED key=2251799813685249 partitionId=1
        E COMMAND_DISTRIBUTION DISTRIBUTING key=2251799813685249 partitionId=2
        E PARTITION_MESSAGE SENT key=2251799813685251 partitionId=2 sequence=1
        E COMMAND_DISTRIBUTION ACKNOWLEDGED key=2251799813685249 partitionId=2
        E COMMAND_DISTRIBUTION FINISHED key=2251799813685249 partitionId=1
        E PARTITION_MESSAGE ACKNOWLEDGED key=0 partitionId=2 sequence=1
    "#]].assert_eq(&records(&cluster.rigs[0]));
    expect![[r#"
        E ROUTING CHANGED key=0 partitionCount=2
        E PARTITION_MESSAGE RECEIVED key=0 partitionId=1 sequence=1
        E PROCESS CREATED key=2251799813685250 bpmnProcessId=p1 version=1 processDefinitionKey=2251799813685250 resourceName=1.bpmn
        E DEPLOYMENT DISTRIBUTED key=2251799813685249 processesMetadata=[(bpmnProcessId=p1 processDefinitionKey=2251799813685250 resourceName=1.bpmn version=1)]
    "#]].assert_eq(&records(&cluster.rigs[1]));
}

#[test]
fn messages_are_taken_once_and_in_order_whatever_the_network_does() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let mut cluster = Cluster::new(3);
        for _ in 0..150 {
            let partition = PartitionId(1 + random.below(3) as u16);
            match random.below(12) {
                0 => cluster.deploy(partition, random.below(40_000)),
                1 => {
                    let span = DurationMs(random.below(5_000) as i64);
                    cluster.pass(span);
                    cluster.collect();
                }
                2 if seed % 4 == 0 => cluster.rig(partition).restart(),
                _ => cluster.mishap(&mut random),
            }
        }
        cluster.settle();
        cluster.check();
    }
}

#[test]
fn a_partition_that_is_away_for_an_hour_gets_everything_and_starves_no_other() {
    let mut cluster = Cluster::new(3);
    let (away, there) = (PartitionId(2), PartitionId(3));
    cluster.away = Some(away);
    for _ in 0..400 {
        cluster.deploy(PartitionId(1), 1_000);
    }
    while !cluster.mail.is_empty() {
        cluster.deliver(0);
    }
    let outbox = |cluster: &mut Cluster, target| cluster.rig(PartitionId(1)).tables.outbox(target);
    assert_eq!(outbox(&mut cluster, there), OutboxState { last: 400, acknowledged: 400 });
    assert_eq!(outbox(&mut cluster, away), OutboxState { last: 400, acknowledged: 0 });
    let mut times = 0;
    for _ in 0..3_600 {
        cluster.pass(DurationMs(1_000));
        let sent = cluster.collect();
        let bytes: usize = sent.iter().filter(|(to, _)| *to == away).map(|(_, bytes)| bytes).sum();
        assert!(bytes <= 64 * 1024 + 2_000, "{bytes} bytes at once");
        times += u32::from(bytes > 0);
    }
    assert!((60..=70).contains(&times), "it was tried {times} times");
    cluster.away = None;
    for _ in 0..61 {
        cluster.pass(DurationMs(1_000));
        cluster.collect();
        while !cluster.mail.is_empty() {
            cluster.deliver(0);
        }
    }
    assert!(!cluster.unacknowledged(), "everything has arrived a minute later");
    cluster.check();
}

#[test]
fn what_is_under_way_is_bounded_and_goes_on_as_it_is_acknowledged() {
    let mut cluster = Cluster::new(2);
    for _ in 0..300 {
        cluster.deploy(PartitionId(1), 0);
    }
    assert_eq!(cluster.mail.len(), 256, "messages under way");
    cluster.settle();
    cluster.check();
    for _ in 0..3 {
        cluster.deploy(PartitionId(1), 700 * 1024);
    }
    assert_eq!(cluster.mail.len(), 2, "a mebibyte is under way");
    cluster.deliver(0);
    assert_eq!(cluster.mail.len(), 2, "the acknowledgement waits behind the second");
    cluster.deliver(1);
    assert_eq!(cluster.mail.len(), 2, "there is room for the third");
    cluster.settle();
    cluster.check();
}

#[test]
fn what_comes_before_its_turn_or_cannot_be_read_is_not_taken() {
    let mut cluster = Cluster::new(2);
    let deliver = |sequence, message: &'static [u8]| {
        let message = Bytes::from_static(message);
        Command::Partition(PartitionCommand::Deliver { source: PartitionId(1), sequence, message })
    };
    for command in
        [deliver(2, b""), deliver(0, b""), deliver(1, b""), deliver(1, b"\x01\xff"), deliver(1, b"\x09\x01")]
    {
        cluster.rigs[1].process(&command, None);
        assert_eq!(cluster.rigs[1].tables.inbox(PartitionId(1)), 0);
    }
    let acknowledge =
        |partition, sequence| Command::Partition(PartitionCommand::Acknowledge { partition, sequence });
    cluster.deploy(PartitionId(1), 0);
    for command in
        [acknowledge(PartitionId(2), 2), acknowledge(PartitionId(2), 0), acknowledge(PartitionId(9), 1)]
    {
        cluster.rigs[0].process(&command, None);
        assert_eq!(cluster.rigs[0].tables.outbox(PartitionId(2)).acknowledged, 0);
    }
    cluster.settle();
    cluster.check();
}

#[test]
fn definitions_are_the_same_everywhere() {
    let mut cluster = Cluster::new(3);
    for partition in [1, 2, 3, 1] {
        cluster.deploy(PartitionId(partition), 10);
    }
    cluster.settle();
    let definitions = |rig: &Rig| -> BTreeSet<Key> {
        let rows = rig.dump().into_iter().filter(|(table, _, _)| *table == 1);
        rows.map(|(_, key, _)| Key(u64::from_be_bytes(key[..8].try_into().unwrap()))).collect()
    };
    let first = definitions(&cluster.rigs[0]);
    assert_eq!(first.len(), 4);
    assert!(cluster.rigs.iter().all(|rig| definitions(rig) == first));
}
