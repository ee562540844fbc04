//! How long one evaluation of a decision table takes: `cargo run --release -p ringbolt-dmn --example table_bench`.
//!
//! Five inputs, rules of plain comparisons, variables as stored JSON, the whole record of the evaluation included.
//! Beside each size the same table with a first column that keeps the index out, so that every rule is tested cell by
//! cell. Median and best of rounds, one thread, and allocations per evaluation.

use std::alloc::System;
use std::hint::black_box;
use std::time::Instant;

use ringbolt_dmn::{DecisionRequirements, Limits, parse};
use ringbolt_feel::{Environment, Variables};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 31;

struct Inputs(Vec<(&'static str, Vec<u8>)>);

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, json)| json.as_slice())
    }
}

/// A table over region, segment, amount, age and vip; every rule accepts one combination.
fn table(rules: usize, indexed: bool) -> DecisionRequirements {
    let mut xml = String::from(
        r#"<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">
        <decision id="discount" name="Discount"><decisionTable hitPolicy="FIRST">"#,
    );
    let inputs = ["0", "region", "segment", "amount", "age", "vip"];
    for input in if indexed { &inputs[1..] } else { &inputs } {
        xml.push_str(&format!(
            "<input label=\"{input}\"><inputExpression><text>{input}</text></inputExpression></input>"
        ));
    }
    xml.push_str("<output name=\"discount\"/>");
    for rule in 0..rules {
        xml.push_str(&format!("<rule id=\"r{rule}\">"));
        let (low, age) = (rule * 10, 18 + rule % 40);
        let mut cells = vec![
            format!("\"region-{}\"", rule % 5),
            format!("\"segment-{}\"", rule % 3),
            format!("[{low}..{})", low + 10),
            format!("&gt;= {age}"),
            (if rule % 2 == 0 { "-" } else { "false" }).to_owned(),
        ];
        if !indexed {
            cells.insert(0, "? &lt; 1".to_owned());
        }
        for cell in cells {
            xml.push_str(&format!("<inputEntry><text>{cell}</text></inputEntry>"));
        }
        xml.push_str(&format!("<outputEntry><text>{}</text></outputEntry></rule>", rule % 30));
    }
    xml.push_str("</decisionTable></decision></definitions>");
    parse("bench", xml.as_bytes(), &Limits::default()).expect("a sound model")
}

fn measure(rules: usize, indexed: bool) {
    let model = table(rules, indexed);
    let env = Environment::at(1_750_000_000_000);
    let inputs: Vec<Inputs> = (0..64)
        .map(|at| {
            let rule = at * rules / 64;
            Inputs(vec![
                ("customer", br#"{"name":"x","tags":[1,2,3]}"#.to_vec()),
                ("region", format!("\"region-{}\"", rule % 5).into_bytes()),
                ("segment", format!("\"segment-{}\"", rule % 3).into_bytes()),
                ("amount", format!("{}.5", rule * 10 + 4).into_bytes()),
                ("age", b"64".to_vec()),
                ("vip", b"false".to_vec()),
            ])
        })
        .collect();
    let per_round = if indexed { 4_000 } else { 2_000_000 / rules.max(50) / 5 + 64 };
    let mut times = Vec::new();
    let round = || {
        for at in 0..per_round {
            let evaluation = model.evaluate("discount", black_box(&inputs[at % 64]), &env);
            assert!(black_box(evaluation).evaluated[0].matched_rules.len() == 1);
        }
    };
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        times.push(start.elapsed().as_nanos() as f64 / per_round as f64);
    }
    times.sort_by(f64::total_cmp);
    let region = Region::new(ALLOCATOR);
    round();
    let allocations = region.change().allocations as f64 / per_round as f64;
    let way = if indexed { "indexed" } else { "cell by cell" };
    println!(
        "{rules} rules, {way}: {:.0} ns (best {:.0}), {allocations:.1} allocations",
        times[ROUNDS / 2],
        times[0]
    );
}

fn main() {
    for rules in [10, 50, 200, 1_000, 5_000] {
        measure(rules, true);
        measure(rules, false);
    }
}
