//! How many nanoseconds a charged unit takes, for every built-in function and operator on small and large inputs. Run with
//! `cargo run --release -p ringbolt-feel --example feel_units [NAME]`; the worst come last. A unit should be about a
//! nanosecond on the machine that the budgets are set for, and no work much dearer.
//! Each time is the best of many short ones.

#[path = "../tests/work/mod.rs"]
mod work;

use ringbolt_feel::{Budget, Environment, parse_expression};
use std::hint::black_box;
use std::time::{Duration, Instant};
use work::{FUNCTIONS, Inputs, OPERATORS, PATTERNS};

/// Sizes of the inputs in bytes.
const SIZES: [usize; 3] = [20, 2_000, 50_000];

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let mut measured = Vec::new();
    for bytes in SIZES {
        let inputs = Inputs::of(bytes);
        for (name, expression, _) in
            FUNCTIONS.iter().chain(OPERATORS).chain(PATTERNS).filter(|work| work.0.contains(&filter))
        {
            for times in [1, 20].into_iter().filter(|times| bytes * times < 100_000) {
                let text = match times {
                    1 => expression.replace("k ", "3 "),
                    times => format!("count(for k in 1..{times} return {{ r: {expression} }})"),
                };
                let parsed = parse_expression(&text).expect("an expression");
                let (mut best, mut units) = (Duration::MAX, 0);
                let began = Instant::now();
                while began.elapsed() < Duration::from_millis(30) || best == Duration::MAX {
                    let budget = Budget::new(1 << 40);
                    let env = Environment::at(1_750_000_000_000).within(budget.clone());
                    let start = Instant::now();
                    drop(black_box(parsed.evaluate(black_box(&inputs), &env)));
                    best = best.min(start.elapsed());
                    units = budget.used();
                }
                let nanos = best.as_nanos() as f64;
                measured.push((nanos / units as f64, nanos, units, bytes, times, *name, *expression));
            }
        }
    }
    measured.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (ratio, nanos, units, bytes, times, name, expression) in measured {
        println!(
            "{ratio:.2} ns/unit: {name}, {bytes} bytes, {times} times: {nanos:.0} ns, {units} units: {expression}"
        );
    }
}
