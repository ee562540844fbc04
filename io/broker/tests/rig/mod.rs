//! What tests of the broker share: a node on real cores over a real directory, and its commands.

#![allow(dead_code, reason = "each test uses its part")]

use ringbolt_broker::{Answer, BrokerSettings, CoreBroker, DataDirectory, Node, Pasts, Refusal, SideThreads};
use ringbolt_partition::{CheckpointSettings, Clock, FlowSettings, ReaderSettings};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource,
};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, PartitionId, Reply, RequestContext, VariableDocument,
};
use ringbolt_ring::{Core, Cores, CoresConfig, time};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Runs a test on the first of some cores that have this many partitions together.
pub(crate) fn on_cores(
    cores: usize,
    partitions: u16,
    test: impl AsyncFn(CoreBroker) + Send + Sync + 'static,
) {
    let folder = tempfile::tempdir().expect("a folder");
    one_life(folder.path(), partitions, settings(cores), test);
}

/// The defaults, over a small map and small segments.
pub(crate) fn settings(cores: usize) -> BrokerSettings {
    BrokerSettings {
        cores,
        segment_bytes: 32 << 20,
        map_bytes: 1 << 30,
        checkpoints: CheckpointSettings::default(),
        expression_units_max: 2_000_000,
        messages_max: 10_000,
        message_bytes_max: 64 << 20,
        waits_max: 1_000_000,
        business_ids_are_unique: false,
        flow: FlowSettings::default(),
        stream_window: 16,
        readers: ReaderSettings::default(),
        clock: Clock::Steady,
        reader_names: Vec::new(),
        flow_control: Arc::default(),
    }
}

/// Says that the test is over, however it ends.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// One life of a data directory: a test on its first core, then an end as after a kill, without a last checkpoint.
pub(crate) fn one_life(
    folder: &Path,
    partitions: u16,
    settings: BrokerSettings,
    test: impl AsyncFn(CoreBroker) + Send + Sync + 'static,
) {
    one_life_of(folder, partitions, settings, async move |broker, _| test(broker).await);
}

/// The same, of a test that looks into the log too.
pub(crate) fn one_life_of(
    folder: &Path,
    partitions: u16,
    settings: BrokerSettings,
    test: impl AsyncFn(CoreBroker, Pasts) + Send + Sync + 'static,
) {
    let cores = settings.cores;
    let directory = DataDirectory::open(folder, Some(partitions), 1, || true).expect("a data directory");
    let node = Arc::new(Node::recover(directory, settings).expect("the directory recovers"));
    let side = SideThreads::start(1).expect("side threads");
    let test = Arc::new(test);
    let is_done = Arc::new(AtomicBool::new(false));
    let run = move |core: Core| {
        let (node, side, test, is_done) = (node.clone(), side.clone(), test.clone(), is_done.clone());
        async move {
            let broker = node.open_core(core.index, side, &core.shutdown).map_err(|e| e.to_string())?;
            if core.index == 0 {
                // A test that fails ends the other cores too.
                let _ends = Ends(is_done.clone());
                test(broker.clone(), node.pasts()).await;
            }
            while !is_done.load(Ordering::SeqCst) {
                time::sleep(Duration::from_millis(5)).await;
            }
            broker.close().await;
            Ok::<_, String>(())
        }
    };
    Cores::start(&CoresConfig::unpinned(cores), run).expect("cores").join().expect("no failure");
}

/// Deploys two processes of one task each: `one_task` and, with another job type, `aside`.
pub(crate) async fn deploy(broker: &CoreBroker) {
    let model = include_str!("../../../../docs/samples/one_task.bpmn");
    // The same with a job type of its own.
    let aside = model.replace("\"one_task\"", "\"aside\"").replace("\"work\"", "\"other\"");
    let resource = |name: &str, text: &str| Resource { name: name.into(), content: text.to_owned().into() };
    let command = Command::CreateDeployment(CreateDeployment {
        resources: vec![resource("one_task.bpmn", model), resource("aside.bpmn", &aside)],
        tenant_id: DEFAULT_TENANT.into(),
    });
    let answer = broker.submit(broker.partitions()[0], command, RequestContext::default()).await;
    assert!(matches!(answer, Answer::Reply(Reply::Deployed(_))), "{answer:?}");
}

/// Starts an instance.
pub(crate) async fn create(broker: &CoreBroker) {
    create_on(broker, broker.partition_for_new_instance()).await;
}

/// Starts an instance, again while the disk is too slow for it; when the one that was taken began.
pub(crate) async fn create_on(broker: &CoreBroker, partition: PartitionId) -> Instant {
    loop {
        let began = time::now();
        match broker.submit(partition, create_of("one_task"), RequestContext::default()).await {
            Answer::Reply(Reply::ProcessInstanceCreated(_)) => return began,
            Answer::Refusal(Refusal::Overloaded { .. }) => time::sleep(Duration::from_millis(20)).await,
            other => panic!("{other:?}"),
        }
    }
}

/// The command for an instance of a process.
pub(crate) fn create_of(process: &str) -> Command {
    Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: process.into() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.into(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    })
}

/// Wants all jobs of the first process.
pub(crate) fn activation() -> ActivateJobs {
    ActivateJobs {
        job_type: "work".into(),
        worker: "w".into(),
        timeout: DurationMs(600_000),
        jobs_max: 100,
        bytes_max: 1 << 20,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
        with_leases: false,
    }
}
