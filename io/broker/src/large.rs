//! New work that brings much waits, in the order in which it came, while the next write of the log has enough.
//!
//! All entries that were appended when a write ends go with the next one, and each waits for all of them. So a client that sends
//! large documents in parallel would have everybody wait for megabytes, and who sends little for much longer than its own entry
//! takes. Of the large ones only as many go with one write as it takes well beside the rest; what is small, and what brings work to its
//! end, never waits here.
//!
//! Invariants: who waits first goes first, and nobody overtakes; one that its client gave up is never processed; each write lets in
//! one at least, however much others bring, so that nobody waits for ever.
//! Deliberately not here: commands for partitions of other cores, which that core's log takes.

use crate::core::{CoreBroker, Inner};
use ringbolt_partition::is_large;
use ringbolt_record::PartitionId;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// While so many bytes of entries wait for the next write, no large command adds to them: what a disk writes in about as long as it takes
/// for a flush anyway.
const FILLING_BYTES_MAX: u64 = 128 * 1024;
/// While a write of so many is in flight none does either, nor what instances go on with by themselves, which may be as much: else who comes
/// meanwhile would wait for two such writes.
const WRITING_BYTES_MAX: u64 = 512 * 1024;
/// Documents of so many bytes may wait on a core, and one command of any size; what comes then is refused.
const WAITING_BYTES_MAX: usize = 32 << 20;

/// Those of one core that wait.
#[derive(Debug, Default)]
pub(crate) struct LargeCommands {
    waiting: VecDeque<Place>,
    /// The number of the first place.
    first: u64,
    /// Of the documents of all that wait.
    bytes: usize,
    /// A write has ended since one was let in: the first goes, whatever the next write has.
    is_owed: bool,
}

/// Too many wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

#[derive(Debug)]
enum Place {
    Waits {
        bytes: usize,
        waker: Option<Waker>,
    },
    /// It went away.
    Left,
}

impl LargeCommands {
    /// One comes behind the others; its number.
    fn enter(&mut self, bytes: usize) -> Result<u64, Full> {
        if !self.waiting.is_empty() && self.bytes.saturating_add(bytes) > WAITING_BYTES_MAX {
            return Err(Full);
        }
        self.bytes += bytes;
        self.waiting.push_back(Place::Waits { bytes, waker: None });
        Ok(self.first + (self.waiting.len() - 1) as u64)
    }

    /// A write has ended.
    fn on_written(&mut self) {
        self.is_owed = !self.waiting.is_empty();
    }

    /// Whether it is this one's turn; its waker is kept until then.
    fn poll(&mut self, number: u64, has_room: bool, waker: &Waker) -> Poll<()> {
        if number == self.first && (has_room || self.is_owed) {
            self.is_owed = false;
            self.leave(number);
            return Poll::Ready(());
        }
        if let Some(Place::Waits { waker: slot, .. }) = self.place(number) {
            match slot {
                Some(kept) => kept.clone_from(waker),
                None => *slot = Some(waker.clone()),
            }
        }
        Poll::Pending
    }

    /// The one with this number waits no more.
    fn leave(&mut self, number: u64) {
        let Some(place) = self.place(number) else { return };
        if let Place::Waits { bytes, .. } = std::mem::replace(place, Place::Left) {
            self.bytes -= bytes;
        }
        while let Some(Place::Left) = self.waiting.front() {
            self.waiting.pop_front();
            self.first += 1;
        }
    }

    fn place(&mut self, number: u64) -> Option<&mut Place> {
        self.waiting.get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Whom to wake, so that it looks whether it is its turn.
    fn next(&mut self) -> Option<Waker> {
        match self.waiting.front_mut()? {
            Place::Waits { waker, .. } => waker.take(),
            Place::Left => None,
        }
    }
}

impl CoreBroker {
    /// The turn to wait for before new work that brings so many bytes may be processed; none where it need not wait.
    ///
    /// # Errors
    /// When too many wait.
    pub(crate) fn large_turn(&self, partition: PartitionId, bytes: usize) -> Result<Option<LargeTurn>, Full> {
        if !is_large(bytes) {
            return Ok(None);
        }
        let mut large = self.shared.large.borrow_mut();
        let inner = &mut *self.shared.inner.borrow_mut();
        let is_here = inner.partitions.contains_key(&partition);
        if !is_here || (large.waiting.is_empty() && inner.has_room_for_large(partition)) {
            return Ok(None);
        }
        let number = large.enter(bytes)?;
        inner.host.metrics.large_waited += 1;
        Ok(Some(LargeTurn { broker: self.clone(), partition, number }))
    }

    /// A write of the log has ended: one of those that wait goes with the next.
    pub(crate) fn let_large_in(&self) {
        self.shared.large.borrow_mut().on_written();
        self.wake_large();
    }

    /// Has the first that waits look whether it is its turn.
    pub(crate) fn wake_large(&self) {
        let waker = self.shared.large.borrow_mut().next();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Inner {
    /// Whether the write in flight is one that takes long.
    pub(crate) fn is_writing_much(&self) -> bool {
        self.host.journal.log.writing_bytes() >= WRITING_BYTES_MAX
    }

    /// Whether the next write takes a large command of this partition; also where it will not come to one, so that it is told.
    fn has_room_for_large(&self, partition: PartitionId) -> bool {
        let journal = &self.host.journal;
        (journal.log.filling_bytes() < FILLING_BYTES_MAX && !self.is_writing_much())
            || journal.is_short_of_space()
            || self.partitions.get(&partition).is_none_or(|here| here.stopped().is_some())
    }
}

/// A place among those that wait; it is given up when this is dropped.
pub(crate) struct LargeTurn {
    broker: CoreBroker,
    partition: PartitionId,
    number: u64,
}

impl Future for LargeTurn {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let shared = &self.broker.shared;
        let has_room = shared.inner.borrow().has_room_for_large(self.partition);
        shared.large.borrow_mut().poll(self.number, has_room, cx.waker())
    }
}

impl Drop for LargeTurn {
    fn drop(&mut self) {
        self.broker.shared.large.borrow_mut().leave(self.number);
        self.broker.wake_large();
    }
}

#[cfg(test)]
mod tests {
    use super::{Full, LargeCommands, WAITING_BYTES_MAX};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Wake, Waker};

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_came_first_goes_first_and_who_left_holds_nobody_up() {
        let mut large = LargeCommands::default();
        let woken: Vec<Arc<Woken>> = (0..3).map(|_| Arc::default()).collect();
        let wakers: Vec<Waker> = woken.iter().map(|it| Waker::from(it.clone())).collect();
        let numbers: Vec<u64> = (0..3).map(|_| large.enter(10_000).expect("room")).collect();
        for (number, waker) in numbers.iter().zip(&wakers) {
            assert!(large.poll(*number, false, waker).is_pending());
        }
        assert!(large.poll(numbers[1], true, &wakers[1]).is_pending(), "it is not its turn");
        large.leave(numbers[0]);
        large.next().expect("somebody waits").wake();
        assert_eq!(woken.iter().map(|it| it.0.load(Ordering::Relaxed)).collect::<Vec<_>>(), [0, 1, 0]);
        assert!(large.poll(numbers[1], true, &wakers[1]).is_ready());
        assert!(large.poll(numbers[2], true, &wakers[2]).is_ready());
        assert!(large.next().is_none() && large.waiting.is_empty());
        assert_eq!((large.bytes, large.first), (0, 3));
    }

    #[test]
    fn what_waits_is_bounded_and_one_of_any_size_may_wait() {
        let mut large = LargeCommands::default();
        let first = large.enter(WAITING_BYTES_MAX + 1).expect("room for one");
        assert_eq!(large.enter(1), Err(Full));
        large.leave(first);
        assert!(large.enter(1).is_ok());
    }

    #[test]
    fn each_write_lets_one_in_however_much_others_bring() {
        let mut large = LargeCommands::default();
        large.on_written();
        let numbers: Vec<u64> = (0..3).map(|_| large.enter(10_000).expect("room")).collect();
        let poll =
            |large: &mut LargeCommands, at: usize| large.poll(numbers[at], false, Waker::noop()).is_ready();
        assert!(!poll(&mut large, 0), "a write that ended before it came lets nobody in");
        large.on_written();
        assert!(!poll(&mut large, 1), "it is not its turn");
        assert!(poll(&mut large, 0));
        assert!(!poll(&mut large, 1), "one for each write");
        large.on_written();
        large.leave(numbers[1]);
        assert!(poll(&mut large, 2), "who left had no use of it");
    }
}
