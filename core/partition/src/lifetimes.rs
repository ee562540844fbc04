//! How long instances live, from creation to completion, by sample. Volatile, for metrics alone.
//!
//! One instance in [`SAMPLE`] is followed, chosen by its key, so that a million waiting instances cost little; what
//! was created before this leader started is not known.

use ringbolt_record::{DurationMs, Key, TimestampMs};
use std::collections::BTreeMap;

/// One instance in so many is followed.
const SAMPLE: u64 = 16;
/// Most instances followed at a time.
const FOLLOWED_MAX: usize = 16 * 1024;

#[derive(Default)]
pub(crate) struct Lifetimes {
    started: BTreeMap<Key, TimestampMs>,
}

fn is_followed(instance: Key) -> bool {
    // Keys of instances come at regular distances; the odd factor spreads them over the sample.
    (instance.counter().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).is_multiple_of(SAMPLE)
}

impl Lifetimes {
    pub(crate) fn on_created(&mut self, instance: Key, now: TimestampMs) {
        if is_followed(instance) && self.started.len() < FOLLOWED_MAX {
            self.started.insert(instance, now);
        }
    }

    /// How long it lived, if it was followed. Any element instance may be asked for.
    pub(crate) fn on_completed(&mut self, element_instance: Key, now: TimestampMs) -> Option<DurationMs> {
        if !is_followed(element_instance) {
            return None;
        }
        let started = self.started.remove(&element_instance)?;
        Some(DurationMs(now.0 - started.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Lifetimes, SAMPLE};
    use ringbolt_record::{DurationMs, Key, PartitionId, TimestampMs};

    #[test]
    fn about_one_in_sixteen_is_followed_from_creation_to_completion() {
        let mut lifetimes = Lifetimes::default();
        let keys: Vec<Key> = (0..1600).map(|n| Key::new(PartitionId(1), n * 9 + 4)).collect();
        keys.iter().for_each(|key| lifetimes.on_created(*key, TimestampMs(100)));
        let lived: Vec<_> =
            keys.iter().filter_map(|key| lifetimes.on_completed(*key, TimestampMs(150))).collect();
        let expected = keys.len() / SAMPLE as usize;
        assert!((expected / 2..expected * 2).contains(&lived.len()), "{} of {}", lived.len(), keys.len());
        assert!(lived.iter().all(|lived| *lived == DurationMs(50)));
        assert!(lifetimes.started.is_empty());
    }
}
