//! Agreement with the reference engine over generated expressions: well-typed ones, unary tests, mutated ones and
//! garbage, recorded with the reference's answers in `data/generated.jsonl` (its first line holds the variables).
//! Lines known to differ are listed in `data/generated-differences.tsv` with the reason.

use ringbolt_feel::{Environment, Val, Variables, Zone, parse_expression, parse_unary_tests};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const LINES: &str = include_str!("data/generated.jsonl");
const DIFFERENCES: &str = include_str!("data/generated-differences.tsv");
/// The recorded "now", in Berlin.
const NOW_MS: i64 = 1_750_000_000_123;

struct Inputs(BTreeMap<String, String>);

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(String::as_bytes)
    }
}

/// Equality of JSON values; numbers may differ in the last bits of a double, where both computed in doubles.
fn equal(x: &Json, y: &Json) -> bool {
    match (x, y) {
        (Json::Number(a), Json::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            a == b || (a - b).abs() <= 1e-14 * a.abs().max(b.abs())
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => x == y,
    }
}

fn evaluate(
    line: &Map<String, Json>,
    inputs: &Inputs,
    env: &Environment,
) -> Result<(Json, BTreeSet<String>), String> {
    let text = line["expression"].as_str().expect("an expression");
    let evaluation = if line.contains_key("unary") {
        let text_of_input = line["input"].to_string();
        let input = Val::from_json(text_of_input.as_bytes()).expect("an input").into_owned();
        parse_unary_tests(text).map_err(|e| e.to_string())?.evaluate(&input, inputs, env)
    } else {
        parse_expression(text).map_err(|e| e.to_string())?.evaluate(inputs, env)
    };
    let value = evaluation.result.map_err(|f| f.message)?;
    let mut out = Vec::new();
    value.write_json(&mut out);
    let warnings = evaluation.warnings.iter().map(|w| w.kind.name().to_owned()).collect();
    Ok((serde_json::from_slice(&out).map_err(|e| e.to_string())?, warnings))
}

fn agrees(line: &Map<String, Json>, answer: &Result<(Json, BTreeSet<String>), String>) -> bool {
    match (line["ok"] == true, answer) {
        (false, answer) => answer.is_err(),
        (true, Err(_)) => false,
        (true, Ok((value, warnings))) => {
            let expected = line.get("warnings").and_then(Json::as_array).into_iter().flatten();
            let expected: BTreeSet<String> = expected.filter_map(|w| w.as_str().map(str::to_owned)).collect();
            equal(value, &line["result"]) && *warnings == expected
        }
    }
}

/// What kind of line it is, for the summary.
fn class(line: &Map<String, Json>) -> &'static str {
    if line.contains_key("unary") {
        "unary tests"
    } else if line.contains_key("parse") {
        "no expressions"
    } else if line.contains_key("warnings") {
        "with warnings"
    } else {
        "plain"
    }
}

#[test]
fn agrees_with_the_reference() {
    let mut env = Environment::at(NOW_MS);
    env.zone = Zone::by_id("Europe/Berlin").expect("a zone");
    let mut lines =
        LINES.lines().map(|l| serde_json::from_str::<Map<String, Json>>(l).expect("a line of JSON"));
    let header = lines.next().expect("variables");
    let variables = header["variables"].as_object().expect("an object");
    let inputs = Inputs(variables.iter().map(|(k, v)| (k.clone(), v.to_string())).collect());
    let known: BTreeSet<&str> = DIFFERENCES.lines().filter_map(|l| l.split('\t').next()).collect();
    let mut classes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut unexpected = Vec::new();
    for line in lines {
        let answer = evaluate(&line, &inputs, &env);
        let ok = agrees(&line, &answer);
        let class = classes.entry(class(&line)).or_default();
        class.1 += 1;
        class.0 += ok as usize;
        if ok == known.contains(json!(line["expression"]).to_string().as_str()) {
            unexpected.push(format!("{}\n  we: {answer:?}", json!(line)));
        }
    }
    let summary: Vec<String> =
        classes.iter().map(|(class, (ok, all))| format!("{class} {ok}/{all}")).collect();
    println!("generated expressions that answer as the reference: {}", summary.join(", "));
    assert!(unexpected.is_empty(), "{} lines differ:\n{}", unexpected.len(), unexpected.join("\n"));
}
