//! Appends through the io-uring crate alone: what a runtime's share is measured against.
//!
//! This is the one file of the comparisons with `unsafe` code: the crate's submission is unsafe by nature, because the
//! kernel uses the buffer after the call returns.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use io_uring::{IoUring, opcode, types};
use ringbolt_ring::fs::{AlignedBuf, OpenFlags, open_std};

use super::{Appended, Round};

pub(super) fn run(path: &Path, bytes: usize, time: Duration) -> io::Result<Appended> {
    let mut ring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(8)?;
    let file = open_std(path, OpenFlags::WRITE | OpenFlags::DSYNC)?;
    let buffer = AlignedBuf::zeroed(bytes);
    let mut round = Round::new(bytes, time)?;
    while let Some(offset) = round.next() {
        let began = Instant::now();
        let count = write(&mut ring, &file, &buffer, offset)?;
        round.wrote(count, began)?;
    }
    Ok(round.finish())
}

/// One write; it has ended when this returns, whatever it returns.
fn write(ring: &mut IoUring, file: &std::fs::File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let entry =
        opcode::Write::new(types::Fd(file.as_raw_fd()), bytes.as_ptr(), length).offset(offset).build();
    // SAFETY: the descriptor and the bytes are borrowed for the whole call, the kernel only reads the bytes, and the call does
    // not return before the completion was seen: an interrupted wait is repeated, and any other failure of the ring ends the
    // process, because then nobody knows whether the kernel still reads.
    unsafe { ring.submission().push(&entry) }.map_err(io::Error::other)?;
    loop {
        match ring.submit_and_wait(1) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => panic!("io_uring gave up with a write in flight: {error}"),
        }
        if let Some(completion) = ring.completion().next() {
            return match completion.result() {
                failed if failed < 0 => Err(io::Error::from_raw_os_error(-failed)),
                count => Ok(count as usize),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use io_uring::IoUring;
    use ringbolt_ring::fs::AlignedBuf;

    #[test]
    fn a_write_is_in_the_file_and_an_error_is_an_error() {
        let path = std::env::temp_dir().join(format!("ringbolt-bench-uring-{}", std::process::id()));
        let file = std::fs::File::create(&path).expect("a file");
        let mut ring = IoUring::new(8).expect("io_uring");
        let mut bytes = AlignedBuf::zeroed(4096);
        bytes.fill(7);
        assert_eq!(write(&mut ring, &file, &bytes, 4096).expect("written"), 4096);
        assert_eq!(std::fs::read(&path).expect("readable")[4096..], bytes[..]);
        let read_only = std::fs::File::open(&path).expect("a file");
        assert!(write(&mut ring, &read_only, &bytes, 0).is_err());
        std::fs::remove_file(&path).expect("removed");
    }
}
