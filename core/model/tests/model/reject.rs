//! What is refused, and the text of it. Camunda 8.8 refuses every one of these too, but for the cases that
//! `docs/bpmn.md` names; where it names the element, the text is the same.

use crate::support::{check, definitions, deploy_bytes, flows, prefixed, process, service_task};
use expect_test::{Expect, expect};
use ringbolt_model::Limits;

/// `content` besides a start event `s`.
fn check_content(content: &str, expected: Expect) {
    check(&process(&format!(r#"<startEvent id="s"/>{content}"#)), expected);
}

fn task_with(extensions: &str) -> String {
    format!(r#"<serviceTask id="t"><extensionElements>{extensions}</extensionElements></serviceTask>"#)
}

#[test]
fn elements_of_the_roadmap_by_name_and_id() {
    check_content(
        r#"<receiveTask id="r"/><callActivity id="c"/>        <eventBasedGateway id="eb"/>
        <intermediateThrowEvent id="it"/><task id="t"/><boundaryEvent id="be" attachedToRef="t"><messageEventDefinition/></boundaryEvent>
        <adHocSubProcess id="ah"><startEvent id="as"/><endEvent id="ae"/></adHocSubProcess>
        <endEvent id="te"><terminateEventDefinition/></endEvent>
        <complexGateway id="cg"/><transaction id="tx"/><fooTask id="ft"/>"#,
        expect![[r#"
            'x.bpmn': - Element: r
                - ERROR: Must reference a message
            - Element: c
                - ERROR: Must have exactly one 'zeebe:calledElement' extension element
            - Element: eb
                - ERROR: Event-based gateway must have at least 2 outgoing sequence flows.
            - Element: be > messageEventDefinition
                - ERROR: Must reference a message
            - Element: ah
                - ERROR: Must not contain a start event.
                - ERROR: Must not contain an end event.
            - Element: cg
                - ERROR: Elements of type 'ComplexGateway' are currently not supported.
            - Element: tx
                - ERROR: Elements of type 'Transaction' are currently not supported.
            - Element: ft
                - ERROR: 'fooTask' is not an element that can stand here
        "#]],
    );
}

#[test]
fn what_hangs_on_an_element_by_name_and_id() {
    let repeated = service_task("t2", "")
        .replace("</serviceTask>", "<multiInstanceLoopCharacteristics/></serviceTask>")
        .replace(r#"id="t2""#, r#"id="t2" isForCompensation="true""#);
    check_content(
        &repeated,
        expect![[r#"
            'x.bpmn': - Element: t2 > multiInstanceLoopCharacteristics
                - ERROR: Must have exactly one 'zeebe:loopCharacteristics' extension element
        "#]],
    );
}

#[test]
fn tasks_for_the_engine_itself() {
    let content: String =
        [("scriptTask", "script"), ("businessRuleTask", "calledDecision"), ("sendTask", "publishMessage")]
            .iter()
            .map(|(tag, extension)| {
                format!(
                    r#"<{tag} id="{tag}_a"><extensionElements><zeebe:{extension}/></extensionElements></{tag}><{tag} id="{tag}_b"/>"#
                )
            })
            .collect();
    check_content(
        &content,
        expect![[r#"
        'x.bpmn': - Element: scriptTask_a > extensionElements > script
            - ERROR: Expected expression but not found.
            - ERROR: Attribute 'resultVariable' must be present and not empty
        - Element: scriptTask_b
            - ERROR: Must have either one 'zeebe:script' or one 'zeebe:taskDefinition' extension element
        - Element: businessRuleTask_a > extensionElements > calledDecision
            - ERROR: Expected expression but not found.
            - ERROR: Attribute 'resultVariable' must be present and not empty
        - Element: businessRuleTask_b
            - ERROR: Must have either one 'zeebe:calledDecision' or one 'zeebe:taskDefinition' extension element
        - Element: sendTask_a
            - ERROR: sendTask 'sendTask_a' with zeebe:publishMessage is not supported yet
        - Element: sendTask_b
            - ERROR: Must have either one 'zeebe:publishMessage' or one 'zeebe:taskDefinition' extension element
    "#]],
    );
}

#[test]
fn task_definitions() {
    for (extensions, expected) in [
        (
            "",
            expect![[r#"
            'x.bpmn': - Element: t
                - ERROR: Must have exactly one 'zeebe:taskDefinition' extension element
        "#]],
        ),
        (
            r#"<zeebe:taskDefinition type="a"/><zeebe:taskDefinition type="b"/>"#,
            expect![[r#"
            'x.bpmn': - Element: t
                - ERROR: Must have exactly one 'zeebe:taskDefinition' extension element
        "#]],
        ),
        (
            r#"<zeebe:taskDefinition type="" retries=""/>"#,
            expect![[r#"
            'x.bpmn': - Element: t > extensionElements > taskDefinition
                - ERROR: Expected expression but not found.
        "#]],
        ),
        (
            r#"<zeebe:taskDefinition type="= 1 +" retries="=("/>"#,
            expect![[r#"
                'x.bpmn': - Element: t > extensionElements > taskDefinition
                    - ERROR: failed to parse expression ' 1 +': expected a name or a value at 1:5, found the end
                    - ERROR: failed to parse expression '(': expected a name or a value at 1:2, found the end
            "#]],
        ),
        (
            r#"<zeebe:taskDefinition type="a"/><zeebe:taskHeaders><zeebe:header key="a" value="1"/>
            <zeebe:header key="a"/><zeebe:header key="io.camunda.zeebe:x" value="2"/><zeebe:header/><zeebe:header/><zeebe:header/>
            </zeebe:taskHeaders><zeebe:taskHeaders/>"#,
            expect![[r#"
                'x.bpmn': - Element: t
                    - ERROR: Must have exactly one 'zeebe:taskHeaders' extension element when exists. Please check process definition XML and retain only one extension element.
                - Element: t > extensionElements > taskHeaders
                    - ERROR: Headers contain duplicate entries for key 'a'
                    - ERROR: Attribute 'key' contains 'io.camunda.zeebe:x', but header keys starting with 'io.camunda.zeebe:' are reserved for internal use.
                    - ERROR: Headers contain duplicate entries for key 'null'
            "#]],
        ),
    ] {
        check_content(&task_with(extensions), expected);
    }
}

#[test]
fn mappings() {
    let bad = ["a-b", "a..b", "\u{e4}", " a", "a.", "1a", "null", ""];
    let inputs: String =
        bad.iter().map(|target| format!(r#"<zeebe:input source="=a" target="{target}"/>"#)).collect();
    let outputs = r#"<zeebe:output source="a" target="x"/><zeebe:output source="" target="x"/><zeebe:output source="=1 +" target="x"/>"#;
    let mappings = format!("<zeebe:ioMapping>{inputs}{outputs}</zeebe:ioMapping><zeebe:ioMapping/>");
    check_content(
        &service_task("t", &mappings),
        expect![[r#"
            'x.bpmn': - Element: t
                - ERROR: Must have exactly one 'zeebe:ioMapping' extension element when exists. Please check process definition XML and retain only one extension element.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression 'a-b' but doesn't match the pattern '[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression 'a..b' but doesn't match the pattern '[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression 'ä' but doesn't match the pattern '[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression ' a' but doesn't match the pattern '[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression 'a.' but doesn't match the pattern '[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression '1a' but doesn't match the pattern '[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression 'null' but is one of the reserved words (null, true, false, function, if, then, else, for, between, instance, of).
            - Element: t > extensionElements > ioMapping > input
                - ERROR: Expected path expression but not found.
            - Element: t > extensionElements > ioMapping > output
                - ERROR: Expected expression but found static value 'a'. An expression must start with '=' (e.g. '=a').
            - Element: t > extensionElements > ioMapping > output
                - ERROR: Expected expression but not found.
            - Element: t > extensionElements > ioMapping > output
                - ERROR: failed to parse expression '1 +': expected a name or a value at 1:4, found the end
        "#]],
    );
}

#[test]
fn extension_elements_that_can_only_be_there_once() {
    let twice = service_task("t", r#"<zeebe:taskDefinition type="b"/>"#).replace("serviceTask", "scriptTask");
    check_content(
        &format!(
            r#"{twice}<extensionElements><zeebe:versionTag value="1"/><zeebe:versionTag value="2"/></extensionElements>"#
        ),
        expect![[r#"
            'x.bpmn': - Element: p
                - ERROR: Must have exactly one 'zeebe:versionTag' extension element when exists. Please check process definition XML and retain only one extension element.
            - Element: t
                - ERROR: Must have either one 'zeebe:script' or one 'zeebe:taskDefinition' extension element
        "#]],
    );
}

#[test]
fn start_events() {
    check(
        &process(r#"<endEvent id="e"/>"#),
        expect![[r#"
        'x.bpmn': - Element: p
            - ERROR: Must have at least one start event
    "#]],
    );
    check(
        &process(r#"<startEvent id="s"/><startEvent id="s2"/>"#),
        expect![[r#"
        'x.bpmn': - Element: p
            - ERROR: Multiple none start events are not allowed
    "#]],
    );
    check_content(
        r#"<subProcess id="none"/><subProcess id="two"><startEvent id="a"/><startEvent id="b"/></subProcess>
        <subProcess id="typed"><startEvent id="c"><timerEventDefinition/></startEvent></subProcess>"#,
        expect![[r#"
            'x.bpmn': - Element: none
                - ERROR: Must have exactly one start event
            - Element: two
                - ERROR: Must have exactly one start event
            - Element: typed
                - ERROR: Start events in subprocesses must be of type none
            - Element: c > timerEventDefinition
                - ERROR: Must be exactly one type of timer: timeDuration, timeDate or timeCycle
        "#]],
    );
}

#[test]
fn ids() {
    check(
        &definitions(&prefixed(
            r#"<process isExecutable="true"><startEvent/><startEvent id="a b"/><endEvent id="x"/><task id="x"/>
            <sequenceFlow sourceRef="x" targetRef="x"/></process>"#,
        )),
        expect![[r#"
            'x.bpmn': - Element: definitions > process
                - ERROR: Element id must be present and not empty.
                - ERROR: Multiple none start events are not allowed
            - Element: definitions > process > startEvent
                - ERROR: Element id must be present and not empty.
            - Element: a b
                - ERROR: 'a b' is not a valid id: it must be an XML name without a colon
            - Element: x
                - ERROR: The id 'x' is used more than once
            - Element: definitions > process > sequenceFlow
                - ERROR: Element id must be present and not empty.
        "#]],
    );
}

#[test]
fn ends_of_sequence_flows() {
    check_content(
        r#"<endEvent id="e"/><callActivity id="u"/><sequenceFlow id="f1"/><sequenceFlow id="f2" sourceRef="no" targetRef="nor"/>
        <sequenceFlow id="f3" sourceRef="s" targetRef="f1"/><sequenceFlow id="f4" sourceRef="e" targetRef="s"/>
        <sequenceFlow id="f5" sourceRef="s" targetRef="u"/>
        <subProcess id="sub"><startEvent id="i"/><sequenceFlow id="f6" sourceRef="i" targetRef="e"/></subProcess>"#,
        expect![[r#"
            'x.bpmn': - Element: e
                - ERROR: End events must not have outgoing sequence flows to other elements.
            - Element: u
                - ERROR: Must have exactly one 'zeebe:calledElement' extension element
            - Element: f1
                - ERROR: SequenceFlow is missing required attribute sourceRef
                - ERROR: SequenceFlow is missing required attribute targetRef
            - Element: f2
                - ERROR: SequenceFlow has sourceRef 'no' which cannot be resolved
                - ERROR: SequenceFlow has targetRef 'nor' which cannot be resolved
            - Element: f3
                - ERROR: SequenceFlow has targetRef 'f1' which is a sequence flow itself
            - Element: f6
                - ERROR: SequenceFlow must not cross the border of a sub-process: 'i' is in 'sub', 'e' is in 'p'
        "#]],
    );
}

#[test]
fn a_sequence_flow_into_another_process() {
    check(
        &definitions(&prefixed(
            r#"<process id="a" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/>
            </process><process id="b" isExecutable="true"><startEvent id="s2"/><endEvent id="e"/></process>"#,
        )),
        expect![[r#"
            'x.bpmn': - Element: f
                - ERROR: SequenceFlow has targetRef 'e' which cannot be resolved
        "#]],
    );
}

#[test]
fn conditions_and_default_flows() {
    let condition = |id: &str, source: &str, text: &str| {
        format!(
            r#"<sequenceFlow id="{id}" sourceRef="{source}" targetRef="e"><conditionExpression>{text}</conditionExpression></sequenceFlow>"#
        )
    };
    let flows = [
        condition("c1", "x", "static"),
        condition("c2", "x", ""),
        condition("c3", "x", "=a &lt;"),
        condition("c4", "x", "="),
        condition("c5", "t", "=a"),
    ];
    check_content(
        &format!(
            r#"<endEvent id="e"/><exclusiveGateway id="x" default="nope"><outgoing>c1</outgoing><outgoing>c6</outgoing></exclusiveGateway><exclusiveGateway id="y" default="c1"/>
            <task id="t"/>{}<sequenceFlow id="c6" sourceRef="x" targetRef="e"/>"#,
            flows.concat()
        ),
        expect![[r#"
            'x.bpmn': - Element: x
                - ERROR: Default flow 'nope' cannot be resolved
            - Element: y
                - ERROR: Default flow must start at gateway
            - Element: t
                - ERROR: Conditional sequence flows are only supported at exclusive or inclusive gateway
            - Element: c1 > conditionExpression
                - ERROR: Expected expression but found static value 'static'. An expression must start with '=' (e.g. '=static').
            - Element: c2 > conditionExpression
                - ERROR: Expected expression but found static value ''. An expression must start with '=' (e.g. '=').
            - Element: c3 > conditionExpression
                - ERROR: failed to parse expression 'a <': expected a name or a value at 1:4, found the end
            - Element: c4 > conditionExpression
                - ERROR: Expected expression but found static value '='. An expression must start with '=' (e.g. '==').
            - Element: c6
                - ERROR: Must have a condition or be default flow
        "#]],
    );
}

#[test]
fn straight_through_loops() {
    for (content, chains, expected) in [
        (
            r#"<task id="m"/><manualTask id="n"/>"#,
            "s -> m -> n -> m",
            expect![[r#"
            `x.bpmn`: - Process: p
                - ERROR: Processes are not allowed to contain a straight-through processing loop: m > n > m
        "#]],
        ),
        (
            r#"<task id="m"/><subProcess id="sub"><startEvent id="i"/></subProcess>"#,
            "s -> m -> sub -> m",
            expect![[r#"
                `x.bpmn`: - Process: p
                    - ERROR: Processes are not allowed to contain a straight-through processing loop: m > sub > i > m
            "#]],
        ),
        (
            r#"<task id="a"/><parallelGateway id="b"/><parallelGateway id="c"/>"#,
            "s -> a -> b -> c -> b",
            expect![[r#"
                `x.bpmn`: - Process: p
                    - ERROR: Processes are not allowed to contain a straight-through processing loop: b > c > b
            "#]],
        ),
        (
            r#"<task id="z"/><task id="y"/><task id="b"/><task id="c"/>"#,
            "s -> z -> y -> z; s -> b -> c -> b",
            expect![[r#"
                `x.bpmn`: - Process: p
                    - ERROR: Processes are not allowed to contain a straight-through processing loop: b > c > b
            "#]],
        ),
    ] {
        check_content(&format!("{content}{}", flows(chains)), expected);
    }
}

#[test]
fn documents_that_are_not_bpmn() {
    for (xml, expected) in [
        (
            "",
            expect![[r#"
            'x.bpmn': The document is not well-formed XML: the document does not have a root node (line 1, column 1)
        "#]],
        ),
        (
            "hello",
            expect![[r#"
            'x.bpmn': The document is not well-formed XML: unknown token (line 1, column 1)
        "#]],
        ),
        (
            "<a",
            expect![[r#"
            'x.bpmn': The document is not well-formed XML: the document does not have a root node (line 1, column 1)
        "#]],
        ),
        (
            "<a>\n<b></a>",
            expect![[r#"
            'x.bpmn': The document is not well-formed XML: expected 'b' tag, not 'a' (line 2, column 4)
        "#]],
        ),
        (
            "<definitions/>",
            expect![[r#"
            'x.bpmn': - Element: definitions
                - ERROR: The root element must be 'definitions' in the namespace http://www.omg.org/spec/BPMN/20100524/MODEL
        "#]],
        ),
        (
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            expect![[r#"
            'x.bpmn': Document type declarations are not allowed (line 1, column 1)
        "#]],
        ),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-32\"?><a/>",
            expect![[r#"
            'x.bpmn': The encoding 'UTF-32' is not supported; use UTF-8
        "#]],
        ),
    ] {
        check(xml, expected);
    }
    check(
        &definitions(""),
        expect![[r#"
        'x.bpmn': - Element: definitions
            - ERROR: Must contain at least one executable process
    "#]],
    );
    check(
        &definitions(r#"<bpmn:process id="p" isExecutable="yes"/>"#),
        expect![[r#"
        'x.bpmn': - Element: definitions
            - ERROR: Must contain at least one executable process
        - Element: p
            - ERROR: 'yes' is not a valid value of the attribute 'isExecutable'
    "#]],
    );
    let limits = Limits::default();
    expect![[r#"
        'x.bpmn': The document is not valid UTF-8 at byte 3
    "#]]
    .assert_eq(&deploy_bytes(b"<a>\xff</a>", &limits));
}

#[test]
fn limits_are_kept() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let xml = process(&format!(
        r#"<startEvent id="s" name="long name"/>{}{}"#,
        task_with(r#"<zeebe:taskDefinition type="work" retries="=1+1"/>"#),
        flows("s -> t")
    ));
    let narrow = [
        limits(|limits| limits.document_bytes_max = 100),
        limits(|limits| limits.depth_max = 4),
        limits(|limits| limits.nodes_max = 5),
        limits(|limits| limits.attributes_max = 10),
        limits(|limits| limits.attributes_per_element_max = 3),
        limits(|limits| limits.namespaces_max = 1),
        limits(|limits| limits.namespaces_in_scope_max = 1),
        limits(|limits| limits.flow_elements_max = 2),
        limits(|limits| limits.id_bytes_max = 1),
        limits(|limits| limits.name_bytes_max = 3),
        limits(|limits| limits.name_bytes_max = 6),
        limits(|limits| limits.job_type_bytes_max = 3),
        limits(|limits| limits.expression_bytes_max = 2),
    ];
    let texts: String = narrow.iter().map(|limits| deploy_bytes(xml.as_bytes(), limits)).collect();
    expect![[r#"
        'x.bpmn': The document is larger than 100 bytes
        'x.bpmn': The document has more than 4 levels of nested XML elements (line 3, column 133)
        'x.bpmn': The document has more than 5 XML nodes (line 3, column 42)
        'x.bpmn': The document has more than 10 attributes (line 3, column 133)
        'x.bpmn': An element has more than 3 attributes (line 2, column 1)
        'x.bpmn': The document has more than 1 namespace declarations (line 2, column 1)
        'x.bpmn': The document has more than 1 namespace declarations at one element (line 2, column 1)
        'x.bpmn': - Element: p
            - ERROR: A process must not have more than 2 flow elements
        'x.bpmn': - Element: definitions
            - ERROR: IDs must not be longer than the configured max-id-length of 1 bytes.
        - Element: f1
            - ERROR: IDs must not be longer than the configured max-id-length of 1 bytes.
        'x.bpmn': The resource name is longer than 3 bytes
        'x.bpmn': - Element: s
            - ERROR: Names must not be longer than the configured max-name-length of 6 bytes, but this one has 9.
        'x.bpmn': - Element: t > extensionElements > taskDefinition
            - ERROR: Worker types must not be longer than the configured max-worker-type-length of 3 bytes, but this one has 4.
        'x.bpmn': - Element: t > extensionElements > taskDefinition
            - ERROR: The value is longer than 2 bytes
            - ERROR: The value is longer than 2 bytes
    "#]].assert_eq(&texts);
}
