//! Business ids that have to differ over several partitions: messages start instances on the partition of their correlation key, and the id
//! may fall to another one. What the partitions tell each other is lost, doubled and reordered.

use crate::outbox::{Cluster, Random};
use crate::unique_ids::{ROOTS, begun, ids, message};
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::CorrelateMessage;
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, RejectionType, Reply, RequestId, VariableDocument,
};
use ringbolt_store::TableId;
use ringbolt_tables::OfBusiness;
use std::collections::BTreeMap;

const PARTITIONS: u16 = 3;
pub(crate) const DAY: DurationMs = DurationMs(86_400_000);
const IDS: [&str; 3] = ["x", "y", "z"];

pub(crate) fn falls_to(text: &str) -> PartitionId {
    PartitionId::of_correlation_key(text, PARTITIONS)
}

/// A correlation key that falls to a partition.
pub(crate) fn key_of(partition: PartitionId) -> String {
    (0..).map(|n| format!("k{n}")).find(|key| falls_to(key) == partition).expect("one does")
}

pub(crate) fn cluster(are_unique: bool) -> Cluster {
    cluster_of(|settings| settings.business_ids_are_unique = are_unique)
}

pub(crate) fn cluster_of(change: impl Fn(&mut EngineSettings)) -> Cluster {
    let mut cluster = Cluster::with(PARTITIONS, change);
    cluster.rig(PartitionId(1)).deploy_with(ROOTS, "p", &begun("work"));
    cluster.collect();
    settle(&mut cluster);
    cluster
}

/// Everything that is under way arrives; no time passes but for what was lost.
pub(crate) fn settle(cluster: &mut Cluster) {
    for _ in 0..200 {
        while !cluster.mail.is_empty() {
            cluster.deliver(0);
        }
        cluster.pass(DurationMs(0));
        cluster.collect();
        if cluster.mail.is_empty() && !cluster.unacknowledged() {
            return;
        }
        if cluster.mail.is_empty() {
            cluster.pass(DurationMs(60_000));
            cluster.collect();
        }
    }
    panic!("the partitions do not come to rest");
}

pub(crate) fn publish(
    cluster: &mut Cluster,
    correlation_key: &str,
    business_id: &str,
    time_to_live: DurationMs,
) {
    let rig = cluster.rig(falls_to(correlation_key));
    rig.send(&message(correlation_key, business_id, time_to_live));
    rig.run_due();
    cluster.collect();
}

fn correlate(cluster: &mut Cluster, correlation_key: &str, business_id: &str) -> RequestId {
    let command = Command::CorrelateMessage(CorrelateMessage {
        name: "begin".to_owned(),
        correlation_key: correlation_key.to_owned(),
        business_id: business_id.to_owned(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    });
    let rig = cluster.rig(falls_to(correlation_key));
    let request = rig.send(&command);
    rig.run_due();
    request
}

pub(crate) fn create(cluster: &mut Cluster, business_id: &str) -> Result<Key, RejectionType> {
    let rig = cluster.rig(falls_to(business_id));
    let created = rig.start_of(business_id, "p", VariableDocument::default());
    rig.run_due();
    cluster.collect();
    created
}

/// How many instances of each id stand on each partition.
pub(crate) fn standing(cluster: &mut Cluster) -> Vec<(u16, String)> {
    let mut found = Vec::new();
    for rig in &mut cluster.rigs {
        let partition = rig.partition_id().0;
        found.extend(ids(rig).into_iter().map(|id| (partition, id)));
    }
    found
}

pub(crate) fn complete_on(cluster: &mut Cluster, partition: PartitionId) {
    let rig = cluster.rig(partition);
    let task = rig.standing("t")[0];
    let job = rig.tables.element_instance(task).expect("it stands").waits_for;
    rig.finish(job, VariableDocument::default()).expect("it waits for that");
    rig.run_due();
    cluster.collect();
}

/// The partition that `x` falls to, and another one.
pub(crate) fn near_and_far() -> (PartitionId, PartitionId) {
    let near = falls_to("x");
    (near, PartitionId(near.0 % PARTITIONS + 1))
}

#[test]
fn an_id_that_falls_elsewhere_is_asked_for_there() {
    let mut cluster = cluster(true);
    let (near, far) = near_and_far();
    let key = key_of(far);
    publish(&mut cluster, &key, "x", DurationMs(0));
    assert_eq!(standing(&mut cluster), [], "it is not answered yet");
    settle(&mut cluster);
    assert_eq!(standing(&mut cluster), [(far.0, "x".to_owned())]);
    assert_eq!(create(&mut cluster, "x"), Err(RejectionType::AlreadyExists));
    publish(&mut cluster, &key_of(near), "x", DAY);
    publish(&mut cluster, &key, "x", DAY);
    settle(&mut cluster);
    assert_eq!(standing(&mut cluster).len(), 1);
    complete_on(&mut cluster, far);
    settle(&mut cluster);
    let second = standing(&mut cluster);
    assert_eq!(second.len(), 1, "one of the two comes next");
    complete_on(&mut cluster, PartitionId(second[0].0));
    settle(&mut cluster);
    let third = standing(&mut cluster);
    assert!(third.len() == 1 && third[0].0 != second[0].0, "then the other");
    complete_on(&mut cluster, PartitionId(third[0].0));
    settle(&mut cluster);
    create(&mut cluster, "x").expect("all have ended");
}

/// Whoever waits for whom a message reaches is answered when the other partition has.
#[test]
fn a_publisher_that_waits_is_answered_from_elsewhere() {
    let mut cluster = cluster(true);
    let (_, far) = near_and_far();
    let key = key_of(far);
    let first = correlate(&mut cluster, &key, "x");
    assert!(cluster.rig(far).answer(first).is_none());
    cluster.collect();
    let settle_for = |cluster: &mut Cluster, request: RequestId| {
        let mut found = None;
        for _ in 0..50 {
            let answer = cluster.rig(far).answer(request);
            found = found.or(answer);
            cluster.collect();
            match cluster.mail.is_empty() {
                true => break,
                false => {
                    let (partition, command) = cluster.mail.remove(0);
                    cluster.rig(partition).process(&command, None);
                }
            }
        }
        found.expect("it is answered")
    };
    let Ok(Reply::MessageCorrelated { process_instance_key, .. }) = settle_for(&mut cluster, first) else {
        panic!("it starts an instance");
    };
    cluster.rig(far).run_due();
    assert_eq!(standing(&mut cluster), [(far.0, "x".to_owned())]);
    let others = correlate(&mut cluster, "", "x");
    let rejected = settle_for_empty(&mut cluster, others);
    assert_eq!(rejected, Some(RejectionType::NotFound));
    let rig = cluster.rig(far);
    rig.told(&Command::CancelProcessInstance { process_instance_key }).unwrap();
    rig.run_due();
    cluster.collect();
    settle(&mut cluster);
    let awaited = cluster.rigs.iter().flat_map(|rig| rig.dump()).filter(|(table, _, _)| *table == 59).count();
    assert_eq!(awaited, 0, "nobody waits any more");
    create(&mut cluster, "x").expect("it is free");
}

/// The answer to a publisher on the partition of the empty correlation key.
fn settle_for_empty(cluster: &mut Cluster, request: RequestId) -> Option<RejectionType> {
    let partition = falls_to("");
    for _ in 0..50 {
        if let Some(answer) = cluster.rig(partition).answer(request) {
            return answer.err().map(|rejection| rejection.kind);
        }
        cluster.collect();
        if cluster.mail.is_empty() {
            break;
        }
        let (to, command) = cluster.mail.remove(0);
        cluster.rig(to).process(&command, None);
    }
    None
}

/// A granted id goes back where the message cannot use it any more.
#[test]
fn a_granted_id_goes_back_where_it_comes_too_late() {
    let (_, far) = near_and_far();
    let key = key_of(far);
    for is_locked in [false, true] {
        let mut cluster = cluster(true);
        publish(&mut cluster, &key, "x", DurationMs(1_000));
        if is_locked {
            publish(&mut cluster, &key, "", DurationMs(0));
        } else {
            let rig = cluster.rig(far);
            rig.now = rig.now.plus(DurationMs(1_001));
            rig.run_due();
            cluster.collect();
        }
        settle(&mut cluster);
        assert!(standing(&mut cluster).iter().all(|(_, id)| id.is_empty()));
        create(&mut cluster, "x").expect("nobody has it");
    }
}

/// What has begun elsewhere while ids did not have to differ is known where the id falls to.
#[test]
fn ids_of_before_count_wherever_they_run() {
    let mut cluster = cluster(false);
    let (near, far) = near_and_far();
    publish(&mut cluster, &key_of(far), "x", DurationMs(0));
    let late = cluster.rig(far).start("p", VariableDocument::default()).unwrap();
    cluster.rig(far).run_due();
    let id = (0..).map(|n| format!("late-{n}")).find(|id| falls_to(id) == near).unwrap();
    let assign = Command::AssignBusinessId { process_instance_key: late, business_id: id.clone() };
    cluster.rig(far).send(&assign);
    cluster.collect();
    settle(&mut cluster);
    cluster.rigs.iter_mut().for_each(|rig| rig.restart_with_unique_ids(true));
    assert_eq!(create(&mut cluster, "x"), Err(RejectionType::AlreadyExists));
    assert_eq!(create(&mut cluster, &id), Err(RejectionType::AlreadyExists));
    let rig = cluster.rig(far);
    rig.told(&Command::CancelProcessInstance { process_instance_key: late }).unwrap();
    rig.run_due();
    cluster.collect();
    settle(&mut cluster);
    create(&mut cluster, &id).expect("it has ended");
}

/// A banned instance does not count, in whichever step it was given up.
#[test]
fn what_is_banned_elsewhere_does_not_count() {
    const PROCESS_RESOURCES: TableId = TableId(137);
    let mut cluster = cluster_of(|settings| {
        settings.business_ids_are_unique = true;
        settings.batch_steps_max = 1;
    });
    let (_, far) = near_and_far();
    publish(&mut cluster, &key_of(far), "x", DurationMs(0));
    while !cluster.mail.is_empty() {
        cluster.deliver(0);
    }
    let rig = cluster.rig(far);
    let definition =
        rig.tables.latest_process(DEFAULT_TENANT, "p").expect("it is deployed").key.0.to_be_bytes();
    let row = rig.tables.store().get(PROCESS_RESOURCES, &definition).expect("it is deployed").to_vec();
    rig.restart();
    // No version of Ringbolt could read that.
    rig.change_both(|tables| tables.store_mut().put(PROCESS_RESOURCES, &definition, &row[..row.len() - 40]));
    rig.run_due();
    assert_eq!(rig.tables.banned().count(), 1);
    rig.change_both(|tables| tables.store_mut().put(PROCESS_RESOURCES, &definition, &row));
    cluster.collect();
    settle(&mut cluster);
    create(&mut cluster, "x").expect("nobody has it");
}

/// Who waits when the setting is taken away is started by the next end all the same.
#[test]
fn who_waits_is_started_where_ids_need_not_differ_any_more() {
    let mut cluster = cluster(true);
    let (near, far) = near_and_far();
    let holder = create(&mut cluster, "x").expect("nobody has it");
    publish(&mut cluster, &key_of(far), "x", DAY);
    settle(&mut cluster);
    cluster.rigs.iter_mut().for_each(|rig| rig.restart_with_unique_ids(false));
    cancel(&mut cluster, near, holder);
    assert_eq!(standing(&mut cluster), [(far.0, "x".to_owned())]);
}

/// An instance is canceled on its partition, and what that brings has come.
pub(crate) fn cancel(cluster: &mut Cluster, on: PartitionId, process_instance_key: Key) {
    let rig = cluster.rig(on);
    rig.told(&Command::CancelProcessInstance { process_instance_key }).expect("it runs");
    rig.run_due();
    cluster.collect();
    settle(cluster);
}

/// Messages wait on both partitions, and none of them waits for ever behind those of the other.
#[test]
fn partitions_take_turns_with_an_id() {
    let mut cluster = cluster(true);
    let (near, far) = near_and_far();
    let holder = create(&mut cluster, "x").expect("nobody has it");
    publish(&mut cluster, &key_of(far), "x", DAY);
    publish(&mut cluster, &key_of(near), "x", DAY);
    settle(&mut cluster);
    cancel(&mut cluster, near, holder);
    assert_eq!(standing(&mut cluster), [(far.0, "x".to_owned())]);
}

/// Who is told of an id and needs it no more leaves it to the others.
#[test]
fn an_id_that_one_was_told_of_in_vain_is_for_others() {
    let mut cluster = cluster(true);
    let (near, far) = near_and_far();
    let holder = create(&mut cluster, "x").expect("nobody has it");
    publish(&mut cluster, &key_of(far), "x", DurationMs(1_000));
    publish(&mut cluster, &key_of(near), "x", DAY);
    settle(&mut cluster);
    for rig in &mut cluster.rigs {
        rig.now = rig.now.plus(DurationMs(60_000));
        rig.run_due();
    }
    cluster.collect();
    settle(&mut cluster);
    cancel(&mut cluster, near, holder);
    assert_eq!(standing(&mut cluster), [(near.0, "x".to_owned())]);
}

struct Play {
    cluster: Cluster,
    random: Random,
    started: usize,
}

impl Play {
    fn act(&mut self) {
        let partition = PartitionId(1 + self.random.below(PARTITIONS.into()) as u16);
        let id = IDS[self.random.below(IDS.len())];
        match self.random.below(8) {
            0 | 1 => {
                let _ = create(&mut self.cluster, id);
            }
            2..=4 => {
                let keys = ["", "k1", "k2", "k3"];
                let key = keys[self.random.below(keys.len())];
                let time_to_live = [DurationMs(0), DurationMs(40_000), DAY][self.random.below(3)];
                let id = if self.random.below(4) == 0 { "" } else { id };
                publish(&mut self.cluster, key, id, time_to_live);
            }
            5 => {
                let key = ["", "k1", "k2"][self.random.below(3)];
                correlate(&mut self.cluster, key, id);
                self.cluster.collect();
            }
            6 => {
                let rig = self.cluster.rig(partition);
                if let Some(task) = rig.standing("t").first() {
                    let row = rig.tables.element_instance(*task).expect("it stands");
                    let process_instance_key = row.element.instance.process_instance_key;
                    rig.send(&Command::CancelProcessInstance { process_instance_key });
                }
            }
            _ => {
                let rig = self.cluster.rig(partition);
                for job in rig.take_jobs_up_to("work", 1) {
                    let _ = rig.finish(job.key, VariableDocument::default());
                    self.started += 1;
                }
            }
        }
        self.cluster.rig(partition).run_due();
        self.cluster.collect();
        self.check_unique();
    }

    /// Never two of one id at a time.
    fn check_unique(&mut self) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, id) in standing(&mut self.cluster) {
            *counts.entry(id).or_default() += usize::from(true);
        }
        assert!(IDS.iter().all(|id| counts.get(*id).is_none_or(|count| *count <= 1)), "{counts:?}");
    }

    /// Who has an id is known where it falls to, and nobody waits for one that is free.
    fn check_known(&mut self) {
        let standing = standing(&mut self.cluster);
        for id in IDS {
            let of = OfBusiness { tenant_id: DEFAULT_TENANT, bpmn_process_id: "p", business_id: id };
            let known = self.cluster.rig(falls_to(id)).tables.holders_of_business_id(of).count();
            let found = standing.iter().filter(|(_, it)| it == id).count();
            assert_eq!(known, found, "{id}");
            let waits = self.cluster.rig(falls_to(id)).tables.waits_for_business_id(of).len();
            assert!(found > 0 || waits == 0, "a partition waits for {id}, which is free");
        }
    }

    /// Everything that stands ends, until nothing begins any more: what was kept has started, each once.
    fn end_all(&mut self) {
        for _ in 0..1_000 {
            settle(&mut self.cluster);
            self.check_unique();
            self.check_known();
            let standing = standing(&mut self.cluster);
            let Some((partition, _)) = standing.first() else { break };
            complete_on(&mut self.cluster, PartitionId(*partition));
        }
        let kept =
            |line: &&String| line.starts_with("E MESSAGE PUBLISHED") && line.contains("timeToLive=86400000");
        for rig in &self.cluster.rigs {
            for line in rig.records.iter().filter(kept) {
                let key = line.split(' ').find_map(|word| word.strip_prefix("key=")).expect("a key");
                let named = format!("messageKey={key} ");
                let starts = rig.records.iter().filter(|line| {
                    line.starts_with("E MESSAGE_START_EVENT_SUBSCRIPTION CORRELATED")
                        && format!("{line} ").contains(&named)
                });
                assert_eq!(starts.count(), 1, "{line}");
            }
            let tables = [57, 58, 59, 135, 136];
            assert!(rig.dump().iter().all(|(table, _, _)| !tables.contains(table)), "nothing is left behind");
            let mut reached = rig.dump().into_iter().filter(|(table, _, _)| *table == 47);
            let is_kept = |row: &[u8]| {
                let key = Key(u64::from_be_bytes(row[..8].try_into().expect("a key")));
                rig.tables.message_of_client(key).is_some()
            };
            assert!(reached.all(|(_, row, _)| is_kept(&row)), "a message that is gone has left its traces");
        }
    }
}

#[test]
fn an_id_is_one_instance_s_whatever_the_network_does() {
    let mut ended = 0;
    for seed in 1..=60 {
        let mut play = Play { cluster: cluster(true), random: Random(seed), started: 0 };
        for _ in 0..150 {
            match play.random.below(5) {
                0 | 1 => play.act(),
                2 if seed % 3 == 0 && play.random.below(6) == 0 => {
                    let partition = PartitionId(1 + play.random.below(PARTITIONS.into()) as u16);
                    play.cluster.rig(partition).restart();
                }
                _ => {
                    play.cluster.mishap(&mut play.random);
                    play.cluster.rigs.iter_mut().for_each(|rig| rig.run_due());
                    play.cluster.collect();
                    play.check_unique();
                }
            }
        }
        play.end_all();
        ended += play.started;
    }
    assert!(ended > 100, "{ended} instances ended while others were under way");
}
