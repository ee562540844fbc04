//! The batches that a journal has written last, in memory, for those who read right behind it.
//!
//! Invariants: what is here is durable, and was sealed by this process; the core never waits for a reader, and what it cannot add at once is read from
//! the disk like what is here no more. Its bytes are bounded, and what is older than a second goes when a reader has come to the end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::types::Place;

/// Bytes that are kept.
const BYTES_MAX: usize = 8 << 20;
/// A larger batch is read from the disk: it would put out many that are read sooner.
const BATCH_BYTES_MAX: usize = 1 << 20;
/// Who reads comes by more often than this.
const KEPT_MAX: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Written {
    place: Place,
    bytes: Arc<[u8]>,
    at: Instant,
}

#[derive(Debug, Default)]
struct State {
    /// By rising place.
    batches: VecDeque<Written>,
    bytes: usize,
}

impl State {
    fn forget_first(&mut self) {
        if let Some(first) = self.batches.pop_front() {
            self.bytes -= first.bytes.len();
        }
    }
}

/// What a journal has written last.
#[derive(Debug, Default)]
pub(crate) struct TailRing {
    /// Somebody reads: until then nothing is kept.
    is_read: AtomicBool,
    state: Mutex<State>,
}

impl TailRing {
    /// Somebody begins to read.
    pub(crate) fn begin(&self) {
        self.is_read.store(true, Ordering::Relaxed);
    }

    /// For the journal: a batch is durable at a place behind all before.
    pub(crate) fn add(&self, place: Place, batch: &[u8]) {
        if batch.len() > BATCH_BYTES_MAX || !self.is_read.load(Ordering::Relaxed) {
            return;
        }
        let written = Written { place, bytes: batch.into(), at: Instant::now() };
        let Some(mut state) = self.state.try_lock() else { return };
        state.bytes += written.bytes.len();
        state.batches.push_back(written);
        while state.bytes > BYTES_MAX {
            state.forget_first();
        }
    }

    /// The batch at a place, if it is here.
    pub(crate) fn find(&self, place: Place) -> Option<Arc<[u8]>> {
        let state = self.state.lock();
        let at = state.batches.binary_search_by_key(&place, |written| written.place).ok()?;
        Some(state.batches[at].bytes.clone())
    }

    /// Forgets what was written a while ago; for readers that have come to the end.
    pub(crate) fn forget_old(&self) {
        let mut state = self.state.lock();
        while state.batches.front().is_some_and(|written| written.at.elapsed() > KEPT_MAX) {
            state.forget_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH_BYTES_MAX, BYTES_MAX, KEPT_MAX, TailRing};
    use crate::types::{Place, SegmentSequence};

    fn place(offset: usize) -> Place {
        Place { segment: SegmentSequence(1), offset: offset as u64 }
    }

    #[test]
    fn what_was_written_last_is_found_and_no_more_than_fits() {
        let ring = TailRing::default();
        ring.add(place(0), &[1; 4096]);
        assert_eq!(ring.find(place(0)), None, "nobody reads");
        ring.begin();
        let batch = vec![2; BATCH_BYTES_MAX];
        let count = BYTES_MAX / BATCH_BYTES_MAX + 1;
        (0..count).for_each(|number| ring.add(place(number * batch.len()), &batch));
        assert_eq!(ring.find(place(0)), None);
        assert_eq!(ring.find(place(batch.len())).as_deref(), Some(&*batch));
        assert_eq!(ring.find(place(batch.len() + 1)), None);
        assert_eq!(ring.state.lock().bytes, BYTES_MAX);
        ring.add(place(count * batch.len()), &vec![2; BATCH_BYTES_MAX + 1]);
        assert_eq!(ring.find(place(count * batch.len())), None);
    }

    #[test]
    fn who_adds_waits_for_nobody() {
        let ring = TailRing::default();
        ring.begin();
        let reads = ring.state.lock();
        ring.add(place(0), &[1; 4096]);
        drop(reads);
        assert_eq!(ring.find(place(0)), None);
        ring.add(place(4096), &[2; 4096]);
        assert!(ring.find(place(4096)).is_some());
    }

    #[test]
    fn what_is_old_goes() {
        let ring = TailRing::default();
        ring.begin();
        ring.add(place(0), &[1; 4096]);
        ring.add(place(4096), &[2; 4096]);
        ring.state.lock().batches[0].at -= 2 * KEPT_MAX;
        ring.forget_old();
        assert!(ring.find(place(0)).is_none() && ring.find(place(4096)).is_some());
        assert_eq!(ring.state.lock().bytes, 4096);
    }
}
