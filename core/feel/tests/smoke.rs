//! The front door in a few lines: what a caller does with the crate.

use ringbolt_feel::{Environment, NoVariables, Value, Variables, parse_expression, parse_unary_tests};

struct Map(Vec<(&'static str, &'static str)>);

impl Variables for Map {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_bytes())
    }
}

fn check(expression: &str, variables: &[(&'static str, &'static str)], expected: &str) {
    let parsed = parse_expression(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
    let env = Environment::at(0);
    let evaluation = parsed.evaluate(&Map(variables.to_vec()), &env);
    let mut out = Vec::new();
    match evaluation.result {
        Ok(value) => value.write_json(&mut out),
        Err(failure) => out.extend_from_slice(failure.message.as_bytes()),
    }
    for warning in &evaluation.warnings {
        out.extend_from_slice(format!(" {}", warning.kind).as_bytes());
    }
    assert_eq!(String::from_utf8_lossy(&out), expected, "{expression}");
}

#[test]
fn evaluates() {
    check("a > 5 and b = \"x\"", &[("a", "7"), ("b", "\"x\"")], "true");
    check("orderTotal * 1.21 + shipping", &[("orderTotal", "100.5"), ("shipping", "5")], "126.605");
    check("a-1", &[("a", "3")], "2");
    check("missing.x", &[], "null NO_VARIABLE_FOUND");
    check(
        "order.items[price > 2].name",
        &[("order", r#"{"items":[{"price":1,"name":"a"},{"price":3,"name":"b"}]}"#)],
        r#"["b"]"#,
    );
    check("for x in 1..3, y in [10,20] return x * y", &[], "[10,20,20,40,30,60]");
    check("{a: 1, b: a + 1, f: function(x) x * b, c: f(4)}", &[], r#"{"a":1,"b":2,"c":8}"#);
    check("some x in [1,2] satisfies x > 1", &[], "true");
    check("5 in (> 3, < 1)", &[], "true");
    check("5 in [1..5)", &[], "false");
    check("@\"2026-01-31\" + @\"P1M\"", &[], "\"2026-02-28\"");
    check("if 1 then 2 else 3", &[], "3 INVALID_TYPE");
    check("1/3", &[], "0.3333333333333333333333333333333333");
    check("get or else(null, 1)", &[], "1");
    check("cycle(3, @\"PT1H\")", &[], "\"R3/PT1H\"");
    check("cycle(@\"P1M\")", &[], "\"R/P1M\"");
    check("fromAi(toolCall.city, \"The city\")", &[("toolCall", "{\"city\":\"Rome\"}")], "\"Rome\"");
    check("assert(1, false, \"too small\")", &[], "assertion failure: too small ASSERT_FAILURE");
}

#[test]
fn tests_inputs() {
    let env = Environment::at(0);
    for (tests, input, expected) in [
        ("> 5", "6", true),
        ("[1..3], 7", "7", true),
        ("not(1)", "1", false),
        ("? > 2", "3", true),
        ("-", "3", true),
    ] {
        let parsed = parse_unary_tests(tests).expect(tests);
        let input = Value::from_json(input.as_bytes()).expect("input");
        let value = parsed.evaluate(&input, &NoVariables, &env).result.expect(tests);
        assert_eq!(value.as_bool(), Some(expected), "{tests}");
    }
}

#[test]
fn reports_the_place_of_an_error() {
    let error = parse_expression("\"Hello \" + Full Name").expect_err("no expression");
    assert_eq!((error.line, error.column), (1, 17));
    assert!(error.message.ends_with("at 1:17, found \"Name\""), "{}", error.message);
}
