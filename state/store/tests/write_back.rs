//! A checkpoint's pages are written while its rows are, and not all at its end.

use ringbolt_store::{Finished, Mark, Options, Store, TableId, open_lmdb};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

/// More than a checkpoint keeps in memory until its end, several times.
const ROWS: u64 = 40_000;
const VALUE: [u8; 1_000] = [7; 1_000];

/// Pages of a file that are in the page cache only, or on their way to the disk; none where the kernel does not tell.
#[allow(unsafe_code)]
fn unwritten_pages(path: &Path) -> Option<u64> {
    #[repr(C)]
    struct Range {
        offset: u64,
        length: u64,
    }
    let file = File::open(path).expect("the file opens");
    // Cached, dirty, in write-back, evicted, recently evicted.
    let mut figures = [0_u64; 5];
    let range = Range { offset: 0, length: 0 };
    // SAFETY: range and figures have the layout that the call wants and outlive it.
    let result = unsafe { libc::syscall(SYS_CACHESTAT, file.as_raw_fd(), &range, figures.as_mut_ptr(), 0) };
    (result == 0).then_some(figures[1] + figures[2])
}

/// The same number on every architecture.
const SYS_CACHESTAT: libc::c_long = 451;

#[test]
fn what_a_checkpoint_has_spilled_is_written_before_it_goes_on() {
    // In memory there is nothing to write.
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let file = directory.path().join("data.mdb");
    let mut store: Store = open_lmdb(directory.path(), Options { map_size_bytes: 256 << 20 }).expect("opens");
    for key in 0..ROWS {
        store.put(TableId(2), &key.to_be_bytes(), &VALUE);
    }
    let before = std::fs::metadata(&file).expect("a file").len();
    let (mut most, mut grown) = (0, 0);
    let job = store.freeze(Mark { position: 1, ..Mark::default() });
    let outcome = job.run_with(&mut || {
        most = most.max(unwritten_pages(&file).unwrap_or(0));
        grown = std::fs::metadata(&file).expect("a file").len() - before;
    });
    assert!(grown > 20 << 20, "only {grown} bytes were spilled");
    assert_eq!(most, 0, "pages waited to be written");
    let Finished::Committed(_) = store.finish_checkpoint(outcome) else { panic!("the checkpoint commits") };
    assert_eq!(store.rows_about(TableId(2)), ROWS);
}
