//! Streams of what changes, bounded in number: of the server, and of one address.
//!
//! Invariant: the thread that wrote rows rings a bell and goes on; what is sent is put together by the core that has the connection.

use parking_lot::Mutex;
use ringbolt_api::watch::{Changes, INSTANCES_MAX, Watch, Watching};
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_query::{Live, Mark, Watched};
use ringbolt_ring::mailbox::{self, Receiver};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// Streams of the server.
const STREAMS_MAX: usize = 256;
/// Streams of one address.
const OF_ADDRESS_MAX: usize = 32;

#[derive(Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// All streams. Clones share them.
#[derive(Clone)]
pub(crate) struct LiveStreams {
    live: Arc<Live>,
    counts: Arc<Mutex<Counts>>,
    is_closed: Arc<AtomicBool>,
    bells: Arc<Mutex<Vec<mailbox::Sender<()>>>>,
}

/// A place among the streams, for as long as it is kept.
struct Place {
    counts: Arc<Mutex<Counts>>,
    from: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        counts.all -= 1;
        if let Some(from) = self.from
            && let Some(count) = counts.by_address.get_mut(&from)
        {
            *count -= 1;
            if *count == 0 {
                counts.by_address.remove(&from);
            }
        }
    }
}

fn take_place(counts: &Arc<Mutex<Counts>>, from: Option<IpAddr>) -> Result<Place, ApiError> {
    let full = |what: String| Err(ApiError::new(ErrorKind::ResourceExhausted, what));
    let mut locked = counts.lock();
    if locked.all >= STREAMS_MAX {
        return full(format!("The server has {STREAMS_MAX} streams of changes open already"));
    }
    if let Some(from) = from {
        let of_address = locked.by_address.entry(from).or_default();
        if *of_address >= OF_ADDRESS_MAX {
            return full(format!("{from} has {OF_ADDRESS_MAX} streams of changes open already"));
        }
        *of_address += 1;
    }
    locked.all += 1;
    Ok(Place { counts: counts.clone(), from })
}

/// A mark as clients have it.
fn text(mark: Mark) -> String {
    format!("{:x}-{}", mark.life, mark.change)
}

fn mark(text: &str) -> Option<Mark> {
    let (life, change) = text.split_once('-')?;
    Some(Mark { life: u64::from_str_radix(life, 16).ok()?, change: change.parse().ok()? })
}

/// A full bell rings already, and nobody hears one that is closed.
fn ring(bell: &mailbox::Sender<()>) {
    let _ = bell.try_send(());
}

impl LiveStreams {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        Self { live, counts: Arc::default(), is_closed: Arc::default(), bells: Arc::default() }
    }

    /// Opens one, for the core that calls it.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn open(&self, watch: Watch) -> Result<Box<dyn Watching>, ApiError> {
        if watch.instances.len() > INSTANCES_MAX {
            return Err(ApiError::invalid(format!("More than {INSTANCES_MAX} instances are watched")));
        }
        let place = take_place(&self.counts, watch.from)?;
        let (bell, rings) = mailbox::channel(1);
        let mut bells = self.bells.lock();
        // A stream that is gone has no receiver: its sender gets one message in at most.
        bells.retain(|bell| !matches!(bell.try_send(()), Err(mailbox::SendError::Closed(()))));
        bells.push(bell.clone());
        drop(bells);
        // What cannot be read is of another server, or of nobody: everything is anew.
        let after = watch.after.map(|after| mark(&after).unwrap_or(Mark { life: 0, change: 0 }));
        let watched = Watched { instances: watch.instances, anything: watch.anything, after };
        let watching = self.live.watch(watched, Box::new(move || ring(&bell)));
        Ok(Box::new(Stream { watching, rings, is_closed: self.is_closed.clone(), _place: place }))
    }

    /// Ends all of them: the server stops.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.bells.lock().drain(..).for_each(|bell| ring(&bell));
    }
}

/// One of them.
struct Stream {
    watching: ringbolt_query::Watching,
    rings: Receiver<()>,
    is_closed: Arc<AtomicBool>,
    _place: Place,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

impl Watching for Stream {
    fn mark(&self) -> String {
        text(self.watching.mark())
    }

    fn poll_changes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Changes>> {
        loop {
            if self.is_closed.load(Ordering::SeqCst) {
                return Poll::Ready(None);
            }
            if let Some(changed) = self.watching.take() {
                let mark = text(changed.mark);
                let (anything, is_anew) = (changed.anything, changed.is_anew);
                return Poll::Ready(Some(Changes { mark, instances: changed.instances, anything, is_anew }));
            }
            // Whoever rings after this look wakes the task.
            if self.rings.poll_recv(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OF_ADDRESS_MAX, STREAMS_MAX, mark, take_place, text};
    use ringbolt_query::Mark;
    use std::net::IpAddr;
    use std::sync::Arc;

    #[test]
    fn streams_are_bounded_by_server_and_address() {
        let counts = Arc::default();
        let from = |n: u8| Some(IpAddr::from([127, 0, 0, n]));
        let mut places: Vec<_> =
            (0..OF_ADDRESS_MAX).map(|_| take_place(&counts, from(1)).expect("room")).collect();
        assert!(take_place(&counts, from(1)).is_err());
        places.pop();
        places.push(take_place(&counts, from(1)).expect("one is gone"));
        for n in (OF_ADDRESS_MAX..STREAMS_MAX).map(|n| (n / OF_ADDRESS_MAX + 1) as u8) {
            places.push(take_place(&counts, from(n)).expect("room"));
        }
        assert!(take_place(&counts, from(200)).is_err() && take_place(&counts, None).is_err());
        drop(places);
        assert!(counts.lock().all == 0 && counts.lock().by_address.is_empty());
    }

    #[test]
    fn marks_are_read_as_they_are_written() {
        let one = Mark { life: 0x18f3_0000_0000, change: 42 };
        assert_eq!(mark(&text(one)), Some(one));
        for wrong in ["", "-", "1", "x-1", "1--1", "1-18446744073709551616"] {
            assert_eq!(mark(wrong), None, "{wrong}");
        }
    }
}
