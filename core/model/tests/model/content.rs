//! Text where BPMN's schema has none.

use crate::support::{check, process};
use expect_test::expect;

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
