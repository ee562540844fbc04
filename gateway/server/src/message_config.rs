//! How many messages a partition keeps, and how much may wait there.

use crate::config::{ConfigError, error, mib};
use ringbolt_engine::{MESSAGE_BYTES_MAX, MESSAGES_MAX, WAITS_MAX};

/// The most messages that may be set: each takes some 300 bytes of state besides its own.
const MESSAGES_LIMIT: u64 = 1_000_000_000;

/// What a partition keeps for those who do not wait for it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageBounds {
    /// Messages; none are kept at 0.
    pub messages_max: u64,
    /// Texts and variables of them all, bytes; a message may go beyond it by its own size.
    pub bytes_max: u64,
    /// Timers, subscriptions and user tasks together at which new instances are refused.
    pub waits_max: u64,
}

/// Checks the bounds.
pub(crate) fn messages(
    messages_max: Option<u64>,
    bytes_mib: Option<u64>,
    waits_max: Option<u64>,
) -> Result<MessageBounds, ConfigError> {
    let messages_max = messages_max.unwrap_or(MESSAGES_MAX);
    if messages_max > MESSAGES_LIMIT {
        return Err(error("messages-max", format!("{messages_max} is more than {MESSAGES_LIMIT}")));
    }
    if waits_max == Some(0) {
        return Err(error("waits-max", "not at least 1"));
    }
    let bytes_max = mib("messages-mib", bytes_mib, MESSAGE_BYTES_MAX >> 20)?;
    Ok(MessageBounds { messages_max, bytes_max, waits_max: waits_max.unwrap_or(WAITS_MAX) })
}

#[cfg(test)]
mod tests {
    use super::{MessageBounds, messages};

    #[test]
    fn bounds_are_checked() {
        let defaults = MessageBounds { messages_max: 10_000_000, bytes_max: 4 << 30, waits_max: 100_000_000 };
        assert_eq!(messages(None, None, None).expect("the defaults hold"), defaults);
        assert_eq!(
            messages(Some(0), Some(1), Some(7)).map(|it| (it.messages_max, it.bytes_max, it.waits_max)).ok(),
            Some((0, 1 << 20, 7))
        );
        for (count, mib, waits, name) in [
            (Some(1_000_000_001), None, None, "messages-max"),
            (None, Some(0), None, "messages-mib"),
            (None, None, Some(0), "waits-max"),
        ] {
            let refused = messages(count, mib, waits).expect_err("out of range").to_string();
            assert!(refused.starts_with(&format!("setting {name}: ")), "{refused}");
        }
    }
}
