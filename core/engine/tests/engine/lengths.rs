//! Texts by which clients know something, given by expressions: one that no request takes is an incident that says its length, because
//! whatever waits for it would wait for ever.

use crate::budget::{flow, variables};
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::{PublishMessage, UpdateSemantics};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, ID_BYTES_MAX, Key, PartitionId, VariableDocument,
};

const ROOTS: &str = r#"<bpmn:message id="m" name="=name"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message><bpmn:signal id="g" name="=signal" />"#;

fn job_task(kind: &str, own: &str) -> String {
    format!(r#"<bpmn:{kind} id="t"><bpmn:extensionElements>{own}</bpmn:extensionElements></bpmn:{kind}>"#)
}

/// The incidents of an instance whose `variable` has so many bytes.
fn incidents(rig: &mut Rig, process: &str, variable: &str, bytes: usize) -> Vec<String> {
    let names = ["name", "order", "signal", "job"];
    let value = |name: &str| if name == variable { "x".repeat(bytes) } else { "short".to_owned() };
    let members: Vec<String> = names.iter().map(|name| format!(r#""{name}":"{}""#, value(name))).collect();
    rig.start(process, variables(format!("{{{}}}", members.join(",")))).unwrap();
    let records = std::mem::take(&mut rig.records);
    records.into_iter().filter(|record| record.contains("INCIDENT CREATED")).collect()
}

fn is_said(incident: &str, variable: &str) -> bool {
    let message =
        format!("Expected result of the expression '{variable}' to have at most 400 bytes, but it has 401.");
    incident.contains("errorType=EXTRACT_VALUE_ERROR") && incident.contains(&message)
}

#[test]
fn a_text_that_no_request_takes_is_an_incident() {
    let attached = |definition: &str| {
        let task = job_task("serviceTask", r#"<zeebe:taskDefinition type="work" />"#);
        format!(r#"{task}<bpmn:boundaryEvent id="b" attachedToRef="t">{definition}</bpmn:boundaryEvent>"#)
    };
    let message = r#"<bpmn:messageEventDefinition messageRef="m" />"#;
    let signal = r#"<bpmn:signalEventDefinition signalRef="g" />"#;
    let event = |kind: &str, definition: &str| format!(r#"<bpmn:{kind} id="t">{definition}</bpmn:{kind}>"#);
    let listener = |listeners: &str, listener: &str, event: &str| {
        format!(
            r#"<zeebe:{listeners}><zeebe:{listener} eventType="{event}" type="=job" /></zeebe:{listeners}>"#
        )
    };
    let work = r#"<zeebe:taskDefinition type="work" />"#;
    let on_start = [work, &listener("executionListeners", "executionListener", "start")].concat();
    let on_creation = ["<zeebe:userTask />", &listener("taskListeners", "taskListener", "creating")].concat();
    for (name, variable, body) in [
        ("receives", "order", r#"<bpmn:receiveTask id="t" messageRef="m" />"#.to_owned()),
        ("receives_named", "name", r#"<bpmn:receiveTask id="t" messageRef="m" />"#.to_owned()),
        ("catches", "order", event("intermediateCatchEvent", message)),
        ("message_beside", "order", attached(message)),
        ("message_beside_named", "name", attached(message)),
        ("catches_signal", "signal", event("intermediateCatchEvent", signal)),
        ("signal_beside", "signal", attached(signal)),
        ("throws_signal", "signal", event("intermediateThrowEvent", signal)),
        ("ends_with_signal", "signal", event("endEvent", signal)),
        ("job", "job", job_task("serviceTask", r#"<zeebe:taskDefinition type="=job" />"#)),
        ("listener", "job", job_task("serviceTask", &on_start)),
        ("task_listener", "job", job_task("userTask", &on_creation)),
    ] {
        let mut rig = Rig::with(EngineSettings::new(PartitionId(1)));
        rig.deploy_with(ROOTS, name, &[&body[..], &flow("s", "t")].concat());
        assert_eq!(incidents(&mut rig, name, variable, ID_BYTES_MAX), Vec::<String>::new(), "{name}");
        let found = incidents(&mut rig, name, variable, ID_BYTES_MAX + 1);
        assert!(found.len() == 1 && is_said(&found[0], variable), "{name}: {found:#?}");
    }
}

#[test]
fn an_instance_with_a_key_that_was_too_long_goes_on() {
    let mut rig = Rig::with(EngineSettings::new(PartitionId(1)));
    rig.deploy_with(ROOTS, "p", &[r#"<bpmn:receiveTask id="t" messageRef="m" />"#, &flow("s", "t")].concat());
    assert_eq!(incidents(&mut rig, "p", "order", ID_BYTES_MAX + 1).len(), 1);
    let (instance, incident): (Key, Key) = (rig.names.instances[0], rig.names.incidents[0]);
    rig.set(instance, r#"{"order":"order-1"}"#, UpdateSemantics::Local);
    rig.send(&Command::ResolveIncident { incident_key: incident });
    rig.send(&Command::PublishMessage(PublishMessage {
        name: "short".to_owned(),
        correlation_key: "order-1".to_owned(),
        time_to_live: DurationMs(0),
        message_id: String::new(),
        business_id: String::new(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    }));
    assert_eq!(rig.tables.element_instance_state(instance), None, "it has ended");
}

/// A worker gets them with the job: one that it cannot take would come first each time and stop all behind it.
#[test]
fn headers_count_among_the_bytes_of_a_job() {
    let header = format!(r#"<zeebe:header key="h" value="{}" />"#, "y".repeat(2000));
    let work = r#"<zeebe:taskDefinition type="work" />"#;
    let own = format!("{work}<zeebe:taskHeaders>{header}</zeebe:taskHeaders>");
    let mut rig = Rig::with(EngineSettings { job_bytes_max: 2000, ..EngineSettings::new(PartitionId(1)) });
    rig.deploy_with("", "p", &[&job_task("serviceTask", &own)[..], &flow("s", "t")].concat());
    rig.start("p", variables("{}".to_owned())).unwrap();
    rig.records.clear();
    assert_eq!(rig.activate("work", 1, 2000), (Vec::new(), true));
    assert!(rig.records[0].contains("errorType=MESSAGE_SIZE_EXCEEDED"), "{:?}", rig.records);
}
