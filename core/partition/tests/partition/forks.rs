//! A wave of large forks: each takes its share of what a commit bears, the rest is taken in turns, and nothing is lost.

use super::{NOW, Rig};
use ringbolt_partition::SliceKinds;
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_record::entry::EntryRef;
use ringbolt_record::{Command, DEFAULT_TENANT};

const FLOWS: usize = 300;
const INSTANCES: usize = 30;

/// The process of the rig, with that many flows to its task.
fn fork() -> String {
    let flows: String =
        (0..FLOWS).map(|n| format!(r#"<sequenceFlow id="f{n}" sourceRef="g" targetRef="t"/>"#)).collect();
    format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
 <process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="g"/>
 <parallelGateway id="g"/>{flows}
 <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="work"/></extensionElements></serviceTask>
 </process></definitions>"#
    )
}

impl Rig {
    fn with_forks() -> Self {
        let mut rig = Self::new();
        rig.ask(Command::CreateDeployment(CreateDeployment {
            resources: vec![Resource { name: "p.bpmn".into(), content: fork().into_bytes().into() }],
            tenant_id: DEFAULT_TENANT.into(),
        }));
        rig.commit();
        rig
    }

    /// Records of each entry since then.
    fn entries_since(&self, since: usize) -> Vec<u32> {
        let entries = self.world.log[since..].iter();
        entries.map(|entry| EntryRef::parse(&entry.bytes).expect("an entry").record_count()).collect()
    }
}

#[test]
fn what_waits_for_a_commit_together_is_bounded_and_a_commit_makes_room() {
    let mut rig = Rig::with_forks();
    let before = rig.world.log.len();
    for _ in 0..INSTANCES {
        rig.create();
    }
    let entries = rig.entries_since(before);
    let (first, last) = (entries[0], entries[INSTANCES - 1]);
    assert!(last * 2 < first, "{entries:?}");
    // As much as six that came alone, and a little for each.
    assert!(entries.iter().sum::<u32>() < 6 * first + INSTANCES as u32 * last, "{entries:?}");
    rig.commit();
    let before = rig.world.log.len();
    rig.create();
    assert_eq!(rig.entries_since(before), [first], "alone again");
}

#[test]
fn all_flows_of_all_forks_are_taken_in_the_end() {
    let mut rig = Rig::with_forks();
    for _ in 0..INSTANCES {
        rig.create();
    }
    rig.commit();
    while rig.partition.run_slice(NOW, SliceKinds::All, &mut rig.world) {
        rig.commit();
    }
    let mut jobs = 0;
    loop {
        let asked = rig.activate(1_000);
        rig.commit();
        let Some(super::Answer::Reply(super::Reply::JobsActivated(batch))) = rig.answer(asked) else {
            panic!("{:?}", rig.answer(asked))
        };
        if batch.jobs.is_empty() {
            break;
        }
        jobs += batch.jobs.len();
    }
    assert_eq!(jobs, FLOWS * INSTANCES);
}

#[test]
fn forks_rest_while_only_what_is_due_may_be_taken() {
    let mut rig = Rig::with_forks();
    for _ in 0..INSTANCES {
        rig.create();
    }
    rig.commit();
    assert!(rig.partition.has_ready());
    let before = rig.world.log.len();
    assert!(!rig.partition.run_slice(NOW, SliceKinds::Due, &mut rig.world), "nothing is due");
    assert_eq!(rig.world.log.len(), before);
    assert!(rig.partition.run_slice(NOW, SliceKinds::All, &mut rig.world));
    assert!(rig.world.log.len() > before);
}
