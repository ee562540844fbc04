//! What the log still has of an instance: from the segment in which it began, within bounds.

mod rig;

use crate::rig::{activation, create_of, deploy, one_life_of, settings};
use ringbolt_broker::{Answer, BrokerSettings, CoreBroker, Past, PastBounds, Pasts};
use ringbolt_partition::CheckpointSettings;
use ringbolt_record::{Command, Key, PartitionId, Reply, RequestContext, VariableDocument};
use ringbolt_ring::time;
use std::time::Duration;

/// Bytes of variables of a large instance.
const LARGE: usize = 1 << 20;

/// An instance with this many bytes of variables.
async fn create(broker: &CoreBroker, bytes: usize) -> Key {
    let mut command = create_of("one_task");
    if let Command::CreateProcessInstance(create) = &mut command {
        let text = format!("{{\"x\":\"{}\"}}", "y".repeat(bytes));
        create.variables = VariableDocument::parse(text.into()).expect("a document");
    }
    loop {
        match broker.submit(PartitionId(1), command.clone(), RequestContext::default()).await {
            Answer::Reply(Reply::ProcessInstanceCreated(created)) => return created.process_instance_key,
            Answer::Refusal(_) => time::sleep(Duration::from_millis(5)).await,
            other => panic!("{other:?}"),
        }
    }
}

/// Completes the jobs that there are.
async fn work(broker: &CoreBroker) {
    let batch = broker.poll_jobs(activation(), None).run().await.expect("is answered");
    for job in batch.jobs {
        let command = Command::CompleteJob { job_key: job.key, variables: VariableDocument::default() };
        let answer = broker.submit(PartitionId(1), command, RequestContext::default()).await;
        assert!(matches!(answer, Answer::Reply(_)), "{answer:?}");
    }
}

fn bounds() -> PastBounds {
    PastBounds { bytes_max: 1 << 30, records_max: 10_000, deadline: time::now() + Duration::from_secs(60) }
}

fn look(pasts: &Pasts, instance: Key, bounds: PastBounds) -> Past {
    let past = pasts.look(instance, bounds);
    assert!(past.records.iter().all(|record| record.standing.instance.process_instance_key == instance));
    past
}

#[test]
fn a_look_keeps_to_its_bounds_and_says_that_there_is_more() {
    let folder = tempfile::tempdir().expect("a folder");
    one_life_of(folder.path(), 1, settings(1), async |broker, pasts| {
        deploy(&broker).await;
        let one = create(&broker, 10).await;
        work(&broker).await;
        create(&broker, 10).await;
        let whole = look(&pasts, one, bounds());
        assert!(whole.is_from_beginning && !whole.is_cut && whole.records.len() > 20, "{whole:?}");
        // It ends where the instance does.
        let last = whole.records.last().expect("records");
        assert_eq!((last.key, whole.to.map(|(position, _)| position)), (one, Some(last.position)));
        for records_max in [0, 1, 5] {
            let part = look(&pasts, one, PastBounds { records_max, ..bounds() });
            assert!(part.is_cut && part.records.len() == records_max, "{part:?}");
        }
        for none in
            [PastBounds { bytes_max: 1, ..bounds() }, PastBounds { deadline: time::now(), ..bounds() }]
        {
            let part = look(&pasts, one, none);
            assert!(part.is_cut && part.records.is_empty() && part.from.is_none(), "{part:?}");
        }
        let nobody = Key::new(PartitionId(1), 1 << 40);
        assert!(look(&pasts, nobody, bounds()).records.is_empty());
        assert!(look(&pasts, Key::new(PartitionId(7), 1), bounds()).from.is_none());
    });
}

#[test]
fn a_look_begins_in_the_segment_in_which_the_instance_did_and_says_when_that_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoints = CheckpointSettings { log_bytes: 16 << 20, ..CheckpointSettings::default() };
    let settings = BrokerSettings { checkpoints, ..settings(1) };
    one_life_of(folder.path(), 1, settings, async |broker, pasts| {
        deploy(&broker).await;
        let first = create(&broker, 10).await;
        // Until the segment of the first is given up.
        for made in 1..400 {
            create(&broker, LARGE).await;
            work(&broker).await;
            if made % 40 == 0 && !look(&pasts, first, bounds()).is_from_beginning {
                break;
            }
        }
        let gone = look(&pasts, first, bounds());
        assert!(!gone.is_from_beginning, "{:?}", gone.from);
        // The segment of this one is there, whatever was given up with the large ones before it.
        let at = create(&broker, 10).await;
        work(&broker).await;
        let late = look(&pasts, at, bounds());
        let count = late.records.len();
        assert!(late.is_from_beginning && !late.is_cut && count > 8, "{count} records, {:?}", late.from);
        // What it costs is its own segment, and a look at where each begins.
        let cheap = look(&pasts, at, PastBounds { bytes_max: 80 << 20, ..bounds() });
        assert_eq!((cheap.is_cut, cheap.records.len()), (false, late.records.len()));
    });
}
