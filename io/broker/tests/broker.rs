//! The broker on a real core with a real data directory, without sockets: what happens between a request's awaits.

use ringbolt_broker::{Answer, BrokerSettings, CoreBroker, DataDirectory, Node};
use ringbolt_partition::{CheckpointSettings, FlowSettings, ReaderSettings};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource,
};
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Reply, RequestContext, VariableDocument};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{Core, Cores, CoresConfig, time, yield_now};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// A job that does not come back within this is lost to the test, not late.
const PATIENCE: Duration = Duration::from_secs(20);
/// More polls than a poll of all partitions usually takes: two flushes.
const POLLS_MAX: usize = 300;

/// Runs a test on one core with this many partitions.
fn on_a_core(partitions: u16, test: impl AsyncFn(CoreBroker) + Send + Sync + 'static) {
    let folder = tempfile::tempdir().expect("a folder");
    let directory = DataDirectory::open(folder.path(), Some(partitions), 1).expect("a data directory");
    let settings = BrokerSettings {
        cores: 1,
        segment_bytes: 32 << 20,
        map_bytes: 1 << 30,
        checkpoints: CheckpointSettings::default(),
        flow: FlowSettings::default(),
        stream_window: 16,
        readers: ReaderSettings::default(),
        reader_names: Vec::new(),
    };
    let node = Arc::new(Node::recover(directory, settings).expect("an empty directory recovers"));
    let side = Side::start(SideConfig { threads: 1, queue_max: 64, nice: 0 }).expect("side threads");
    let test = Arc::new(test);
    let run = move |core: Core| {
        let (node, side, test) = (node.clone(), side.clone(), test.clone());
        async move {
            let broker = node.open_core(core.index, side, &core.shutdown).map_err(|e| e.to_string())?;
            test(broker.clone()).await;
            broker.close().await;
            Ok::<_, String>(())
        }
    };
    Cores::start(&CoresConfig::unpinned(1), run).expect("a core").join().expect("no failure");
}

async fn deploy(broker: &CoreBroker) {
    let model = include_bytes!("../../../docs/samples/one_task.bpmn").to_vec();
    let command = Command::CreateDeployment(CreateDeployment {
        resources: vec![Resource { name: "one_task.bpmn".into(), content: model.into() }],
        tenant_id: DEFAULT_TENANT.into(),
    });
    let answer = broker.submit(broker.partitions()[0], command, RequestContext::default()).await;
    assert!(matches!(answer, Answer::Reply(Reply::Deployed(_))), "{answer:?}");
}

async fn create(broker: &CoreBroker) {
    let command = Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "one_task".into() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.into(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    });
    let partition = broker.partition_for_new_instance();
    let answer = broker.submit(partition, command, RequestContext::default()).await;
    assert!(matches!(answer, Answer::Reply(Reply::ProcessInstanceCreated(_))), "{answer:?}");
}

fn activation() -> ActivateJobs {
    ActivateJobs {
        job_type: "work".into(),
        worker: "w".into(),
        timeout: DurationMs(600_000),
        jobs_max: 100,
        bytes_max: 1 << 20,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
    }
}

/// What a future gives within this many polls.
async fn some_polls<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
            return Some(output);
        }
        yield_now().await;
    }
    None
}

#[test]
fn a_poll_that_ends_between_two_partitions_gives_its_jobs_back() {
    on_a_core(2, async |broker| {
        deploy(&broker).await;
        for _ in 0..2 {
            create(&broker).await;
        }
        // Given up after every number of steps; whatever it had by then is there for the next one.
        for polls in 0..POLLS_MAX {
            if let Some(ended) = some_polls(broker.poll_jobs(activation(), None).run(), polls).await {
                broker.give_back(ended.expect("is answered").jobs.iter().map(|job| job.key));
            }
            // A partition that was still activating gives its job back when it has committed.
            let deadline = Some(time::now() + PATIENCE);
            let mut keys = Vec::new();
            while keys.len() < 2 {
                let batch = broker.poll_jobs(activation(), deadline).run().await.expect("is answered");
                assert!(!batch.jobs.is_empty(), "given up after {polls} polls, {} came back", keys.len());
                keys.extend(batch.jobs.iter().map(|job| job.key));
            }
            broker.give_back(keys);
        }
    });
}
