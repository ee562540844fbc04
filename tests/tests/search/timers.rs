//! Timers of running instances: of catch events, on borders and of event sub-processes.

use crate::rig::Rig;
use ringbolt_tests::until;
use serde_json::{Value, json};

/// A task with a timer at its edge that comes three times, an event sub-process that begins with one, then a timer to wait for.
const TIMED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">
  <bpmn:process id="timed" isExecutable="true">
    <bpmn:subProcess id="rescue" triggeredByEvent="true">
      <bpmn:startEvent id="too_late"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P2D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:startEvent>
    </bpmn:subProcess>
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="task"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:boundaryEvent id="remind" attachedToRef="task" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:intermediateCatchEvent id="rest"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="task" />
    <bpmn:sequenceFlow id="b" sourceRef="task" targetRef="rest" />
  </bpmn:process>
</bpmn:definitions>"#;

fn timers(rig: &mut Rig, key: &str) -> Vec<Value> {
    let query = json!({ "filter": { "processInstanceKey": key }, "sort": [{ "field": "dueDate" }] });
    rig.search("/v2/timers/search", &query)["items"].as_array().expect("items").clone()
}

fn shown(timers: &[Value]) -> Vec<String> {
    let one =
        |timer: &Value| format!("{} {} {}", timer["elementId"], timer["elementType"], timer["repetitions"]);
    timers.iter().map(one).collect()
}

#[test]
fn timers_are_found_until_they_fire_or_end() {
    let mut rig = Rig::start();
    rig.deploy("timed.bpmn", TIMED);
    let key = rig.create(&json!({ "processDefinitionId": "timed" }));
    let found = timers(&mut rig, &key);
    assert_eq!(
        shown(&found),
        [r#""remind" "BOUNDARY_EVENT" 3"#, r#""too_late" "START_EVENT" 1"#],
        "{found:#?}"
    );
    // The one at the edge is the task's, the other one that of the scope around the event sub-process.
    let task = rig.search("/v2/element-instances/search", &json!({ "filter": { "elementId": "task" } }));
    assert_eq!(found[0]["elementInstanceKey"], task["items"][0]["elementInstanceKey"]);
    assert_eq!(
        (&found[1]["elementInstanceKey"], &found[1]["processDefinitionId"]),
        (&json!(key), &json!("timed"))
    );
    assert!(
        found.iter().all(|timer| timer["dueDate"].as_str().is_some_and(|due| due.ends_with('Z'))),
        "{found:#?}"
    );
    // What interrupts is not what an instance waits for.
    let waits = json!({ "processInstanceKey": key, "waitStateType": "TIMER" });
    assert_eq!(rig.count("/v2/element-instances/wait-states/search", &waits), 0);
    let by_element = rig.get(&format!("/v2/process-instances/{key}/statistics/wait-states"));
    assert_eq!(by_element["items"], json!([{ "elementId": "task", "waitingCount": 1 }]));

    let job = rig.jobs(1).remove(0);
    rig.write(&format!("/v2/jobs/{job}/completion"), &json!({}));
    let found = timers(&mut rig, &key);
    assert_eq!(
        shown(&found),
        [r#""rest" "INTERMEDIATE_CATCH_EVENT" 1"#, r#""too_late" "START_EVENT" 1"#],
        "{found:#?}"
    );
    assert_eq!(rig.count("/v2/element-instances/wait-states/search", &waits), 1);
    assert_eq!(rig.count("/v2/timers/search", &json!({ "elementType": "START_EVENT" })), 1);
    let soon = json!({ "dueDate": { "$lt": found[1]["dueDate"] } });
    assert_eq!(rig.count("/v2/timers/search", &soon), 1);
    rig.write(&format!("/v2/process-instances/{key}/cancellation"), &json!({}));
    until("they end with their instance", || timers(&mut rig, &key).is_empty().then_some(()));
    rig.server.stop();
}
