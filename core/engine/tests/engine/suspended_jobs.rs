//! What keeps the jobs of a suspended instance from workers: they rest once the walk over the instance has come to them, and until then
//! they are given to nobody.

use crate::budget::flow;
use crate::rig::Rig;
use crate::suspensions::{begun, begun_in, one_task};
use ringbolt_engine::EngineSettings;
use ringbolt_record::{Command, PartitionId, VariableDocument};
use ringbolt_tables::JobState;

#[test]
fn a_job_rests_though_nobody_asks_for_it() {
    let (mut rig, rows, instance) = begun(&one_task());
    let job_key = *rig.names.jobs.last().unwrap();
    rig.suspend(instance);
    assert_eq!(rig.tables.job(job_key).unwrap().state, JobState::Suspended);
    assert_eq!(rig.count("JOB SUSPENDED"), 1);
    rig.resume(instance);
    assert_eq!(rig.take_jobs("work"), [job_key]);
    rig.finish(job_key, VariableDocument::default()).unwrap();
    assert_eq!(rig.dump(), rows);
}

/// More instances of a task than the walk sees in one step.
const MANY: usize = 300;

#[test]
fn a_job_that_the_walk_has_not_come_to_is_given_to_nobody() {
    let many = format!(
        r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= for i in 1..{MANY} return i" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>{}"#,
        flow("s", "t")
    );
    let settings = EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) };
    let (mut rig, rows, process_instance_key) = begun_in(Rig::with(settings), &many);
    let job_key = *rig.names.jobs.last().unwrap();
    rig.told(&Command::SuspendProcessInstance { process_instance_key }).unwrap();
    assert_eq!(rig.tables.job(job_key).unwrap().state, JobState::Activatable, "the walk was put off");
    assert!(rig.take_jobs("work").is_empty());
    rig.rest();
    assert_eq!(rig.tables.job(job_key).unwrap().state, JobState::Suspended);
    rig.resume(process_instance_key);
    let jobs = rig.take_jobs("work");
    assert_eq!(jobs.len(), MANY);
    for job_key in jobs {
        rig.finish(job_key, VariableDocument::default()).unwrap();
    }
    rig.rest();
    assert_eq!(rig.dump(), rows);
}
