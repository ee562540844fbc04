//! Agreement with the reference engine over the DMN TCK's expressions. Each line of `data/tck.jsonl` holds an
//! expression with variables, what the TCK expects and what the reference engine answered.
//!
//! A line agrees if both fail, or both give the same value (numbers equal as doubles) with the same set of warning
//! kinds. Where the reference cannot parse a text, the TCK's expected value is right as well. Lines known to differ
//! are listed in `data/tck-differences.tsv` with the reason; a new difference fails the test, and so does a listed
//! one that no longer differs.

use ringbolt_feel::{Decimal, Environment, Val, Value, Variables, parse_expression};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const LINES: &str = include_str!("data/tck.jsonl");
const DIFFERENCES: &str = include_str!("data/tck-differences.tsv");
/// The share of lines that must agree.
const AGREEMENT_MIN: f64 = 0.995;

#[derive(Default)]
struct Inputs {
    json: HashMap<String, Vec<u8>>,
    values: HashMap<String, Value>,
}

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.json.get(name).map(Vec::as_slice)
    }

    fn get_value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }
}

/// The text of a literal that marks a type JSON lacks.
fn marked(value: &Json) -> Option<(&str, &str)> {
    let object = value.as_object().filter(|o| o.len() == 1)?;
    let (key, text) = object.iter().next()?;
    key.strip_prefix('@').map(|kind| (kind, text.as_str().unwrap_or("")))
}

/// JSON text with marked numbers as numbers.
fn write_plain(value: &Json, out: &mut String) {
    match value {
        Json::Object(_) if marked(value).is_some() => {
            let (kind, text) = marked(value).expect("marked");
            // The recorded answers saw other marked values than numbers and dates as strings.
            if kind == "num" {
                let number = Decimal::parse(text.as_bytes()).expect("a number");
                let mut digits = Vec::new();
                number.write_json(&mut digits);
                out.push_str(std::str::from_utf8(&digits).expect("digits"))
            } else {
                out.push_str(&json!(text).to_string())
            }
        }
        Json::Object(object) => {
            out.push('{');
            for (i, (key, item)) in object.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(&json!(key).to_string());
                out.push(':');
                write_plain(item, out);
            }
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                write_plain(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn inputs(variables: &Map<String, Json>, env: &Environment) -> Inputs {
    let mut inputs = Inputs::default();
    for (name, value) in variables {
        if let Some((kind, text)) = marked(value).filter(|(kind, _)| *kind == "date") {
            let literal = parse_expression(&format!("@{}", json!(text))).expect(kind);
            let value = literal.evaluate(&Inputs::default(), env).result.expect(kind);
            inputs.values.insert(name.clone(), value);
            continue;
        }
        let mut text = String::new();
        write_plain(value, &mut text);
        inputs.json.insert(name.clone(), text.into_bytes());
    }
    inputs
}

/// Equality of JSON values, numbers as doubles.
fn equal(x: &Json, y: &Json) -> bool {
    match (x, y) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => x == y,
    }
}

struct Answer {
    result: Result<Json, String>,
    warnings: BTreeSet<String>,
}

fn ask(expression: &str, inputs: &Inputs, env: &Environment) -> Answer {
    let parsed = match parse_expression(expression) {
        Ok(parsed) => parsed,
        Err(error) => return Answer { result: Err(error.to_string()), warnings: BTreeSet::new() },
    };
    let evaluation = parsed.evaluate(inputs, env);
    let warnings = evaluation.warnings.iter().map(|w| w.kind.name().to_owned()).collect();
    let result = evaluation.result.map_err(|f| f.message).and_then(|value| as_json(&value));
    Answer { result, warnings }
}

/// A value as the recorded column holds it: numbers as doubles (one beyond their range is a failure there), zoned
/// times without their zone.
fn as_json(value: &Value) -> Result<Json, String> {
    Ok(match value {
        Val::Number(n) => {
            let double = n.to_f64();
            serde_json::Number::from_f64(double).map(Json::Number).ok_or("beyond the range of doubles")?
        }
        Val::List(list) => Json::Array(list.to_vec().iter().map(as_json).collect::<Result<_, _>>()?),
        Val::Context(context) => {
            let entries = context.to_vec();
            let entries = entries.iter().map(|(k, v)| Ok((k.as_str().to_owned(), as_json(v)?)));
            Json::Object(entries.collect::<Result<_, String>>()?)
        }
        other => {
            let mut out = Vec::new();
            other.write_json(&mut out);
            serde_json::from_slice(&out).map_err(|e| e.to_string())?
        }
    })
}

/// The TCK's expected value in the form of a result.
fn expected(value: &Json) -> Json {
    let mut text = String::new();
    write_plain(value, &mut text);
    serde_json::from_str(&text).unwrap_or(Json::Null)
}

/// Why a line differs, or nothing.
fn difference(line: &Json, answer: &Answer) -> Option<&'static str> {
    let reference = &line["camunda"];
    let ok = reference["ok"] == true;
    match &answer.result {
        Err(_) => ok.then_some("we fail, the reference does not"),
        Ok(value) if !ok => {
            let parse_failure = reference["failure"].as_str().is_some_and(|f| f.contains("failed to parse"));
            let same_as_tck = parse_failure && equal(value, &expected(&line["expected"]));
            (!same_as_tck).then_some("the reference fails, we do not")
        }
        Ok(value) => {
            let kinds: BTreeSet<String> = reference["warnings"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|w| w.as_str().and_then(|w| w.split(':').next()).map(str::to_owned))
                .collect();
            if !equal(value, &reference["result"]) {
                Some("another result")
            } else {
                (kinds != answer.warnings).then_some("other warnings")
            }
        }
    }
}

#[test]
fn agrees_with_the_reference() {
    let env = Environment::at(1_750_000_000_123);
    let known: BTreeMap<&str, &str> = DIFFERENCES.lines().filter_map(|l| l.split_once('\t')).collect();
    let mut seen = BTreeSet::new();
    let mut classes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut unexpected = Vec::new();
    let (mut agreed, mut total) = (0usize, 0usize);
    for text in LINES.lines() {
        let line: Json = serde_json::from_str(text).expect("a line of JSON");
        let id = line["id"].as_str().expect("id");
        let expression = line["expression"].as_str().expect("expression");
        let inputs = inputs(line["variables"].as_object().expect("variables"), &env);
        let answer = ask(expression, &inputs, &env);
        let difference = difference(&line, &answer);
        total += 1;
        let class = classes.entry(line["level"].as_str().unwrap_or("").to_owned()).or_default();
        class.1 += 1;
        match difference {
            None => {
                agreed += 1;
                class.0 += 1;
                if known.contains_key(id) {
                    unexpected.push(format!("{id} agrees now: remove it from the differences"));
                }
            }
            Some(why) => {
                seen.insert(id.to_owned());
                if !known.contains_key(id) {
                    unexpected.push(format!(
                        "{id}: {why}\n  {expression}\n  we: {:?} {:?}\n  reference: {}",
                        answer.result, answer.warnings, line["camunda"]
                    ));
                }
            }
        }
    }
    let summary: Vec<String> =
        classes.iter().map(|(class, (ok, all))| format!("{class} {ok}/{all}")).collect();
    println!("FEEL expressions that answer as the reference: {agreed}/{total} ({})", summary.join(", "));
    assert!(unexpected.is_empty(), "{} lines differ:\n{}", unexpected.len(), unexpected.join("\n"));
    assert!(agreed as f64 >= AGREEMENT_MIN * total as f64, "{agreed} of {total}");
}
