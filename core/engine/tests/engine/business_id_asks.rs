//! How often messages ask other partitions for their business ids.

use crate::outbox::Cluster;
use crate::unique_ids_far::{DAY, cluster, complete_on, create, falls_to, key_of, publish, settle, standing};
use ringbolt_record::command::PartitionCommand;
use ringbolt_record::{Command, PartitionId, PartitionMessage};

const MESSAGES: usize = 30;

/// Everything that is under way arrives; how many of it ask for a business id.
fn asks(cluster: &mut Cluster) -> usize {
    let mut asks = 0;
    while let Some((_, command)) = cluster.mail.first() {
        if let Command::Partition(PartitionCommand::Deliver { message, .. }) = command {
            asks += usize::from(PartitionMessage::name_of(message) == Some("ASK_FOR_BUSINESS_ID"));
        }
        cluster.deliver(0);
    }
    asks
}

/// Business ids that fall to other partitions, each of which an instance has.
fn taken(cluster: &mut Cluster, partition: PartitionId) -> Vec<String> {
    let ids = (0..).map(|n| format!("id-{n}")).filter(|id| falls_to(id) != partition);
    let ids: Vec<String> = ids.take(MESSAGES).collect();
    for id in &ids {
        create(cluster, id).expect("nobody has it");
    }
    settle(cluster);
    ids
}

/// However many messages wait for ids that others have, each asks once.
#[test]
fn who_waits_for_an_id_asks_once() {
    for key in ["".to_owned(), key_of(PartitionId(2))] {
        let mut cluster = cluster(true);
        for id in taken(&mut cluster, falls_to(&key)) {
            publish(&mut cluster, &key, &id, DAY);
        }
        assert_eq!(asks(&mut cluster), MESSAGES, "of the correlation key {key:?}");
    }
}

/// A lock that becomes free is for each message once, in turn, until one of them begins.
#[test]
fn a_free_lock_goes_from_message_to_message_once() {
    let (mut cluster, partition) = (cluster(true), PartitionId(2));
    let key = key_of(partition);
    let ids = taken(&mut cluster, partition);
    publish(&mut cluster, &key, "", DAY);
    for id in &ids {
        publish(&mut cluster, &key, id, DAY);
    }
    let free = (0..).map(|n| format!("free-{n}")).find(|id| falls_to(id) != partition).expect("one does");
    publish(&mut cluster, &key, &free, DAY);
    assert_eq!(asks(&mut cluster), 0, "the lock is held");
    let is_begun = |cluster: &mut Cluster| standing(cluster).contains(&(partition.0, free.clone()));
    assert!(!is_begun(&mut cluster));
    let others = standing(&mut cluster);
    assert!(others.iter().any(|(on, id)| (*on, &**id) == (partition.0, "")), "{others:?}");
    complete_on(&mut cluster, partition);
    assert_eq!(asks(&mut cluster), MESSAGES + 1);
    assert!(is_begun(&mut cluster), "the last one begins");
}
