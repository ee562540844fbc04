//! Bounds of mappings: how many, and what they may set.

use crate::support::{deploy_bytes, process, service_task};
use expect_test::expect;
use ringbolt_model::Limits;

fn deploy(mappings: &str, limits: &Limits) -> String {
    let task = service_task("t", &format!("<zeebe:ioMapping>{mappings}</zeebe:ioMapping>"));
    deploy_bytes(process(&format!(r#"<startEvent id="s"/>{task}"#)).as_bytes(), limits)
}

#[test]
fn bounds_are_kept() {
    let mut limits = Limits { mappings_max: 2, mapping_path_parts_max: 3, ..Limits::default() };
    let mapping = |kind: &str, target: &str| format!(r#"<zeebe:{kind} source="=1" target="{target}"/>"#);
    let mut texts = String::new();
    for kind in ["input", "output"] {
        texts.push_str(&deploy(&mapping(kind, "a").repeat(3), &limits));
    }
    texts.push_str(&deploy(&mapping("input", "a.b.c.d"), &limits));
    limits.variable_name_bytes_max = 2;
    texts.push_str(&deploy(&mapping("output", "ab.abc"), &limits));
    let within = [mapping("input", "a.b.c").repeat(2), mapping("output", "ab.ab").repeat(2)].concat();
    texts.push_str(&deploy(&within, &limits));
    expect![[r#"
        'x.bpmn': - Element: t > extensionElements > ioMapping
            - ERROR: An element must not have more than 2 input mappings
        'x.bpmn': - Element: t > extensionElements > ioMapping
            - ERROR: An element must not have more than 2 output mappings
        'x.bpmn': - Element: t > extensionElements > ioMapping > input
            - ERROR: A path must not have more than 3 parts
        'x.bpmn': - Element: t > extensionElements > ioMapping > output
            - ERROR: A name in a path must not be longer than 2 bytes
        process p name=None tag=None
          s START_EVENT
          t SERVICE_TASK type=work retries=3 in:a/b/c=1 in:a/b/c=1 out:ab/ab=1 out:ab/ab=1
    "#]]
    .assert_eq(&texts);
}

/// Mappings are applied part by part, so a path without a bound would take the stack with it.
#[test]
fn a_long_path_is_refused() {
    let path = vec!["a"; 100_000].join(".");
    let refused = deploy(&format!(r#"<zeebe:input source="=1" target="{path}"/>"#), &Limits::default());
    assert!(refused.contains("must not have more than 100 parts"), "{refused}");
    let name = "a".repeat(401);
    let refused = deploy(&format!(r#"<zeebe:input source="=1" target="{name}"/>"#), &Limits::default());
    assert!(refused.contains("must not be longer than 400 bytes"), "{refused}");
}
