//! The bound of a partition's changed state, on a real directory: beyond it new work alone is refused, until a checkpoint ends.

mod rig;

use crate::rig::{activation, create, create_of, deploy, one_life, settings};
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
