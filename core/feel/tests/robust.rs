//! Hostile input: no text, however broken or deep, makes the parser or the evaluator panic, hang, overflow the stack
//! or grow memory without bound. Cases come from a seeded generator; `RINGBOLT_FEEL_FUZZ_SECONDS` makes it run longer,
//! `RINGBOLT_FEEL_FUZZ_SEED` starts it elsewhere.

use ringbolt_feel::{Environment, Limits, Variables, cli, parse_expression, parse_unary_tests};
use std::time::{Duration, Instant};

const LINES: &str = include_str!("data/generated.jsonl");

/// The least stack the checks run on: what a thread gets by default.
const STACK_BYTES: usize = 2 << 20;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

struct Inputs;

impl Variables for Inputs {
    fn get(&self, name: &str) -> Option<&[u8]> {
        Some(match name {
            "a" => b"7",
            "b" => b"\"text\"",
            "lst" => b"[1, 2.5, [3], \"x\", null]",
            "ctx" => br#"{"x": 1, "y": {"z": "w"}, "a b": [{"k": "v"}]}"#,
            "broken" => b"{\"x\": [1, 2",
            "garbage" => b"}{",
            "empty" => b"",
            _ => return None,
        })
    }
}

/// Limits small enough that hostile expressions reach them quickly.
fn environment() -> Environment {
    let mut env = Environment::at(1_750_000_000_123);
    env.limits = Limits {
        units: 2_000_000,
        list_items: 10_000,
        string_bytes: 1 << 16,
        value_bytes: 1 << 20,
        ..Limits::DEFAULT
    };
    env
}

/// Parses and evaluates a text both ways; only that it ends matters.
fn run(text: &str, env: &Environment) {
    if let Ok(expression) = parse_expression(text) {
        let evaluation = expression.evaluate(&Inputs, env);
        if let Ok(value) = evaluation.result {
            let mut out = Vec::new();
            value.write_json(&mut out);
        }
    }
    if let Ok(tests) = parse_unary_tests(text) {
        drop(tests.evaluate(&ringbolt_feel::Value::integer(5), &Inputs, env));
    }
}

const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "..",
    ".",
    ",",
    ":",
    "?",
    "-",
    "+",
    "*",
    "**",
    "/",
    "=",
    "<",
    ">=",
    "!=",
    "\"",
    "\\",
    "`",
    "@",
    "@\"",
    "//",
    "/*",
    "*/",
    "\n",
    "\u{e9}",
    "\u{1f600}",
    "\0",
    "if ",
    " then ",
    " else ",
    "for i in ",
    " return ",
    "some x in ",
    " satisfies ",
    " and ",
    " or ",
    " in ",
    "not(",
    " between ",
    " instance of ",
    "function(",
    "function(x) ",
    "null",
    "true",
    "1e",
    "9999999999",
    "0.1",
    "\"s\"",
    "a",
    "b",
    "lst",
    "ctx",
    "broken",
    "garbage",
    "empty",
    "item",
    "partial",
    "date(\"2024-01-01\")",
    "duration(\"P1D\")",
    "@\"10:00:00@Europe/Paris\"",
    "1..5",
    "replace(b, \"(a|b)*c\", \"$1\")",
    "matches(\"aaaa\", \"(a+)+b\")",
    "string join(",
    "sort(lst, function(x,y) x<y)",
    "from json(\"[1\")",
    "context put(ctx, [\"y\",\"z\"], 1)",
    "time offset",
    "years and months duration(",
];

fn mutate(random: &mut Random, seeds: &[String]) -> String {
    let mut text = match random.below(4) {
        0 => String::new(),
        _ => seeds[random.below(seeds.len())].clone(),
    };
    for _ in 0..1 + random.below(8) {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match random.below(4) {
            0 | 1 => text.insert_str(at, PIECES[random.below(PIECES.len())]),
            2 => {
                let mut end = (at + random.below(6)).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(at..end, "");
            }
            _ => {
                let part = text[at..].chars().take(1 + random.below(20)).collect::<String>();
                let times = 1 + random.below(4);
                text.insert_str(at, &part.repeat(times));
            }
        }
        if text.len() > 4_000 {
            break;
        }
    }
    text
}

fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn survives_mutations_and_garbage() {
    on_small_stack(|| {
        let setting = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
        let seconds = setting("RINGBOLT_FEEL_FUZZ_SECONDS");
        let mut random = Random(setting("RINGBOLT_FEEL_FUZZ_SEED").unwrap_or(0x5eed_0001).max(1));
        let seeds: Vec<String> = LINES
            .lines()
            .skip(1)
            .filter_map(|l| {
                serde_json::from_str::<serde_json::Value>(l).ok()?["expression"].as_str().map(str::to_owned)
            })
            .collect();
        let env = environment();
        let start = Instant::now();
        let mut cases = 0u64;
        // Without a time to run, a fixed number of cases keeps the test deterministic.
        while seconds.map_or(cases < 4_000, |s| start.elapsed() < Duration::from_secs(s)) {
            let text = mutate(&mut random, &seeds);
            let began = Instant::now();
            run(&text, &env);
            assert!(began.elapsed() < Duration::from_secs(10), "too slow: {text}");
            cases += 1;
        }
        println!("{cases} texts survived");
    });
}

#[test]
fn survives_deep_nesting() {
    on_small_stack(|| {
        let env = environment();
        let shapes: &[(&str, &str, &str)] = &[
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{a:", "1", "}"),
            ("-(", "1", ")"),
            ("if true then ", "1", " else 0"),
            ("for x in [1] return ", "x", ""),
            ("some x in [1] satisfies ", "true", ""),
            ("function(x) ", "x", ""),
            ("not(", "true", ")"),
            ("count([", "1", "])"),
            ("1 in (", "1", ")"),
            ("[1..", "2", "]"),
            ("1 or 1 and 1 = 1 + 1 * 2 ** -(", "1", ")"),
            ("lst[", "1", "]"),
            ("lst[item = ", "1", "]"),
            ("[[1,2]][count(", "item", ") > 0]"),
            ("{a: function(f) ", "f", "}"),
        ];
        for (open, middle, close) in shapes {
            for depth in [10, 99, 1_000, 10_000] {
                let text = [open.repeat(depth), (*middle).to_owned(), close.repeat(depth)].concat();
                run(&text, &env);
            }
        }
        for text in ["1", "a", "true", "\"x\""] {
            for operator in [" + ", " and ", " or ", " * ", " ** ", ", "] {
                run(&[text].repeat(5_000).join(operator), &env);
            }
        }
        run(&format!("lst{}", "[1]".repeat(10_000)), &env);
        run(&format!("ctx{}", ".x".repeat(10_000)), &env);
    });
}

/// The failure of an expression, under limits.
fn failure(text: &str, env: &Environment) -> String {
    let evaluation = parse_expression(text).expect(text).evaluate(&Inputs, env);
    evaluation.result.map(|_| "a value".to_owned()).unwrap_or_else(|f| f.message)
}

#[test]
fn stops_at_each_limit() {
    on_small_stack(|| {
        let mut env = Environment::at(0);
        env.limits.units = 20_000_000;
        env.limits.list_items = 100_000;
        let heavy_recursion = format!(
            "{{c: {{f: function(c) {}c.f(c){}}}, r: c.f(c)}}.r",
            "for x in [1] return get or else(null, {y: [some z in [1] satisfies ".repeat(15),
            "]})".repeat(15)
        );
        let cases = [
            (heavy_recursion.as_str(), "nested deeper"),
            ("count(for i in 1..100000000 return i)", "items"),
            ("count(for i in 1..1000, j in 1..1000, k in 1..1000 return i)", "items"),
            ("for i in 1..90000 return some j in 1..90000 satisfies j < 0", "units of work"),
            ("for i in 1..60 return concatenate(partial, partial, [i])", "bytes"),
            (
                "(for i in 1..40 return if i = 1 then \"xxxxxxxxxx\" else partial[-1] + partial[-1])[40]",
                "bytes",
            ),
            ("for i in 1..90000 return if i = 1 then [] else [partial[-1]]", "nested deeper"),
            ("{c: {f: function(c) c.f(c)}, r: c.f(c)}.r", "nested deeper"),
            ("broken.x[5]", "a value"),
            ("garbage", "not valid JSON"),
            ("empty", "not valid JSON"),
        ];
        for (text, expected) in cases {
            let message = failure(text, &env);
            assert!(message.contains(expected), "{text}: {message}");
        }
    });
}

#[test]
fn answers_broken_lines() {
    let env = Environment::at(0);
    for line in
        ["", "{", "[]", "{}", "{\"expression\": 1}", "{\"expression\": \"1\", \"variables\": 2}", "\u{0}"]
    {
        let answer = cli::answer_line(line, &env);
        assert!(answer.starts_with("{\"ok\":false,\"failure\":"), "{line}: {answer}");
    }
    let deep = format!(
        "{{\"expression\": \"x\", \"variables\": {{\"x\": {}1{}}}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert!(cli::answer_line(&deep, &env).contains("not valid JSON"));
}
