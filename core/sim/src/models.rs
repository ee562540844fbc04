//! What the simulated clients deploy: small processes that reach every element the engine knows, and its failures, and the
//! decision that one of them calls.

use std::fmt::Write;

/// Job types that the models use.
pub(crate) const JOB_TYPES: [&str; 2] = ["work", "ship"];

/// Process ids, in the order of [`document`].
pub(crate) const PROCESS_IDS: [&str; 11] =
    ["task", "order", "fork", "nested", "chain", "rule", "large", "waits", "undone", "chosen", "begun"];

/// Correlation keys of messages that are published, and waited for.
pub(crate) const ORDERS: u64 = 4;
/// The message that starts one of them.
pub(crate) const BEGIN: &str = "begin";
/// Business ids of instances and messages.
pub(crate) const BUSINESS_IDS: u64 = 4;
/// The signal that one of them waits for.
pub(crate) const SIGNAL: &str = "alarm";

/// The decision that the process `rule` calls. It fails when `amount` is missing.
pub(crate) const DECISION_ID: &str = "choice";

fn task(id: &str, job_type: &str, mappings: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="{job_type}" retries="2" />{mappings}</bpmn:extensionElements></bpmn:serviceTask>"#
    )
}

fn flow(from: &str, to: &str) -> String {
    format!(r#"<bpmn:sequenceFlow id="{from}_to_{to}" sourceRef="{from}" targetRef="{to}" />"#)
}

fn conditional(from: &str, to: &str, condition: &str) -> String {
    format!(
        r#"<bpmn:sequenceFlow id="{from}_to_{to}" sourceRef="{from}" targetRef="{to}"><bpmn:conditionExpression>= {condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"#
    )
}

fn events(ids: &[&str]) -> String {
    let mut text = format!(r#"<bpmn:startEvent id="{}" />"#, ids[0]);
    for id in &ids[1..] {
        let _ = write!(text, r#"<bpmn:endEvent id="{id}" />"#);
    }
    text
}

/// One task.
fn one_task() -> String {
    [events(&["s", "e"]), task("t", "work", ""), flow("s", "t"), flow("t", "e")].concat()
}

/// Started by a client or a message.
fn begun() -> String {
    let start =
        r#"<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="begin" /></bpmn:startEvent>"#;
    [
        events(&["s", "e"]),
        start.to_owned(),
        task("t", "work", ""),
        flow("s", "t"),
        flow("m", "t"),
        flow("t", "e"),
    ]
    .concat()
}

/// A choice with a default, and one without, which fails when `n` is missing.
fn order() -> String {
    let gates = r#"<bpmn:exclusiveGateway id="g" default="g_to_h" /><bpmn:exclusiveGateway id="h" />"#;
    [
        events(&["s", "e", "f"]),
        gates.to_owned(),
        task("t", "ship", ""),
        flow("s", "g"),
        conditional("g", "t", "amount &gt; 3"),
        flow("g", "h"),
        flow("t", "h"),
        conditional("h", "e", "n &gt; 1"),
        conditional("h", "f", "n &lt;= 1"),
    ]
    .concat()
}

/// Two tasks at once.
fn fork() -> String {
    let gates = r#"<bpmn:parallelGateway id="g" /><bpmn:parallelGateway id="j" />"#;
    [
        events(&["s", "e"]),
        gates.to_owned(),
        task("a", "work", ""),
        task("b", "ship", ""),
        flow("s", "g"),
        flow("g", "a"),
        flow("g", "b"),
        flow("a", "j"),
        flow("b", "j"),
        flow("j", "e"),
    ]
    .concat()
}

/// A task in a scope of its own; its input fails when `amount` is missing.
fn nested() -> String {
    let mappings = r#"<zeebe:ioMapping><zeebe:input source="= assert(amount, amount != null)" target="mine" /><zeebe:output source="= mine + 1" target="out.x" /></zeebe:ioMapping>"#;
    let inner =
        [events(&["is", "ie"]), task("t", "work", mappings), flow("is", "t"), flow("t", "ie")].concat();
    let scope = format!(r#"<bpmn:subProcess id="sub">{inner}</bpmn:subProcess>"#);
    [events(&["s", "e"]), scope, flow("s", "sub"), flow("sub", "e")].concat()
}

/// Two tasks, one after the other.
fn chain() -> String {
    let tasks = [task("a", "ship", ""), task("b", "work", "")].concat();
    [events(&["s", "e"]), tasks, flow("s", "a"), flow("a", "b"), flow("b", "e")].concat()
}

/// A decision, whose result sets a variable.
fn rule() -> String {
    let called = format!(
        r#"<bpmn:businessRuleTask id="r"><bpmn:extensionElements><zeebe:calledDecision decisionId="{DECISION_ID}" resultVariable="n" /></bpmn:extensionElements></bpmn:businessRuleTask>"#
    );
    [events(&["s", "e"]), called, flow("s", "r"), flow("r", "e")].concat()
}

/// A task whose inputs grow with the instance's variables, beyond what an entry holds.
fn large() -> String {
    let input = |number: usize| {
        format!(r#"<zeebe:input source="= for i in 1..amount return pad" target="copies_{number}" />"#)
    };
    let mappings: String = (0..3).map(input).collect();
    let mappings = format!("<zeebe:ioMapping>{mappings}</zeebe:ioMapping>");
    [events(&["s", "e"]), task("t", "work", &mappings), flow("s", "t"), flow("t", "e")].concat()
}

/// Waits for everything at once: a message, a signal or a timer, a condition, a user task with a timer at its side.
fn waits() -> String {
    let event = |id: &str, definition: &str| {
        format!(r#"<bpmn:intermediateCatchEvent id="{id}">{definition}</bpmn:intermediateCatchEvent>"#)
    };
    let timer = |kind: &str, when: &str| {
        format!(r#"<bpmn:timerEventDefinition><bpmn:{kind}>{when}</bpmn:{kind}></bpmn:timerEventDefinition>"#)
    };
    let condition = r#"<bpmn:conditionalEventDefinition><bpmn:condition>= n &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>"#;
    [
        events(&["s", "e", "f"]),
        r#"<bpmn:parallelGateway id="g" /><bpmn:eventBasedGateway id="h"><bpmn:outgoing>h_to_signal</bpmn:outgoing><bpmn:outgoing>h_to_late</bpmn:outgoing></bpmn:eventBasedGateway><bpmn:exclusiveGateway id="i" /><bpmn:parallelGateway id="j" />"#.to_owned(),
        event("m", r#"<bpmn:messageEventDefinition messageRef="paid" />"#),
        event("signal", r#"<bpmn:signalEventDefinition signalRef="alarm" />"#),
        event("late", &timer("timeDuration", "PT1S")),
        event("c", condition),
        r#"<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>"#.to_owned(),
        format!(
            r#"<bpmn:boundaryEvent id="b" attachedToRef="u" cancelActivity="false">{}</bpmn:boundaryEvent>"#,
            timer("timeCycle", "R2/PT0.5S")
        ),
        [("s", "g"), ("g", "m"), ("g", "h"), ("g", "c"), ("g", "u"), ("h", "signal"), ("h", "late"), ("signal", "i"), ("late", "i")]
            .map(|(from, to)| flow(from, to))
            .concat(),
        [("m", "j"), ("i", "j"), ("c", "j"), ("u", "j"), ("j", "e"), ("b", "f")]
            .map(|(from, to)| flow(from, to))
            .concat(),
    ]
    .concat()
}

/// What was done for each item is undone when a called process has ended.
fn undone() -> String {
    let repeated = r#"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2, 3]" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"#;
    let handled = r#"<bpmn:boundaryEvent id="on" attachedToRef="t"><bpmn:compensateEventDefinition id="on_d" /></bpmn:boundaryEvent><bpmn:serviceTask id="undo" isForCompensation="true"><bpmn:extensionElements><zeebe:taskDefinition type="ship" /></bpmn:extensionElements></bpmn:serviceTask>"#;
    let inner =
        [events(&["is", "ie"]), task("t", "work", ""), handled.to_owned(), flow("is", "t"), flow("t", "ie")];
    let association = r#"<bpmn:association id="by" sourceRef="on" targetRef="undo" />"#;
    [
        r#"<bpmn:startEvent id="s" /><bpmn:endEvent id="e"><bpmn:compensateEventDefinition id="e_d" /></bpmn:endEvent>"#.to_owned(),
        format!(r#"<bpmn:subProcess id="each">{repeated}{}{association}</bpmn:subProcess>"#, inner.concat()),
        r#"<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="task" /></bpmn:extensionElements></bpmn:callActivity>"#.to_owned(),
        flow("s", "each"),
        flow("each", "call"),
        flow("call", "e"),
    ]
    .concat()
}

/// Two of three activities of an ad-hoc sub-process.
fn chosen() -> String {
    let extension = r#"<bpmn:extensionElements><zeebe:adHoc activeElementsCollection="=[&quot;a&quot;, &quot;b&quot;]" /></bpmn:extensionElements>"#;
    let tasks =
        [task("a", "work", ""), task("b", "ship", ""), task("c", "work", ""), flow("b", "c")].concat();
    [
        events(&["s", "e"]),
        format!(r#"<bpmn:adHocSubProcess id="adhoc">{extension}{tasks}</bpmn:adHocSubProcess>"#),
        flow("s", "adhoc"),
        flow("adhoc", "e"),
    ]
    .concat()
}

/// The model of decisions, in a variant: a table over the result of another decision.
pub(crate) fn decisions(variant: u64) -> String {
    format!(
        r##"<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="choices" name="Choices {variant}" namespace="n"><decision id="{DECISION_ID}" name="Choice"><informationRequirement><requiredDecision href="#checked" /></informationRequirement><decisionTable id="t" hitPolicy="FIRST"><input id="i"><inputExpression><text>checked</text></inputExpression></input><output id="o" name="n" /><rule id="large"><inputEntry><text>&gt; 2</text></inputEntry><outputEntry><text>{variant} + 1</text></outputEntry></rule></decisionTable></decision><decision id="checked" name="Checked"><literalExpression><text>assert(amount, amount != null)</text></literalExpression></decision></definitions>"##
    )
}

/// The model with a number, in a variant: another variant is another version.
pub(crate) fn document(number: usize, variant: u64) -> String {
    let id = PROCESS_IDS[number];
    let body = [one_task, order, fork, nested, chain, rule, large, waits, undone, chosen, begun][number]();
    format!(
        r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:message id="paid" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message><bpmn:message id="begin" name="{BEGIN}" /><bpmn:signal id="alarm" name="{SIGNAL}" /><bpmn:process id="{id}" name="{id} {variant}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>"#
    )
}
