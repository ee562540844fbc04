//! Starting, pinning, stopping and joining the core threads.
//!
//! Each core is one thread with one executor. The first core that fails (its future returns an error, or anything on it panics)
//! triggers the shutdown signal for the others, and [`Cores::join`] reports that first failure.

use std::{
    any::Any,
    fmt,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use parking_lot::Mutex;

use crate::{
    core_local,
    doorbell::Doorbell,
    driver::{self, Driver, DriverChoice, DriverError},
    shutdown::{self, Shutdown},
    turns,
};

/// Submission queue entries of a core's ring.
const RING_ENTRIES: u32 = 1024;

/// The most cores one process runs; a listener and a mailbox mesh are made for each.
pub const CORES_MAX: usize = 256;

/// Whether the process's signals stop these cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signals {
    /// The caller triggers the shutdown itself.
    #[default]
    Ignore,
    /// The first SIGTERM or SIGINT triggers the shutdown; the second has its default action.
    Handle,
}

/// How to start the cores.
#[derive(Clone, Debug, Default)]
pub struct CoresConfig {
    /// One entry per core: the CPU it is pinned to, or `None` to leave it to the scheduler.
    pub cpus: Vec<Option<usize>>,
    /// The kernel interface to run on.
    pub driver: DriverChoice,
    /// Signal handling.
    pub signals: Signals,
}

impl CoresConfig {
    /// `count` cores, not pinned, for tests and tools.
    pub fn unpinned(count: usize) -> CoresConfig {
        CoresConfig { cpus: vec![None; count], ..CoresConfig::default() }
    }

    /// One core on each of these CPUs.
    pub fn pinned(cpus: impl IntoIterator<Item = usize>) -> CoresConfig {
        CoresConfig { cpus: cpus.into_iter().map(Some).collect(), ..CoresConfig::default() }
    }
}

/// What a core's future is given.
#[derive(Clone)]
pub struct Core {
    /// This core's number, from 0.
    pub index: usize,
    /// How many cores there are.
    pub count: usize,
    /// What it runs on.
    pub driver: Driver,
    /// The signal that all cores share.
    pub shutdown: Shutdown,
}

/// Why the cores could not be started.
#[derive(Debug)]
pub enum StartError {
    /// io_uring was demanded and is refused.
    Driver(DriverError),
    /// No core, or more than [`CORES_MAX`].
    Count(usize),
    /// The kernel refused the thread's CPU.
    Affinity {
        /// The CPU that was asked for.
        cpu: usize,
        /// The kernel's reason.
        error: io::Error,
    },
    /// A thread, ring or descriptor could not be had.
    Io(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Driver(error) => error.fmt(f),
            StartError::Count(count) => {
                write!(f, "{count} cores asked for: between 1 and {CORES_MAX} are possible")
            }
            StartError::Affinity { cpu, error } => write!(f, "cannot pin a core to CPU {cpu}: {error}"),
            StartError::Io(error) => write!(f, "cannot start a core: {error}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StartError::Driver(error) => Some(error),
            StartError::Affinity { error, .. } | StartError::Io(error) => Some(error),
            StartError::Count(_) => None,
        }
    }
}

/// How a core ended that should not have.
#[derive(Debug)]
pub enum Failure<E> {
    /// The core's future returned an error.
    Error {
        /// The core's number.
        core: usize,
        /// What it returned.
        error: E,
    },
    /// Something on the core panicked.
    Panic {
        /// The core's number.
        core: usize,
        /// The panic's message.
        message: String,
    },
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Error { core, error } => write!(f, "core {core} failed: {error}"),
            Failure::Panic { core, message } => write!(f, "core {core} panicked: {message}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Failure<E> {}

/// The running cores.
pub struct Cores<E> {
    threads: Vec<thread::JoinHandle<()>>,
    shutdown: Shutdown,
    driver: Driver,
    warning: Option<String>,
    failure: Arc<Mutex<Option<Failure<E>>>>,
}

impl<E: Send + 'static> Cores<E> {
    /// Starts one thread per entry of `config.cpus` and runs `build(core)` on each. Returns when every core has its executor and
    /// its CPU; the futures may still be starting.
    pub fn start<B, F>(config: &CoresConfig, build: B) -> Result<Cores<E>, StartError>
    where
        B: Fn(Core) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + 'static,
    {
        let count = config.cpus.len();
        if count == 0 || count > CORES_MAX {
            return Err(StartError::Count(count));
        }
        let probe = driver::probe(config.driver).map_err(StartError::Driver)?;
        let doorbells: Vec<Arc<Doorbell>> = (0..count)
            .map(|_| Doorbell::new().map(Arc::new))
            .collect::<io::Result<_>>()
            .map_err(StartError::Io)?;
        let shutdown = Shutdown::new(doorbells.clone());
        if config.signals == Signals::Handle {
            shutdown::install_signals(&shutdown).map_err(StartError::Io)?;
        }
        let mut cores = Cores {
            threads: Vec::with_capacity(count),
            shutdown,
            driver: probe.driver,
            warning: probe.warning,
            failure: Arc::new(Mutex::new(None)),
        };
        match cores.spawn_all(config, doorbells, Arc::new(build)) {
            Ok(()) => Ok(cores),
            Err(error) => {
                cores.shutdown.trigger();
                // The reason to report is `error`; what the other cores said while stopping does not add to it.
                let _ = cores.join();
                Err(error)
            }
        }
    }

    fn spawn_all<B, F>(
        &mut self,
        config: &CoresConfig,
        doorbells: Vec<Arc<Doorbell>>,
        build: Arc<B>,
    ) -> Result<(), StartError>
    where
        B: Fn(Core) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + 'static,
    {
        let count = config.cpus.len();
        let (started, starts) = mpsc::channel();
        for (index, (cpu, doorbell)) in config.cpus.iter().copied().zip(doorbells).enumerate() {
            let core = Core { index, count, driver: self.driver, shutdown: self.shutdown.clone() };
            let (build, failure, started) = (build.clone(), self.failure.clone(), started.clone());
            let thread = thread::Builder::new()
                .name(format!("core-{index}"))
                .spawn(move || run_core(core, cpu, doorbell, &*build, &failure, &started))
                .map_err(StartError::Io)?;
            self.threads.push(thread);
        }
        drop(started);
        for _ in 0..count {
            match starts.recv() {
                Ok(result) => result?,
                Err(mpsc::RecvError) => break,
            }
        }
        Ok(())
    }

    /// What the cores run on.
    pub fn driver(&self) -> Driver {
        self.driver
    }

    /// One sentence for the operator when the slower driver had to be taken.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The signal that stops the cores.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Waits until every core's future ended; the first failure, if there was one.
    pub fn join(self) -> Result<(), Failure<E>> {
        for thread in self.threads {
            // Panics were caught and recorded inside the thread.
            let _ = thread.join();
        }
        match self.failure.lock().take() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

fn run_core<B, F, E>(
    core: Core,
    cpu: Option<usize>,
    doorbell: Arc<Doorbell>,
    build: &B,
    failure: &Mutex<Option<Failure<E>>>,
    started: &mpsc::Sender<Result<(), StartError>>,
) where
    B: Fn(Core) -> F,
    F: Future<Output = Result<(), E>> + 'static,
{
    let (index, driver, shutdown) = (core.index, core.driver, core.shutdown.clone());
    // The starter may be gone after another core's error: then nobody waits for this result.
    if let Some(cpu) = cpu
        && let Err(error) = pin_to(cpu)
    {
        let _ = started.send(Err(StartError::Affinity { cpu, error }));
        return;
    }
    turns::take_short_turns();
    let mut executor = match Executor::new(driver) {
        Ok(executor) => executor,
        Err(error) => {
            let _ = started.send(Err(StartError::Io(error)));
            return;
        }
    };
    let _ = started.send(Ok(()));
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let _leave = core_local::Leave;
        executor.block_on(async move { core_local::enter(index, driver, doorbell, build(core)).await })
    }));
    let failed = match ended {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => Some(Failure::Error { core: index, error }),
        Ok(Err(error)) => {
            Some(Failure::Panic { core: index, message: format!("cannot enter the core: {error}") })
        }
        Err(panic) => Some(Failure::Panic { core: index, message: panic_message(&*panic) }),
    };
    if let Some(failed) = failed {
        failure.lock().get_or_insert(failed);
        shutdown.trigger();
    }
}

pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}

/// Runs one future on a core of its own in the calling thread: for tools and tests. It has the index 0 and no
/// shutdown signal.
pub fn block_on<F: Future>(choice: DriverChoice, future: F) -> Result<F::Output, StartError> {
    let probe = driver::probe(choice).map_err(StartError::Driver)?;
    let doorbell = Arc::new(Doorbell::new().map_err(StartError::Io)?);
    let mut executor = Executor::new(probe.driver).map_err(StartError::Io)?;
    let _leave = core_local::Leave;
    executor.block_on(core_local::enter(0, probe.driver, doorbell, future)).map_err(StartError::Io)
}

type Timed<D> = monoio::Runtime<monoio::time::TimeDriver<D>>;

enum Executor {
    IoUring(Timed<monoio::IoUringDriver>),
    Epoll(Timed<monoio::LegacyDriver>),
}

impl Executor {
    fn new(driver: Driver) -> io::Result<Executor> {
        match driver {
            Driver::IoUring => monoio::RuntimeBuilder::<monoio::IoUringDriver>::new()
                .with_entries(RING_ENTRIES)
                .enable_timer()
                .build()
                .map(Executor::IoUring),
            Driver::Epoll => monoio::RuntimeBuilder::<monoio::LegacyDriver>::new()
                .with_entries(RING_ENTRIES)
                .enable_timer()
                .build()
                .map(Executor::Epoll),
        }
    }

    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        match self {
            Executor::IoUring(runtime) => runtime.block_on(future),
            Executor::Epoll(runtime) => runtime.block_on(future),
        }
    }
}

/// Pins the calling thread to one CPU.
fn pin_to(cpu: usize) -> io::Result<()> {
    let set_bits = 8 * size_of::<libc::cpu_set_t>();
    if cpu >= set_bits {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("there is no CPU {cpu}")));
    }
    // SAFETY: a zeroed cpu_set_t is the empty set, `cpu` is inside it, and the pointer and size belong together.
    let result = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
