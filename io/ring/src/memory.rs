//! Memory that the allocator keeps after a burst.

/// Gives memory that is free but still the process's back to the kernel. glibc does so by itself only at the end of its heap, which a single
/// block that is in use keeps in place. It costs about 0.2 ms for each MiB given back, during which nobody allocates: for the
/// rare moment after much was freed.
pub fn trim() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim takes no pointers and may be called at any time from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Blocks of at least this size are mapped each for itself, bytes.
#[cfg(target_env = "gnu")]
const MAPPED_BYTES_MIN: libc::c_int = 4 << 20;
/// Free memory at the end of a heap that is kept, bytes. Each of up to eight heaps a CPU keeps as much, and [`trim`] gives back only that of the first.
#[cfg(target_env = "gnu")]
const KEPT_BYTES: libc::c_int = 512 << 10;

/// Lets large blocks go back to the kernel as soon as they are free, for the whole process. Otherwise glibc raises the size from
/// which blocks are mapped to that of the first large one that is freed, up to 32 MiB, and every thread that handles such
/// blocks (copies of the log for a reader, checkpoints) keeps some of them in a heap of its own.
pub fn return_large_blocks() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes no pointers. A parameter that it refuses changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
    }
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use super::trim;
    use std::sync::mpsc;

    /// Memory of the process that no file is behind, KiB.
    fn anonymous_kib() -> i64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("it has this line");
        line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
    }

    #[test]
    fn what_another_thread_has_freed_goes_back() {
        let (freed, is_freed) = mpsc::channel();
        let (end, is_end) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let mut blocks: Vec<Vec<u8>> = (0..64_000).map(|_| vec![1; 1024]).collect();
            // One in a hundred is kept, so that no end of the heap is free.
            let kept: Vec<Vec<u8>> = blocks.drain(..).step_by(100).collect();
            drop(blocks);
            freed.send(()).expect("somebody waits");
            let _ = is_end.recv();
            drop(kept);
        });
        is_freed.recv().expect("it frees");
        let before = anonymous_kib();
        trim();
        let after = anonymous_kib();
        drop(end);
        thread.join().expect("no panic");
        assert!(before - after > 32 * 1024, "{before} KiB before, {after} after");
    }
}
