//! The server's life: recover, open, listen, serve, stop.

use crate::banner::banner;
use crate::config::Config;
use crate::demo;
use crate::descriptors::{connections_for, fit_connections};
use crate::documents::Documents;
use crate::doors::{self, Bound, Doors, Opening, Port, PortCounters, load_tls};
use crate::evaluations::Evaluations;
use crate::exporting::Exporters;
use crate::figures::Figures;
use crate::job_streams::JobStreams;
use crate::logging::{Level, log};
use crate::management::Management;
use crate::notices::{heed_notices, tell_health};
use crate::past::PastLooks;
use crate::port;
use crate::service;
use crate::snapshots::Snapshots;
use crate::stopping::{STOP_MAX, StopServer, all_stopped, stop};
use crate::storing::{Storage, reader_names};
use crate::test_endpoints::TestEndpoints;
use crate::web_config::warn_of_pages;
use ringbolt_broker::{
    BrokerSettings, Clock, CoreBroker, DataDirectory, DirectoryError, FlowControl, Node, OpenError,
    SideThreads,
};
use ringbolt_grpc::GrpcLimits;
use ringbolt_http::{Limits, ServerTls, UnsentBytes};
use ringbolt_partition::{CheckpointSettings, FlowSettings};
use ringbolt_record::PartitionId;
use ringbolt_ring::net::{BindError, BoundListener};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{Core, Cores, CoresConfig, DriverChoice, Failure, Signals, raise_descriptor_limit};
use ringbolt_store::Mark;
use ringbolt_web::Mode;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Answers that wait to be packed; one more is sent as it is.
const ASIDE_MAX: usize = 16;
/// They are packed when a core does not want the CPU.
const ASIDE_NICE: i32 = 19;
/// How often a core looks whether the others have closed their connections, or what runs beside has ended.
const DRAIN_LOOK: Duration = Duration::from_millis(2);

/// Why the server could not start or did not go on.
#[derive(Debug)]
pub enum StartError {
    /// The data directory.
    Directory(DirectoryError),
    /// Log or state.
    Open(OpenError),
    /// An address, and the setting that has it.
    Bind(&'static str, BindError),
    /// Certificate or key.
    Tls(String),
    /// Cores or threads.
    Runtime(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(error) => error.fmt(f),
            Self::Open(error) => error.fmt(f),
            Self::Bind(setting, error) => write!(f, "{error} (--{setting} says where)"),
            Self::Tls(error) | Self::Runtime(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for StartError {}

/// What runs beside the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// A story to try, a calm load, and live figures on standard output.
    Demo,
}

/// What every core needs to start.
struct Plan {
    node: Node,
    side: SideThreads,
    evaluations: Evaluations,
    documents: Documents,
    tests: Arc<TestEndpoints>,
    /// Packs large answers.
    aside: Side,
    past: PastLooks,
    job_streams: Arc<JobStreams>,
    /// Where the partitions of the cores that have closed stood.
    marks: parking_lot::Mutex<Vec<(PartitionId, Mark)>>,
    /// Connections that one core may hold at one port.
    connections_max: usize,
    config: Config,
    tls: Option<ServerTls>,
    counters: PortCounters,
    snapshots: Arc<Snapshots>,
    flow_control: Arc<FlowControl>,
    rest: SocketAddr,
    grpc: SocketAddr,
    doors: parking_lot::Mutex<Vec<Option<Doors>>>,
    exporters: Arc<Exporters>,
    storage: Option<Storage>,
    beside: Beside,
    started: Instant,
    opened: AtomicUsize,
    /// Cores whose connections are closed.
    drained: AtomicUsize,
    has_beside_ended: Arc<AtomicBool>,
}

/// What is the same in every life of the server; a purge ends one and begins the next.
struct Setup {
    config: Config,
    tls: Option<ServerTls>,
    /// Files that the process may have open.
    descriptors: u64,
    beside: Beside,
    started: Instant,
}

/// How a life of the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// A signal ended it.
    Stopped,
    /// It was to be emptied, and another one begins.
    Purged,
}

/// Runs the server until a signal stops it.
///
/// # Errors
/// When it cannot start, or a core ended that should not have.
pub fn run(config: Config, beside: Beside) -> Result<(), StartError> {
    let started = ringbolt_ring::time::now();
    ringbolt_ring::memory::return_large_blocks();
    if let Err(error) = ringbolt_store::install_sigbus_handler() {
        log(Level::Warn, "cannot watch for I/O errors on mapped state", &[("cause", &error)]);
    }
    if let Err(error) = ringbolt_ring::keep_off(&config.cores) {
        log(Level::Warn, "threads beside the cores may take the cores' time", &[("cause", &error)]);
    }
    let descriptors = raise_descriptor_limit()
        .map_err(|e| StartError::Runtime(format!("cannot raise the limit of open files: {e}")))?;
    let tls = load_tls(&config).map_err(StartError::Tls)?;
    // Nobody has killed a demo to start the next one in its place.
    let wait = if beside == Beside::Demo { Duration::ZERO } else { doors::PORTS_WAIT };
    let mut bound =
        Bound::bind(&config, wait).map_err(|(setting, error)| StartError::Bind(setting, error))?;
    if config.test_endpoints {
        log(
            Level::Warn,
            "tests may set the clock and empty the server (--test-endpoints): not for work that counts",
            &[],
        );
    }
    warn_of_pages(&config);
    let mut setup = Setup { config, tls, descriptors, beside, started };
    loop {
        // Between two lives nobody is turned away: who connects waits.
        let next = setup.config.test_endpoints.then(|| bound.try_clone()).transpose();
        let next = next.map_err(|e| StartError::Runtime(format!("cannot keep the ports: {e}")))?;
        match (live(&setup, bound)?, next) {
            // A signal that came beside the purge, or after it, is obeyed.
            (Ended::Purged, Some(next)) if !ringbolt_ring::is_signaled() => bound = next,
            (Ended::Stopped | Ended::Purged, _) => return Ok(()),
        }
        setup.started = ringbolt_ring::time::now();
    }
}

/// One life of the server.
fn live(setup: &Setup, bound: Bound) -> Result<Ended, StartError> {
    let Setup { config, descriptors, .. } = setup;
    let cores = config.cores.len();
    let mut doors = bound.into_doors();
    let partitions_default = u16::try_from(cores).unwrap_or(u16::MAX);
    // Before the directory is made as well, with what it would be made for.
    connections_for(config, *descriptors, config.partitions.unwrap_or(partitions_default))
        .map_err(StartError::Runtime)?;
    let waits = || waits_for_directory(setup);
    let directory = DataDirectory::open(&config.data_dir, config.partitions, partitions_default, waits)
        .map_err(StartError::Directory)?;
    let connections_max =
        fit_connections(config, *descriptors, directory.partitions()).map_err(StartError::Runtime)?;
    let tests = Arc::new(TestEndpoints::new(config.test_endpoints, directory.last_change()));
    let flow_control = Arc::new(FlowControl::default());
    flow_control.set_response_target(config.response_target_ms);
    flow_control.set_write(config.write);
    flow_control.set_storage_backlog(config.storage.map(|storage| storage.backlog_max));
    let node =
        Node::recover(directory, broker_settings(config, flow_control.clone())).map_err(StartError::Open)?;
    for notice in node.notices() {
        log(Level::Warn, "recovery", &[("notice", &notice)]);
    }
    let (side, evaluations, aside, past) = start_threads(config)
        .map_err(|e| StartError::Runtime(format!("cannot start threads beside the cores: {e}")))?;
    let documents = Documents::start(&config.data_dir, config.documents).map_err(StartError::Runtime)?;
    let banner = banner(config, &node, &doors[0]);
    let storage = Storage::of(config, &node.partition_ids())
        .map_err(|e| StartError::Runtime(format!("cannot start threads for searches: {e}")))?;
    let management = doors[0].management.take().expect("the first core's doors have it");
    let plan = Arc::new(Plan {
        node,
        side,
        evaluations,
        documents,
        tests,
        aside,
        past,
        job_streams: Arc::default(),
        marks: parking_lot::Mutex::default(),
        connections_max,
        config: config.clone(),
        tls: setup.tls.clone(),
        counters: PortCounters::default(),
        snapshots: Snapshots::new(cores),
        flow_control,
        rest: doors[0].rest.0.local_addr(),
        grpc: doors[0].grpc.0.local_addr(),
        doors: parking_lot::Mutex::new(doors.into_iter().map(Some).collect()),
        exporters: Arc::new(Exporters::default()),
        storage,
        beside: setup.beside,
        started: setup.started,
        opened: AtomicUsize::new(0),
        drained: AtomicUsize::new(0),
        has_beside_ended: Arc::default(),
    });
    let management = start_management(&plan, management)?;
    let ended = run_cores(&plan, banner);
    plan.exporters.stop();
    plan.storage.iter().for_each(Storage::stop);
    plan.documents.stop();
    management.stop();
    // The directory stays locked until the exporters have written down how far they are.
    ended.map(|()| plan.ended())
}

/// A directory that another server has is waited for, as that one may just have been killed; it is said. A demo does not wait.
fn waits_for_directory(setup: &Setup) -> bool {
    let waits = setup.beside != Beside::Demo;
    if waits {
        let directory = setup.config.data_dir.display();
        log(Level::Warn, "the data directory is in use: it is waited for", &[("directory", &directory)]);
    }
    waits
}

/// Runs the cores until they end.
fn run_cores(plan: &Arc<Plan>, banner: String) -> Result<(), StartError> {
    let (shared, banner) = (plan.clone(), Arc::new(banner));
    let run = move |core| run_core(core, shared.clone(), banner.clone());
    let cores =
        Cores::start(&cores_config(&plan.config), run).map_err(|e| StartError::Runtime(e.to_string()))?;
    if ringbolt_ring::is_signaled() {
        cores.shutdown().trigger();
    }
    plan.tests.ends_with(cores.shutdown().clone());
    if let Some(warning) = cores.warning() {
        log(Level::Warn, "runtime", &[("notice", &warning)]);
    }
    cores.join().map_err(|failure| match failure {
        Failure::Error { error, .. } => error,
        Failure::Panic { core, message } => StartError::Runtime(format!("core {core} failed: {message}")),
    })
}

impl Plan {
    /// How this life ended, when all cores have closed: empties the directory if that is wanted.
    fn ended(&self) -> Ended {
        let Some(change) = self.tests.wanted() else { return Ended::Stopped };
        match self.node.purge(&self.marks.lock(), change) {
            Ok(()) => {
                log(Level::Warn, "the server is empty", &[("change", &change)]);
            }
            Err(error) => {
                log(Level::Error, "the server could not be emptied: all is as it was", &[("cause", &error)])
            }
        }
        Ended::Purged
    }
}

fn cores_config(config: &Config) -> CoresConfig {
    CoresConfig {
        cpus: config.cores.iter().copied().map(Some).collect(),
        driver: if config.epoll { DriverChoice::Epoll } else { DriverChoice::Auto },
        signals: Signals::Handle,
    }
}

/// The threads beside the cores.
fn start_threads(config: &Config) -> io::Result<(SideThreads, Evaluations, Side, PastLooks)> {
    let cores = config.cores.len();
    let aside =
        Side::start(SideConfig { name: "packing", threads: 1, queue_max: ASIDE_MAX, nice: ASIDE_NICE })?;
    let evaluations = Evaluations::start(cores, config.evaluation_timeout)?;
    Ok((SideThreads::start(cores)?, evaluations, aside, PastLooks::start()?))
}

fn broker_settings(config: &Config, flow_control: Arc<FlowControl>) -> BrokerSettings {
    BrokerSettings {
        cores: config.cores.len(),
        segment_bytes: config.segment_bytes,
        map_bytes: config.map_bytes,
        checkpoints: CheckpointSettings {
            log_bytes: config.checkpoint_log_bytes,
            overlay_bytes: config.overlay_bytes,
            ..CheckpointSettings::default()
        },
        flow: FlowSettings::default(),
        expression_units_max: config.expression_units_max,
        messages_max: config.messages.messages_max,
        message_bytes_max: config.messages.bytes_max,
        waits_max: config.messages.waits_max,
        business_ids_are_unique: config.unique_business_ids,
        flow_control,
        stream_window: config.stream_credit,
        reader_names: reader_names(config),
        readers: config.readers,
        clock: if config.test_endpoints { Clock::Controlled } else { Clock::Steady },
    }
}

async fn run_core(core: Core, plan: Arc<Plan>, banner: Arc<String>) -> Result<(), StartError> {
    let doors = plan.doors.lock()[core.index].take().expect("a core starts once");
    let broker =
        plan.node.open_core(core.index, plan.side.clone(), &core.shutdown).map_err(StartError::Open)?;
    let health = ringbolt_grpc::Health::new();
    tell_health(&broker, &health);
    ringbolt_ring::spawn(heed_notices(broker.clone(), health.clone()));
    ringbolt_ring::spawn(plan.snapshots.clone().publish(broker.clone()));
    plan.storage.iter().for_each(|storage| storage.select(&broker, plan.config.level, &core.shutdown));
    let stop = serve(&core, &plan, &broker, &health, doors)?;
    let opened = plan.opened.fetch_add(1, Ordering::SeqCst) + 1;
    if opened == core.count {
        let mut readers = plan.node.take_readers();
        let started = plan.storage.iter().try_for_each(|storage| storage.start(&mut readers));
        started.map_err(|e| StartError::Runtime(format!("cannot start secondary storage: {e}")))?;
        plan.exporters
            .start(&plan.config.exporters, &plan.config.export_anew, readers)
            .map_err(|e| StartError::Runtime(format!("cannot start an exporter: {e}")))?;
        println!("{banner}");
        service::tell("READY=1");
        let ready_ms = plan.started.elapsed().as_millis();
        log(Level::Info, "ready", &[("after_ms", &ready_ms), ("cores", &core.count)]);
        if plan.beside == Beside::Demo {
            let (rest, grpc, has_pages) = (plan.rest, plan.grpc, plan.config.web != Mode::Off);
            let ports = demo::Ports { rest, grpc, has_pages };
            ringbolt_ring::spawn(demo::run(ports, core.shutdown.clone(), plan.has_beside_ended.clone()));
        }
    }
    core.shutdown.wait().await;
    if core.index == 0 {
        service::tell("STOPPING=1");
    }
    if plan.beside == Beside::Demo {
        // What it has under way is answered before the connections close.
        let ended = until(|| plan.has_beside_ended.load(Ordering::SeqCst));
        let _ = ringbolt_ring::timeout(demo::END_MAX, ended).await;
    }
    plan.storage.iter().for_each(|storage| storage.live().close());
    broker.drain();
    all_stopped(stop, &broker).await;
    // A request on another core may still need this core's partitions.
    plan.drained.fetch_add(1, Ordering::SeqCst);
    let all_drained = until(|| plan.drained.load(Ordering::SeqCst) >= core.count);
    if ringbolt_ring::timeout(STOP_MAX, all_drained).await.is_err() {
        log(Level::Warn, "another core did not stop its connections", &[("core", &core.index)]);
    }
    broker.checkpoint_all().await;
    broker.close().await;
    plan.marks.lock().extend(broker.leave());
    Ok(())
}

/// Completes soon after something has become so.
async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        ringbolt_ring::sleep(DRAIN_LOOK).await;
    }
}

/// What the doors of all cores have in common.
fn opening(plan: &Plan) -> Opening {
    Opening {
        core: 0,
        allowed_hosts: plan.config.allowed_hosts.clone(),
        cors_origins: plan.config.cors_origins.clone(),
        unsent: UnsentBytes::default(),
        limits: Limits {
            header_read_timeout: plan.config.header_timeout,
            write_timeout: plan.config.write_timeout,
            connections_max: plan.connections_max,
            ..Limits::default()
        },
        tls: plan.tls.clone(),
        counters: plan.counters.clone(),
    }
}

/// Opens the management port before the cores have anything to say: until then nothing is ready.
fn start_management(plan: &Plan, listener: BoundListener) -> Result<Management, StartError> {
    let mut opening = opening(plan);
    opening.tls.take_if(|_| !plan.config.tls_management);
    Management::start(
        listener,
        opening,
        plan.snapshots.clone(),
        plan.flow_control.clone(),
        plan.tests.clone(),
        plan.exporters.clone(),
        plan.job_streams.clone(),
    )
    .map_err(StartError::Runtime)
}

/// Starts one core's servers; what it returns stops them.
fn serve(
    core: &Core,
    plan: &Plan,
    broker: &CoreBroker,
    health: &ringbolt_grpc::Health,
    doors: Doors,
) -> Result<Vec<StopServer>, StartError> {
    let port = port::CorePort {
        broker: broker.clone(),
        address: plan.rest,
        evaluations: plan.evaluations.clone(),
        documents: plan.documents.clone(),
        tests: plan.tests.clone(),
        aside: plan.aside.clone(),
        job_streams: plan.job_streams.clone(),
        exporters: plan.exporters.clone(),
        figures: Figures {
            snapshots: plan.snapshots.clone(),
            documents: plan.documents.clone(),
            data: plan.config.data_dir.as_path().into(),
        },
        past: plan.past.clone(),
        pasts: plan.node.pasts(),
        searches: plan.storage.as_ref().map(Storage::searches),
        live: plan.storage.as_ref().map(Storage::live),
        waiting: doors::waiting(&plan.config),
    };
    let limits = Rc::new(ringbolt_api::Limits {
        level: plan.config.level,
        is_searchable: plan.storage.is_some(),
        variables_bytes_max: plan.config.request_bytes_max,
        body_timeout: plan.config.body_timeout,
        scheme: if plan.config.tls.is_some() { "https" } else { "http" },
        documents_bytes_max: usize::try_from(plan.config.documents.document_bytes_max).unwrap_or(usize::MAX),
        ..ringbolt_api::Limits::default()
    });
    let opening = Opening {
        core: core.index,
        unsent: plan.counters.unsent_of(core.index, plan.config.unsent_bytes_max),
        ..opening(plan)
    };
    let mut stops = Vec::new();
    let arriving = doors::arriving(&plan.config);
    let grpc_limits = ringbolt_grpc_gateway::grpc_limits(&limits);
    let mut router = ringbolt_grpc::Router::new(GrpcLimits { arriving: arriving.clone(), ..grpc_limits });
    ringbolt_grpc_gateway::register(&mut router, port.clone(), limits.clone());
    health.register(&mut router);
    let grpc = opening.open(Port::Grpc, router, doors.grpc.0, Some(doors.grpc.1));
    stops.push(stop(grpc.map_err(StartError::Runtime)?));
    let rest = ringbolt_rest::Rest::new(port, limits).with_web(plan.config.web).with_arriving(arriving);
    let rest = opening.open(Port::Rest, rest, doors.rest.0, Some(doors.rest.1));
    stops.push(stop(rest.map_err(StartError::Runtime)?));
    Ok(stops)
}
