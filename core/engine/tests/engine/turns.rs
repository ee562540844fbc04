//! What does not fit into the entry of a command goes on in turns: in few entries, instance after instance, and one thing
//! that is large is one row.

use crate::budget::{flow, task};
use crate::rig::Rig;
use ringbolt_record::{Command, Key, VariableDocument};
use ringbolt_store::TableId;

/// The table of what was put off.
const PENDING: TableId = TableId(15);

/// A fork into one element, `width` times.
fn fork(width: usize, element: &str) -> String {
    let mut body = format!(r#"<bpmn:parallelGateway id="g" />{element}{}"#, flow("s", "g"));
    for number in 0..width {
        body.push_str(&format!(r#"<bpmn:sequenceFlow id="f{number}" sourceRef="g" targetRef="t" />"#));
    }
    body
}

const MANUAL: &str = r#"<bpmn:manualTask id="t" />"#;

impl Rig {
    fn rows_put_off(&self) -> usize {
        self.dump().iter().filter(|(table, _, _)| *table == PENDING.0).count()
    }

    /// The instances whose turns were taken since the last look, in order.
    fn turns(&mut self) -> Vec<Key> {
        let mut taken = Vec::new();
        while let Some(command) = self.engine.next_turn(&self.tables) {
            match command {
                Command::ContinuePending { process_instance_key } => taken.push(process_instance_key),
                ref other => panic!("{other:?}"),
            }
            self.process(&command, None);
        }
        taken
    }
}

#[test]
fn the_entries_of_a_fork_grow_with_its_width() {
    let entries = |width: usize| {
        let mut rig = Rig::default();
        rig.deploy_body("fork", &fork(width, MANUAL));
        let instance = rig.start("fork", VariableDocument::default()).unwrap();
        rig.run_due();
        assert!(rig.tables.element_instance(instance).is_none());
        assert_eq!(rig.rows_put_off(), 0);
        rig.entries.len()
    };
    let (narrow, wide) = (entries(200), entries(2_000));
    assert!(wide <= 2 * 2_000 / 100 + 10, "{wide} entries for 4,000 steps");
    assert!(wide <= 10 * narrow, "{narrow} entries become {wide}");
}

#[test]
fn instances_with_much_to_do_take_turns() {
    let mut rig = Rig::default();
    rig.deploy_body("fork", &fork(300, MANUAL));
    let mut instances: Vec<Key> =
        (0..3).map(|_| rig.start("fork", VariableDocument::default()).unwrap()).collect();
    let turns = rig.turns();
    let first: Vec<Key> = turns[..6].to_vec();
    assert_eq!(first, [&instances[..], &instances[..]].concat());
    // Whoever comes new is not behind everything that is left of the others.
    rig.records.clear();
    instances.push(rig.start("fork", VariableDocument::default()).unwrap());
    instances.push(rig.start("fork", VariableDocument::default()).unwrap());
    rig.restart();
    let turns = rig.turns();
    assert_eq!(turns[..4], [&instances[3..], &instances[3..]].concat());
}

#[test]
fn the_end_of_many_children_is_one_row() {
    let mut rig = Rig::default();
    rig.deploy_body("jobs", &fork(1_500, &task("t", "w", "")));
    let instance = rig.start("jobs", VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.names.jobs.len(), 1_500);
    // Children below the last checkpoint leave tombstones behind.
    rig.checkpoint();
    let entries = rig.entries.len();
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    while let Some(command) = rig.engine.next_turn(&rig.tables) {
        assert!(rig.rows_put_off() <= 2, "{} rows", rig.rows_put_off());
        rig.process(&command, None);
    }
    assert!(rig.tables.element_instance(instance).is_none());
    assert!(rig.entries.len() - entries <= 2 * 1_500 / 100 + 2, "{} entries", rig.entries.len() - entries);
}
