//! Times and allocations of typical evaluations. Run with `cargo run --release --example feel_bench [NAME]`; prints one
//! line per case: median and best nanoseconds, allocations per evaluation.

use ringbolt_feel::{Decimal, Environment, Variables, parse_expression};
use rustc_hash::FxHashMap;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Variables in a hash table, as a store that keeps them by name would hand them out.
struct Table(FxHashMap<String, Vec<u8>>);

impl Variables for Table {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

fn table(entries: HashMap<String, String>) -> Table {
    Table(entries.into_iter().map(|(k, v)| (k, v.into_bytes())).collect())
}

fn case(name: &str, expression: &str, variables: &Table) {
    if std::env::args().nth(1).is_some_and(|filter| !name.contains(&filter)) {
        return;
    }
    const ROUNDS: usize = 31;
    const PER_ROUND: usize = 2_000;
    let parsed = parse_expression(expression).expect("an expression");
    let env = Environment::at(1_750_000_000_000);
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..PER_ROUND {
            black_box(black_box(&parsed).evaluate_borrowed(black_box(variables), &env))
                .result
                .expect("a result");
        }
        times.push(start.elapsed().as_nanos() as f64 / PER_ROUND as f64);
    }
    times.sort_by(f64::total_cmp);
    let region = Region::new(ALLOCATOR);
    for _ in 0..PER_ROUND {
        black_box(parsed.evaluate_borrowed(variables, &env)).result.expect("a result");
    }
    let allocations = region.change().allocations as f64 / PER_ROUND as f64;
    println!("{name}: {:.0} ns (best {:.0}), {allocations} allocations", times[ROUNDS / 2], times[0]);
}

/// One arithmetic operation, repeated.
fn number(name: &str, mut operation: impl FnMut()) {
    const TIMES: u32 = 200_000;
    let mut best = f64::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        (0..TIMES).for_each(|_| operation());
        best = best.min(start.elapsed().as_nanos() as f64 / TIMES as f64);
    }
    println!("{name}: best {best:.1} ns");
}

fn numbers() {
    let parse = |text: &str| Decimal::parse(black_box(text.as_bytes())).expect("a number");
    let (a, b) = (parse("1234.50"), parse("1.21"));
    number("parse a number", || {
        let _ = black_box(parse("1234.50"));
    });
    number("add", || {
        let _ = black_box(black_box(a).add(black_box(b)));
    });
    number("multiply", || {
        let _ = black_box(black_box(a).mul(black_box(b)));
    });
    number("divide", || {
        let _ = black_box(black_box(a).div(black_box(b)));
    });
    number("compare", || {
        let _ = black_box(black_box(a).cmp(&black_box(b)));
    });
}

fn main() {
    if std::env::args().nth(1).is_none_or(|filter| filter == "numbers") {
        numbers();
    }
    let mut thirty: HashMap<String, String> =
        (0..28).map(|i| (format!("variable{i}"), format!("\"value {i}\""))).collect();
    thirty.insert("a".to_owned(), "7".to_owned());
    thirty.insert("b".to_owned(), "\"x\"".to_owned());
    let thirty = table(thirty);
    case("a > 5 and b = \"x\" over 30 variables", "a > 5 and b = \"x\"", &thirty);
    let order = table(HashMap::from([
        ("orderTotal".to_owned(), "249.95".to_owned()),
        ("shipping".to_owned(), "4.5".to_owned()),
    ]));
    case("orderTotal * 1.21 + shipping", "orderTotal * 1.21 + shipping", &order);
    case(
        "if orderTotal > 100 then \"large\" else \"small\"",
        "if orderTotal > 100 then \"large\" else \"small\"",
        &order,
    );
    case("orderTotal / 3", "orderTotal / 3", &order);
    let items: Vec<String> = (0..400)
        .map(|i| {
            format!(
                "{{\"id\": {i}, \"name\": \"item number {i}\", \"price\": {i}.5, \"tags\": [\"a\", \"b\"]}}"
            )
        })
        .collect();
    let large =
        format!("{{\"first\": 1, \"items\": [{}], \"last\": {{\"status\": \"paid\"}}}}", items.join(", "));
    let bytes = large.len();
    let document = table(HashMap::from([("order".to_owned(), large)]));
    case(
        &format!("one field at the end of a document of {bytes} bytes"),
        "order.last.status = \"paid\"",
        &document,
    );
    case("one field at the start of the same", "order.first = 1", &document);
    case("sum(order.items.price)", "sum(order.items.price)", &document);
    case("count(order.items[price > 100])", "count(order.items[price > 100])", &document);
    let empty = table(HashMap::new());
    case("for i in 1..100 return i * 2", "for i in 1..100 return i * 2", &empty);
    case("@\"2026-01-31\" + @\"P1M\"", "@\"2026-01-31\" + @\"P1M\"", &empty);
    case("{a: 1, f: function(x) x + a, r: f(2)}.r", "{a: 1, f: function(x) x + a, r: f(2)}.r", &empty);
}
