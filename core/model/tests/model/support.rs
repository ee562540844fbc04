//! Text in, text out: small models from a few words, and a process or a rejection as text.

use std::fmt::Write as _;

use expect_test::Expect;
use ringbolt_model::{
    Element, Limits, Mapping, ParsedResource, Process, Text, Violation, format_violations, parse_new,
};

/// A document around `content`.
pub(crate) fn definitions(content: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="defs" targetNamespace="t">
{content}
</bpmn:definitions>"#
    )
}

/// A document with one executable process `p` around `content`; `content` may say `<sub ..>` for `<bpmn:sub ..>`.
pub(crate) fn process(content: &str) -> String {
    definitions(&format!(r#"<bpmn:process id="p" isExecutable="true">{}</bpmn:process>"#, prefixed(content)))
}

/// Puts the BPMN prefix before every tag that has none.
pub(crate) fn prefixed(content: &str) -> String {
    let mut result = String::new();
    for (number, part) in content.split('<').enumerate() {
        let (slash, rest) = part.strip_prefix('/').map_or(("", part), |rest| ("/", rest));
        let name = rest.split([' ', '>', '/', '\n']).next().unwrap_or_default();
        let prefix = if number == 0 || name.contains([':', '!', '?']) { "" } else { "bpmn:" };
        let open = if number == 0 { "" } else { "<" };
        let _ = write!(result, "{open}{slash}{prefix}{rest}");
    }
    result
}

/// Sequence flows `f1`, `f2`, .. along each chain in `s -> a -> b; a -> c`.
pub(crate) fn flows(chains: &str) -> String {
    let mut result = String::new();
    let mut number = 0;
    for chain in chains.split(';') {
        let stops: Vec<&str> = chain.split("->").map(str::trim).collect();
        for pair in stops.windows(2) {
            number += 1;
            let _ = write!(
                result,
                r#"<sequenceFlow id="f{number}" sourceRef="{}" targetRef="{}"/>"#,
                pair[0], pair[1]
            );
        }
    }
    result
}

/// A service task with extension elements besides its task definition.
pub(crate) fn service_task(id: &str, extensions: &str) -> String {
    format!(
        r#"<serviceTask id="{id}"><extensionElements><zeebe:taskDefinition type="work"/>{extensions}</extensionElements></serviceTask>"#
    )
}

/// What `xml` compiles to, or its rejection text.
pub(crate) fn deploy(xml: &str) -> String {
    deploy_bytes(xml.as_bytes(), &Limits::default())
}

pub(crate) fn deploy_bytes(xml: &[u8], limits: &Limits) -> String {
    let result: Result<ParsedResource, Vec<Violation>> = parse_new("x.bpmn", xml, limits);
    match result {
        Ok(resource) => resource.processes.iter().map(outline).collect(),
        Err(violations) => {
            assert!(!violations.is_empty());
            format_violations("x.bpmn", &violations)
        }
    }
}

pub(crate) fn check(xml: &str, expected: Expect) {
    expected.assert_eq(&deploy(xml));
}

/// A process as text: one line for each element and sequence flow.
fn outline(process: &Process) -> String {
    let mut text = format!("process {}", process.bpmn_process_id);
    let _ = write!(text, " name={:?} tag={:?}", process.name, process.version_tag);
    text.push('\n');
    for element in process.elements().iter().skip(1) {
        let mut scope = element.parent;
        while scope.0 != 0 {
            text.push_str("  ");
            scope = process.element(scope).parent;
        }
        let _ = write!(text, "  {} {}", element.id, element.element_type);
        describe(process, element, &mut text);
        text.push('\n');
    }
    for flow in process.flows() {
        let [source, target] = [flow.source, flow.target].map(|index| &process.element(index).id);
        let _ = write!(text, "  {}: {source} -> {target}", flow.id);
        if let Some(condition) = &flow.condition {
            let _ = write!(text, " if {}", condition.text());
        }
        text.push('\n');
    }
    text
}

fn describe(process: &Process, element: &Element, text: &mut String) {
    if let Some(name) = &element.name {
        let _ = write!(text, " name={name:?}");
    }
    if let Some(start) = element.none_start {
        let _ = write!(text, " start={}", process.element(start).id);
    }
    if let Some(task) = element.job() {
        let _ = write!(text, " type={} retries={}", value(&task.job_type), value(&task.retries));
        if !task.headers.is_empty() {
            let _ = write!(text, " headers={}", task.headers_json);
        }
    }
    if let Some(called) = element.decision() {
        let (id, result) = (value(&called.decision_id), &called.result_variable);
        let _ = write!(text, " decision={id} result={result} binding={:?}", called.binding);
    }
    if let Some(default) = element.default_flow() {
        let _ = write!(text, " default={}", process.flow(default).id);
    }
    for (word, mappings) in [("in", &element.inputs), ("out", &element.outputs)] {
        for mapping in mappings {
            let _ = write!(text, " {word}:{}={}", target(mapping), mapping.source.text());
        }
    }
    for property in &element.properties {
        let _ = write!(text, " {}={}", property.name, property.value);
    }
}

fn value(text: &Text) -> String {
    match text {
        Text::Static(text) | Text::Number { text, .. } => text.to_string(),
        Text::Expression(expression) => format!("={}", expression.text()),
    }
}

fn target(mapping: &Mapping) -> String {
    mapping.target.iter().map(|part| &**part).collect::<Vec<_>>().join("/")
}
