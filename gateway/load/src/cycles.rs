//! Follows instances from creation to completion, and jobs for being handed out twice.
//!
//! The acknowledgement of a creation and its job come over different streams in any order, so an instance is entered by
//! whichever is first. An instance is done when both its creation and its completion are acknowledged.

use crate::job::Job;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What is known of one instance.
#[derive(Clone, Copy, Debug, Default)]
struct Cycle {
    /// When its creation was due; set with the acknowledgement.
    due: Option<Instant>,
    job_at: Option<Instant>,
    /// Of its jobs, so many are done.
    done: u32,
    completed_at: Option<Instant>,
    /// First mention, for giving up.
    since: Option<Instant>,
}

/// What a mention of an instance brought to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) due: Instant,
    /// Its job arrived; told once.
    pub(crate) job_after: Option<Duration>,
    /// It is done; told once, and the instance is forgotten.
    pub(crate) done_after: Option<Duration>,
}

/// The instances under way.
pub(crate) struct Cycles {
    open: FxHashMap<i64, Cycle>,
    /// Jobs of an instance.
    jobs: u32,
    /// Jobs of instances that this run did not create, or whose creation was not acknowledged.
    foreign: u64,
    /// Created here and given up.
    unfinished: u64,
}

impl Cycles {
    /// Instances have so many jobs each, from 1.
    pub(crate) fn new(jobs: u32) -> Self {
        Self { open: FxHashMap::default(), jobs, foreign: 0, unfinished: 0 }
    }

    /// A creation that was due at `due` was acknowledged.
    pub(crate) fn acknowledged(&mut self, instance: i64, due: Instant, now: Instant) -> Progress {
        let cycle = self.open.entry(instance).or_default();
        cycle.due = Some(due);
        cycle.since.get_or_insert(now);
        let job_after = cycle.job_at.map(|at| at.saturating_duration_since(due));
        let done_after = cycle.completed_at.map(|at| at.max(now).saturating_duration_since(due));
        if done_after.is_some() {
            self.open.remove(&instance);
        }
        Progress { due, job_after, done_after }
    }

    /// Its job arrived.
    pub(crate) fn job(&mut self, instance: i64, now: Instant) -> Option<Progress> {
        let cycle = self.open.entry(instance).or_default();
        cycle.since.get_or_insert(now);
        if cycle.job_at.is_some() {
            return None;
        }
        cycle.job_at = Some(now);
        let due = cycle.due?;
        Some(Progress { due, job_after: Some(now.saturating_duration_since(due)), done_after: None })
    }

    /// The completion of one of its jobs was acknowledged; whether it was the last one, and what came to light by that.
    pub(crate) fn completed(&mut self, instance: i64, now: Instant) -> (bool, Option<Progress>) {
        let cycle = self.open.entry(instance).or_default();
        cycle.since.get_or_insert(now);
        cycle.done += 1;
        if cycle.done < self.jobs {
            return (false, None);
        }
        cycle.completed_at = Some(now);
        let Some(due) = cycle.due else { return (true, None) };
        self.open.remove(&instance);
        (true, Some(Progress { due, job_after: None, done_after: Some(now.saturating_duration_since(due)) }))
    }

    /// Forgets what was first mentioned before `before`; when those of them were due that were created here.
    pub(crate) fn give_up(&mut self, before: Instant) -> Vec<Instant> {
        let (mut mine, mut foreign) = (Vec::new(), 0);
        self.open.retain(|_, cycle| {
            let old = cycle.since.is_some_and(|since| since < before);
            match (old, cycle.due) {
                (false, _) => return true,
                (true, Some(due)) => mine.push(due),
                (true, None) => foreign += 1,
            }
            false
        });
        self.foreign += foreign;
        self.unfinished += mine.len() as u64;
        mine
    }

    /// Instances created here that are not done.
    pub(crate) fn under_way(&self) -> usize {
        self.open.values().filter(|cycle| cycle.due.is_some()).count()
    }

    pub(crate) fn foreign(&self) -> u64 {
        self.foreign
    }

    pub(crate) fn unfinished(&self) -> u64 {
        self.unfinished
    }
}

/// Jobs that were received, until their deadlines.
#[derive(Default)]
pub(crate) struct Received {
    deadlines: FxHashMap<i64, i64>,
    /// In the order of arrival, which for one time-out is the order of the deadlines.
    order: VecDeque<(i64, i64)>,
}

impl Received {
    /// Enters a job; whether it was already this client's (or done by it) before its deadline.
    pub(crate) fn is_duplicate(&mut self, job: &Job, now_ms: i64) -> bool {
        while let Some(&(deadline, key)) = self.order.front()
            && deadline <= now_ms
        {
            self.order.pop_front();
            if self.deadlines.get(&key) == Some(&deadline) {
                self.deadlines.remove(&key);
            }
        }
        self.order.push_back((job.deadline_ms, job.key));
        self.deadlines.insert(job.key, job.deadline_ms).is_some_and(|deadline| deadline > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cycles, Received};
    use crate::job::Job;
    use std::time::{Duration, Instant};

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_usual_order() {
        let (start, mut cycles) = (Instant::now(), Cycles::new(1));
        let progress = cycles.acknowledged(7, start, start + MS);
        assert_eq!((progress.job_after, progress.done_after), (None, None));
        let progress = cycles.job(7, start + 2 * MS).expect("known");
        assert_eq!(progress.job_after, Some(2 * MS));
        assert_eq!(cycles.under_way(), 1);
        let progress = cycles.completed(7, start + 5 * MS).1.expect("known");
        assert_eq!((progress.due, progress.done_after), (start, Some(5 * MS)));
        assert_eq!(cycles.under_way(), 0);
    }

    #[test]
    fn a_job_may_be_done_before_its_creation_is_acknowledged() {
        let (start, mut cycles) = (Instant::now(), Cycles::new(1));
        assert_eq!(cycles.job(7, start + MS), None);
        assert_eq!(cycles.completed(7, start + 2 * MS), (true, None));
        let progress = cycles.acknowledged(7, start, start + 3 * MS);
        assert_eq!((progress.job_after, progress.done_after), (Some(MS), Some(3 * MS)));
        assert_eq!(cycles.under_way(), 0);
    }

    #[test]
    fn an_instance_of_several_jobs_is_done_with_the_last() {
        let (start, mut cycles) = (Instant::now(), Cycles::new(3));
        cycles.acknowledged(7, start, start);
        assert_eq!(cycles.completed(7, start + MS), (false, None));
        assert_eq!(cycles.completed(7, start + 2 * MS), (false, None));
        let (is_last, progress) = cycles.completed(7, start + 3 * MS);
        assert_eq!((is_last, progress.and_then(|progress| progress.done_after)), (true, Some(3 * MS)));
        assert_eq!(cycles.under_way(), 0);
    }

    #[test]
    fn what_does_not_move_is_given_up() {
        let (start, mut cycles) = (Instant::now(), Cycles::new(1));
        cycles.job(1, start);
        cycles.acknowledged(2, start, start);
        cycles.acknowledged(3, start, start + 10 * MS);
        assert_eq!(cycles.give_up(start + 5 * MS), [start]);
        assert_eq!((cycles.foreign(), cycles.unfinished(), cycles.under_way()), (1, 1, 1));
    }

    #[test]
    fn a_job_is_a_duplicate_until_its_deadline() {
        let mut received = Received::default();
        let job = |key, deadline_ms| Job { key, instance_key: 1, deadline_ms };
        assert!(!received.is_duplicate(&job(1, 100), 0));
        assert!(!received.is_duplicate(&job(2, 100), 0));
        assert!(received.is_duplicate(&job(1, 150), 50));
        assert!(!received.is_duplicate(&job(2, 200), 100), "timed out in between");
        assert!(received.is_duplicate(&job(1, 250), 149));
        assert!(!received.is_duplicate(&job(1, 999), 250));
        assert_eq!(received.deadlines.len(), 1, "what is past its deadline is forgotten");
    }
}
