//! What a core said of itself, and how long ago.

use ringbolt_broker::CoreReport;
use std::sync::Arc;
use std::time::Duration;

/// A core that has said nothing for longer than this is silent: it does not serve, whatever it does.
const SILENT_AFTER: Duration = Duration::from_secs(5);

/// A core's last report.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The core.
    pub core: usize,
    /// How old the report is; none before the first.
    pub age: Option<Duration>,
    /// The report; none before the first.
    pub report: Option<Arc<CoreReport>>,
}

impl Snapshot {
    /// Whether the core has not reported yet, or not for long.
    pub(crate) fn is_silent(&self) -> bool {
        self.age.is_none_or(|age| age > SILENT_AFTER)
    }
}
