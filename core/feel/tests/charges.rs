//! What work charges: every built-in function and operator in proportion to the bytes and items it touches, so that no
//! budget lets an expression run on. No times are measured here; `examples/feel_units.rs` does that.

mod work;

use ringbolt_feel::{Budget, Environment, Evaluation, Variables, functions, parse_expression};
use std::collections::BTreeSet;
use work::{FUNCTIONS, Growth, Inputs, OPERATORS, PATTERNS, Work};

/// Enough for everything here.
const UNITS: u64 = 1 << 40;

fn evaluate(expression: &str, variables: &dyn Variables, budget: &Budget) -> Evaluation {
    let parsed = parse_expression(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
    parsed.evaluate(variables, &Environment::at(0).within(budget.clone()))
}

/// What an expression charges on inputs of a size, when it is evaluated for the second time in one evaluation: reading
/// the inputs is not counted again.
fn charged(expression: &str, bytes: usize) -> u64 {
    let inputs = Inputs::of(bytes);
    let of = |times: usize| {
        let repeated = format!("count(for k in 1..{times} return {{ r: {expression} }})");
        let budget = Budget::new(UNITS);
        evaluate(&repeated, &inputs, &budget);
        budget.used()
    };
    of(3) - of(2)
}

fn check(work: &[Work]) {
    let mut wrong = Vec::new();
    for (name, expression, growth) in work {
        // These read or open their inputs in what they do, which is kept from the second time on.
        let first = name.starts_with("variable") || ["count", "get value", "path", "index"].contains(name);
        let units = |bytes| if first { first_time(expression, bytes) } else { charged(expression, bytes) };
        let (small, large) = (units(1_000), units(100_000));
        let right = match growth {
            Growth::Linear => large >= 20 * small.saturating_sub(4_000) && large >= 100_000 / 16,
            Growth::Constant => large <= small + 200 && small >= 15,
        };
        if !right {
            wrong.push(format!("{name}: {expression} charges {small} for 1 kB and {large} for 100 kB"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn first_time(expression: &str, bytes: usize) -> u64 {
    let budget = Budget::new(UNITS);
    evaluate(expression, &Inputs::of(bytes), &budget);
    budget.used()
}

#[test]
fn functions_charge_for_what_they_touch() {
    let known: BTreeSet<&str> = FUNCTIONS.iter().map(|(name, _, _)| *name).collect();
    let all: BTreeSet<&str> = functions().map(|(name, _)| name).collect();
    assert_eq!(known, all, "every function has its work");
    check(FUNCTIONS);
}

/// Compiling a pattern charges before it begins, and as much as the pattern is large.
#[test]
fn patterns_charge_for_their_size() {
    for (_, expression, _) in PATTERNS {
        let units = first_time(expression, 20);
        assert!(units >= 8_000, "{expression}: {units}");
        let failure =
            evaluate(expression, &Inputs::of(20), &Budget::new(8_000)).result.expect_err(expression);
        assert!(failure.message.contains("units of work"), "{expression}: {failure}");
    }
}

#[test]
fn operators_charge_for_what_they_touch() {
    check(OPERATORS);
}

/// Expressions that ran for seconds while they charged next to nothing.
#[test]
fn expensive_expressions_end() {
    let inputs = Inputs::of(1_000_000);
    for expression in [
        "count(for i in 1..100000 return contains(s, \"ab\"))",
        "count(for i in 1..100000 return contains(s, \"abk\"))",
        "count(for i in 1..100000 return string length(u))",
        "count(for i in 1..100000 return s = s2 + \"\")",
        "count(for i in 1..100000 return starts with(s2, s))",
        "count(for i in 1..100000 return date and time(s))",
        "count(for i in 1..100000 return number(s))",
        "count(for i in 1..100000 return matches(s, \"[xyz]+$\"))",
        "count(for i in 1..100000 return matches(s, \"(x+x+)+y\"))",
        "count(for i in 1..100000 return get or else(m[string(i)], 1))",
        "count(for i in 1..100000 return list contains(l, i))",
        "count(for i in 1..100000 return context put(m, \"x\", i))",
        "count(for i in 1..100000 return is blank(blank))",
        "count(for i in 1..1000, j in 1..1000 return m.k1)",
        "count(for i in 1..100000 return missing)",
        "sort(l, function(x, y) contains(s, \"abk\"))",
        "for i in 1..60 return s",
        "string join(for i in 1..16 return s)",
    ] {
        let budget = Budget::new(2_000_000);
        let evaluation = evaluate(expression, &inputs, &budget);
        let failure = evaluation.result.map(|value| value.to_string()).expect_err(expression);
        assert_eq!(failure.message, "the evaluation takes more than 2000000 units of work", "{expression}");
        assert!(budget.is_exhausted());
    }
}

/// What is looked up again and again in a large document is found at once.
#[test]
fn documents_are_opened_once() {
    let inputs = Inputs::of(1_000_000);
    for (expression, units_max) in [
        ("count(for i in 1..3000 return m.k49999)", 25_000_000),
        ("count(for i in 1..3000 return m.none)", 60_000_000),
        ("count(for i in 1..3000 return l[i])", 15_000_000),
        ("count(for i in 1..3000 return count(l))", 15_000_000),
        ("count(for i in 1..3000 return get value(m, \"k\" + string(i)))", 25_000_000),
    ] {
        let budget = Budget::new(UNITS);
        evaluate(expression, &inputs, &budget).result.unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert!(budget.used() < units_max, "{expression}: {}", budget.used());
    }
}
