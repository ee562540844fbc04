//! Work for the evaluator, by the size of what it works on: every built-in function, every operator. Shared by the test
//! that holds what they charge and by the measurement of what a unit takes.

use ringbolt_feel::Variables;
use std::collections::HashMap;

/// How the work depends on the size of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// In proportion, or more.
    Linear,
    /// Not at all.
    Constant,
}

use Growth::{Constant, Linear};

/// A piece of work: the function or operator, and an expression that uses it on inputs of a size.
pub(crate) type Work = (&'static str, &'static str, Growth);

/// Inputs of about `bytes` each.
pub(crate) struct Inputs(HashMap<&'static str, Vec<u8>>);

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

fn repeated(part: &str, bytes: usize) -> String {
    part.repeat(bytes / part.len() + 1)
}

fn json(text: &str) -> Vec<u8> {
    serde_json::json!(text).to_string().into_bytes()
}

fn listed(bytes: usize, mut item: impl FnMut(usize) -> String) -> String {
    let mut text = String::new();
    let mut at = 0;
    while text.len() < bytes {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&item(at));
        at += 1;
    }
    text
}

impl Inputs {
    pub(crate) fn of(bytes: usize) -> Inputs {
        let number = |at: usize| (at * 7_919 % 100_003).to_string();
        let list = |item: &dyn Fn(usize) -> String| format!("[{}]", listed(bytes, item)).into_bytes();
        let object = |item: &dyn Fn(usize) -> String| format!("{{{}}}", listed(bytes, item)).into_bytes();
        let rows = list(&|at| format!("{{\"key\":\"k{at}\",\"value\":{at}}}"));
        let texts = list(&|at| format!("\"text {}\"", number(at)));
        let map = object(&|at| format!("\"k{at}\":{at}"));
        let inputs = HashMap::from([
            ("s", json(&repeated("abcdefghij ", bytes))),
            ("s2", json(&(repeated("abcdefghij ", bytes) + "z"))),
            ("u", json(&repeated("äöü\u{20ac}x ", bytes))),
            ("esc", json(&repeated("a\"b\\n", bytes))),
            ("blank", json(&repeated(" \t", bytes))),
            ("digits", json(&repeated("123,456", bytes))),
            (
                "bits",
                json(&(0..bytes).map(|n| if n * n / 7 % 5 < 2 { '1' } else { '0' }).collect::<String>()),
            ),
            ("zeros", json(&repeated("0", bytes))),
            ("csv", json(&repeated("ab,cd;", bytes))),
            ("year", json(&format!("2024-01-01{}", repeated("x", bytes)))),
            ("text", json(&String::from_utf8(rows.clone()).expect("text"))),
            ("l", list(&number)),
            ("same", list(&|_| "1".to_owned())),
            ("decimals", list(&|at| format!("1.{}", at % 97 + 1))),
            ("flags", list(&|_| "true".to_owned())),
            ("off", list(&|_| "false".to_owned())),
            ("nested", list(&|at| format!("[{at},[{at}]]"))),
            ("texts", texts),
            ("rows", rows),
            ("m", map.clone()),
            ("m2", map),
            ("deep", object(&|at| format!("\"k{at}\":{{\"a\":[{at}]}}"))),
        ]);
        Inputs(inputs)
    }
}

/// Every built-in function on inputs of one size. `k` is a position that is always there.
pub(crate) const FUNCTIONS: &[Work] = &[
    ("not", "not(true)", Constant),
    ("is defined", "is defined(s)", Constant),
    ("get or else", "get or else(s, 1)", Constant),
    ("assert", "assert(s, true)", Constant),
    ("assert", "assert(s, true, s)", Constant),
    ("fromAi", "fromAi(s, s, s, s, s)", Constant),
    ("get entries", "count(get entries(m))", Linear),
    ("get value", "get value(m, \"none\")", Linear),
    ("get value", "get value(m, [\"none\"])", Linear),
    ("context put", "context put(m, \"none\", 1)", Linear),
    ("context put", "context put(deep, [\"k0\", \"b\", \"c\"], 1)", Linear),
    ("put", "put(m, \"none\", 1)", Linear),
    ("context merge", "context merge(m, m2)", Linear),
    ("put all", "put all([m, m2])", Linear),
    ("context", "context(rows)", Linear),
    ("date", "date(year)", Constant),
    ("date", "date(2024, 1, 1)", Constant),
    ("date and time", "date and time(year)", Constant),
    ("date and time", "date and time(\"2024-07-01T10:00:00@Europe/Berlin\" + \"\")", Constant),
    ("date and time", "date and time(@\"2024-01-01\", @\"10:00:00@Europe/Berlin\")", Constant),
    ("time", "time(year)", Constant),
    ("time", "time(\"10:00:00@Europe/\" + \"Berlin\")", Constant),
    ("time", "time(10, 0, 0)", Constant),
    ("time", "time(10, 0, 0, @\"PT1H\")", Constant),
    ("number", "number(substring(digits, 1, 3))", Linear),
    ("number", "number(zeros)", Linear),
    ("number", "number(digits, \",\")", Linear),
    ("number", "number(digits, \",\", \".\")", Linear),
    ("string", "string(deep)", Linear),
    ("string", "string(l)", Linear),
    ("duration", "duration(year)", Constant),
    ("duration", "duration(\"P1DT\" + \"2H30M\")", Constant),
    ("years and months duration", "years and months duration(@\"2024-01-01\", @\"2025-01-01\")", Constant),
    ("from json", "from json(text)", Linear),
    ("to json", "to json(deep)", Linear),
    ("to json", "to json(esc)", Linear),
    ("list contains", "list contains(l, -1)", Linear),
    ("list contains", "list contains([s, s], s2)", Constant),
    ("list contains", "list contains([deep], m)", Linear),
    ("count", "count(l)", Linear),
    ("min", "min(l)", Linear),
    ("min", "min(texts)", Linear),
    ("max", "max(l)", Linear),
    ("max", "max(s, s2)", Linear),
    ("and", "and(flags)", Linear),
    ("all", "all(flags)", Linear),
    ("or", "or(off)", Linear),
    ("any", "any(off)", Linear),
    ("sublist", "sublist(l, 1)", Linear),
    ("sublist", "sublist(l, 1, 1)", Linear),
    ("append", "append(l, 1)", Linear),
    ("concatenate", "concatenate(l, same)", Linear),
    ("insert before", "insert before(l, 1, 1)", Linear),
    ("remove", "remove(l, 1)", Linear),
    ("reverse", "reverse(l)", Linear),
    ("index of", "index of(l, 1)", Linear),
    ("index of", "index of([deep, m], m2)", Linear),
    ("union", "union(l, same)", Linear),
    ("distinct values", "distinct values(l)", Linear),
    ("distinct values", "distinct values(same)", Linear),
    ("distinct values", "distinct values([deep, deep, m])", Linear),
    ("duplicate values", "duplicate values(texts)", Linear),
    ("flatten", "flatten(nested)", Linear),
    ("sort", "sort(l, function(x, y) x < y)", Linear),
    ("string join", "string join(texts)", Linear),
    ("string join", "string join(texts, \"--\")", Linear),
    ("string join", "string join(texts, \",\", s, s)", Linear),
    ("is empty", "is empty(l)", Constant),
    ("partition", "partition(l, 2)", Linear),
    ("decimal", "decimal(1.23456, 2)", Constant),
    ("decimal", "decimal(1.23456, 2, \"HALF_UP\")", Constant),
    ("floor", "floor(1.5)", Constant),
    ("floor", "floor(1.55, 1)", Constant),
    ("ceiling", "ceiling(1.5)", Constant),
    ("ceiling", "ceiling(1.55, 1)", Constant),
    ("round up", "round up(1.55, 1)", Constant),
    ("round down", "round down(1.55, 1)", Constant),
    ("round half up", "round half up(1.55, 1)", Constant),
    ("round half down", "round half down(1.55, 1)", Constant),
    ("abs", "abs(-1)", Constant),
    ("modulo", "modulo(123456789012345678901234567890, 7)", Constant),
    ("sqrt", "sqrt(2)", Constant),
    ("log", "log(2)", Constant),
    ("exp", "exp(2)", Constant),
    ("odd", "odd(3)", Constant),
    ("even", "even(3)", Constant),
    ("random number", "random number()", Constant),
    ("before", "before(1, 2)", Constant),
    ("before", "before([1..2], [3..4])", Constant),
    (
        "after",
        "after(@\"2024-07-01T10:00:00@Europe/Berlin\", @\"2024-07-01T10:00:00@Europe/Berlin\")",
        Constant,
    ),
    ("meets", "meets([1..2], [2..3])", Constant),
    ("met by", "met by([1..2], [2..3])", Constant),
    ("overlaps", "overlaps([1..2], [2..3])", Constant),
    ("overlaps before", "overlaps before([1..2], [2..3])", Constant),
    ("overlaps after", "overlaps after([1..2], [2..3])", Constant),
    ("finishes", "finishes(1, [1..2])", Constant),
    ("finished by", "finished by([1..2], [2..3])", Constant),
    ("includes", "includes([1..2], 1)", Constant),
    ("during", "during(1, [1..2])", Constant),
    ("starts", "starts(1, [1..2])", Constant),
    ("started by", "started by([1..2], 1)", Constant),
    ("coincides", "coincides([1..2], [1..2])", Constant),
    ("sum", "sum(l)", Linear),
    ("sum", "sum(decimals)", Linear),
    ("product", "product(decimals)", Linear),
    ("mean", "mean(decimals)", Linear),
    ("median", "median(l)", Linear),
    ("stddev", "stddev(decimals)", Linear),
    ("mode", "mode(l)", Linear),
    ("substring", "substring(u, 2)", Linear),
    ("substring", "substring(s, 2, 1)", Linear),
    ("substring", "substring(u, -1)", Linear),
    ("string length", "string length(s)", Linear),
    ("string length", "string length(u)", Linear),
    ("upper case", "upper case(s)", Linear),
    ("upper case", "upper case(u)", Linear),
    ("lower case", "lower case(u)", Linear),
    ("trim", "trim(s)", Linear),
    ("trim", "trim(blank)", Linear),
    ("substring before", "substring before(s, \"z\")", Linear),
    ("substring after", "substring after(s2, \"z\")", Linear),
    ("substring after", "substring after(s, \"ij \")", Linear),
    ("replace", "replace(s, \"[cd]\", \"x\")", Linear),
    ("replace", "replace(s, \"(c)(d)\", \"$2$1\")", Linear),
    ("replace", "replace(s, \"b\", \"x\")", Linear),
    ("replace", "replace(s, \"C\", \"x\", \"i\")", Linear),
    ("contains", "contains(s, \"z\")", Linear),
    ("contains", "contains(s, \"abcdefghij abcdefghik\")", Linear),
    ("starts with", "starts with(s2, s)", Linear),
    ("ends with", "ends with(s2, s)", Linear),
    ("matches", "matches(s, \"z\")", Linear),
    ("matches", "matches(s, \"[xyz]+$\")", Linear),
    ("matches", "matches(u, \"\\p{Lu}\")", Linear),
    ("matches", "matches(s, \"[a-z ]*a[a-z ]{12}z\")", Linear),
    ("matches", "matches(s, \"Q\", \"i\")", Linear),
    ("matches", "matches(bits, \"[01]*1[01]{12}x\")", Linear),
    ("matches", "matches(bits, \"[01]*1[01]{60}x\")", Linear),
    ("matches", "matches(bits, \"(0|1|01|10)*x\")", Linear),
    ("split", "split(csv, \",\")", Linear),
    ("split", "split(csv, \"[,;]\")", Linear),
    ("extract", "extract(csv, \"[a-c]+\")", Linear),
    ("uuid", "uuid()", Constant),
    ("to base64", "to base64(s)", Linear),
    ("is blank", "is blank(blank)", Linear),
    ("now", "now()", Constant),
    ("today", "today()", Constant),
    ("day of year", "day of year(@\"2024-01-01\")", Constant),
    ("day of week", "day of week(@\"2024-01-01\")", Constant),
    ("month of year", "month of year(@\"2024-01-01\")", Constant),
    ("week of year", "week of year(@\"2024-01-01\")", Constant),
    ("last day of month", "last day of month(@\"2024-01-01\")", Constant),
    ("cycle", "cycle(3, @\"PT1H\")", Constant),
];

/// Patterns that are dear to compile, each one another.
pub(crate) const PATTERNS: &[Work] = &[
    ("pattern", "matches(\"a\", \"[a-z]+\")", Constant),
    ("pattern", "matches(\"a\", \"(?i)[a-z]+\")", Constant),
    ("pattern", "matches(\"a\", \"\\p{L}\")", Constant),
    ("pattern", "matches(\"a\", \"\\p{L}\", \"i\")", Constant),
    ("pattern", "matches(\"a\", \"\\p{L}{20}\")", Constant),
    ("pattern", "matches(\"a\", \"(\\p{L}\\p{N}\\p{S}\\p{P}){3}\")", Constant),
    ("pattern", "matches(\"a\", \"[\\x{0}-\\x{10ffff}]\", \"i\")", Constant),
    ("pattern", "matches(\"a\", \"[^\\p{L}]\", \"i\")", Constant),
    ("pattern", "matches(\"a\", \"((a{10}){10}){10}\")", Constant),
    ("pattern", "matches(\"a\", \"((a{100}){100}){100}\")", Constant),
    ("pattern", "matches(\"a\", \"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p\")", Constant),
    ("pattern", "matches(\"a\", \"(abc|abd|acd|bcd|bbd|bdb|cda|dab|dcb|dca)+\")", Constant),
    ("pattern", "matches(\"a\", \"[[a-z]&&[^b]]+\")", Constant),
];

/// Operators, paths, filters, loops and reading variables.
pub(crate) const OPERATORS: &[Work] = &[
    ("variable", "s = 1", Linear),
    ("variable with escapes", "esc = 1", Linear),
    ("+", "s + s2", Linear),
    ("+ of numbers", "1.5 + k", Constant),
    ("*", "1.5 * k", Constant),
    ("/", "k / 7", Constant),
    ("**", "1.0001 ** 999", Constant),
    ("** with a fraction", "1.5 ** 0.5", Constant),
    ("= of texts", "s + \"z\" = s2", Linear),
    ("= of lists", "l = l", Linear),
    ("= of contexts", "deep = deep", Linear),
    ("= of contexts in another order", "m = context merge({k1: 1}, m2)", Linear),
    ("!=", "s != s2", Constant),
    ("< of texts", "s < s2", Linear),
    ("< of texts beyond ASCII", "u < u + \"x\"", Linear),
    ("in a list", "k in (l)", Linear),
    ("in tests", "k in (> 5, < 3, [1..2])", Constant),
    ("path", "m.none", Linear),
    ("path of rows", "count(rows.key)", Linear),
    ("index", "l[-1]", Linear),
    ("filter", "count(l[item > 50000])", Linear),
    ("filter of rows", "count(rows[value > 5])", Linear),
    ("filter of rows with an outer name", "count(rows[value > k])", Linear),
    ("for", "count(for x in l return x)", Linear),
    ("for partial", "count(for x in 1..10 return count(partial))", Constant),
    ("some", "some x in l satisfies x < 0", Linear),
    ("every", "every x in l satisfies x >= 0", Linear),
    ("function", "{f: function(x) x, r: f(1)}.r", Constant),
    ("closure", "for x in [s] return {f: function(y) x, r: f(1)}.r = 1", Linear),
    ("context", "{a: 1, b: a, c: [a, b]}.c", Constant),
    ("if", "if k > 2 then 1 else 2", Constant),
    ("and", "k > 2 and k < 1 or k = 3", Constant),
    ("instance of", "l instance of list", Constant),
    ("error", "\"a\" - 1", Constant),
    ("missing key", "{a: 1}.b", Constant),
];
