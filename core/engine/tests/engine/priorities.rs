//! Priorities and leases of jobs, which the reference engine does not have yet.

use crate::rig::Rig;
use ringbolt_engine::Effect;
use ringbolt_record::command::{ActivateJobs, FailJob, JobUpdateKind, UpdateSemantics, WithLease};
use ringbolt_record::{ActivatedJob, Command, DurationMs, Key, RejectionType, Reply, VariableDocument};

impl Rig {
    /// What a poll gets of the type of all tests.
    fn get(&mut self, jobs_max: u32, with_leases: bool) -> Vec<ActivatedJob> {
        let request = self.send(&Command::ActivateJobs(ActivateJobs {
            job_type: "work".into(),
            worker: "w".into(),
            timeout: DurationMs(1000),
            jobs_max,
            bytes_max: 1 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases,
        }));
        match self.answer(request) {
            Some(Ok(Reply::JobsActivated(batch))) => batch.jobs,
            other => panic!("{other:?}"),
        }
    }

    fn update_priority(&mut self, job_key: Key, priority: i32) {
        let (retries, timeout, kind) = (None, None, JobUpdateKind::Both);
        let command = Command::UpdateJob { job_key, retries, timeout, priority: Some(priority), kind };
        assert_eq!(self.try_to(&command), Ok(()));
    }

    /// Why a command is refused, if it is.
    fn try_to(&mut self, command: &Command) -> Result<(), (RejectionType, String)> {
        let request = self.send(command);
        match self.answer(request).expect("an answer") {
            Ok(_) => Ok(()),
            Err(rejection) => Err((rejection.kind, rejection.reason)),
        }
    }

    /// Everything has ended; what is left are definitions.
    fn check_ended(&self) {
        let left = self.dump().iter().filter(|(table, _, _)| [4, 8, 9, 28].contains(table)).count();
        assert_eq!(left, 0);
    }

    fn has(&mut self, words: &str) -> bool {
        std::mem::take(&mut self.records).iter().any(|record| record.contains(words))
    }
}

fn ids(jobs: &[ActivatedJob]) -> Vec<&str> {
    jobs.iter().map(|job| &*job.element_id).collect()
}

fn fail(job_key: Key, retry_backoff: i64) -> Command {
    Command::FailJob(FailJob {
        job_key,
        retries: 1,
        retry_backoff: DurationMs(retry_backoff),
        error_message: String::new(),
        variables: VariableDocument::default(),
    })
}

fn complete(job_key: Key) -> Command {
    Command::CompleteJob { job_key, variables: VariableDocument::default() }
}

fn under(token: &str, command: Command) -> Command {
    Command::WithLease(Box::new(WithLease { token: token.to_owned(), command }))
}

#[test]
fn jobs_are_given_out_by_priority_and_then_by_age() {
    let mut rig = Rig::default();
    rig.deploy("priorities");
    rig.create("priorities", r#"{"urgency":21}"#);
    rig.create("priorities", r#"{"urgency":-2.50}"#);
    let jobs = rig.get(10, false);
    let given: Vec<(&str, i32)> = jobs.iter().map(|job| (&*job.element_id, job.priority)).collect();
    assert_eq!(
        given,
        [
            ("feel", 42),
            ("default", 10),
            ("default", 10),
            ("none", 0),
            ("none", 0),
            ("feel", -5),
            ("static", i32::MIN),
            ("static", i32::MIN),
        ]
    );
    let [of_first, of_second] = [&jobs[1], &jobs[2]].map(|job| job.process_instance_key);
    assert!(of_first < of_second, "the older instance comes first");
}

#[test]
fn what_is_no_priority_is_an_incident_and_goes_on_when_it_is_mended() {
    for (urgency, says) in [
        ("\"high\"", "'NUMBER'"),
        ("null", "'NUMBER'"),
        ("0.25", "to be an integer between -2147483648 and 2147483647, but was '0.50'"),
        ("1073741824", "but was '2147483648'"),
        ("99999999999999999999", "but was '199999999999999999998'"),
    ] {
        let mut rig = Rig::default();
        rig.deploy("priorities");
        let instance = rig.create("priorities", &format!(r#"{{"urgency":{urgency}}}"#));
        let records = std::mem::take(&mut rig.records);
        let incident = records.iter().find(|record| record.contains("INCIDENT CREATED")).expect(urgency);
        assert!(incident.contains("EXTRACT_VALUE_ERROR") && incident.contains(says), "{incident}");
        assert_eq!(ids(&rig.get(10, false)), ["default", "none", "static"]);
        let variables = VariableDocument::parse(r#"{"urgency":1}"#.into()).unwrap();
        rig.send(&Command::SetVariables {
            element_instance_key: instance,
            variables,
            semantics: UpdateSemantics::Local,
        });
        let incident_key = rig.names.incidents[0];
        rig.send(&Command::ResolveIncident { incident_key });
        assert_eq!(rig.get(10, false).iter().map(|job| job.priority).collect::<Vec<_>>(), [2]);
    }
}

#[test]
fn a_job_whose_priority_changes_goes_to_its_new_place() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    for _ in 0..4 {
        rig.create("one_task", "{}");
    }
    let jobs = rig.names.jobs.clone();
    rig.update_priority(jobs[2], 5);
    assert!(rig.has("JOB PRIORITY_UPDATED"));
    rig.update_priority(jobs[0], -1);
    rig.restart();
    let next = |rig: &mut Rig| rig.get(1, false).first().map(|job| job.key);
    assert_eq!(next(&mut rig), Some(jobs[2]));
    // In a worker's hands it stays there, and has its new priority once it is back.
    rig.update_priority(jobs[2], -7);
    assert_eq!([next(&mut rig), next(&mut rig)], [Some(jobs[1]), Some(jobs[3])]);
    rig.send(&fail(jobs[2], 0));
    assert_eq!([next(&mut rig), next(&mut rig)], [Some(jobs[0]), Some(jobs[2])]);
    // It keeps it through a rest, a time-out and a yield.
    rig.send(&fail(jobs[2], 100));
    rig.update_priority(jobs[2], 9);
    rig.now = rig.now.plus(DurationMs(5000));
    rig.run_due();
    let back = rig.get(4, false);
    assert_eq!(
        back.iter().map(|job| (job.key, job.priority)).collect::<Vec<_>>()[..2],
        [(jobs[2], 9), (jobs[1], 0)]
    );
    let missing = Key(jobs[0].0 + 1000);
    let kind = JobUpdateKind::Both;
    let command =
        Command::UpdateJob { job_key: missing, retries: None, timeout: None, priority: Some(1), kind };
    assert_eq!(rig.try_to(&command).unwrap_err().0, RejectionType::NotFound);
}

#[test]
fn an_urgent_job_is_pushed_before_those_that_wait_already() {
    let mut rig = Rig::default();
    rig.deploy("priorities");
    rig.create("priorities", r#"{"urgency":21}"#);
    // A stream comes while others wait: what is created now waits with them, and the poll of the stream gets it first.
    rig.open_stream(1);
    rig.effects.clear();
    rig.create("priorities", r#"{"urgency":50}"#);
    let pushed = rig.effects.iter().any(|effect| matches!(effect, Effect::PushJob { .. }));
    assert!(!pushed, "nothing is pushed past what waits");
    assert_eq!(rig.get(2, false).iter().map(|job| job.priority).collect::<Vec<_>>(), [100, 42]);
}

#[test]
fn only_the_last_hand_out_of_a_leased_job_ends_it() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    rig.create("one_task", "{}");
    let first = rig.get(1, true).remove(0);
    let (key, stale) = (first.key, first.lease_token.expect("a token"));
    let refused = |result: Result<(), (RejectionType, String)>, says: &str| {
        let (kind, reason) = result.unwrap_err();
        assert!(kind == RejectionType::InvalidState && reason.contains(says), "{kind:?} {reason}");
        assert!(!reason.contains(&*stale), "a token is told to nobody");
    };
    refused(rig.try_to(&complete(key)), "a matching lease token must be provided");
    refused(rig.try_to(&under("other", complete(key))), "does not match");
    rig.now = rig.now.plus(DurationMs(2000));
    rig.run_due();
    // It waits, and its lease is as it was: whoever is late may still end it.
    refused(rig.try_to(&fail(key, 0)), "a matching lease token must be provided");
    assert!(rig.get(1, false).is_empty(), "without a lease nobody gets it");
    rig.restart();
    let second = rig.get(1, true).remove(0);
    let token = second.lease_token.expect("a token");
    assert_ne!(token, stale);
    let error = Command::ThrowJobError {
        job_key: key,
        error_code: "E".into(),
        error_message: String::new(),
        variables: VariableDocument::default(),
    };
    for command in [complete(key), fail(key, 0), error] {
        refused(rig.try_to(&under(&stale, command)), "does not match");
    }
    // What only changes it needs no token, but a wrong one is told so.
    let timeout = Some(DurationMs(9000));
    let kind = JobUpdateKind::Both;
    let extend = Command::UpdateJob { job_key: key, retries: None, timeout, priority: None, kind };
    refused(rig.try_to(&under(&stale, extend.clone())), "does not match");
    assert_eq!(rig.try_to(&extend), Ok(()));
    assert_eq!(rig.try_to(&under(&token, extend)), Ok(()));
    assert_eq!(rig.try_to(&under(&token, fail(key, 0))), Ok(()));
    let third = rig.get(1, true).remove(0);
    assert_eq!(rig.try_to(&under(&third.lease_token.unwrap(), complete(key))), Ok(()));
    rig.check_ended();
}

#[test]
fn a_token_for_a_job_without_a_lease_is_not_looked_at() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    rig.create("one_task", "{}");
    let job = rig.get(1, false).remove(0);
    assert_eq!(job.lease_token, None);
    assert_eq!(rig.try_to(&under("whatever", complete(job.key))), Ok(()));
    rig.check_ended();
}

#[test]
fn who_gives_leases_gets_all_jobs_in_one_order_and_each_a_token_of_its_own() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    for _ in 0..4 {
        rig.create("one_task", "{}");
    }
    let jobs = rig.names.jobs.clone();
    let leased = rig.get(2, true);
    assert_eq!(leased.iter().map(|job| job.key).collect::<Vec<_>>(), jobs[..2]);
    assert_ne!(leased[0].lease_token, leased[1].lease_token);
    rig.now = rig.now.plus(DurationMs(2000));
    rig.run_due();
    rig.update_priority(jobs[1], -1);
    rig.update_priority(jobs[3], 1);
    let keys = |jobs: &[ActivatedJob]| jobs.iter().map(|job| job.key).collect::<Vec<_>>();
    assert_eq!(keys(&rig.get(4, true)), [jobs[3], jobs[0], jobs[2], jobs[1]]);
}

#[test]
fn a_leased_job_that_waits_again_is_not_pushed_to_who_gives_no_leases() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    rig.create("one_task", "{}");
    let job = rig.get(1, true).remove(0);
    rig.open_stream(1);
    rig.effects.clear();
    assert_eq!(rig.try_to(&under(&job.lease_token.unwrap(), fail(job.key, 0))), Ok(()));
    assert!(matches!(rig.effects[..], [Effect::JobsAvailable { .. }]), "{:?}", rig.effects);
    // A consumer that gives leases gets a new job with one.
    rig.create("one_task", "{}");
    let pushed = rig.effects.iter().filter(|effect| matches!(effect, Effect::PushJob { .. })).count();
    assert_eq!(pushed, 1, "jobs that had no lease are pushed as ever");
}
