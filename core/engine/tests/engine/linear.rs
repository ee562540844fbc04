//! What grows with a model or a document grows no faster than it: times of a size and of four times that size.

use crate::rig::Rig;
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_record::{Command, DEFAULT_TENANT};
use std::time::{Duration, Instant};

/// Four times the work may take this many times as long: far from sixteen.
const GROWTH_MAX: u32 = 9;

fn deploy(rig: &mut Rig, content: String) {
    let resources = vec![Resource { name: "p.bpmn".to_owned(), content: content.into_bytes().into() }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    let answer = rig.answer(request);
    assert!(matches!(answer, Some(Ok(_))), "{answer:?}");
}

/// A process whose only task has these mappings.
fn mapped(mappings: &str) -> String {
    format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><process id="p" isExecutable="true"><startEvent id="s"/><serviceTask id="t"><extensionElements><zeebe:taskDefinition type="work"/><zeebe:ioMapping>{mappings}</zeebe:ioMapping></extensionElements></serviceTask><sequenceFlow id="f" sourceRef="s" targetRef="t"/></process></definitions>"#
    )
}

/// How long it takes to enter a task with `count` mappings, the shortest of three.
fn entering(count: usize, mapping: fn(usize) -> String) -> Duration {
    let mut rig = Rig::default();
    deploy(&mut rig, mapped(&(0..count).map(mapping).collect::<String>()));
    let times = (0..3).map(|_| {
        let start = Instant::now();
        rig.create("p", "{}");
        rig.run_due();
        rig.records.clear();
        start.elapsed()
    });
    times.min().expect("three times")
}

#[test]
fn inputs_of_a_task() {
    let mappings: [fn(usize) -> String; 2] = [
        |number| format!(r#"<zeebe:input source="=v{}" target="v{number}"/>"#, number.saturating_sub(1)),
        |number| format!(r#"<zeebe:input source="=v{number}" target="all.v{number}"/>"#),
    ];
    for mapping in mappings {
        // On a busy machine a measurement may go wrong; work that grows too fast goes wrong each time.
        let mut measured = Vec::new();
        let grows_with_the_size = (0..4).any(|_| {
            let (one, four) = (entering(5_000, mapping), entering(20_000, mapping));
            measured.push((one, four));
            four < one * GROWTH_MAX
        });
        assert!(grows_with_the_size, "once, and of four times as many: {measured:?}");
    }
}
