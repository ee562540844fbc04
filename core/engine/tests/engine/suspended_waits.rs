//! What suspended instances wait for: messages, signals, times and conditions that come meanwhile. As in `suspensions`.

use crate::budget::flow;
use crate::outbox::{Cluster, Random};
use crate::rig::Rig;
use crate::suspensions::{
    ROOTS, attached, begun, begun_in, broadcast, caught, cycle, message_event, one_task, published,
};
use ringbolt_engine::EngineSettings;
use ringbolt_record::{Command, DurationMs, PartitionId, RejectionType, VariableDocument};
use ringbolt_tables::ElementInstanceState;

#[test]
fn a_message_with_time_left_comes_when_the_instance_goes_on() {
    let body = format!("{}{}", caught("c", message_event()), flow("s", "c"));
    let (mut rig, rows, instance) = begun(&body);
    rig.suspend(instance);
    rig.told(&published(0)).unwrap();
    rig.told(&published(1000)).unwrap();
    rig.pass(1000);
    rig.resume(instance);
    assert!(rig.is_alive_at("c"), "both came to nothing");
    rig.suspend(instance);
    rig.told(&published(60_000)).unwrap();
    rig.rest();
    assert!(rig.is_alive_at("c"));
    rig.resume(instance);
    assert!(!rig.is_alive_at("c"));
    rig.pass(60_000);
    assert_eq!(rig.dump(), rows);
}

/// A non-interrupting event takes a message once, however often its instance is suspended.
#[test]
fn no_message_comes_twice() {
    let events = attached("b", "t", false, message_event());
    let (mut rig, _, instance) = begun(&[&one_task()[..], &events].concat());
    rig.told(&published(60_000)).unwrap();
    for _ in 0..3 {
        rig.suspend(instance);
        rig.resume(instance);
    }
    assert_eq!(rig.count("PROCESS_EVENT TRIGGERING"), 1);
    rig.told(&published(60_000)).unwrap();
    assert_eq!(rig.count("PROCESS_EVENT TRIGGERING"), 2);
}

#[test]
fn a_signal_is_lost() {
    let body =
        format!(r#"{}{}"#, caught("c", r#"<bpmn:signalEventDefinition signalRef="sig" />"#), flow("s", "c"));
    let (mut rig, rows, instance) = begun(&body);
    rig.suspend(instance);
    rig.told(&broadcast()).unwrap();
    rig.resume(instance);
    assert!(rig.is_alive_at("c"));
    rig.told(&broadcast()).unwrap();
    rig.rest();
    assert_eq!(rig.dump(), rows);
}

/// One second for each, so the fifth is the last that was missed.
#[test]
fn a_cycle_that_was_missed_comes_once_for_each_time() {
    let events = attached("b", "t", false, &cycle("R/PT1S"));
    let (mut rig, rows, instance) = begun(&[&one_task()[..], &events].concat());
    rig.pass(1000);
    assert_eq!(rig.count("TIMER TRIGGERED"), 1);
    rig.suspend(instance);
    rig.pass(5_500);
    assert_eq!(rig.count("TIMER TRIGGERED"), 1);
    assert_eq!(rig.engine.next_due(&rig.tables), None, "it is in no queue");
    rig.resume(instance);
    assert_eq!(rig.count("TIMER TRIGGERED"), 6);
    rig.pass(499);
    assert_eq!(rig.count("TIMER TRIGGERED"), 6);
    rig.pass(1);
    assert_eq!(rig.count("TIMER TRIGGERED"), 7, "and it keeps time");
    let job = rig.take_jobs("work")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.rest();
    assert_eq!(rig.dump(), rows);
}

#[test]
fn a_cycle_with_an_end_comes_no_more_often_than_it_says() {
    let events = attached("b", "t", false, &cycle("R3/PT1S"));
    let (mut rig, _, instance) = begun(&[&one_task()[..], &events].concat());
    rig.suspend(instance);
    rig.pass(60_000);
    rig.resume(instance);
    assert_eq!(rig.count("TIMER TRIGGERED"), 3);
    assert_eq!(rig.engine.next_due(&rig.tables), None);
}

#[test]
fn a_condition_that_comes_to_hold_is_caught_afterwards() {
    let definition = r#"<bpmn:conditionalEventDefinition><bpmn:condition>= x &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>"#;
    let (mut rig, rows, instance) = begun(&format!("{}{}", caught("c", definition), flow("s", "c")));
    rig.suspend(instance);
    rig.set_all(instance, r#"{"x":2}"#).unwrap();
    rig.rest();
    assert!(rig.is_alive_at("c"));
    rig.resume(instance);
    assert_eq!(rig.dump(), rows);
}

/// What waits for a suspended instance is bounded: what would lead to more is refused.
#[test]
fn an_instance_keeps_so_much_and_no_more() {
    let definition = r#"<bpmn:conditionalEventDefinition><bpmn:condition>= x &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>"#;
    let events = attached("b", "t", false, definition);
    let (mut rig, rows, instance) = begun(&[&one_task()[..], &events].concat());
    rig.suspend(instance);
    rig.change_both(|tables| tables.change_held_count(instance, |_| 9_999));
    rig.set_all(instance, r#"{"x":2}"#).unwrap();
    let (kind, reason) = rig.set_all(instance, r#"{"x":3}"#).unwrap_err();
    assert_eq!(kind, RejectionType::InvalidState);
    assert!(reason.contains("keeps 10000 steps until it is resumed"), "{reason}");
    rig.told(&Command::CancelProcessInstance { process_instance_key: instance }).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}

/// An instance that is suspended and goes on again before the walk over it is over.
#[test]
fn a_suspension_that_ends_before_it_was_everywhere() {
    let body = format!("{}{}", caught("c", message_event()), flow("s", "c"));
    for turns in 0..12 {
        for more in 0..4 {
            let settings = EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) };
            let (mut rig, rows, process_instance_key) = begun_in(Rig::with(settings), &body);
            for (number, command) in [
                Command::SuspendProcessInstance { process_instance_key },
                Command::ResumeProcessInstance { process_instance_key },
                Command::SuspendProcessInstance { process_instance_key },
                Command::ResumeProcessInstance { process_instance_key },
            ]
            .iter()
            .enumerate()
            {
                rig.send(command);
                for _ in 0..if number % 2 == 0 { turns } else { more } {
                    if let Some(turn) = rig.engine.next_turn(&rig.tables) {
                        rig.process(&turn, None);
                    }
                }
            }
            rig.rest();
            // The last ones were refused where the first ones were not over.
            let _ = rig.told(&Command::ResumeProcessInstance { process_instance_key });
            rig.rest();
            rig.told(&published(0)).unwrap();
            rig.rest();
            assert_eq!(rig.dump(), rows, "{turns} and {more} turns between");
        }
    }
}

/// Waits on one partition, messages on the other, and a network that loses, doubles and turns round what passes between them.
#[test]
fn messages_of_another_partition_come_once_whatever_the_network_does() {
    let body = format!(
        "{}{}{}",
        one_task(),
        attached("b", "t", false, message_event()),
        caught("unused", message_event())
    );
    let (here, elsewhere) = (PartitionId(1), PartitionId(2));
    for seed in 0..60 {
        let (mut random, mut cluster) = (Random(seed), Cluster::new(2));
        cluster.rig(here).deploy_with(ROOTS, "p", &body);
        cluster.collect();
        cluster.settle();
        let process_instance_key = cluster.rig(elsewhere).start("p", VariableDocument::default()).unwrap();
        cluster.collect();
        let mut sent = 0;
        for _ in 0..60 {
            match random.below(8) {
                0 => drop(
                    cluster.rig(elsewhere).send(&Command::SuspendProcessInstance { process_instance_key }),
                ),
                1 | 2 => drop(
                    cluster.rig(elsewhere).send(&Command::ResumeProcessInstance { process_instance_key }),
                ),
                3 if sent < 5 => {
                    sent += 1;
                    cluster.rig(here).send(&published(1 << 40));
                }
                4 => cluster.mishap(&mut random),
                5 => {
                    let id = PartitionId(1 + random.below(2) as u16);
                    cluster.rig(id).restart();
                }
                _ if !cluster.mail.is_empty() => {
                    let at = random.below(cluster.mail.len());
                    cluster.deliver(at);
                }
                _ => cluster.rig(elsewhere).run_due(),
            }
            cluster.rig(elsewhere).run_due();
            cluster.rig(here).run_due();
            cluster.collect();
        }
        cluster.rig(elsewhere).send(&Command::ResumeProcessInstance { process_instance_key });
        for _ in 0..100 {
            cluster.rigs.iter_mut().for_each(Rig::run_due);
            cluster.collect();
            while !cluster.mail.is_empty() {
                cluster.deliver(0);
            }
            cluster.rigs.iter_mut().for_each(|rig| rig.now = rig.now.plus(DurationMs(60_000)));
        }
        let taken = cluster.rig(elsewhere).count("PROCESS_EVENT TRIGGERING");
        assert_eq!(taken, sent, "seed {seed}: each message that was kept comes once");
        let job = cluster.rig(elsewhere).take_jobs("work")[0];
        cluster.rig(elsewhere).finish(job, VariableDocument::default()).unwrap();
        for _ in 0..20 {
            cluster.rigs.iter_mut().for_each(Rig::run_due);
            cluster.collect();
            while !cluster.mail.is_empty() {
                cluster.deliver(0);
            }
        }
        for rig in &cluster.rigs {
            let left =
                rig.dump().into_iter().filter(|(table, _, _)| [4, 8, 30, 49, 54, 120, 121].contains(table));
            assert_eq!(left.count(), 0, "seed {seed}");
        }
    }
}

/// What is being ended waits for its listener, which is asked as ever.
#[test]
fn the_listener_of_what_is_being_ended_is_asked() {
    let listener = r#"<zeebe:taskListeners><zeebe:taskListener eventType="canceling" type="ask" /></zeebe:taskListeners>"#;
    let task = format!(
        r#"<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask />{listener}</bpmn:extensionElements></bpmn:userTask>"#
    );
    let events = attached("b", "u", true, message_event());
    let (mut rig, rows, instance) = begun(&format!("{task}{events}{}", flow("s", "u")));
    rig.told(&published(0)).unwrap();
    rig.rest();
    let key = rig.standing("u")[0];
    assert_eq!(rig.tables.element_instance_state(key), Some(ElementInstanceState::Terminating));
    rig.suspend(instance);
    let job = rig.take_jobs("ask")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.rest();
    assert!(!rig.is_alive_at("u") && rig.is_alive_at("b"), "what follows waits");
    rig.resume(instance);
    assert_eq!(rig.dump(), rows);
}
