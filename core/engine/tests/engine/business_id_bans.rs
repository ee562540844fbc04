//! Business ids of instances that processing gave up on, or whose definitions cannot be had: they come free, and who waits for them is served.

use crate::bans::without_definitions;
use crate::outbox::Cluster;
use crate::rig::Rig;
use crate::unique_ids::{ROOTS, begun, message};
use crate::unique_ids_far::{
    DAY, cluster, cluster_of, complete_on, create, falls_to, key_of, near_and_far, publish, settle, standing,
};
use ringbolt_engine::EngineSettings;
use ringbolt_record::{Command, DurationMs, Key, PartitionId, RejectionType, VariableDocument};

/// The instance whose task came first is banned as its job is completed.
fn ban_first(rig: &mut Rig) -> Key {
    let row = rig.tables.element_instance(rig.standing("t")[0]).expect("it stands");
    let finished = rig.finish(row.waits_for, VariableDocument::default());
    assert_eq!(finished.unwrap_err(), RejectionType::ProcessingError);
    let process_instance_key = row.element.instance.process_instance_key;
    assert!(rig.tables.is_banned(process_instance_key));
    process_instance_key
}

/// Who has an id by what the tables of all partitions say.
fn holders(cluster: &Cluster) -> usize {
    let rows = cluster.rigs.iter().flat_map(|rig| rig.dump());
    rows.filter(|(table, _, _)| *table == 135).count()
}

fn ban_on(cluster: &mut Cluster, partition: PartitionId) -> Key {
    let mut banned = Key::NONE;
    let rig = cluster.rig(partition);
    without_definitions(rig, &["p"], |rig| banned = ban_first(rig));
    rig.run_due();
    cluster.collect();
    settle(cluster);
    banned
}

/// The message waits where the banned instance runs, or on another partition; and that is where the id falls to, or not.
#[test]
fn a_ban_lets_who_waits_for_the_id_begin() {
    let (near, far) = near_and_far();
    for (runs, waits) in [(near, near), (near, far), (far, near), (far, far)] {
        let mut cluster = cluster(true);
        publish(&mut cluster, &key_of(runs), "x", DurationMs(0));
        settle(&mut cluster);
        // Under the correlation key of the banned instance, whose lock it keeps, nobody begins.
        let key = (0..).map(|n| format!("other-{n}")).find(|key| falls_to(key) == waits);
        publish(&mut cluster, &key.expect("one does"), "x", DAY);
        settle(&mut cluster);
        assert_eq!(standing(&mut cluster), [(runs.0, "x".to_owned())]);
        let banned = ban_on(&mut cluster, runs);
        let is_begun = |(partition, id): &(u16, String)| *partition == waits.0 && id == "x";
        let begun = standing(&mut cluster).iter().filter(|it| is_begun(it)).count();
        assert_eq!(begun, 1 + usize::from(runs == waits), "runs on {runs}, waits on {waits}");
        assert_eq!(create(&mut cluster, "x"), Err(RejectionType::AlreadyExists));
        // That it ends frees nothing once more.
        let rig = cluster.rig(runs);
        rig.told(&Command::CancelProcessInstance { process_instance_key: banned }).expect("it is there");
        rig.run_due();
        cluster.collect();
        settle(&mut cluster);
        assert_eq!(create(&mut cluster, "x"), Err(RejectionType::AlreadyExists));
        complete_on(&mut cluster, waits);
        settle(&mut cluster);
        assert_eq!(holders(&cluster), 0);
    }
}

/// What an instance has is known without its definition, so that it comes free when it is banned and when it ends.
#[test]
fn an_id_comes_free_whatever_became_of_the_definition() {
    let (near, far) = near_and_far();
    for (runs, is_banned) in [(near, true), (near, false), (far, true), (far, false)] {
        let mut cluster = cluster(true);
        publish(&mut cluster, &key_of(runs), "x", DurationMs(0));
        settle(&mut cluster);
        let rig = cluster.rig(runs);
        without_definitions(rig, &["p"], |rig| {
            let row = rig.tables.element_instance(rig.standing("t")[0]).expect("it stands");
            let process_instance_key = row.element.instance.process_instance_key;
            if is_banned {
                ban_first(rig);
            }
            rig.told(&Command::CancelProcessInstance { process_instance_key }).expect("it is there");
            rig.run_due();
        });
        cluster.collect();
        settle(&mut cluster);
        assert_eq!(holders(&cluster), 0, "on {runs}, banned: {is_banned}");
        create(&mut cluster, "x").expect("nobody has it");
    }
}

/// A banned instance may not have been entered yet.
#[test]
fn an_instance_that_was_never_entered_gives_its_id_free() {
    let (near, far) = near_and_far();
    for runs in [near, far] {
        let mut cluster = cluster_of(|settings| {
            *settings =
                EngineSettings { business_ids_are_unique: true, batch_steps_max: 1, ..settings.clone() };
        });
        cluster.rig(PartitionId(1)).deploy_with(ROOTS, "q", &begun("work"));
        cluster.collect();
        settle(&mut cluster);
        cluster.rig(runs).send(&message(&key_of(runs), "x", DurationMs(0)));
        cluster.collect();
        while !cluster.mail.is_empty() {
            cluster.deliver(0);
        }
        let rig = cluster.rig(runs);
        without_definitions(rig, &["p", "q"], Rig::run_due);
        // Of those that are granted their ids elsewhere each begins in an entry of its own; what was never entered leaves nothing.
        let banned: Vec<Key> = rig.tables.banned().collect();
        assert!(banned.len() <= if runs == far { 2 } else { 1 }, "one was to be entered");
        assert!(banned.iter().all(|key| rig.tables.element_instance_state(*key).is_some()));
        cluster.collect();
        settle(&mut cluster);
        create(&mut cluster, "x").expect("nobody has it");
        assert_eq!(holders(&cluster), 1);
    }
}

/// What is under way between partitions when ids begin to have to differ counts as what was there before: once it has come.
#[test]
fn an_id_that_is_told_of_at_a_start_counts_from_then_on() {
    let mut cluster = cluster(false);
    let (near, far) = near_and_far();
    publish(&mut cluster, &key_of(far), "x", DurationMs(0));
    assert!(!cluster.mail.is_empty(), "it is told of");
    cluster.rigs.iter_mut().for_each(|rig| rig.restart_with_unique_ids(true));
    create(&mut cluster, "x").expect("nobody is known to have it");
    settle(&mut cluster);
    assert_eq!(standing(&mut cluster).len(), 2, "both go on");
    for partition in [near, far] {
        assert_eq!(create(&mut cluster, "x"), Err(RejectionType::AlreadyExists));
        complete_on(&mut cluster, partition);
        settle(&mut cluster);
    }
    create(&mut cluster, "x").expect("both have ended");
}
