//! Appends through monoio's file.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use monoio::fs::File;
use monoio::{IoUringDriver, RuntimeBuilder};
use ringbolt_ring::fs::{AlignedBuf, OpenFlags, open_std};

use super::{Appended, Round};

pub(super) fn run(path: &Path, bytes: usize, time: Duration) -> io::Result<Appended> {
    let mut runtime = RuntimeBuilder::<IoUringDriver>::new().build()?;
    runtime.block_on(async move {
        let file = File::from_std(open_std(path, OpenFlags::WRITE | OpenFlags::DSYNC)?)?;
        let mut buffer = AlignedBuf::zeroed(bytes);
        let mut round = Round::new(bytes, time)?;
        while let Some(offset) = round.next() {
            let began = Instant::now();
            let (result, back) = file.write_at(buffer, offset).await;
            buffer = back;
            round.wrote(result?, began)?;
        }
        Ok(round.finish())
    })
}
