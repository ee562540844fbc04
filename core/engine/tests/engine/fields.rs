//! Exported records hold the fields of the reference's records, with their values. `.records` beside a scenario are the
//! reference's events with all fields (`tests/reference/run.sh fields`).
//!
//! What differs is a line in `DIFFERENCES.md`: `- field TYPE.name: why` for a field that is missing or different or that the
//! reference does not have, `- record TYPE: why` for a type that one side alone has. A line that is not needed has to go.

use crate::scenarios::{entries_of, folder};
use ringbolt_model::Limits;
use ringbolt_record::json::{DefinitionNames, Names, Resources, Style, write_record};
use ringbolt_record::values::ProcessRecord;
use ringbolt_record::{EntryRef, Intent, Key, ProcessIntent, RecordType};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Fewer recordings would be a mistake.
const RECORDINGS_MIN: usize = 60;
/// Numbers from here on are keys.
const FIRST_KEY: u64 = 1 << 51;
/// Numbers from here on are times; the reference's clock stands at another one.
const FIRST_TIME: u64 = 1_000_000_000_000;

#[derive(Default)]
struct Learned(BTreeMap<Key, DefinitionNames>);

impl Names for Learned {
    fn definition(&self, key: Key) -> Option<&DefinitionNames> {
        self.0.get(&key)
    }
}

impl Learned {
    fn learn(&mut self, key: Key, resource_name: &str, resource: &[u8], id: &str, version: i32) {
        let parsed = ringbolt_model::parse(resource_name, resource, &Limits::default()).expect("a model");
        let process = parsed.processes.iter().find(|process| process.bpmn_process_id == id).expect("it");
        let names = DefinitionNames {
            bpmn_process_id: id.to_owned(),
            version,
            element_ids: process.elements().iter().map(|element| element.id.clone()).collect(),
            flow_ids: process.flows().iter().map(|flow| flow.id.clone()).collect(),
            parents: process.elements().iter().map(|element| element.parent.0).collect(),
            headers: process.elements().iter().map(|e| e.headers_json().unwrap_or_default().into()).collect(),
        };
        self.0.insert(key, names);
    }
}

/// A record by its type and intent, with what is compared.
#[derive(Debug)]
struct Shown {
    kind: (String, String),
    line: Value,
}

fn ours(scenario: &str) -> Vec<Shown> {
    let (mut names, mut shown) = (Learned::default(), Vec::new());
    for bytes in entries_of(scenario) {
        let entry = EntryRef::parse(&bytes).expect("an entry");
        for record in entry.records().map(|record| record.expect("a record")) {
            if record.header.record_type != RecordType::Event {
                continue;
            }
            if record.header.intent == Intent::Process(ProcessIntent::Created) {
                let value = record.value::<ProcessRecord<'_>>().expect("a process");
                let (id, version) = (&*value.bpmn_process_id, value.version.to_native());
                names.learn(record.header.key, &value.resource_name, &value.resource, id, version);
            }
            let mut line = Vec::new();
            let style = Style { names: &names, resources: Resources::Whole };
            write_record(&mut line, 1, &entry, &record, style).expect("a record");
            shown.push(show(serde_json::from_slice(&line).expect("JSON")));
        }
    }
    shown
}

fn show(mut line: Value) -> Shown {
    let text = |name: &str| line[name].as_str().expect("text").to_owned();
    let kind = (text("valueType"), text("intent"));
    if kind.0 == "VARIABLE" {
        // The order of members in a value is no field.
        let value = line["value"]["value"].as_str().map(|text| serde_json::from_str(text).expect("JSON"));
        line["value"]["value"] = value.expect("a variable has a value");
    }
    even_out(&mut line);
    Shown { kind, line }
}

/// Leaves out what resources hold, which is the models' matter, and puts decisions in the order of their ids: the
/// reference's order is a hash table's.
fn even_out(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for bytes in ["resource", "checksum"] {
                if let Some(value) = fields.get_mut(bytes) {
                    *value = Value::from("");
                }
            }
            fields.values_mut().for_each(even_out);
        }
        Value::Array(items) => {
            items.sort_by_key(|item| item.get("decisionId").map(Value::to_string));
            items.iter_mut().for_each(even_out);
        }
        _ => {}
    }
}

/// Numbers of keys are the same if each stands for one of the other side, times if they are equally far from the start.
#[derive(Default)]
struct Same {
    keys: BTreeMap<u64, u64>,
    times: Option<(u64, u64)>,
}

impl Same {
    fn is(&mut self, reference: &Value, own: &Value) -> bool {
        match (reference, own) {
            (Value::Number(a), Value::Number(b)) => match (a.as_u64(), b.as_u64()) {
                (Some(a), Some(b)) if a >= FIRST_KEY && b >= FIRST_KEY => {
                    *self.keys.entry(a).or_insert(b) == b
                }
                (Some(a), Some(b)) if a >= FIRST_TIME && b >= FIRST_TIME => {
                    let (from_a, from_b) = *self.times.get_or_insert((a, b));
                    a.wrapping_sub(from_a) == b.wrapping_sub(from_b)
                }
                _ => a.as_f64() == b.as_f64(),
            },
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.is(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| self.is(a, b)))
            }
            (Value::String(a), Value::String(b)) => a == b || self.is_same_text(a, b),
            (a, b) => a == b,
        }
    }

    /// Texts are the same if they only differ in keys.
    fn is_same_text(&mut self, a: &str, b: &str) -> bool {
        let parts = |text: &str| -> Vec<String> {
            let chunks = text.as_bytes().chunk_by(|x, y| x.is_ascii_digit() == y.is_ascii_digit());
            chunks.map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect()
        };
        let (a, b) = (parts(a), parts(b));
        let number = |part: &str| part.parse::<u64>().ok().map(Value::from);
        let mut is_same = |a: &str, b: &str| match (number(a), number(b)) {
            (Some(a), Some(b)) => self.is(&a, &b),
            (_, _) => a == b,
        };
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| is_same(a, b))
    }
}

/// `- field TYPE.name: why` and `- record TYPE: why`.
fn listed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder().join("DIFFERENCES.md")).expect("the list");
    let lines = text.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": "));
    let is_ours = |name: &&str| name.starts_with("field ") || name.starts_with("record ");
    lines.map(|(name, _)| name).filter(is_ours).map(str::to_owned).collect()
}

/// Records of one type and intent, in an order that both sides have: variables of one step and decisions of one model come
/// in any order.
fn in_order(shown: Vec<Shown>) -> BTreeMap<(String, String), Vec<Value>> {
    let mut found: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for Shown { kind, line } in shown {
        found.entry(kind).or_default().push(line);
    }
    for ((value_type, _), lines) in &mut found {
        if value_type == "DECISION" {
            lines.sort_by_key(|line| line["value"]["decisionId"].to_string());
        }
        if value_type == "VARIABLE" {
            lines.sort_by_key(|line| (line["value"]["name"].to_string(), line["value"]["value"].to_string()));
        }
    }
    found
}

/// Notes each field in which two records differ, with an example.
fn compare(reference: &Value, own: &Value, same: &mut Same, found: &mut BTreeMap<String, String>) {
    let value_type = reference["valueType"].as_str().expect("text");
    let mut note = |name: &str, is_same: bool, a: Option<&Value>, b: Option<&Value>| {
        if !is_same {
            let example = format!("{}: {a:?} and {b:?}", reference["intent"]);
            found.entry(format!("field {value_type}.{name}")).or_insert(example);
        }
    };
    for name in ["key", "operationReference", "authorizations"] {
        let is_same = same.is(&reference[name], &own[name]);
        note(name, is_same, reference.get(name), own.get(name));
    }
    let fields = |line: &Value| line["value"].as_object().cloned().expect("a value");
    let (reference_fields, own_fields) = (fields(reference), fields(own));
    for (name, value) in &reference_fields {
        let own = own_fields.get(name);
        note(name, own.is_some_and(|own| same.is(value, own)), Some(value), own);
    }
    for (name, value) in own_fields.iter().filter(|(name, _)| !reference_fields.contains_key(*name)) {
        note(name, false, None, Some(value));
    }
}

fn recordings(below: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(below).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            recordings(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "records") {
            found.push(path);
        }
    }
}

#[test]
fn records_hold_the_fields_of_the_references_records() {
    let mut paths = Vec::new();
    recordings(&folder(), &mut paths);
    assert!(paths.len() >= RECORDINGS_MIN, "only {} recordings", paths.len());
    let mut found = BTreeMap::new();
    for path in paths {
        let read = |ending: &str| std::fs::read_to_string(path.with_extension(ending)).expect("a file");
        let lines = read("records");
        let reference = lines.lines().map(|line| show(serde_json::from_str(line).expect("JSON"))).collect();
        let (reference, own) = (in_order(reference), in_order(ours(&read("scn"))));
        let mut same = Same::default();
        for kind in reference.keys().chain(own.keys()).collect::<BTreeSet<_>>() {
            let count = |side: &BTreeMap<_, Vec<Value>>| side.get(kind).map_or(0, Vec::len);
            if count(&reference) != count(&own) {
                let example =
                    format!("{} {}: {} and {}", path.display(), kind.1, count(&reference), count(&own));
                found.entry(format!("record {}", kind.0)).or_insert(example);
                continue;
            }
            // Both keep in such what an element brings, but not of the same elements.
            if kind.0 == "PROCESS_EVENT" {
                continue;
            }
            for (reference, own) in reference[kind].iter().zip(&own[kind]) {
                compare(reference, own, &mut same, &mut found);
            }
        }
    }
    let listed = listed();
    let names: BTreeSet<String> = found.keys().cloned().collect();
    let unlisted: Vec<_> = found.iter().filter(|(name, _)| !listed.contains(*name)).collect();
    let stale: Vec<_> = listed.difference(&names).collect();
    assert!(unlisted.is_empty() && stale.is_empty(), "not listed: {unlisted:#?}\nnot needed: {stale:#?}");
}
