//! Where threads run that are no cores: on the CPUs that no core is pinned to, where those are as many as the cores; else on any.
//!
//! A thread begins on the CPUs of the one that starts it, so one that a core starts would share that core's CPU for ever, however idle
//! the others are, and take it for a tick of the scheduler at a time.

use std::io;
use std::sync::OnceLock;

static ASIDE: OnceLock<libc::cpu_set_t> = OnceLock::new();

/// Says which CPUs the cores of this process are pinned to, and makes the calling thread, and so those that it starts, keep off them. To
/// be called once, before there are other threads; later calls change nothing. Where fewer CPUs are left than there are cores, everybody
/// may run on any: what all cores have done beside them would not fit into a few.
///
/// # Errors
/// When the kernel does not tell on which CPUs the thread may run.
pub fn keep_off(cpus: &[usize]) -> io::Result<()> {
    let allowed = allowed()?;
    let _ = ASIDE.set(beside(&allowed, cpus));
    go();
    Ok(())
}

/// Where threads beside cores on these CPUs may run, of those that are allowed.
fn beside(allowed: &libc::cpu_set_t, cpus: &[usize]) -> libc::cpu_set_t {
    let mut rest = *allowed;
    // SAFETY: an index beyond the set is not touched, and the pointer is to a whole set.
    cpus.iter().filter(|cpu| **cpu < CPUS_MAX).for_each(|cpu| unsafe { libc::CPU_CLR(*cpu, &mut rest) });
    if count(&rest) < cpus.len() { *allowed } else { rest }
}

fn count(set: &libc::cpu_set_t) -> usize {
    // SAFETY: the pointer is to a whole set.
    let count = unsafe { libc::CPU_COUNT(set) };
    usize::try_from(count).unwrap_or(0)
}

/// CPUs that a set can name.
const CPUS_MAX: usize = 8 * size_of::<libc::cpu_set_t>();

/// The calling thread runs there from now on; wherever it may run, while [`keep_off`] was not called.
pub(crate) fn go() {
    let Some(cpus) = ASIDE.get() else { return };
    // SAFETY: pointer and size belong together; 0 means the calling thread. A refusal only costs a core some of its time.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), cpus) };
}

/// Where the calling thread may run now.
fn allowed() -> io::Result<libc::cpu_set_t> {
    // SAFETY: a zeroed cpu_set_t is the empty set; pointer and size belong together; 0 means the calling thread.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        match libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) {
            0 => Ok(set),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CPUS_MAX, allowed, beside, keep_off};
    use crate::{Core, Cores, CoresConfig, side};

    /// The CPUs on which the calling thread may run.
    fn cpus() -> Vec<usize> {
        listed(&allowed().expect("the kernel tells"))
    }

    fn listed(set: &libc::cpu_set_t) -> Vec<usize> {
        // SAFETY: the index is inside the set.
        (0..CPUS_MAX).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, set) }).collect()
    }

    #[test]
    fn fewer_cpus_than_cores_do_not_have_to_do_for_all() {
        // SAFETY: a zeroed cpu_set_t is the empty set, and the indexes are inside it.
        let mut all: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        (0..4).for_each(|cpu| unsafe { libc::CPU_SET(cpu, &mut all) });
        assert_eq!(listed(&beside(&all, &[2])), [0, 1, 3]);
        assert_eq!(listed(&beside(&all, &[0, 3])), [1, 2]);
        assert_eq!(listed(&beside(&all, &[0, 1, 2])), [0, 1, 2, 3]);
        assert_eq!(listed(&beside(&all, &[0, 1, 2, 3])), [0, 1, 2, 3]);
        assert_eq!(listed(&beside(&all, &[CPUS_MAX])), [0, 1, 2, 3], "none that there is");
    }

    /// In a thread of its own: what it may run on changes.
    #[test]
    fn a_thread_that_a_core_starts_keeps_off_that_core() {
        std::thread::spawn(|| {
            let all = cpus();
            let of_core = all[0];
            let rest: Vec<usize> = if all.len() > 1 { all[1..].to_vec() } else { all.clone() };
            keep_off(&[of_core]).expect("the kernel tells");
            assert_eq!(cpus(), rest, "and so do threads that this one starts");
            let run = move |_: Core| {
                let rest = rest.clone();
                async move {
                    assert_eq!(cpus(), [of_core]);
                    let started = std::thread::spawn(|| {
                        side::lower_priority(1);
                        cpus()
                    });
                    assert_eq!(started.join().expect("no panic"), rest);
                    Ok::<_, String>(())
                }
            };
            Cores::start(&CoresConfig::pinned([of_core]), run).expect("cores").join().expect("no failure");
        })
        .join()
        .expect("no panic");
    }
}
