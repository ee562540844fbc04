//! The bounds of a partition's state, on a real directory: a map that is full, changed state beyond its ceiling. Both refuse new work
//! alone, and both end.

mod rig;

use crate::rig::{activation, copied, create, create_of, deploy, one_life, settings};
use ringbolt_broker::{Answer, BrokerSettings, CoreBroker, Refusal};
use ringbolt_partition::CheckpointSettings;
use ringbolt_record::{Command, PartitionId, RequestContext, VariableDocument};
use ringbolt_ring::time;
use std::time::Duration;

/// How often something is tried that is bound to happen.
const TRIES_MAX: usize = 3_000;

/// An instance that leaves 64 KiB behind.
async fn create_large(broker: &CoreBroker) -> Answer {
    let mut command = create_of("one_task");
    if let Command::CreateProcessInstance(create) = &mut command {
        let text = format!("{{\"x\":\"{}\"}}", "y".repeat(64 << 10));
        create.variables = VariableDocument::parse(text.into()).expect("a document");
    }
    broker.submit(PartitionId(1), command, RequestContext::default()).await
}

/// Completes a job, if there is one: that is taken, whatever is refused. Whether there was one.
async fn work_on(broker: &CoreBroker) -> bool {
    let mut request = activation();
    (request.jobs_max, request.bytes_max) = (1, 1 << 20);
    let batch = broker.poll_jobs(request, None).run().await.expect("is answered");
    let Some(job_key) = batch.jobs.first().map(|job| job.key) else { return false };
    let command = Command::CompleteJob { job_key, variables: VariableDocument::default() };
    let answer = broker.submit(PartitionId(1), command, RequestContext::default()).await;
    assert!(matches!(answer, Answer::Reply(_)), "{answer:?}");
    true
}

#[test]
fn a_map_that_is_full_refuses_new_work_and_is_sound_again_with_a_larger_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = |map_mib: usize| BrokerSettings {
        map_bytes: map_mib << 20,
        checkpoints: CheckpointSettings {
            overlay_bytes: 1 << 20,
            retry_ms: 50,
            ..CheckpointSettings::default()
        },
        ..settings(1)
    };
    one_life(folder.path(), 1, small(8), async |broker| {
        deploy(&broker).await;
        let mut full = false;
        for _ in 0..TRIES_MAX {
            match create_large(&broker).await {
                Answer::Reply(_) => {}
                Answer::Refusal(Refusal::DiskFull { .. }) => {
                    full = true;
                    break;
                }
                // A checkpoint is under way.
                Answer::Refusal(Refusal::Overloaded { .. }) => time::sleep(Duration::from_millis(5)).await,
                other => panic!("{other:?}"),
            }
        }
        assert!(full, "the map is never full");
        assert!(work_on(&broker).await, "a job waits");
        let report = broker.report();
        assert!(report.partitions[0].stats.checkpoint_delayed && report.partitions[0].stopped.is_none());
    });
    let folder = copied(folder.path());
    // The same map: the replay's checkpoint finds no room either, and the start serves what is there.
    one_life(folder.path(), 1, small(8), async |broker| {
        assert!(work_on(&broker).await, "a job waits");
        let refused = create_large(&broker).await;
        assert!(matches!(refused, Answer::Refusal(_)), "{refused:?}");
    });
    let folder = copied(folder.path());
    one_life(folder.path(), 1, small(256), async |broker| {
        assert!(work_on(&broker).await, "a job waits");
        let mut taken = false;
        for _ in 0..TRIES_MAX {
            taken = matches!(create_large(&broker).await, Answer::Reply(_));
            if taken {
                break;
            }
            time::sleep(Duration::from_millis(5)).await;
        }
        assert!(taken && !broker.report().partitions[0].stats.checkpoint_delayed);
    });
}

#[test]
fn changed_state_has_a_ceiling_above_which_new_work_waits_for_a_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoints = CheckpointSettings { overlay_bytes: 16 << 10, ..CheckpointSettings::default() };
    one_life(folder.path(), 1, BrokerSettings { checkpoints, ..settings(1) }, async |broker| {
        deploy(&broker).await;
        let (mut refused, mut accepted_after, mut worked) = (0, 0, 0);
        for _ in 0..TRIES_MAX {
            match create_large(&broker).await {
                Answer::Reply(_) if refused > 0 => accepted_after += 1,
                Answer::Reply(_) => {}
                Answer::Refusal(Refusal::Overloaded { retry_after_ms, .. }) => {
                    assert!(retry_after_ms > 0);
                    refused += 1;
                    // What brings work to its end is taken all the same.
                    worked += usize::from(work_on(&broker).await);
                    time::sleep(Duration::from_millis(1)).await;
                }
                other => panic!("{other:?}"),
            }
            let stats = broker.report().partitions[0].stats;
            // The bound, and one step beyond it.
            assert!(stats.overlay_bytes <= stats.overlay_bytes_max + (256 << 10), "{}", stats.overlay_bytes);
            if accepted_after > 5 {
                break;
            }
        }
        assert!(refused > 0 && worked > 0 && accepted_after > 5, "{refused} {worked} {accepted_after}");
        create(&broker).await;
    });
}
