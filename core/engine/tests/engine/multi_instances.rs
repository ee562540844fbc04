//! Repeated activities: many items in bounded slices, results that no variable can hold, and what is left behind.

use crate::budget::{flow, variables};
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::UpdateSemantics;
use ringbolt_record::{Command, Key, PartitionId, VariableDocument};
use std::fmt::Write;

/// The table of what was put off.
const PENDING: u8 = 15;
/// More items than results are deleted at once.
const COUNT: usize = 1_100;

/// A task that is repeated.
fn repeated(attributes: &str, condition: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics{attributes}><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= items" inputElement="item" outputCollection="results" outputElement="= r" /></bpmn:extensionElements>{condition}</bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>{}"#,
        flow("s", "t")
    )
}

fn items(count: usize) -> VariableDocument {
    let numbers: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    variables(format!(r#"{{"items":[{}]}}"#, numbers.join(",")))
}

fn result(text: &str) -> VariableDocument {
    variables(format!(r#"{{"r":{text}}}"#))
}

impl Rig {
    /// Goes on until nothing is put off; the most rows that ever were.
    fn turns_with_rows(&mut self) -> usize {
        let mut most = 0;
        while let Some(command) = self.engine.next_turn(&self.tables) {
            self.process(&command, None);
            assert!(self.engine.turns_waiting() <= 1, "one instance has one turn at a time");
            most = most.max(self.dump().iter().filter(|(table, _, _)| *table == PENDING).count());
        }
        most
    }
}

#[test]
fn many_items_are_few_rows_in_few_entries() {
    let mut rig = Rig::default();
    rig.deploy_body("p", &repeated("", ""));
    let rows = rig.dump();
    rig.start("p", items(COUNT)).unwrap();
    let entries = rig.entries.len();
    assert!(rig.turns_with_rows() <= 3);
    assert_eq!(rig.names.jobs.len(), COUNT);
    let taken = rig.entries.len() - entries;
    assert!(taken <= 2 * COUNT / 100 + 2, "{taken} entries");
    let mut expected = String::new();
    for (number, job_key) in rig.names.jobs.clone().into_iter().enumerate() {
        let _ = write!(expected, "{}{number}", if number == 0 { "" } else { "," });
        rig.records.clear();
        rig.finish(job_key, result(&number.to_string())).unwrap();
    }
    assert_eq!(rig.count(&format!("value=[{expected}]")), 1);
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}

/// An end that comes while instances are still to be entered ends what is there and enters nothing more.
#[test]
fn an_end_in_the_middle_of_entering() {
    for condition in ["", "<bpmn:completionCondition>= true</bpmn:completionCondition>"] {
        let mut rig = Rig::default();
        rig.deploy_body("p", &repeated("", condition));
        let rows = rig.dump();
        let instance = rig.start("p", items(300)).unwrap();
        let entered = rig.names.jobs.len();
        assert!(entered < 100, "{entered} in one entry");
        match condition {
            "" => drop(rig.send(&Command::CancelProcessInstance { process_instance_key: instance })),
            _ => rig.finish(rig.names.jobs[3], result("7")).unwrap(),
        }
        rig.run_due();
        assert!(rig.names.jobs.len() <= entered + 1, "{} were entered", rig.names.jobs.len());
        assert_eq!(rig.dump(), rows);
    }
}

#[test]
fn results_that_no_variable_holds_are_an_incident_that_names_their_size() {
    let settings = EngineSettings { entry_bytes_max: 64 * 1024, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy_body("p", &repeated("", ""));
    let rows = rig.dump();
    let instance = rig.start("p", items(3)).unwrap();
    for job_key in rig.names.jobs.clone() {
        rig.records.clear();
        rig.finish(job_key, result(&format!("\"{}\"", "x".repeat(20_000)))).unwrap();
    }
    let text = "Expected to set the output collection 'results' of element 't', but it has 60010 bytes and a variable holds \
                at most 57344. To go on, set a smaller 'results' in the scope of the multi-instance body and resolve this \
                incident.";
    assert_eq!(rig.count(text), 1, "{:#?}", rig.records);
    let incident_key: Key = rig.names.incidents[0];
    rig.send(&Command::ResolveIncident { incident_key });
    assert_eq!(rig.count(text), 3, "resolved and raised again");
    let body = rig.names.elements.iter().find(|(of, id, _)| *of == instance && id == "t").unwrap().2;
    rig.send(&Command::SetVariables {
        element_instance_key: body,
        variables: variables(r#"{"results":["fewer"]}"#.into()),
        semantics: UpdateSemantics::Local,
    });
    rig.records.clear();
    let incident_key: Key = rig.names.incidents[1];
    rig.send(&Command::ResolveIncident { incident_key });
    assert_eq!(rig.count(r#"value=["fewer"]"#), 1);
    assert_eq!(rig.dump(), rows);
}
