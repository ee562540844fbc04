//! FEEL: parsing, compiling and evaluating expressions and unary tests.
//!
//! An evaluation gets tight bounds, so that its time and memory can be held against them.

use crate::run::{Target, signature};
use ringbolt_feel::{
    Environment, Evaluation, Limits, Val, Value, Variables, parse_expression, parse_unary_tests,
};
use serde_json::value::RawValue;
use std::time::Duration;

/// Expressions.
pub(crate) const EXPRESSION: Target = Target {
    name: "feel",
    corpus: expressions,
    tokens: TOKENS,
    length_max: 4 * 1024,
    memory_base: 48 << 20,
    memory_per_byte: 4_096,
    time_max: Duration::from_secs(5),
    check: check_expression,
};

/// Unary tests.
pub(crate) const UNARY_TESTS: Target = Target {
    name: "feel-unary-tests",
    corpus: unary_tests,
    tokens: TOKENS,
    length_max: 4 * 1024,
    memory_base: 48 << 20,
    memory_per_byte: 4_096,
    time_max: Duration::from_secs(5),
    check: check_unary_tests,
};

const LIMITS: Limits = Limits {
    units: 1_000_000,
    depth: 400,
    list_items: 10_000,
    string_bytes: 64 << 10,
    value_bytes: 1 << 20,
    value_depth: 64,
    warnings: 20,
};

const TOKENS: &[&str] = &[
    "null",
    "true",
    "false",
    "1",
    "-1",
    "3.5",
    "1e3",
    "\"x\"",
    "\"\\u00e9\\n\"",
    "a",
    "b",
    "s",
    "lst",
    "ctx",
    "rows",
    "`a b`",
    "?",
    "partial",
    "item",
    "if a then b else 1",
    "for x in lst return",
    "some x in lst satisfies",
    "every y in 1..3 satisfies",
    "function(x, y)",
    "{a: 1, \"b c\": 2}",
    "[1..3]",
    "]1..3[",
    "(1..a)",
    "in",
    "instance of",
    "between 1 and 2",
    "and",
    "or",
    "not(",
    "=",
    "!=",
    "<",
    "<=",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "**",
    ".",
    ".x",
    "[1]",
    "[item > 1]",
    "[-1]",
    "..",
    ",",
    "@\"2024-02-29\"",
    "@\"PT1H\"",
    "@\"P1Y2M\"",
    "@\"12:00:00@Europe/Berlin\"",
    "date(\"2024-01-31\")",
    "time(\"10:11:12+01:00\")",
    "date and time(\"2024-03-31T02:30:00@Europe/Berlin\")",
    "duration(\"P1DT2H\")",
    "date(9999,12,31)",
    "years and months duration(",
    "string(",
    "number(",
    "substring(s, 2, 3)",
    "string length(",
    "upper case(",
    "contains(",
    "matches(s, \"a.*\")",
    "replace(s, \"(a)\", \"$1\")",
    "split(s, \"\")",
    "extract(s, \"a+\")",
    "count(",
    "min(",
    "sum(",
    "mean(",
    "median(",
    "mode(",
    "stddev(",
    "sort(lst, function(x,y) x < y)",
    "concatenate(",
    "insert before(",
    "remove(",
    "reverse(",
    "index of(",
    "union(",
    "distinct values(",
    "flatten(",
    "product(",
    "append(",
    "sublist(",
    "get value(",
    "get entries(",
    "context(",
    "context put(",
    "context merge(",
    "decimal(",
    "floor(",
    "modulo(",
    "sqrt(",
    "log(",
    "exp(",
    "odd(",
    "abs(",
    "round half up(",
    "now()",
    "today()",
    "day of week(",
    "week of year(",
    "range(\"[1..2]\")",
    "before(",
    "overlaps(",
    "is defined(",
    "get or else(",
    "random number()",
    "string join(",
    "list replace(",
    "partition(",
    "fromAi(",
    "assert(",
    "//",
    "/*",
    "*/",
    ">",
    "-",
    "not(",
    "x",
];

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn expressions() -> Vec<Vec<u8>> {
    texts(&[
        "a > 5 and b = \"x\"",
        "ctx.z.w * 1.21 + lst[1] ** 2 / 3 - -4",
        "rows[v > 2].name",
        "for x in 1..3, y in [10,20] return x * y + sum(partial)",
        "{a: 1, b: a + 1, f: function(x) x * b, c: f(4)}.c",
        "if some r in rows satisfies r.v > 15 then \"yes\" else string(every x in lst satisfies x > 0)",
        "5 in (> 3, < 1, [1..5), not(7))",
        "@\"2026-01-31\" + @\"P1M\" < date and time(\"2026-03-01T00:00:00@Europe/Berlin\")",
        "sort(lst, function(x, y) x > y)[1] instance of number",
        "replace(\"ab12\", \"([a-z]+)(\\d)\", \"$2-$1\", \"i\")",
        "string join(for i in 0..4 return if i = 0 then \"1\" else string(number(partial[-1]) * 2), \", \")",
        "context put(ctx, [\"z\", \"w\"], {k: sublist(lst, -2)})",
        "decimal(1/3, 30) between modulo(-7, 3) and 10 ** 20",
        "split(s, \" \")[2] + upper case(substring(s, -3))",
        "duration(\"P1Y\") * 3 + years and months duration(date(\"2020-01-01\"), today())",
        "[1..3].start + count(flatten([[1,[2]],[3]]))",
    ])
}

fn unary_tests() -> Vec<Vec<u8>> {
    texts(&[
        "-",
        "> 5",
        "[1..3], 7",
        "not(1, 2)",
        "? > 2 and ? < a",
        "\"x\", \"y\"",
        "< date(\"2024-01-01\")",
        "(a..10]",
        "ctx.x",
        "not(lst), null",
        "some x in lst satisfies x = ?",
        ">= a + 1, <= -2",
        "contains(?, \"x\")",
    ])
}

/// A few variables of every kind.
pub(crate) struct Sample;

impl Variables for Sample {
    fn get(&self, name: &str) -> Option<&[u8]> {
        Some(match name {
            "a" => b"7",
            "b" => b" \"x\" ",
            "s" => "\"hello w\\u00f6rld \\ud83d\\ude00\"".as_bytes(),
            "t" => b"true",
            "lst" => b"[1, 2,3 ,2]",
            "ctx" => br#"{"x":1,"y":"two","z":{"w":5}}"#,
            "rows" => br#"[{"id":1,"v":10,"name":"p"},{"id":2,"v":20},{"id":3,"v":null}]"#,
            "a b" => b"1e-3",
            "huge" => b"123456789012345678901234567890123456789012345678901234567890e6000",
            _ => return None,
        })
    }
}

pub(crate) fn environment() -> Environment {
    Environment { limits: LIMITS, ..Environment::at(1_709_210_096_789) }
}

/// A value as JSON, which must be JSON and read back as itself.
pub(crate) fn result_json(value: &Value) -> String {
    let mut json = Vec::new();
    value.write_json(&mut json);
    let json = String::from_utf8(json).expect("results are UTF-8");
    serde_json::from_str::<&RawValue>(&json).unwrap_or_else(|error| panic!("{error} in the result {json}"));
    let again =
        Val::from_json(json.as_bytes()).unwrap_or_else(|| panic!("the result {json} does not read back"));
    let mut printed = Vec::new();
    again.write_json(&mut printed);
    assert_eq!(String::from_utf8_lossy(&printed), json, "printed, read and printed again");
    drop(again);
    json
}

/// What an evaluation gave: JSON, or a failure.
fn result(evaluation: &Evaluation) -> Result<String, String> {
    assert!(evaluation.warnings.len() <= LIMITS.warnings, "more warnings than allowed");
    evaluation.result.as_ref().map(result_json).map_err(|failure| failure.message.clone())
}

/// A number for a failure's kind: the words before what it quotes and after it. What it quotes, and what a failed assertion says,
/// is the input's own text with quotes of its own; with it every new word would look like a new outcome and push better
/// inputs out of the pool.
pub(crate) fn failure_signature(failure: &str) -> u64 {
    // FEEL begins with a small letter, DMN with a capital.
    const ASSERTION: &str = "ssertion failure";
    let end = failure.find(ASSERTION).map_or(failure.len(), |at| at + ASSERTION.len());
    let words = &failure[..end];
    match (words.find('\''), words.rfind('\'')) {
        (Some(first), Some(last)) => {
            signature(&words[..first]) ^ signature(&words[last + 1..]).rotate_left(7)
        }
        _ => signature(words),
    }
}

fn outcome(once: Result<String, String>, twice: Result<String, String>) -> u64 {
    assert_eq!(once, twice, "two evaluations differ");
    match once {
        Ok(json) => 1 + (json.len().min(64) as u64) + u64::from(json.bytes().next().unwrap_or(0)) * 64,
        Err(failure) => failure_signature(&failure),
    }
}

fn check_expression(input: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(input) else { return 0 };
    match parse_expression(text) {
        Ok(expression) => {
            assert_eq!(expression.text(), text);
            let env = environment();
            outcome(result(&expression.evaluate(&Sample, &env)), result(&expression.evaluate(&Sample, &env)))
        }
        Err(error) => {
            assert!(error.message.len() < 10_000, "a message of {} bytes", error.message.len());
            signature(&error.message)
        }
    }
}

fn check_unary_tests(input: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(input) else { return 0 };
    match parse_unary_tests(text) {
        Ok(tests) => {
            let env = environment();
            let mut seen = 0;
            for value in ["6", "null", "\"x\"", "[1,2]", "{\"x\":1}"] {
                let value = Value::from_json(value.as_bytes()).expect("a value");
                let once = result(&tests.evaluate(&value, &Sample, &env));
                seen =
                    outcome(once, result(&tests.evaluate(&value, &Sample, &env))) ^ u64::rotate_left(seen, 5);
            }
            seen
        }
        Err(error) => signature(&error.message),
    }
}

#[cfg(test)]
mod tests {
    use super::failure_signature;

    #[test]
    fn what_the_input_says_is_no_news() {
        assert_eq!(failure_signature("assertion failure: one"), failure_signature("assertion failure: two"));
        assert_ne!(failure_signature("assertion failure: one"), failure_signature("too many steps"));
        let compared = |text| failure_signature(&format!("'1' can not be compared to '{text}'"));
        assert_eq!(compared("a"), compared("[\"it's a\", 'b"));
        let failed = |text, why| failure_signature(&format!("failed to evaluate expression '{text}': {why}"));
        assert_eq!(failed("don't", "too deep"), failed("do", "too deep"));
        assert_ne!(failed("do", "too deep"), failed("do", "too long"));
    }
}
