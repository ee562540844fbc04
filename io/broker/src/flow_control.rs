//! Settings of flow control that may change while the server runs. One for the node: written by the management port, read
//! by every core at each request.

use parking_lot::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// How long a request may take from when its bytes could be read until its answer leaves, unless told otherwise,
/// milliseconds.
pub const RESPONSE_TARGET_MS_DEFAULT: u32 = 200;
/// What the target may be, milliseconds.
pub const RESPONSE_TARGET_MS: std::ops::RangeInclusive<u32> = 10..=60_000;

/// Records a second that the write limit may be.
pub const WRITE_LIMIT: std::ops::RangeInclusive<u32> = 1..=10_000_000;
/// Records that an exporter may be behind before new work is throttled, unless told otherwise.
const ACCEPTABLE_BACKLOG_DEFAULT: u64 = 100_000;
/// Records a second that are written however far an exporter is behind, unless told otherwise.
const MINIMUM_LIMIT_DEFAULT: u32 = 100;
/// How often the exporters' rate is taken, unless told otherwise.
const RESOLUTION_DEFAULT: Duration = Duration::from_secs(15);

/// Records that secondary storage may be behind before new work is slowed, unless told otherwise: some seconds at full speed,
/// and less log than a reader may keep.
pub const STORAGE_BACKLOG_DEFAULT: u64 = 1_000_000;
/// Records a second that are written however far secondary storage is behind.
const STORAGE_MINIMUM_LIMIT: u32 = 1_000;
/// How often its rate is taken.
const STORAGE_RESOLUTION: Duration = Duration::from_secs(1);

/// How much new work may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteSettings {
    /// Records a second of each partition, within [`WRITE_LIMIT`]; none for as many as it can.
    pub limit: Option<u32>,
    /// The limit is reached in this time from when it was set, beginning at a third of it.
    pub ramp_up: Duration,
    /// Less while exporters are behind.
    pub throttling: Option<Throttling>,
}

/// How exporters that are behind lower the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttling {
    /// Records that the slowest exporter of a partition may be behind.
    pub acceptable_backlog: u64,
    /// Records a second that may be written all the same.
    pub minimum_limit: u32,
    /// How often the exporter's rate is taken.
    pub resolution: Duration,
}

impl Default for Throttling {
    fn default() -> Self {
        Self {
            acceptable_backlog: ACCEPTABLE_BACKLOG_DEFAULT,
            minimum_limit: MINIMUM_LIMIT_DEFAULT,
            resolution: RESOLUTION_DEFAULT,
        }
    }
}

/// What a node turns away, and when. Cells of their own: nobody needs them to agree.
#[derive(Debug)]
pub struct FlowControl {
    /// Zero when no work is refused for its age.
    response_target_ms: AtomicU32,
    /// Records that secondary storage may be behind; zero without a bound.
    storage_backlog: AtomicU64,
    /// Read by a core when the version has changed.
    write: Mutex<Option<WriteSettings>>,
    write_version: AtomicU64,
}

impl Default for FlowControl {
    fn default() -> Self {
        Self {
            response_target_ms: AtomicU32::new(RESPONSE_TARGET_MS_DEFAULT),
            storage_backlog: AtomicU64::new(STORAGE_BACKLOG_DEFAULT),
            write: Mutex::new(None),
            write_version: AtomicU64::new(0),
        }
    }
}

impl FlowControl {
    /// The response-time target; none when new work is never refused for its age.
    pub fn response_target(&self) -> Option<Duration> {
        match self.response_target_ms.load(Ordering::Relaxed) {
            0 => None,
            ms => Some(Duration::from_millis(u64::from(ms))),
        }
    }

    /// Changes the target. Values outside [`RESPONSE_TARGET_MS`] are the caller's to refuse; here they are drawn into it.
    pub fn set_response_target(&self, target_ms: Option<u32>) {
        let ms = target_ms.map_or(0, |ms| ms.clamp(*RESPONSE_TARGET_MS.start(), *RESPONSE_TARGET_MS.end()));
        self.response_target_ms.store(ms, Ordering::Relaxed);
    }

    /// How much new work may write; none without a limit.
    pub fn write(&self) -> Option<WriteSettings> {
        *self.write.lock()
    }

    /// Changes that.
    pub fn set_write(&self, settings: Option<WriteSettings>) {
        let mut write = self.write.lock();
        *write = settings;
        self.write_version.fetch_add(1, Ordering::Release);
    }

    /// Changes how many records secondary storage may be behind before new work is slowed; none for any number.
    pub fn set_storage_backlog(&self, records: Option<u64>) {
        self.storage_backlog.store(records.unwrap_or(0), Ordering::Relaxed);
    }

    /// How new work is slowed while secondary storage is further behind than it may be.
    pub(crate) fn storage_throttling(&self) -> Option<Throttling> {
        let acceptable_backlog = self.storage_backlog.load(Ordering::Relaxed);
        (acceptable_backlog > 0).then_some(Throttling {
            acceptable_backlog,
            minimum_limit: STORAGE_MINIMUM_LIMIT,
            resolution: STORAGE_RESOLUTION,
        })
    }

    /// Grows with each change.
    pub(crate) fn write_version(&self) -> u64 {
        self.write_version.load(Ordering::Acquire)
    }
}
