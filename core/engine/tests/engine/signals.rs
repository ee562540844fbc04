//! Signals: many who wait for one, and partitions that do not hear each other well.

use crate::outbox::{Cluster, Random};
use crate::rig::Rig;
use bytes::Bytes;
use ringbolt_record::command::{BroadcastSignal, CreateDeployment, Resource};
use ringbolt_record::{Command, DEFAULT_TENANT, Key, PartitionId, Reply, VariableDocument};

const CATCH: &str = include_str!("../../../../tests/scenarios/models/catch_signal.bpmn");
const START: &str = include_str!("../../../../tests/scenarios/models/signal_start.bpmn");
/// Signals that do not reach all at once.
const SIGNALS: u8 = 77;

fn deploy(rig: &mut Rig, name: &str, content: &str) {
    let resources = vec![Resource { name: name.to_owned(), content: Bytes::from(content.to_owned()) }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    assert!(rig.answer(request).is_some_and(|answer| answer.is_ok()));
}

fn broadcast(rig: &mut Rig) -> Key {
    let text = Bytes::from_static(br#"{"level":5}"#);
    let request = rig.send(&Command::BroadcastSignal(BroadcastSignal {
        name: "alarm".to_owned(),
        variables: VariableDocument::parse(text).unwrap(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    }));
    match rig.answer(request) {
        Some(Ok(Reply::SignalBroadcasted { signal_key })) => signal_key,
        other => panic!("{other:?}"),
    }
}

fn count(rig: &Rig, what: &str) -> usize {
    rig.records.iter().filter(|line| line.contains(what)).count()
}

/// How much it takes to reach so many: entries, and steps for each of them.
fn reach(many: usize) -> (usize, u32) {
    let mut rig = Rig::default();
    deploy(&mut rig, "catch.bpmn", CATCH);
    let waiting: Vec<Key> =
        (0..many).map(|_| rig.start("catch_signal", VariableDocument::default()).unwrap()).collect();
    let entries = rig.entries.len();
    rig.records.clear();
    broadcast(&mut rig);
    let mut steps = rig.engine.steps_taken();
    // Who begins to wait while the others are told is not told.
    let late = rig.start("catch_signal", VariableDocument::default()).unwrap();
    while let Some(command) = rig.engine.next_turn(&rig.tables) {
        rig.process(&command, None);
        steps += rig.engine.steps_taken();
    }
    assert_eq!(count(&rig, "PROCESS_EVENT TRIGGERING"), many);
    assert!(waiting.iter().all(|key| rig.tables.element_instance(*key).is_none()));
    assert!(rig.tables.element_instance(late).is_some());
    assert!(rig.dump().iter().all(|(table, _, _)| *table != SIGNALS));
    broadcast(&mut rig);
    assert!(rig.tables.element_instance(late).is_none());
    (rig.entries.len() - entries, steps)
}

#[test]
fn each_of_many_who_wait_catches_a_signal_once_and_costs_the_same() {
    assert_eq!(reach(20).0, 3, "a few catch it in its own entry");
    let (few, many) = (reach(500), reach(4_000));
    assert!(many.1 <= 8 * few.1 + 8, "{few:?} steps become {many:?}");
    assert!(many.0 <= 4_000 / 4, "{} entries", many.0);
}

#[test]
fn a_signal_comes_to_every_partition_once_whatever_the_network_does() {
    const SENT: usize = 6;
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut cluster = Cluster::new(3);
        let first = PartitionId(1);
        deploy(cluster.rig(first), "catch.bpmn", CATCH);
        deploy(cluster.rig(first), "start.bpmn", START);
        cluster.collect();
        cluster.settle();
        for rig in &mut cluster.rigs {
            for _ in 0..5 {
                rig.start("catch_signal", VariableDocument::default()).unwrap();
            }
            rig.records.clear();
        }
        for _ in 0..SENT {
            let partition = PartitionId(1 + random.below(3) as u16);
            broadcast(cluster.rig(partition));
            cluster.collect();
            (0..20).for_each(|_| cluster.mishap(&mut random));
        }
        cluster.settle();
        for rig in &cluster.rigs {
            assert_eq!(count(rig, "SIGNAL BROADCASTED"), SENT, "seed {seed}");
            // Those who waited catch the first one; each starts an instance.
            assert_eq!(count(rig, "PROCESS_EVENT TRIGGERING"), 5 + SENT, "seed {seed}");
        }
    }
}
