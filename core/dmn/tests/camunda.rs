//! Agreement with Camunda's engine over recorded evaluations: every line of `data/camunda.jsonl` has a model, a
//! decision, variables, and what Camunda's engine answered with its whole record of the evaluation.
//!
//! A line agrees if both refuse the model, or if result, failure, failed decision and every recorded decision, input,
//! rule and output are the same (numbers as doubles). Lines known to differ are listed with the reason in
//! `data/camunda-differences.tsv`; a new difference fails the test, and so does a listed one that is none.

use std::collections::{BTreeMap, BTreeSet};

use ringbolt_dmn::{DecisionEvaluation, Limits, cli, parse};
use ringbolt_feel::{Environment, Value, Variables};
use serde_json::{Value as Json, json};

const LINES: &str = include_str!("data/camunda.jsonl");
const DIFFERENCES: &str = include_str!("data/camunda-differences.tsv");

struct Inputs(BTreeMap<String, Vec<u8>>);

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

fn plain(value: &Value) -> Json {
    serde_json::from_str(&cli::json(value)).expect("JSON")
}

fn shown(evaluation: &DecisionEvaluation) -> Json {
    let decisions = evaluation.evaluated.iter().map(|decision| {
        let inputs = decision.inputs.iter();
        let inputs = inputs.map(|input| json!({"id": &*input.id, "name": &*input.name, "value": plain(&input.value)}));
        let rules = decision.matched_rules.iter().map(|rule| {
            let outputs = rule.outputs.iter();
            let outputs =
                outputs.map(|out| json!({"id": &*out.id, "name": &*out.name, "value": plain(&out.value)}));
            json!({"id": &*rule.id, "index": rule.index, "outputs": outputs.collect::<Vec<_>>()})
        });
        json!({"id": &*decision.id, "name": &*decision.name, "type": decision.decision_type.name(),
            "output": plain(&decision.output), "inputs": inputs.collect::<Vec<_>>(), "rules": rules.collect::<Vec<_>>()})
    });
    let decisions: Vec<Json> = decisions.collect();
    match &evaluation.output {
        Ok(value) => json!({"ok": true, "result": plain(value), "evaluated": decisions}),
        Err(failure) => json!({"ok": false, "failure": failure.message,
            "failedDecisionId": &*failure.decision_id, "evaluated": decisions}),
    }
}

/// The same text for what counts as the same: missing ids and names are empty, numbers are doubles.
fn normalized(value: &Json, key: &str) -> Json {
    match value {
        Json::Null if key == "id" || key == "name" => json!(""),
        Json::Number(number) => json!(format!("{:.12e}", number.as_f64().expect("a double"))),
        Json::Array(items) => items.iter().map(|item| normalized(item, "")).collect(),
        Json::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), normalized(value, key))).collect()
        }
        Json::Null | Json::Bool(_) | Json::String(_) => value.clone(),
    }
}

fn agrees(line: &Json) -> bool {
    let xml = line["xml"].as_str().expect("a model");
    let model = parse("model.dmn", xml.as_bytes(), &Limits::default());
    let camunda = &line["camunda"];
    let (Ok(model), false) = (&model, camunda.get("parse").is_some()) else {
        return model.is_err() && camunda.get("parse").is_some();
    };
    let variables = line["variables"].as_object().into_iter().flatten();
    let variables =
        Inputs(variables.map(|(name, value)| (name.clone(), value.to_string().into_bytes())).collect());
    let decision = line["decision"].as_str().expect("a decision");
    let found = shown(&model.evaluate(decision, &variables, &Environment::at(0)));
    normalized(&found, "") == normalized(camunda, "")
}

#[test]
fn recorded_evaluations_agree() {
    let listed: BTreeSet<&str> = DIFFERENCES.lines().filter_map(|line| line.split('\t').next()).collect();
    let (mut count, mut differing) = (0, BTreeSet::new());
    for line in LINES.lines() {
        let line: Json = serde_json::from_str(line).expect("JSON");
        count += 1;
        if !agrees(&line) {
            differing.insert(line["id"].as_str().expect("an id").to_owned());
        }
    }
    println!("{} of {count} recorded evaluations agree", count - differing.len());
    let listed: BTreeSet<String> = listed.into_iter().map(str::to_owned).collect();
    let new: Vec<_> = differing.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&differing).collect();
    assert!(new.is_empty() && gone.is_empty(), "new differences: {new:?}; no longer different: {gone:?}");
}
