//! Answers lines from standard input about models, for comparisons with other engines: `{"file": .., "decision": ..,
//! "variables": {..}}` or with `"xml"` in place of `"file"`. Prints the whole evaluation, one line each.

use std::io::{BufRead, Write};

use ringbolt_dmn::{DecisionEvaluation, Limits, cli, parse};
use ringbolt_feel::{Environment, Value, Variables};
use serde_json::{Value as Json, json};

struct Inputs(serde_json::Map<String, Json>, std::collections::BTreeMap<String, Vec<u8>>);

impl Inputs {
    fn new(map: serde_json::Map<String, Json>) -> Inputs {
        let texts = map.iter().map(|(name, value)| (name.clone(), value.to_string().into_bytes())).collect();
        Inputs(map, texts)
    }
}

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name)?;
        self.1.get(name).map(Vec::as_slice)
    }
}

fn plain(value: &Value) -> Json {
    serde_json::from_str(&cli::json(value)).expect("JSON")
}

fn shown(evaluation: &DecisionEvaluation) -> Json {
    let decisions = evaluation.evaluated.iter().map(|decision| {
        let inputs: Vec<Json> = decision.inputs.iter()
            .map(|input| json!({"id": &*input.id, "name": &*input.name, "value": plain(&input.value)}))
            .collect();
        let rules: Vec<Json> = decision.matched_rules.iter()
            .map(|rule| {
                let outputs: Vec<Json> = rule.outputs.iter()
                    .map(|output| json!({"id": &*output.id, "name": &*output.name, "value": plain(&output.value)}))
                    .collect();
                json!({"id": &*rule.id, "index": rule.index, "outputs": outputs})
            })
            .collect();
        json!({"id": &*decision.id, "name": &*decision.name, "type": decision.decision_type.name(),
            "output": plain(&decision.output), "inputs": inputs, "rules": rules})
    });
    let decisions: Vec<Json> = decisions.collect();
    match &evaluation.output {
        Ok(value) => json!({"ok": true, "result": plain(value), "evaluated": decisions}),
        Err(failure) => json!({"ok": false, "failure": failure.message,
            "failedDecisionId": &*failure.decision_id, "evaluated": decisions}),
    }
}

fn answer(request: &Json) -> Json {
    let xml = match (request["xml"].as_str(), request["file"].as_str()) {
        (Some(xml), _) => xml.as_bytes().to_vec(),
        (None, Some(file)) => std::fs::read(file).expect("a file"),
        (None, None) => Vec::new(),
    };
    match parse("model.dmn", &xml, &Limits::default()) {
        Err(violations) => json!({"parse": ringbolt_xml::format_violations("model.dmn", &violations)}),
        Ok(model) => {
            let variables = Inputs::new(request["variables"].as_object().cloned().unwrap_or_default());
            let decision = request["decision"].as_str().unwrap_or_default();
            shown(&model.evaluate(decision, &variables, &Environment::at(0)))
        }
    }
}

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let request: Json = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let mut answer = answer(&request);
        answer["id"] = request["id"].clone();
        writeln!(out, "{answer}").expect("written");
    }
}
