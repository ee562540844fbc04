//! BPMN resources: XML, structure, expressions in attributes, loops.

use crate::run::{Target, signature};
use ringbolt_model::{Limits, Process, REPORT_BYTES_MAX, format_rejection, parse};
use std::time::Duration;

/// BPMN resources.
pub(crate) const TARGET: Target = Target {
    name: "bpmn",
    corpus,
    tokens: TOKENS,
    length_max: 32 * 1024,
    memory_base: 4 << 20,
    memory_per_byte: 2_000,
    time_max: Duration::from_secs(5),
    check,
};

const TOKENS: &[&str] = &[
    "<process id=\"p\" isExecutable=\"true\">",
    "</process>",
    "<subProcess id=\"sub\">",
    "</subProcess>",
    "<startEvent id=\"s\"/>",
    "<endEvent id=\"e\"/>",
    "<serviceTask id=\"t\">",
    "</serviceTask>",
    "<manualTask id=\"m\"/>",
    "<callActivity id=\"c\"/>",
    "<exclusiveGateway id=\"x\" default=\"f2\"/>",
    "<parallelGateway id=\"g\"/>",
    "<sequenceFlow id=\"f9\" sourceRef=\"s\" targetRef=\"t\"/>",
    "<conditionExpression>=a &gt; 1</conditionExpression>",
    "<extensionElements>",
    "</extensionElements>",
    "<zeebe:taskDefinition type=\"=a\" retries=\"3\"/>",
    "<zeebe:ioMapping>",
    "<zeebe:input source=\"=a.b\" target=\"c.d\"/>",
    "<zeebe:output source=\"x\" target=\"\"/>",
    "<zeebe:taskHeaders><zeebe:header key=\"k\" value=\"v\"/></zeebe:taskHeaders>",
    "<incoming>f1</incoming>",
    "<outgoing>f2</outgoing>",
    "<boundaryEvent attachedToRef=\"t\"/>",
    "<!DOCTYPE d [<!ENTITY a \"aa\">]>",
    "&a;",
    "&lt;",
    "&#0;",
    "&#x10FFFF;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    "<?pi?>",
    "xmlns=\"\"",
    "xmlns:z=\"http://camunda.org/schema/zeebe/1.0\"",
    "id=\"\"",
    "id=\"a:b\"",
    "isExecutable=\"1\"",
    "=1 +",
    "\u{feff}",
    "sourceRef",
    "targetRef",
];

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d">
"#;

fn corpus() -> Vec<Vec<u8>> {
    let bodies = [
        r#"<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
<serviceTask id="t" name="T"><extensionElements><zeebe:taskDefinition type="work" retries="=1 + 2"/>
<zeebe:ioMapping><zeebe:input source="=a + 1" target="b"/><zeebe:output source="=b" target="c.d"/></zeebe:ioMapping>
<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders></extensionElements></serviceTask>
<sequenceFlow id="f2" sourceRef="t" targetRef="e"/><endEvent id="e"/></process>"#,
        r#"<process id="q" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/>
<exclusiveGateway id="x" default="f3"/><sequenceFlow id="f2" sourceRef="x" targetRef="sub"><conditionExpression>=a &gt; 1</conditionExpression></sequenceFlow>
<sequenceFlow id="f3" sourceRef="x" targetRef="e"/>
<subProcess id="sub"><startEvent id="s2"/><sequenceFlow id="f4" sourceRef="s2" targetRef="g"/><parallelGateway id="g"/>
<sequenceFlow id="f5" sourceRef="g" targetRef="m"/><sequenceFlow id="f6" sourceRef="g" targetRef="m2"/><manualTask id="m"/><task id="m2"/>
<sequenceFlow id="f7" sourceRef="m" targetRef="j"/><sequenceFlow id="f8" sourceRef="m2" targetRef="j"/><parallelGateway id="j"/></subProcess>
<sequenceFlow id="f9" sourceRef="sub" targetRef="e"/><endEvent id="e"/></process>"#,
        r#"<process id="l" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/><exclusiveGateway id="x"/>
<sequenceFlow id="f2" sourceRef="x" targetRef="m"><conditionExpression>=true</conditionExpression></sequenceFlow><manualTask id="m"/>
<sequenceFlow id="f3" sourceRef="m" targetRef="x"/></process><process id="o"/>"#,
        r#"<message id="m"/><process id="p" isExecutable="true"><receiveTask id="r"/><documentation>x</documentation></process>"#,
    ];
    let mut corpus: Vec<Vec<u8>> =
        bodies.iter().map(|body| format!("{HEAD}{body}</definitions>").into_bytes()).collect();
    let utf16: Vec<u8> = format!("\u{feff}{HEAD}{}</definitions>", bodies[0])
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    corpus.push(utf16);
    corpus
}

/// Every index is one of the process's own, and names are found again.
fn walk(process: &Process) {
    assert!(!process.elements().is_empty() && !process.bpmn_process_id.is_empty());
    for element in process.elements() {
        let found = process.by_id(&element.id).expect("an element is found by its id");
        assert_eq!(process.element(found).id, element.id);
    }
    for flow in process.flows() {
        let found = process.flow_by_id(&flow.id).expect("a flow is found by its id");
        assert_eq!(process.flow(found).id, flow.id);
    }
}

fn check(input: &[u8]) -> u64 {
    match parse("x.bpmn", input, &Limits::default()) {
        Ok(parsed) => {
            assert!(!parsed.processes.is_empty(), "accepted without a process");
            parsed.processes.iter().for_each(walk);
            parsed.processes.iter().map(|process| 1 + process.elements().len() as u64).sum()
        }
        Err(violations) => {
            assert!(!violations.is_empty(), "refused without a reason");
            let text = format_rejection(&[("x.bpmn", &violations)]);
            assert!(text.len() <= REPORT_BYTES_MAX + 1_024, "a report of {} bytes", text.len());
            let again = parse("x.bpmn", input, &Limits::default()).expect_err("refused again");
            assert_eq!(format!("{again:?}"), format!("{violations:?}"), "two runs differ");
            signature(text.lines().last().unwrap_or_default())
        }
    }
}
