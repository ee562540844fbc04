//! How what is wrong with resources is told: its layout, its order, its bounds.

use crate::support::process;
use expect_test::expect;
use ringbolt_model::{Limits, Violation, format_rejection, parse};

#[test]
fn the_text_of_a_deployment() {
    let violations = |xml: &str| -> Vec<Violation> {
        parse("any", xml.as_bytes(), &Limits::default()).expect_err("is refused")
    };
    let one = violations(&process(r#"<serviceTask id="t"/>"#));
    let other = violations("no");
    let text = format_rejection(&[("one.bpmn", &one), ("other.bpmn", &other)]);
    expect![[r#"
        Expected to deploy new resources, but encountered the following errors:
        'one.bpmn': - Element: p
            - ERROR: Must have at least one start event
        - Element: t
            - ERROR: Must have exactly one 'zeebe:taskDefinition' extension element

        'other.bpmn': The document is not well-formed XML: unknown token (line 1, column 1)
    "#]]
    .assert_eq(&text);
    let position = one[1].position.expect("is known");
    assert_eq!((&*one[1].element_id, position.line, position.column), ("t", 3, 42));
}

#[test]
fn a_long_report_is_cut() {
    let tasks: String = (0..600).map(|number| format!(r#"<serviceTask id="t{number}"/>"#)).collect();
    let violations = parse("x", process(&tasks).as_bytes(), &Limits::default()).expect_err("is refused");
    assert_eq!(violations.len(), 501);
    let text = ringbolt_model::format_violations("x", &violations);
    assert!(text.len() < 4_200, "{}", text.len());
    expect!["and 456 more errors"].assert_eq(text.lines().last().unwrap_or_default());
    expect!["101 more errors are not listed"].assert_eq(&violations[500].message);
}

#[test]
fn a_long_name_does_not_make_a_long_report() {
    let name = "a".repeat(20_000);
    for xml in [format!("<{name}></b>"), format!("<a></{name}>")] {
        let violations = parse("x", xml.as_bytes(), &Limits::default()).expect_err("is refused");
        let text = ringbolt_model::format_violations(&name, &violations);
        assert!(text.len() < 2_200, "{}", text.len());
    }
}
