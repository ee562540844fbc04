//! Settings of flow control that may change while the server runs. One for the node: written by the management port, read
//! by every core at each request.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a request may take from when its bytes could be read until its answer leaves, unless told otherwise,
/// milliseconds.
pub const RESPONSE_TARGET_MS_DEFAULT: u32 = 200;
/// What the target may be, milliseconds.
pub const RESPONSE_TARGET_MS: std::ops::RangeInclusive<u32> = 10..=60_000;

/// What a node turns away, and when. Cells of their own: nobody needs them to agree.
#[derive(Debug)]
pub struct FlowControl {
    /// Zero when no work is refused for its age.
    response_target_ms: AtomicU32,
}

impl Default for FlowControl {
    fn default() -> Self {
        Self { response_target_ms: AtomicU32::new(RESPONSE_TARGET_MS_DEFAULT) }
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
}
