//! Nanoseconds per evaluation of dsntk's FEEL and DMN over the cases of `perf/feel-compare/cases.py`.
//!
//! Run by `perf/feel-compare.sh`; the argument is the folder with the cases. Parsed once, evaluated many times; prints
//! `CASE prepared|json NS`: with variables that are its values already, and with their JSON text read before every
//! evaluation. dsntk parses an expression with the variables in hand, so they are given to the parser, too.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::{Value, Values};
use dsntk_feel::{FeelNumber, FeelScope, Name};
use dsntk_model_evaluator::ModelEvaluator;
use serde_json::Value as Json;

/// Many and short, so that some pass undisturbed on a busy machine.
const ROUNDS: usize = 400;
const WARM_UP: Duration = Duration::from_millis(100);
const ROUND: Duration = Duration::from_millis(4);

/// The fastest of the rounds, in nanoseconds per call.
fn best(mut evaluate: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    let mut per_round = 0;
    while start.elapsed() < WARM_UP {
        evaluate(per_round % 64);
        per_round += 1;
    }
    per_round = (per_round * ROUND.as_millis() as usize / WARM_UP.as_millis() as usize).max(1);
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        (0..per_round).for_each(|at| evaluate(at % 64));
        best = best.min(start.elapsed().as_nanos() as f64 / per_round as f64);
    }
    best
}

fn report(name: &str, way: &str, evaluate: impl FnMut(usize)) {
    println!("{name} {way} {:.0}", best(evaluate));
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null(None),
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::Number(number) => {
            Value::Number(number.to_string().parse::<FeelNumber>().expect("JSON numbers are FEEL numbers"))
        }
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect::<Values>()),
        Json::Object(_) => Value::Context(context(json)),
    }
}

fn context(json: &Json) -> FeelContext {
    let mut context = FeelContext::default();
    for (name, member) in json.as_object().into_iter().flatten() {
        context.set_entry(&Name::from(name), value(member));
    }
    context
}

fn read(json: &str) -> FeelContext {
    context(&serde_json::from_str(json).expect("the case's own JSON"))
}

fn check(name: &str, result: &Value, wanted: &Json) -> Result<(), Box<dyn Error>> {
    if *result == value(wanted) {
        Ok(())
    } else {
        Err(format!("{name}: {result} instead of {wanted}").into())
    }
}

fn expression(name: &str, case: &Json) -> Result<(), Box<dyn Error>> {
    let text = case["variables"].to_string();
    let scope = FeelScope::from(read(&text));
    let expression = case["expression"].as_str().ok_or("no expression")?;
    let node =
        dsntk_feel_parser::parse_expression(&scope, expression, false).map_err(|error| error.to_string())?;
    let evaluator = dsntk_feel_evaluator::prepare(&node);
    check(name, &evaluator(&scope), &case["result"])?;
    report(name, "prepared", |_| {
        black_box(evaluator(black_box(&scope)));
    });
    report(name, "json", |_| {
        black_box(evaluator(&FeelScope::from(read(black_box(&text)))));
    });
    Ok(())
}

fn decision(name: &str, case: &Json, model: &Path) -> Result<(), Box<dyn Error>> {
    let definitions =
        dsntk_model::parse(&std::fs::read_to_string(model)?).map_err(|error| error.to_string())?;
    let evaluator = ModelEvaluator::new(&[definitions]).map_err(|error| error.to_string())?;
    let inputs = case["inputs"].as_array().ok_or("no inputs")?;
    let texts: Vec<String> = inputs.iter().map(Json::to_string).collect();
    let prepared: Vec<FeelContext> = texts.iter().map(|text| read(text)).collect();
    let word = |field: &str| case[field].as_str().unwrap_or_default();
    let evaluate = |input: &FeelContext| {
        evaluator.evaluate_invocable(word("namespace"), word("model"), word("decision"), input)
    };
    for (input, wanted) in prepared.iter().zip(case["results"].as_array().ok_or("no results")?) {
        check(name, &evaluate(input), wanted)?;
    }
    report(name, "prepared", |at| {
        black_box(evaluate(black_box(&prepared[at])));
    });
    report(name, "json", |at| {
        black_box(evaluate(&read(black_box(&texts[at]))));
    });
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("the folder with the cases is missing")?;
    let folder = Path::new(&folder);
    for line in std::fs::read_to_string(folder.join("cases.jsonl"))?.lines() {
        let case: Json = serde_json::from_str(line)?;
        let name = case["name"].as_str().ok_or("a case has a name")?;
        if case["expression"].is_string() {
            expression(name, &case)?;
        } else {
            decision(name, &case, &folder.join("table.dmn"))?;
        }
    }
    Ok(())
}
