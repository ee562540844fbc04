//! Banned instances: what stands in nobody's way, and how they end.

use crate::rig::{OpenStream, Rig};
use ringbolt_engine::{Effect, EngineSettings};
use ringbolt_record::{Command, DurationMs, Key, PartitionId};
use ringbolt_store::{RowOwner, TableId};

const PROCESSES: TableId = TableId(1);

impl Rig {
    /// Bans instances as if something that cannot happen had happened in them: their definition is lost meanwhile.
    fn ban(&mut self, jobs: &[Key]) {
        let definition = self.names.definitions[0].0.to_be_bytes();
        let row = self.tables.store().get(PROCESSES, &definition).unwrap().to_vec();
        self.restart();
        self.change_both(|tables| tables.store_mut().delete(PROCESSES, &definition, RowOwner::Shared));
        jobs.iter().for_each(|job| self.complete(*job));
        self.change_both(|tables| tables.store_mut().put(PROCESSES, &definition, &row));
        self.effects.clear();
        self.records.clear();
    }

    fn open(&mut self, job_type: &str) {
        self.streams.open.push(Some(OpenStream {
            job_type: job_type.into(),
            worker: "s".into(),
            timeout: DurationMs(1000),
            fetch: [].into(),
            credit: 1000,
        }));
    }
}

/// `count` banned instances whose jobs wait in front of all others.
fn with_banned(count: usize) -> Rig {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    for _ in 0..count {
        rig.create("one_task", "{}");
    }
    let jobs: Vec<Key> = rig.tables.activatable_jobs("<default>", "work").collect();
    assert_eq!(jobs.len(), count);
    rig.ban(&jobs);
    assert_eq!(rig.tables.banned().count(), count);
    rig
}

#[test]
fn jobs_of_banned_instances_leave_the_queue_in_bounded_steps() {
    let mut rig = with_banned(250);
    rig.create("one_task", "{}");
    let mut canceled = Vec::new();
    let found = loop {
        rig.records.clear();
        let (jobs, truncated) = rig.activate("work", 10, 1 << 20);
        canceled.push(rig.records.iter().filter(|record| record.contains("JOB CANCELED")).count());
        if !truncated {
            break jobs;
        }
    };
    assert_eq!((canceled, found.len()), (vec![100, 100, 50], 1));
    // Nothing is left to be walked over: new jobs are pushed at once.
    rig.open("work");
    rig.create("one_task", "{}");
    assert!(rig.effects.iter().any(|effect| matches!(effect, Effect::PushJob { .. })), "{:?}", rig.effects);
}

#[test]
fn a_banned_instance_is_listed_until_it_is_canceled() {
    let mut rig = with_banned(2);
    assert_eq!(rig.activate("work", 10, 1 << 20), (Vec::new(), false));
    let banned: Vec<Key> = rig.tables.banned().collect();
    for process_instance_key in banned {
        rig.send(&Command::CancelProcessInstance { process_instance_key });
        rig.run_due();
        assert_eq!(rig.tables.element_instance(process_instance_key), None);
    }
    assert_eq!(rig.tables.banned().next(), None);
}

/// Ending an instance needs its state alone: the definition is gone for good, and the follow-ups go over many entries.
#[test]
fn an_instance_whose_definition_is_gone_can_be_canceled() {
    let settings = EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy("one_task");
    let process_instance_key = rig.create("one_task", "{}");
    rig.run_due();
    let job = rig.tables.activatable_jobs("<default>", "work").next().expect("its job");
    let definition = rig.names.definitions[0].0.to_be_bytes();
    rig.restart();
    rig.change_both(|tables| tables.store_mut().delete(PROCESSES, &definition, RowOwner::Shared));
    rig.complete(job);
    assert!(rig.tables.is_banned(process_instance_key));
    let entries = rig.entries.len();
    rig.send(&Command::CancelProcessInstance { process_instance_key });
    rig.run_due();
    assert!(rig.entries.len() > entries + 1, "each entry takes its share");
    assert_eq!(rig.tables.element_instance(process_instance_key), None);
    assert_eq!((rig.tables.job(job), rig.tables.banned().next()), (None, None));
    assert_eq!(rig.engine.next_due(&rig.tables), None);
}
