//! Polls: what a look finds, who gets the next job, what a full log and a stop mean for those that wait.

use super::{NOW, Rig};
use ringbolt_partition::{Answer, PollSpec};
use ringbolt_record::{Command, Reply, RequestContext, StreamId};

impl Rig {
    /// A poll looks and, if it may, waits; the jobs that it found.
    fn poll(&mut self, poll: u64, waits: bool) -> u32 {
        let spec = PollSpec { jobs: Self::spec(2), bytes_max: 1 << 20, waits };
        self.partition.poll(NOW, StreamId(poll), spec, &mut self.world).jobs
    }

    /// How many jobs each look of a poll brought, in order; none for a refusal.
    fn looks(&self, poll: u64) -> Vec<Option<usize>> {
        let of_poll = self.world.looks.iter().filter(|(other, _)| *other == StreamId(poll));
        let jobs = of_poll.map(|(_, answer)| match answer {
            Answer::Reply(Reply::JobsActivated(batch)) => Some(batch.jobs.len()),
            _ => None,
        });
        jobs.collect()
    }
}

#[test]
fn a_poll_that_found_nothing_gets_the_next_job_out_of_the_entry_that_makes_it() {
    let mut rig = Rig::new();
    assert_eq!(rig.poll(7, true), 0);
    assert_eq!(rig.looks(7), [Some(0)]);
    let before = rig.partition.stats().last_index;
    rig.create();
    assert!(rig.world.pushed.is_empty(), "a job was handed over before its commit");
    assert_eq!(rig.partition.stats().last_index, before + 1, "one entry makes the job and hands it over");
    // The poll has its answer: this job is for the next one.
    rig.create();
    rig.commit();
    assert_eq!(rig.world.pushed.len(), 1);
    assert_eq!(rig.partition.stats().polls, 0);
    assert_eq!(rig.poll(8, true), 1);
    assert_eq!(rig.looks(8), [], "a poll's jobs left before their commit");
    rig.commit();
    assert_eq!(rig.looks(8), [Some(1)]);
    assert_eq!(rig.partition.stats().polls, 0);
}

#[test]
fn an_empty_look_waits_for_what_it_rests_on_and_a_job_made_meanwhile_is_not_missed() {
    let mut rig = Rig::new();
    rig.create();
    let polled = rig.activate(5);
    assert_eq!(rig.poll(7, true), 0);
    rig.create();
    assert_eq!((rig.looks(7), rig.answer(polled)), (vec![], None));
    rig.commit();
    assert_eq!(rig.looks(7), [Some(0)]);
    assert_eq!(rig.world.pushed.len(), 1, "one commit brings the empty look and the job after it");
}

#[test]
fn the_oldest_poll_is_served_first_and_one_that_ended_not_at_all() {
    let mut rig = Rig::new();
    for poll in 1..=4 {
        rig.poll(poll, true);
    }
    rig.partition.end_poll(StreamId(1));
    for _ in 0..2 {
        rig.create();
    }
    rig.commit();
    let served: Vec<u64> = rig.world.pushed.iter().map(|(poll, _)| poll.0).collect();
    assert_eq!((served, rig.partition.stats().polls), (vec![2, 3], 1));
    let activation = rig.pushed()[0];
    rig.partition.process(NOW, &Command::YieldJob { activation }, &RequestContext::default(), &mut rig.world);
    rig.commit();
    assert_eq!(rig.world.pushed[2].0, StreamId(4), "a job that came back goes to the next poll");
}

#[test]
fn a_poll_that_comes_while_the_log_is_full_waits_and_gets_the_backlog_later() {
    let mut rig = Rig::new();
    rig.create();
    rig.world.is_full = true;
    assert_eq!((rig.poll(7, false), rig.looks(7)), (0, vec![None]), "who does not wait is refused");
    rig.poll(8, true);
    rig.world.is_full = false;
    rig.commit();
    rig.commit();
    assert_eq!(rig.looks(8), [Some(0), Some(1)]);
}

#[test]
fn a_stop_ends_polls_whatever_they_wait_for() {
    let mut rig = Rig::new();
    rig.poll(7, true);
    rig.create();
    rig.create();
    rig.poll(8, true);
    rig.poll(9, true);
    rig.partition.stop("flush failed", &mut rig.world);
    rig.poll(10, true);
    assert_eq!(rig.looks(7), [Some(0), None], "its job was on its way to it and does not come");
    assert_eq!([rig.looks(8), rig.looks(9), rig.looks(10)], [[None], [None], [None]]);
}

#[test]
fn a_job_that_is_too_large_for_all_does_not_hide_those_behind_it() {
    let mut rig = Rig::new();
    let pad = "x".repeat(2 << 20);
    rig.create_with(format!(r#"{{"a":"{pad}","b":"{pad}","c":"{pad}"}}"#));
    rig.create();
    rig.open_stream(8);
    rig.commit();
    assert_eq!(rig.world.pushed.len(), 1, "the small one is behind the large one");
}
