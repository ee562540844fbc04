//! Durable appends, one at a time: each is a write to an O_DIRECT and O_DSYNC file whose blocks were written before,
//! as the journal's segments are. One round trip makes it durable, on every library alike.

mod glommio;
mod monoio;
mod uring;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::cpu;

/// Size of the file that the writes go round in.
const FILE_BYTES: u64 = 64 << 20;
/// O_DIRECT | O_DSYNC on Linux's common architectures; taken from rustix so that it is right on all of them.
const DURABLE: rustix::fs::OFlags = rustix::fs::OFlags::DIRECT.union(rustix::fs::OFlags::DSYNC);

/// What does the writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The io-uring crate, no runtime.
    Uring,
    /// monoio's file.
    Monoio,
    /// glommio's `DmaFile`.
    Glommio,
}

impl Engine {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Engine; 3] = [Engine::Uring, Engine::Monoio, Engine::Glommio];

    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Uring => "raw io-uring",
            Engine::Monoio => "monoio",
            Engine::Glommio => "glommio DmaFile",
        }
    }
}

/// What was written in a round.
pub(crate) struct Appended {
    /// Nanoseconds of each.
    pub(crate) latencies: Histogram<u64>,
    /// How long the round took.
    pub(crate) elapsed: Duration,
    /// Processor time of the process within it.
    pub(crate) cpu: Duration,
}

/// Counts the appends of a round and says where the next one goes.
struct Round {
    bytes: usize,
    offset: u64,
    started: Instant,
    cpu_before: Duration,
    time: Duration,
    latencies: Histogram<u64>,
}

impl Round {
    fn new(bytes: usize, time: Duration) -> io::Result<Round> {
        Ok(Round {
            bytes,
            offset: 0,
            started: Instant::now(),
            cpu_before: cpu::own_time(),
            time,
            latencies: Histogram::new_with_bounds(1_000, 60_000_000_000, 3).map_err(io::Error::other)?,
        })
    }

    /// Where the next append goes; `None` when the round is over.
    fn next(&mut self) -> Option<u64> {
        if self.started.elapsed() >= self.time {
            return None;
        }
        let offset = self.offset;
        self.offset = (offset + self.bytes as u64) % FILE_BYTES;
        Some(offset)
    }

    fn wrote(&mut self, count: usize, began: Instant) -> io::Result<()> {
        if count != self.bytes {
            return Err(io::Error::other("a short write"));
        }
        self.latencies.saturating_record(began.elapsed().as_nanos() as u64);
        Ok(())
    }

    fn finish(self) -> Appended {
        let (elapsed, cpu) = (self.started.elapsed(), cpu::own_time() - self.cpu_before);
        Appended { latencies: self.latencies, elapsed, cpu }
    }
}

/// Makes the file that is written: full of zeros that are on the disk.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn prepare(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    let zeros = vec![0; 1 << 20];
    for _ in 0..FILE_BYTES >> 20 {
        file.write_all(&zeros)?;
    }
    file.sync_all()
}

/// Appends `bytes` at a time for a while.
///
/// # Errors
/// When the file or the engine refuses.
pub(crate) fn run(engine: Engine, path: &Path, bytes: usize, time: Duration) -> io::Result<Appended> {
    match engine {
        Engine::Uring => uring::run(path, bytes, time),
        Engine::Monoio => monoio::run(path, bytes, time),
        Engine::Glommio => glommio::run(path, bytes, time),
    }
}
