//! How much may wait in a partition, and what is refused at that.

use crate::budget::flow;
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_record::{Command, DurationMs, Key, PartitionId, RejectionType, VariableDocument};
use ringbolt_tables::Waits;

const ROOTS: &str = r#"<bpmn:message id="m" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="= 1" /></bpmn:extensionElements></bpmn:message><bpmn:signal id="g" name="g" />"#;

/// By the process's id, what it waits for.
fn kinds() -> [(&'static str, String); 5] {
    let caught = |definition: &str| {
        format!(
            r#"<bpmn:intermediateCatchEvent id="w">{definition}</bpmn:intermediateCatchEvent>{}"#,
            flow("s", "w")
        )
    };
    [
        (
            "timer",
            caught(
                "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>",
            ),
        ),
        ("message", caught(r#"<bpmn:messageEventDefinition messageRef="m" />"#)),
        ("signal", caught(r#"<bpmn:signalEventDefinition signalRef="g" />"#)),
        (
            "condition",
            caught(
                "<bpmn:conditionalEventDefinition><bpmn:condition>= x</bpmn:condition></bpmn:conditionalEventDefinition>",
            ),
        ),
        (
            "task",
            format!(
                r#"<bpmn:userTask id="w"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>{}"#,
                flow("s", "w")
            ),
        ),
    ]
}

fn begin(rig: &mut Rig, id: &str) -> Result<Key, RejectionType> {
    let begun = rig.start_of("", id, VariableDocument::default());
    rig.run_due();
    begun
}

#[test]
fn what_waits_is_counted_and_bounded_where_it_begins() {
    let settings = EngineSettings { waits_max: 5, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    kinds().iter().for_each(|(id, body)| rig.deploy_with(ROOTS, id, body));
    let instances: Vec<Key> =
        kinds().iter().map(|(id, _)| begin(&mut rig, id).expect("there is room")).collect();
    assert_eq!(rig.tables.waits(), Waits { timers: 1, subscriptions: 3, user_tasks: 1 });
    for (id, _) in kinds() {
        assert_eq!(begin(&mut rig, id), Err(RejectionType::ResourceExhausted), "{id}");
    }
    for process_instance_key in instances {
        rig.told(&Command::CancelProcessInstance { process_instance_key }).unwrap();
        rig.run_due();
        begin(&mut rig, "timer").expect("there is room again");
    }
    assert_eq!(rig.tables.waits(), Waits { timers: 5, ..Waits::default() });
    // What has ended counts no more, whether or not it stood in the last checkpoint.
    rig.checkpoint();
    rig.now = rig.now.plus(DurationMs(3_600_000));
    rig.run_due();
    assert_eq!(rig.tables.waits(), Waits::default());
    begin(&mut rig, "timer").expect("there is room");
    rig.checkpoint();
    assert_eq!(rig.tables.waits(), Waits { timers: 1, ..Waits::default() });
}
