//! Jobs that come back from whoever never got them.

use crate::rig::{OpenStream, Rig};
use ringbolt_engine::Effect;
use ringbolt_record::{Activation, Command, DurationMs};

const TIMEOUT: DurationMs = DurationMs(1000);

fn pushed(rig: &mut Rig) -> Vec<Activation> {
    let pushed = rig.effects.drain(..).filter_map(|effect| match effect {
        Effect::PushJob { job, .. } => Some(job.activation()),
        Effect::Reply { .. } | Effect::JobsAvailable { .. } | Effect::Send { .. } => None,
    });
    pushed.collect()
}

/// Pushed to a stream, timed out, pushed to another: then the first one closes, and its job is the other one's.
#[test]
fn a_job_that_was_handed_out_again_is_not_taken_from_who_has_it() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    rig.streams.open.push(Some(OpenStream {
        job_type: "work".into(),
        worker: "s".into(),
        timeout: TIMEOUT,
        fetch: [].into(),
        credit: 10,
    }));
    rig.create("one_task", "{}");
    let first = pushed(&mut rig)[0];
    rig.now = rig.now.plus(TIMEOUT);
    rig.run_due();
    let second = pushed(&mut rig)[0];
    assert_eq!(first.job_key, second.job_key);
    rig.send(&Command::YieldJob { activation: first });
    assert_eq!(pushed(&mut rig), [], "the other worker has it");
    rig.send(&Command::YieldJob { activation: second });
    assert_eq!(pushed(&mut rig).len(), 1, "it was given back");
}
