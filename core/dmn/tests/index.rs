//! The index over rules must not show: a table gives the same as one whose every rule is tested cell by cell.
//!
//! A table is forced off its index by a first column that is no plain comparison. Random tables, fixed seed.

use ringbolt_dmn::{DecisionEvaluation, DecisionRequirements, Limits, cli, parse};
use ringbolt_feel::{Environment, Value, Variables};

const CELLS: &[&str] = &[
    "-",
    "",
    "-",
    "1",
    "2",
    "2.0",
    "-3",
    "< 2",
    "<= 2",
    "> 1",
    ">= 5",
    "[1..3]",
    "(1..3)",
    "]1..5[",
    "1, 2, 3",
    "not(2)",
    "not(1, 2)",
    "not([2..4])",
    "\"a\"",
    "\"b\"",
    "\"a\", \"b\"",
    "not(\"a\")",
    "null",
    "not(null)",
    "true",
    "false",
    "not(true)",
    "< 2, \"a\"",
    "1, null",
    "\"\"",
    "[1, 2]",
    "? > 2",
    "x",
    "x, 5",
    "> x",
    "< \"b\"",
    "date(\"2024-02-29\")",
    "contains(?, \"a\")",
    "assert(true, false)",
    "nosuch",
    "? + 1",
    "0.1",
    "[2..2]",
    "[5..1]",
    "99999999999999999999999999999999999",
    "1.0000000000000000000000000000000001",
    "1.000000000000000000000000000000001",
];

const INPUTS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.0",
    "1.5",
    "2",
    "3",
    "4",
    "5",
    "6",
    "-3",
    "-4",
    "0.1",
    "\"a\"",
    "\"b\"",
    "\"c\"",
    "\"\"",
    "[1,2]",
    "[]",
    "{\"a\":1}",
    "100000000000000000000000000000000000",
    "1e-30",
    "\"xx\"",
];

const POLICIES: &[&str] = &["RULE ORDER", "FIRST", "COLLECT", "UNIQUE", "ANY", "PRIORITY", "OUTPUT ORDER"];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

struct Inputs(Vec<(String, Option<&'static str>)>);

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let (_, text) = self.0.iter().find(|(known, _)| known == name)?;
        text.map(str::as_bytes)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn column(name: &str) -> String {
    format!("<input><inputExpression><text>{name}</text></inputExpression></input>")
}

fn entry(text: &str) -> String {
    format!("<inputEntry><text>{}</text></inputEntry>", escaped(text))
}

/// The model of a table; `before` stands before its inputs and before every rule's cells.
fn model(policy: &str, columns: usize, rules: &[Vec<&str>], before: (&str, &str)) -> DecisionRequirements {
    let mut xml = format!(
        r#"<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">
        <decision id="d" name="d"><decisionTable hitPolicy="{policy}">{}"#,
        before.0
    );
    (0..columns).for_each(|at| xml.push_str(&column(&format!("v{at}"))));
    xml.push_str("<output name=\"o\"/>");
    for (at, cells) in rules.iter().enumerate() {
        xml.push_str("<rule>");
        xml.push_str(before.1);
        cells.iter().for_each(|cell| xml.push_str(&entry(cell)));
        xml.push_str(&format!("<outputEntry><text>{}</text></outputEntry></rule>", at % 7));
    }
    xml.push_str("</decisionTable></decision></definitions>");
    parse("table", xml.as_bytes(), &Limits::default()).expect("a sound model")
}

/// Result, failure and matched rules, without the inputs.
fn shown(evaluation: &DecisionEvaluation) -> String {
    let rules: Vec<u32> = evaluation
        .evaluated
        .iter()
        .flat_map(|decision| &decision.matched_rules)
        .map(|rule| rule.index)
        .collect();
    let output = evaluation.output.as_ref().map(|value: &Value| cli::json(value));
    format!("{output:?} {rules:?}")
}

fn compare(random: &mut Random, rules: usize, columns: usize, cells: &[&'static str]) {
    let rules: Vec<Vec<&str>> =
        (0..rules).map(|_| (0..columns).map(|_| random.pick(cells)).collect()).collect();
    let policy = random.pick(POLICIES);
    let indexed = model(policy, columns, &rules, ("", ""));
    let first = (column("0"), entry("? < 1"));
    let plain = model(policy, columns, &rules, (&first.0, &first.1));
    let env = Environment::at(0);
    for _ in 0..12 {
        let mut inputs = vec![("x".to_owned(), Some(random.pick(INPUTS)))];
        for at in 0..columns {
            let missing = random.below(20) == 0;
            inputs.push((format!("v{at}"), (!missing).then(|| random.pick(INPUTS))));
        }
        let inputs = Inputs(inputs);
        let (found, expected) = (indexed.evaluate("d", &inputs, &env), plain.evaluate("d", &inputs, &env));
        assert_eq!(shown(&found), shown(&expected), "{policy} {rules:?} {:?}", inputs.0);
    }
}

#[test]
fn small_tables_of_all_kinds_of_cells() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..400 {
        let (rules, columns) = (1 + random.below(12), 1 + random.below(4));
        compare(&mut random, rules, columns, CELLS);
    }
}

#[test]
fn larger_tables_of_comparisons() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..15 {
        let (rules, columns) = (60 + random.below(120), 1 + random.below(5));
        compare(&mut random, rules, columns, &CELLS[..30]);
    }
}
