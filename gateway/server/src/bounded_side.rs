//! Side threads with a bound on the bytes of what waits for them or is worked on, beside that on its number.

use ringbolt_ring::side::{Full, Side, SideConfig, SideTask};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The threads. Clones share them.
#[derive(Clone)]
pub(crate) struct BoundedSide {
    pub(crate) side: Side,
    pub(crate) bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

/// Bytes of a piece of work, or of what came of it, for as long as it is kept.
pub(crate) struct Kept {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl BoundedSide {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub(crate) fn start(config: SideConfig, bytes_max: usize) -> io::Result<BoundedSide> {
        Ok(BoundedSide { side: Side::start(config)?, bytes: Arc::default(), bytes_max })
    }

    /// Counts so many bytes until they are let go. One piece alone may have as many as it has.
    ///
    /// # Errors
    /// When there is no room for them.
    pub(crate) fn keep(&self, bytes: usize) -> Result<Kept, Full> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let kept = Kept { all: self.bytes.clone(), bytes };
        if before > 0 && before + bytes > self.bytes_max { Err(Full) } else { Ok(kept) }
    }

    /// Has a thread do work that keeps so many bytes until it is done.
    ///
    /// # Errors
    /// When as much waits as may.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<SideTask<T>, Full> {
        let kept = self.keep(bytes)?;
        self.side.run(move || {
            let _kept = kept;
            work()
        })
    }
}
