//! Appends through glommio's `DmaFile`, opened O_DSYNC so that it needs no second round trip for `fdatasync`.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use glommio::io::OpenOptions;
use glommio::{LocalExecutorBuilder, Placement};

use super::{Appended, DURABLE, Round};

pub(super) fn run(path: &Path, bytes: usize, time: Duration) -> io::Result<Appended> {
    let executor = LocalExecutorBuilder::new(Placement::Unbound).make()?;
    executor.run(async move {
        let flags = DURABLE.bits() as i32;
        let file = OpenOptions::new().write(true).custom_flags(flags).dma_open(path).await?;
        let mut buffer = file.alloc_dma_buffer(bytes);
        buffer.as_bytes_mut().fill(0x5a);
        let buffer = Rc::new(buffer);
        let mut round = Round::new(bytes, time)?;
        while let Some(offset) = round.next() {
            let began = Instant::now();
            let count = file.write_rc_at(buffer.clone(), offset).await?;
            round.wrote(count, began)?;
        }
        let appended = round.finish();
        file.close().await?;
        Ok(appended)
    })
}
