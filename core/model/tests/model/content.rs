//! What only newly deployed models are refused for: text where BPMN's schema has none, names that no client can say.

use crate::support::{check, definitions, deploy, prefixed, process};
use expect_test::expect;
use ringbolt_model::{Limits, parse};

#[test]
fn text_between_elements() {
    check(
        &process(
            r#"<startEvent id="s"/><documentation>some text</documentation><serviceTask id="t">beside<extensionElements>loose<!-- --> ends</extensionElements>
        </serviceTask><sequenceFlow id="f" sourceRef="t" targetRef="t"><conditionExpression>=true</conditionExpression></sequenceFlow>"#,
        ),
        expect![[r#"
            'x.bpmn': - Element: t
                - ERROR: Must have exactly one 'zeebe:taskDefinition' extension element
                - ERROR: Conditional sequence flows are only supported at exclusive or inclusive gateway
                - ERROR: 'serviceTask' must not hold text, but holds 'beside'
            - Element: t > extensionElements
                - ERROR: 'extensionElements' must not hold text, but holds 'loose'
        "#]],
    );
}

#[test]
fn names_that_no_request_takes() {
    let roots = |name: &str| {
        prefixed(&format!(
            r#"<message id="m" name="{name}"><extensionElements><zeebe:subscription correlationKey="=k"/></extensionElements></message><signal id="g" name="{name}"/>"#
        ))
    };
    let waits = prefixed(
        r#"<process id="p" isExecutable="true"><startEvent id="s"/><receiveTask id="r" messageRef="m"/><boundaryEvent id="b" attachedToRef="r"><signalEventDefinition signalRef="g"/></boundaryEvent><sequenceFlow id="f" sourceRef="s" targetRef="r"/></process>"#,
    );
    let named = |name: &str| definitions(&[&roots(name)[..], &waits].concat());
    let (longest, too_long) = ("x".repeat(400), "x".repeat(401));
    for accepted in [&longest, &format!("=&quot;{longest}&quot;")] {
        assert!(deploy(&named(accepted)).starts_with("process p"));
    }
    check(
        &named(&too_long),
        expect![[r#"
            'x.bpmn': - Element: m
                - ERROR: The name of a message must not be longer than 400 bytes, but this one has 401.
            - Element: g
                - ERROR: The name of a signal must not be longer than 400 bytes, but this one has 401.
        "#]],
    );
    // What stands in the log already is still read.
    assert!(parse("x.bpmn", named(&too_long).as_bytes(), &Limits::default()).is_ok());
}
