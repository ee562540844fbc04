//! Nanoseconds and allocations per evaluation of Ringbolt's FEEL and DMN over the cases of `perf/feel-compare/cases.py`.
//!
//! Run by `perf/feel-compare.sh`; the argument is the folder with the cases. Parsed once, evaluated many times; the
//! variables are JSON text, as the engine stores them, and are read in every evaluation. Prints
//! `CASE json NS ALLOCATIONS`.

use std::alloc::System;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use ringbolt_dmn::Limits;
use ringbolt_feel::{Environment, Value, Variables, parse_expression};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Many and short, so that some pass undisturbed on a busy machine.
const ROUNDS: usize = 400;
const WARM_UP: Duration = Duration::from_millis(100);
const ROUND: Duration = Duration::from_millis(4);

/// Variables by name, each its stored JSON text.
struct Stored(FxHashMap<String, Vec<u8>>);

impl Variables for Stored {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

fn stored(variables: &Json) -> Stored {
    let members = variables.as_object().into_iter().flatten();
    Stored(members.map(|(name, value)| (name.clone(), value.to_string().into_bytes())).collect())
}

/// Prints the fastest of the rounds and the allocations of a call, averaged over one round.
fn report(name: &str, mut evaluate: impl FnMut(usize)) {
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
    let region = Region::new(ALLOCATOR);
    (0..per_round).for_each(|at| evaluate(at % 64));
    let change = region.change();
    let allocations = (change.allocations + change.reallocations) as f64 / per_round as f64;
    println!("{name} json {best:.0} {allocations:.1}");
}

fn check(name: &str, result: &Value, wanted: &Json) -> Result<(), Box<dyn Error>> {
    let mut json = Vec::new();
    result.write_json(&mut json);
    let got: Json = serde_json::from_slice(&json)?;
    if got == *wanted { Ok(()) } else { Err(format!("{name}: {got} instead of {wanted}").into()) }
}

fn expression(name: &str, case: &Json) -> Result<(), Box<dyn Error>> {
    let variables = stored(&case["variables"]);
    let text = case["expression"].as_str().ok_or("no expression")?;
    let parsed = parse_expression(text).map_err(|error| format!("{name}: {error:?}"))?;
    let env = Environment::at(1_750_000_000_000);
    let evaluation = parsed.evaluate(&variables, &env);
    check(name, &evaluation.result.map_err(|failure| format!("{failure:?}"))?, &case["result"])?;
    report(name, |_| {
        black_box(black_box(&parsed).evaluate_borrowed(black_box(&variables), &env))
            .result
            .expect("checked above");
    });
    Ok(())
}

fn decision(name: &str, case: &Json, model: &Path) -> Result<(), Box<dyn Error>> {
    let model = ringbolt_dmn::parse("table.dmn", &std::fs::read(model)?, &Limits::default())
        .map_err(|error| format!("{error:?}"))?;
    let decision = case["decision"].as_str().ok_or("no decision")?;
    let env = Environment::at(1_750_000_000_000);
    let inputs: Vec<Stored> = case["inputs"].as_array().ok_or("no inputs")?.iter().map(stored).collect();
    for (input, wanted) in inputs.iter().zip(case["results"].as_array().ok_or("no results")?) {
        let evaluation = model.evaluate(decision, input, &env);
        check(name, &evaluation.output.map_err(|failure| format!("{failure:?}"))?, wanted)?;
    }
    report(name, |at| {
        black_box(model.evaluate(decision, black_box(&inputs[at]), &env));
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
