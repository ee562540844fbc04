//! Whether an HTTP/2 client sends more control frames than anybody needs.

use ringbolt_http2::Counts;

/// The most frames of a kind that a client may send within a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameLimits {
    /// The window: so many ticks of the server, at least 1.
    pub(crate) window_ticks: u64,
    /// Frames that carry neither headers nor data.
    pub(crate) control: u32,
    /// Of those, resets of streams.
    pub(crate) resets: u32,
}

/// What the client of one connection had sent when its window began.
#[derive(Debug, Default)]
pub(crate) struct FloodWatch {
    window: u64,
    before: Counts,
}

impl FloodWatch {
    /// Whether more frames came since the window began than the limits allow.
    pub(crate) fn is_flood(&mut self, tick: u64, counts: Counts, limits: FrameLimits) -> bool {
        let window = tick / limits.window_ticks;
        if self.window != window {
            (self.window, self.before) = (window, counts);
            return false;
        }
        counts.control - self.before.control > u64::from(limits.control)
            || counts.resets - self.before.resets > u64::from(limits.resets)
    }
}

#[cfg(test)]
mod tests {
    use super::{FloodWatch, FrameLimits};
    use ringbolt_http2::Counts;

    #[test]
    fn floods_are_counted_within_a_window() {
        let limits = FrameLimits { window_ticks: 2, control: 10, resets: 3 };
        let mut watch = FloodWatch::default();
        let mut is_flood = |tick, control, resets| watch.is_flood(tick, Counts { control, resets }, limits);
        assert!(!is_flood(2, 5, 1));
        assert!(!is_flood(3, 8, 4));
        assert!(is_flood(3, 9, 5), "one reset more");
        assert!(!is_flood(4, 9, 5), "a new window, a new count");
        assert!(!is_flood(5, 19, 8));
        assert!(is_flood(5, 20, 8), "one frame more");
    }
}
