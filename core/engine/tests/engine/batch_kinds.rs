//! Batch operations of the kinds that came with 8.10: instances that rest and go on, jobs that are changed.

use crate::batch_operations::{add, begun, count, create, nothing_is_left, one, waits};
use crate::rig::Rig;
use ringbolt_record::batch_operation::JobUpdatePlan;
use ringbolt_record::{BatchOperationType, BatchPlan, Key};

/// A batch operation over these, to its end.
fn done(rig: &mut Rig, kind: BatchOperationType, plan: BatchPlan, keys: &[Key]) -> [usize; 2] {
    rig.records.clear();
    let key = create(rig, kind, plan);
    add(rig, key, keys, 3);
    rig.run_due();
    nothing_is_left(rig);
    [count(rig, "BATCH_OPERATION_EXECUTION EXECUTED"), count(rig, "failure=")]
}

#[test]
fn instances_rest_and_go_on() {
    let (mut rig, keys) = begun(one(), &waits("p"), "p", 10);
    let (suspend, resume) =
        (BatchOperationType::SuspendProcessInstance, BatchOperationType::ResumeProcessInstance);
    assert_eq!(done(&mut rig, suspend, BatchPlan::Plain, &keys[..7]), [7, 0]);
    assert_eq!(rig.take_jobs_up_to("work", 20).len(), 3, "jobs of what rests are not handed out");
    // What rests already is refused alone.
    assert_eq!(done(&mut rig, suspend, BatchPlan::Plain, &keys[5..]), [5, 2]);
    assert_eq!(count(&rig, "but it is already suspended"), 2);
    rig.restart();
    assert_eq!(done(&mut rig, resume, BatchPlan::Plain, &keys), [10, 0]);
    assert_eq!(rig.take_jobs_up_to("work", 20).len(), 7, "those that were handed out before still are");
    assert_eq!(done(&mut rig, resume, BatchPlan::Plain, &keys[..2]), [2, 2]);
    assert_eq!(count(&rig, "but it is not currently suspended"), 2);
}

#[test]
fn jobs_are_changed_and_one_that_cannot_be_fails_alone() {
    let (mut rig, _) = begun(one(), &waits("p"), "p", 6);
    let keys = rig.names.jobs.clone();
    assert_eq!(rig.take_jobs_up_to("work", 2).len(), 2);
    let all = JobUpdatePlan { retries: Some(9), timeout_ms: None, priority: Some(-4) };
    assert_eq!(done(&mut rig, BatchOperationType::UpdateJob, BatchPlan::JobUpdate(all), &keys), [6, 0]);
    for key in &keys {
        let job = rig.tables.job(*key).unwrap();
        assert_eq!((job.retries, job.priority), (9, -4));
    }
    // Nobody has four of them, so that they have no time to change: nothing of their change is done.
    let some = JobUpdatePlan { retries: Some(2), timeout_ms: Some(5_000), priority: None };
    assert_eq!(done(&mut rig, BatchOperationType::UpdateJob, BatchPlan::JobUpdate(some), &keys), [6, 4]);
    let retries: Vec<i32> = keys.iter().map(|key| rig.tables.job(*key).unwrap().retries).collect();
    assert_eq!(retries, [2, 2, 9, 9, 9, 9]);
    let none = JobUpdatePlan { retries: Some(0), timeout_ms: None, priority: None };
    let gone = [Key::from_wire(2_251_799_813_699_999), keys[0]];
    assert_eq!(done(&mut rig, BatchOperationType::UpdateJob, BatchPlan::JobUpdate(none), &gone), [2, 2]);
    // A plan of another kind is said to be one, and changes nothing.
    assert_eq!(done(&mut rig, BatchOperationType::UpdateJob, BatchPlan::Plain, &keys[..1]), [1, 1]);
    assert_eq!(count(&rig, "The plan is not one of this kind of batch operation"), 1);
}
