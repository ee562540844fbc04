//! Threads beside the cores, by what must not wait for what.
//!
//! Invariants: a checkpoint, however long, never delays the preparation of a log segment, without which a core takes no
//! more entries; nor does the dropping of memory delay a checkpoint. What a core waits for soon runs at normal priority,
//! the rest yields to the cores.

use ringbolt_ring::side::{Side, SideConfig};
use std::io;

/// Threads that write checkpoints, at most; there is one for each core below that.
const CHECKPOINT_THREADS_MAX: usize = 4;
/// Jobs that wait for each kind of thread.
const QUEUE_MAX: usize = 256;
/// Threads with this nice value run when a core does not want their CPU.
const YIELDING: i32 = 19;

/// The threads of one process; cloneable and shared by all cores.
#[derive(Clone)]
pub struct SideThreads {
    /// Creates, names and reuses log segments.
    pub(crate) segments: Side,
    /// Writes states.
    pub(crate) checkpoints: Side,
    /// What nobody waits for: dropping overlays, removing files, copying entries for readers.
    pub(crate) chores: Side,
}

impl SideThreads {
    /// Starts them.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(cores: usize) -> io::Result<Self> {
        let start =
            |name, threads, nice| Side::start(SideConfig { name, threads, queue_max: QUEUE_MAX, nice });
        Ok(Self {
            segments: start("segments", 1, 0)?,
            checkpoints: start("checkpoints", cores.clamp(1, CHECKPOINT_THREADS_MAX), YIELDING)?,
            chores: start("chores", 1, YIELDING)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SideThreads;
    use ringbolt_ring::{DriverChoice, block_on};
    use std::sync::mpsc::channel;

    #[test]
    fn segments_wait_for_no_checkpoint_and_no_chore() {
        let threads = SideThreads::start(8).expect("threads");
        block_on(DriverChoice::default(), async {
            let mut gates = Vec::new();
            let mut blocked = Vec::new();
            for side in
                std::iter::repeat_n(&threads.checkpoints, 8).chain(std::iter::repeat_n(&threads.chores, 2))
            {
                let (open, gate) = channel::<()>();
                gates.push(open);
                blocked.push(side.run(move || gate.recv().is_err()).expect("room"));
            }
            assert_eq!(threads.segments.run(|| 7).expect("room").await.expect("no panic"), 7);
            drop(gates);
            for task in blocked {
                assert!(task.await.expect("no panic"));
            }
        })
        .expect("a core");
    }
}
