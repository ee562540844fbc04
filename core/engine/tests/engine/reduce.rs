//! Brings a recorded and a fresh protocol of a scenario to what both must agree on.
//!
//! Fields that no record of ours has are left out, keys are numbered in the order in which they appear, JSON is sorted.
//! Recorded commands and the reference's internal record types are not compared.

use crate::reduce_fields::FIELDS;
use std::collections::{BTreeMap, BTreeSet};

/// Reduces a protocol of a run to what is compared.
pub(crate) fn reduce(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut step_start = 0;
    let (mut tasks, mut bodies) = (BTreeMap::new(), BTreeSet::new());
    let (mut answered, mut results) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        let is_result = is_of_a_listener(line, &mut answered, &mut results);
        if line.starts_with("E JOB COMPLETED ") && line.contains(" jobKind=EXECUTION_LISTENER ") {
            answered = split(line).1["elementInstanceKey"].clone();
        }
        let is_internal = is_result || is_of_a_task(line, &mut tasks);
        if is_internal || is_in_a_body(line, &mut bodies) {
            continue;
        }
        if line.starts_with("> ") {
            lines[step_start..].sort_by_key(|line| order_of_answers(line));
            step_start = lines.len();
            lines.push(line.to_owned());
        } else if let Some(line) = reduce_line(line) {
            lines.push(line);
        }
    }
    lines[step_start..].sort_by_key(|line| order_of_answers(line));
    sort_variables(&mut lines);
    sort_decisions(&mut lines);
    renumber(&lines)
}

/// Elements whose own results the reference engine keeps as events that they caught.
const TASKS: [&str; 8] = [
    "SERVICE_TASK",
    "SEND_TASK",
    "SCRIPT_TASK",
    "BUSINESS_RULE_TASK",
    "USER_TASK",
    "INTERMEDIATE_THROW_EVENT",
    "END_EVENT",
    "CALL_ACTIVITY",
];

/// Whether a line is about the result of a task as an event that was caught. `tasks` are the ids of tasks by their keys.
fn is_of_a_task(line: &str, tasks: &mut BTreeMap<String, String>) -> bool {
    let begins = ["E PROCESS_INSTANCE ELEMENT_ACTIVATING ", "E PROCESS_INSTANCE ELEMENT_MIGRATED "];
    if begins.iter().any(|start| line.starts_with(start)) {
        let fields = split(line).1;
        if TASKS.contains(&fields["bpmnElementType"].as_str()) {
            tasks.insert(fields["key"].clone(), fields["elementId"].clone());
        }
    }
    if !line.starts_with("E PROCESS_EVENT ") {
        return false;
    }
    let fields = split(line).1;
    tasks.get(&fields["scopeKey"]) == Some(&fields["targetElementId"])
}

/// Whether a line is about the result of a listener as an event that was caught, which follows the job's at once. `answered` is the
/// element instance of that job, `events` are the keys of such events.
fn is_of_a_listener(line: &str, answered: &mut String, events: &mut BTreeSet<String>) -> bool {
    let answered = std::mem::take(answered);
    if line.starts_with("E PROCESS_EVENT ") {
        let fields = split(line).1;
        if fields["scopeKey"] == answered {
            events.insert(fields["key"].clone());
        }
        return events.contains(&fields["key"]);
    }
    false
}

/// Whether a line is about a variable of a multi-instance body itself: the reference keeps the results of its instances in one.
/// `bodies` are their keys.
fn is_in_a_body(line: &str, bodies: &mut BTreeSet<String>) -> bool {
    if line.starts_with("E PROCESS_INSTANCE ELEMENT_ACTIVATING ") {
        let fields = split(line).1;
        if fields["bpmnElementType"] == "MULTI_INSTANCE_BODY" {
            bodies.insert(fields["key"].clone());
        }
    }
    line.starts_with("E VARIABLE ") && bodies.contains(&split(line).1["scopeKey"])
}

/// Neighboring variables of one scope come in the order of their names: the reference leaves theirs to chance.
fn sort_variables(lines: &mut [String]) {
    let scope = |line: &String| {
        let fields = split(line).1;
        line.starts_with("E VARIABLE ").then(|| fields.get("scopeKey").cloned())
    };
    lines.chunk_by_mut(|a, b| scope(a).is_some() && scope(a) == scope(b)).for_each(|chunk| {
        if chunk.len() > 1 {
            chunk.sort_by_key(|line| split(line).1.get("name").cloned());
        }
    });
}

/// The decisions of one model come in the order of their ids: the reference leaves theirs to chance.
fn sort_decisions(lines: &mut [String]) {
    let is_decision = |line: &String| {
        let words = split(line).0;
        let is_event =
            ["E DECISION CREATED ", "E DECISION DELETED "].iter().any(|start| line.starts_with(start));
        is_event.then_some(0).or_else(|| {
            let is_answer = words.first().is_some_and(|word| word.starts_with('='));
            (is_answer && words.get(1).is_some_and(|word| word == "decision")).then_some(1)
        })
    };
    let model = |line: &String| split(line).1.get("decisionRequirementsKey").cloned();
    lines
        .chunk_by_mut(|a, b| {
            is_decision(a).is_some() && is_decision(a) == is_decision(b) && model(a) == model(b)
        })
        .for_each(|chunk| {
            if chunk.len() > 1 {
                chunk.sort_by_key(|line| split(line).1.get("decisionId").cloned());
            }
        });
}

/// The items of a list with what both sides have, in the order of their ids.
fn reduce_decisions(value: &str) -> String {
    let inner = value.trim_start_matches("[(").trim_end_matches(")]");
    let mut items: Vec<BTreeMap<String, String>> = inner.split(") (").map(|item| split(item).1).collect();
    let model = |fields: &BTreeMap<String, String>| fields.get("decisionRequirementsKey").cloned();
    items.chunk_by_mut(|a, b| model(a) == model(b)).for_each(|of_model| {
        of_model.sort_by_key(|fields| fields.get("decisionId").cloned());
    });
    let show = |fields: &BTreeMap<String, String>| {
        let kept = fields.iter().filter(|(name, _)| *name != "deploymentKey");
        kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    items.iter().map(|fields| format!("({})", show(fields))).collect()
}

/// Answers come after events, by their step; the order of events and of the lines of one answer stays.
fn order_of_answers(line: &str) -> (bool, String) {
    match line.starts_with('=') {
        false => (false, String::new()),
        true => (true, line.split(' ').next().unwrap_or_default().to_owned()),
    }
}

fn reduce_line(line: &str) -> Option<String> {
    const LEFT_OUT: &[&str] = &[
        "C ",
        "! ",
        "#",
        "E MESSAGE_BATCH ",
        "E PROCESS_INSTANCE_BATCH ",
        "E ASYNC_REQUEST ",
        "R PROCESS_INSTANCE ACTIVATE_ELEMENT",
        "R PROCESS_INSTANCE COMPLETE_ELEMENT",
        "R PROCESS_INSTANCE TERMINATE_ELEMENT",
        "R TIMER TRIGGER",
        "E USAGE_METRIC ",
        "E PROCESS_INSTANCE_RESULT ",
        "E PENDING_COMMAND ",
        "E MULTI_INSTANCE ",
        "E SIGNAL THROWN ",
        "E SIGNAL ENDED ",
    ];
    if line.is_empty() || LEFT_OUT.iter().any(|start| line.starts_with(start)) || line.ends_with(" no answer")
    {
        return None;
    }
    if let Some((step, status)) = line.strip_prefix('!').and_then(|line| line.split_once(' ')) {
        let text = status.split_once(' ').map_or("", |(_, text)| text);
        let text: String = serde_json::from_str(text).unwrap_or_default();
        let refused = text.split_once(" rejected with code '").map_or(&*text, |(_, refused)| refused);
        return Some(format!("={step} refused {}", refused.replacen("':", "", 1)));
    }
    let (words, fields) = split(line);
    let kind = format!("{} ", words.join(" "));
    // An activation that finds nothing is no event.
    if kind == "E JOB_BATCH ACTIVATED " && !fields.contains_key("jobKeys") {
        return None;
    }
    // Answers to earlier steps name the step.
    let lookup = if kind.starts_with('=') { "= ".to_owned() } else { kind.clone() };
    let (_, wanted) = FIELDS.iter().find(|(start, _)| lookup.starts_with(start)).unwrap_or(&("", &[]));
    let mut out = if kind.starts_with("R ") { "R".to_owned() } else { kind.trim().to_owned() };
    for name in *wanted {
        let value = fields.get(*name).map(|value| reduce_value(&kind, name, value));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.push_str(&format!(" {name}={value}"));
        }
    }
    Some(out)
}

fn reduce_value(kind: &str, name: &str, value: &str) -> String {
    match name {
        // Headers stand in the event that makes the job alone.
        "changedAttributes" => {
            let mut names: Vec<&str> = value.trim_matches(['[', ']']).split(' ').collect();
            names.sort_unstable();
            names.join(",")
        }
        "customHeaders" if kind.starts_with("E JOB ") && kind != "E JOB CREATED " => String::new(),
        "customHeaders" if kind.starts_with("E USER_TASK ") && kind != "E USER_TASK CREATING " => {
            String::new()
        }
        "value" | "variables" | "customHeaders" => match serde_json::from_str::<serde_json::Value>(value) {
            Ok(mut json) => {
                sort_activities(&mut json);
                json.to_string()
            }
            Err(_) => value.to_owned(),
        },
        "decisionsMetadata" | "decisionRequirementsMetadata" | "formMetadata" | "resourceMetadata" => {
            reduce_decisions(value)
        }
        "processesMetadata" => {
            let known = [
                "(bpmnProcessId=",
                "[(bpmnProcessId=",
                "duplicate=",
                "processDefinitionKey=",
                "resourceName=",
            ];
            let words = value.split(' ').filter(|word| known.iter().any(|start| word.starts_with(start)));
            words.collect::<Vec<_>>().join(" ")
        }
        _ if kind.starts_with("E JOB") && name == "retries" && value == "-1" => String::new(),
        _ => value.to_owned(),
    }
}

/// What can be chosen in an ad-hoc sub-process comes in the order of the ids: the reference leaves that to chance.
fn sort_activities(json: &mut serde_json::Value) {
    let id = |item: &serde_json::Value| item.get("elementId").map(ToString::to_string);
    match json {
        serde_json::Value::Array(items) if items.iter().all(|item| id(item).is_some()) => {
            items.sort_by_key(id);
        }
        serde_json::Value::Object(members) => {
            members.get_mut("adHocSubProcessElements").into_iter().for_each(sort_activities);
        }
        _ => {}
    }
}

/// The words before the first field, and the fields.
pub(crate) fn split(line: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let mut words = Vec::new();
    let mut fields = BTreeMap::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match after.strip_prefix('=') {
            Some(value) if !word.is_empty() => {
                let len = value_len(value);
                fields.insert(word.to_owned(), value[..len].to_owned());
                rest = value[len..].trim_start();
            }
            _ => {
                let end = rest.find(' ').unwrap_or(rest.len());
                words.push(rest[..end].to_owned());
                rest = rest[end..].trim_start();
            }
        }
    }
    (words, fields)
}

/// Up to the next blank outside of quotes and brackets.
fn value_len(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        if in_string {
            (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => in_string = true,
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            ' ' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Numbers keys in the order in which they appear: `k7` of the recording, 16 digits of ours.
fn renumber(lines: &[String]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    lines
        .iter()
        .map(|line| {
            let mut out = String::new();
            let mut rest = line.as_str();
            while let Some((before, key, after)) = next_key(rest) {
                let next = seen.len() + 1;
                let number = *seen.entry(key.to_owned()).or_insert(next);
                out.push_str(&format!("{before}k{number}"));
                rest = after;
            }
            out + rest
        })
        .collect()
}

fn next_key(text: &str) -> Option<(&str, &str, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    for at in 0..bytes.len() {
        let starts = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'_';
        if !starts {
            continue;
        }
        let len = match bytes[at] {
            b'k' if digits(at + 1) > 0 => 1 + digits(at + 1),
            // Keys of partition 1 that the scenarios make; the ones they make up are larger.
            b'2' if digits(at) == 16 && text[at..].starts_with("2251799813685") => 16,
            _ => continue,
        };
        if bytes.get(at + len).is_none_or(|b| !b.is_ascii_alphanumeric()) {
            return Some((&text[..at], &text[at..at + len], &text[at + len..]));
        }
    }
    None
}
