//! How long a thread works at a time before the scheduler asks whose turn it is.
//!
//! Linux lets a thread that has just got a CPU keep it for a while, whoever wakes meanwhile, and then looks again at the clock's next tick: with
//! 250 ticks a second a core that has a record to answer, or the thread that writes it, waits 4 ms for the CPU where others work all the time, however
//! nice these are. One that asks for shorter turns than theirs gets the CPU as soon as it wakes, and no larger share of it
//! (Linux 6.12 and later; earlier ones know no such wish, and nothing changes).

/// What threads wish that answer somebody: the shortest turn that there is, nanoseconds.
const SHORT_NS: u64 = 100_000;
/// What threads wish that have no wish.
const USUAL: u64 = 0;

/// The calling thread, and those that it starts, work in short turns from now on.
pub fn take_short_turns() {
    wish(SHORT_NS);
}

/// The calling thread works in turns like any other from now on, also where it was started from one of short turns.
pub(crate) fn take_usual_turns() {
    wish(USUAL);
}

/// A refusal only costs what is wished for.
fn wish(turn_ns: u64) {
    let Some(mut attributes) = attributes() else { return };
    // Of policies with deadlines these figures mean something else.
    if attributes.sched_policy == libc::SCHED_OTHER as u32 {
        attributes.sched_runtime = turn_ns;
        // SAFETY: the pointer is to whole attributes that say their size; 0 means the calling thread.
        unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw mut attributes, 0) };
    }
}

/// What the scheduler knows of the calling thread; none where the kernel does not tell.
fn attributes() -> Option<libc::sched_attr> {
    // SAFETY: all fields are integers; the pointer is to as many bytes as are told; 0 means the calling thread.
    unsafe {
        let mut attributes: libc::sched_attr = std::mem::zeroed();
        let size = size_of::<libc::sched_attr>();
        let outcome = libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, size, 0);
        (outcome == 0).then_some(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::{SHORT_NS, attributes, take_short_turns};
    use crate::side;

    /// The turn that the calling thread has, nanoseconds; none where the kernel tells of no turns.
    fn turn() -> Option<u64> {
        attributes().map(|attributes| attributes.sched_runtime).filter(|turn| *turn > 0)
    }

    fn in_a_thread<T: Send>(run: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| scope.spawn(run).join().expect("no panic"))
    }

    #[test]
    fn who_is_started_from_short_turns_and_steps_aside_has_the_usual_ones() {
        let Some(usual) = turn() else { return };
        let (short, inherited, aside, nice) = in_a_thread(|| {
            take_short_turns();
            let aside = in_a_thread(|| {
                side::lower_priority(1);
                (turn(), attributes().map(|attributes| attributes.sched_nice))
            });
            (turn(), in_a_thread(turn), aside.0, aside.1)
        });
        assert_eq!((short, inherited), (Some(SHORT_NS), Some(SHORT_NS)));
        assert_eq!(aside, Some(usual));
        assert!(nice >= Some(1), "and keeps its priority");
    }
}
