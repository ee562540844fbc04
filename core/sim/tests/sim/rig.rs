//! A node without chance faults, and the few commands that the fault tests send by hand.

use std::cell::RefCell;
use std::rc::Rc;

use ringbolt_partition::{Answer, Refusal};
use ringbolt_record::command::{ActivateJobs, CreateProcessInstance, DefinitionSelector};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, Reply, RequestId, VariableDocument,
};
use ringbolt_sim::{Settings, Trace, World};

/// The partition that the tests address.
pub(crate) const FIRST: PartitionId = PartitionId(1);
/// Client commands that bring models, instances and jobs into the world.
const WARM_UP: u32 = 40;

/// A node that has worked for a while and is at rest.
pub(crate) fn world(seed: u64, change: impl FnOnce(&mut Settings)) -> World {
    let mut settings = Settings { with_faults: false, ..Settings::for_seed(seed) };
    settings.flow.limit_max = 1_000;
    settings.flow.limit_min = 1_000;
    change(&mut settings);
    let mut world = World::new(seed, settings, Rc::new(RefCell::new(Trace::new())));
    world.run_commands(WARM_UP);
    world.close_streams();
    world.drain();
    world
}

pub(crate) fn create(world: &mut World) -> RequestId {
    let command = Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "task".to_owned() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.to_owned(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    });
    world.watch(FIRST, command)
}

pub(crate) fn activate(world: &mut World, jobs_max: u32) -> RequestId {
    let command = Command::ActivateJobs(ActivateJobs {
        job_type: "work".to_owned(),
        worker: "test".to_owned(),
        timeout: DurationMs(1_000_000),
        jobs_max,
        bytes_max: 1 << 20,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
        with_leases: false,
    });
    world.watch(FIRST, command)
}

pub(crate) fn complete(world: &mut World, job_key: Key) -> RequestId {
    let variables = VariableDocument::default();
    world.watch(FIRST, Command::CompleteJob { job_key, variables })
}

/// Creates instances and takes their jobs, all of it written.
pub(crate) fn jobs_in_hand(world: &mut World, count: u32) -> Vec<Key> {
    for _ in 0..count {
        create(world);
        world.drain();
    }
    let request = activate(world, count);
    world.write_all();
    match world.answer(request) {
        Some(Answer::Reply(Reply::JobsActivated(batch))) => batch.jobs.iter().map(|job| job.key).collect(),
        other => panic!("no jobs: {other:?}"),
    }
}

pub(crate) fn is_stopped(answer: Option<&Answer>) -> bool {
    matches!(answer, Some(Answer::Refusal(Refusal::Stopped { .. })))
}
