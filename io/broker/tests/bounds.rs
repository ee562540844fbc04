//! Bounds on a real directory: of a partition's changed state, beyond which new work alone is refused until a checkpoint ends; and of
//! what large commands add to one write of the log.

mod rig;

use crate::rig::{activation, create, create_of, deploy, on_cores, one_life, settings};
use ringbolt_broker::{Answer, BrokerSettings, CoreBroker, Refusal, WriteSettings};
use ringbolt_partition::CheckpointSettings;
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_record::{Command, DEFAULT_TENANT, PartitionId, RequestContext, VariableDocument};
use ringbolt_ring::time;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// How often something is tried that is bound to happen.
const TRIES_MAX: usize = 3_000;

/// The command for an instance that leaves 64 KiB behind.
fn large() -> Command {
    large_of(64 << 10)
}

/// The command for an instance that leaves so many bytes behind.
fn large_of(bytes: usize) -> Command {
    let mut command = create_of("one_task");
    if let Command::CreateProcessInstance(create) = &mut command {
        let text = format!("{{\"x\":\"{}\"}}", "y".repeat(bytes));
        create.variables = VariableDocument::parse(text.into()).expect("a document");
    }
    command
}

async fn create_large(broker: &CoreBroker) -> Answer {
    broker.submit(PartitionId(1), large(), RequestContext::default()).await
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

#[test]
fn large_commands_wait_while_the_next_write_has_enough_and_small_ones_do_not() {
    const LARGE: usize = 40;
    on_cores(1, 1, async |broker| {
        deploy(&broker).await;
        let before = broker.report().metrics.commands;
        let mut waiting: Vec<_> = (0..LARGE)
            .map(|_| Box::pin(broker.submit(PartitionId(1), large(), RequestContext::default())))
            .collect();
        let mut small =
            Box::pin(broker.submit(PartitionId(1), create_of("one_task"), RequestContext::default()));
        let metrics = broker.report().metrics;
        // Two of 64 KiB and what they cause are enough for one write.
        assert_eq!(metrics.commands - before, 2 + 1, "and the small one");
        assert_eq!(metrics.large_waited, LARGE as u64 - 2);
        let first = poll_fn(|cx| Poll::Ready(small.as_mut().poll(cx))).await;
        assert!(first.is_pending(), "nothing is durable at once");
        for one in &mut waiting {
            let first = poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx))).await;
            assert!(first.is_pending());
        }
        // Given up by its client before its turn: it is never processed, and holds nobody up.
        drop(waiting.remove(2));
        assert!(matches!(small.await, Answer::Reply(_)));
        for one in waiting {
            let answer = one.await;
            assert!(matches!(answer, Answer::Reply(_)), "{answer:?}");
        }
        let after = broker.report().metrics;
        assert_eq!(after.commands - before, LARGE as u64 - 1 + 1);
    });
}

/// Polls each once, as a client's task does; whether all have to wait.
async fn all_wait(answers: &mut [Pin<Box<impl Future<Output = Answer>>>]) -> bool {
    poll_fn(|cx| Poll::Ready(answers.iter_mut().all(|one| one.as_mut().poll(cx).is_pending()))).await
}

#[test]
fn what_brings_work_to_its_end_waits_behind_nobody_who_brings_much() {
    on_cores(1, 1, async |broker| {
        deploy(&broker).await;
        create(&broker).await;
        let batch = broker.poll_jobs(activation(), None).run().await.expect("is answered");
        let job_key = batch.jobs.first().expect("a job").key;
        let mut waiting: Vec<_> = (0..20)
            .map(|_| Box::pin(broker.submit(PartitionId(1), large(), RequestContext::default())))
            .collect();
        assert!(all_wait(&mut waiting).await);
        let before = broker.report().metrics;
        let Command::CreateProcessInstance(create) = large() else { panic!("a create") };
        let complete = Command::CompleteJob { job_key, variables: create.variables };
        let answer = broker.submit(PartitionId(1), complete, RequestContext::default());
        let after = broker.report().metrics;
        assert_eq!((after.commands, after.large_waited), (before.commands + 1, before.large_waited));
        let answer = answer.await;
        assert!(matches!(answer, Answer::Reply(_)), "{answer:?}");
        for one in waiting {
            assert!(matches!(one.await, Answer::Reply(_)));
        }
    });
}

#[test]
fn more_than_may_wait_is_refused_and_overtakes_nobody() {
    const EACH: usize = 1 << 20;
    on_cores(1, 1, async |broker| {
        deploy(&broker).await;
        let before = broker.report().metrics;
        let mut answers: Vec<_> = (0..40)
            .map(|_| Box::pin(broker.submit(PartitionId(1), large_of(EACH), RequestContext::default())))
            .collect();
        let metrics = broker.report().metrics;
        assert_eq!(metrics.commands - before.commands, 1);
        // 32 MiB, and the documents are a little more than the text in them.
        assert_eq!(metrics.large_waited, 31);
        for answer in answers.drain(32..) {
            let answer = answer.await;
            assert!(matches!(answer, Answer::Refusal(Refusal::Overloaded { .. })), "{answer:?}");
        }
        for answer in answers {
            let answer = answer.await;
            assert!(matches!(answer, Answer::Reply(_)), "{answer:?}");
        }
    });
}

#[test]
fn who_waits_when_the_core_closes_is_told() {
    on_cores(1, 1, async |broker| {
        deploy(&broker).await;
        let mut waiting: Vec<_> = (0..20)
            .map(|_| Box::pin(broker.submit(PartitionId(1), large(), RequestContext::default())))
            .collect();
        assert!(all_wait(&mut waiting).await);
        broker.close().await;
        for (number, one) in waiting.into_iter().enumerate() {
            let answer = time::timeout(Duration::from_secs(20), one).await.expect("nobody waits for ever");
            let is_told = matches!(answer, Answer::Reply(_) | Answer::Refusal(_));
            assert!(is_told && (number > 1 || matches!(answer, Answer::Reply(_))), "{number}: {answer:?}");
        }
    });
}

/// For so long nothing at all is written by a loop that is held to a record a second, sooner or later.
const WINDOW: Duration = Duration::from_millis(200);
/// How many of these are looked at.
const WINDOWS_MAX: usize = 100;
/// A process that never ends, and waits for nobody.
const LOOP: &str = r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<bpmn:process id="loop" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="m"/>
<bpmn:exclusiveGateway id="g" default="back"/><bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="in" sourceRef="s" targetRef="m"/><bpmn:sequenceFlow id="on" sourceRef="m" targetRef="g"/>
<bpmn:sequenceFlow id="back" sourceRef="g" targetRef="m"/><bpmn:sequenceFlow id="out" sourceRef="g" targetRef="e">
<bpmn:conditionExpression>=false</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process></bpmn:definitions>"#;

#[test]
fn an_endless_loop_keeps_to_the_write_limit_and_goes_on_without_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(1);
    let control = settings.flow_control.clone();
    one_life(folder.path(), 1, settings, async move |broker| {
        let resource = Resource { name: "loop.bpmn".into(), content: LOOP.to_owned().into() };
        let deployment = CreateDeployment { resources: vec![resource], tenant_id: DEFAULT_TENANT.into() };
        for command in [Command::CreateDeployment(deployment), create_of("loop")] {
            let answer = broker.submit(PartitionId(1), command, RequestContext::default()).await;
            assert!(matches!(answer, Answer::Reply(_)), "{answer:?}");
        }
        let limited = WriteSettings { limit: Some(1), ramp_up: Duration::ZERO, throttling: None };
        for (limit, is_held) in [(None, false), (Some(limited), true), (None, false)] {
            control.set_write(limit);
            let mut is_seen = false;
            for _ in 0..WINDOWS_MAX {
                let before = broker.last_position(PartitionId(1));
                time::sleep(WINDOW).await;
                is_seen = is_seen || (broker.last_position(PartitionId(1)) == before) == is_held;
                if is_seen {
                    break;
                }
            }
            assert!(is_seen, "held: {is_held}");
        }
    });
}
