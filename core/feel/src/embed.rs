//! What a language built on FEEL (decision models) needs: functions that the host runs, the text of a value, plain
//! equality, and a look at what unary tests compare their input with.

use crate::budget::{Budget, Meter};
use crate::error::{Exhausted, Stop};
use crate::eval::same;
use crate::expression::UnaryTests;
use crate::limits::Limits;
use crate::program::{Node, NodeId, Program};
use crate::value::{Val, Value, measure_captured};
use std::sync::Arc;

/// Why a function of the host gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostError {
    /// The call gives null with a warning.
    Failed(String),
    /// The whole evaluation ends.
    Aborted(String),
}

/// A function that the host runs: what it is (known to the host) and the values it was defined with.
#[derive(Clone, Debug)]
pub struct HostFunction {
    id: u32,
    captured: Arc<[(Arc<str>, Value)]>,
    weight: u64,
    nesting: u16,
}

impl HostFunction {
    /// The host's function `id` with the values around its definition. `None` where functions that hold functions
    /// are nested deeper than values may be.
    pub fn new(id: u32, captured: Arc<[(Arc<str>, Value)]>) -> Option<HostFunction> {
        let (weight, nesting) = measure_captured(captured.iter().map(|(_, value)| value));
        (nesting <= Limits::DEFAULT.value_depth).then_some(HostFunction { id, captured, weight, nesting })
    }

    /// The number the host gave it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The values around its definition.
    pub fn captured(&self) -> &Arc<[(Arc<str>, Value)]> {
        &self.captured
    }

    pub(crate) fn weight(&self) -> u64 {
        self.weight
    }

    pub(crate) fn nesting(&self) -> u16 {
        self.nesting
    }
}

impl UnaryTests {
    /// The numbers, strings, booleans and nulls that the tests compare their input with, if they do nothing else:
    /// then their answer depends on nothing but which of these an input equals and, for a number, between which of
    /// the numbers it lies. `None` for all other tests.
    pub fn compared_constants(&self) -> Option<Vec<&Value>> {
        let mut found = Vec::new();
        let program = self.program();
        collect(program, program.root, &mut found).then_some(found)
    }
}

/// Adds the constants of a node; false where it does anything but compare the input with constants.
fn collect<'p>(program: &'p Program, id: NodeId, found: &mut Vec<&'p Value>) -> bool {
    let mut constant = |id: NodeId, ordered: bool| match program.node(id) {
        Node::Constant(value) => {
            found.push(value);
            matches!(value, Val::Number(_))
                || (!ordered && matches!(value, Val::Str(_) | Val::Bool(_) | Val::Null))
        }
        _ => false,
    };
    match program.node(id) {
        Node::Constant(Val::Bool(_)) => true,
        Node::InputEquals(value) | Node::Test(value) => constant(*value, false),
        Node::InputCompare(_, value) => constant(*value, true),
        Node::InputIn { start, end, .. } => constant(*start, true) && constant(*end, true),
        Node::AnyTest(tests) => tests.iter().all(|test| collect(program, *test, found)),
        Node::Not(inner) => collect(program, *inner, found),
        _ => false,
    }
}

impl Val<'_> {
    /// Plain equality: no types are converted, nothing is reported.
    ///
    /// # Errors
    /// When comparing takes more than is left of the budget.
    pub fn is_same(&self, other: &Val<'_>, budget: &Budget) -> Result<bool, Exhausted> {
        let mut charged = Charged { budget, exhausted: None };
        let outcome = same(&mut charged, self, other);
        match charged.exhausted {
            Some(exhausted) => Err(exhausted),
            None => Ok(outcome.unwrap_or(false)),
        }
    }

    /// Bytes this value stands for, roughly: what copying it or writing it out touches.
    pub fn size(&self) -> u64 {
        self.weight()
    }
}

impl Value {
    /// The value of JSON text from outside; `None` where it is not valid JSON.
    pub fn from_untrusted_json(text: &[u8]) -> Option<Value> {
        if crate::json::is_valid(text) { Val::from_json(text).map(Val::into_owned) } else { None }
    }
}

/// A budget as what is charged, which remembers why it gave nothing more.
struct Charged<'b> {
    budget: &'b Budget,
    exhausted: Option<Exhausted>,
}

impl Meter for Charged<'_> {
    fn charge(&mut self, units: u64) -> Result<(), Stop> {
        self.budget.charge(units).map_err(|exhausted| {
            self.exhausted = Some(exhausted.clone());
            exhausted.into()
        })
    }
}

/// The text of a value as it stands inside a list: strings are quoted.
impl std::fmt::Display for Val<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::display::message(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, NoVariables, Variables, parse_expression, parse_unary_tests};

    fn constants(text: &str) -> Option<String> {
        let tests = parse_unary_tests(text).expect("tests");
        let found = tests.compared_constants()?;
        Some(found.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn simple_tests_tell_their_constants() {
        for (text, expected) in [
            ("-", Some("")),
            ("1", Some("1")),
            ("\"a\", \"b\"", Some("\"a\" \"b\"")),
            ("not(< 3, [5..8))", Some("3 5 8")),
            ("-2", Some("-2")),
            ("true", Some("true")),
            ("< \"a\"", None),
            ("x", None),
            ("? > 3", None),
            ("[1, 2]", None),
            ("date(\"2020-01-01\")", None),
        ] {
            assert_eq!(constants(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn functions_that_capture_functions_cost_no_more_than_they_are() {
        let of = |count: usize| {
            let entries = (0..count).map(|at| match at {
                0 => "f0: function(x) x".to_owned(),
                at => format!("f{at}: function(x) f{}(x) + 1", at - 1),
            });
            let text = format!("{{{}, r: f{}(0)}}.r", entries.collect::<Vec<_>>().join(", "), count - 1);
            parse_expression(&text).expect("an expression").evaluate(&NoVariables, &Environment::at(0)).result
        };
        assert_eq!(of(60).expect("a value").to_string(), "59");
        assert!(of(300).expect_err("too many levels").message.contains("nested deeper than"));
    }

    #[test]
    fn a_budget_is_shared() {
        let expression = parse_expression("sum(for i in 1..100 return i)").expect("an expression");
        let evaluate = |budget: &Budget| {
            let env = Environment::at(0).within(budget.clone());
            expression.evaluate(&NoVariables, &env).result
        };
        let budget = Budget::new(1_000_000);
        evaluate(&budget).expect("a value");
        let once = budget.used();
        assert!((1_000..100_000).contains(&once), "{budget:?}");
        evaluate(&budget).expect("a value");
        assert_eq!(budget.used(), 2 * once, "the same work costs the same");
        let budget = Budget::new(2 * once - 1);
        evaluate(&budget).expect("a value");
        let failure = evaluate(&budget).expect_err("used up");
        assert!(failure.message.contains("units of work"), "{failure}");
        assert_eq!(failure.kind, crate::FailureKind::Aborted);
        assert!(budget.is_exhausted());
    }

    struct Host(Value);

    impl Variables for Host {
        fn get(&self, _name: &str) -> Option<&[u8]> {
            None
        }

        fn get_value(&self, name: &str) -> Option<&Value> {
            (name == "f").then_some(&self.0)
        }

        fn call_host(&self, function: &HostFunction, arguments: &[Value]) -> Result<Value, HostError> {
            match arguments.first().and_then(Val::as_i64) {
                Some(n) => Ok(Val::integer(n + i64::from(function.id()))),
                None => Err(HostError::Failed("no number".to_owned())),
            }
        }
    }

    #[test]
    fn a_host_runs_its_functions() {
        let function = HostFunction::new(7, Arc::new([])).expect("a function");
        let host = Host(Val::Function(Arc::new(crate::Function::host(&["n"], function))));
        let env = Environment::at(0);
        for (text, expected) in [
            ("f(1)", "8"),
            ("f(n: 2)", "9"),
            ("f(\"x\")", "null"),
            ("(function(g) g(3))(f)", "10"),
            ("f = null", "false"),
        ] {
            let Ok(expression) = parse_expression(text) else { continue };
            let value = expression.evaluate(&host, &env).result.expect("a value");
            assert_eq!(value.to_string(), expected, "{text}");
        }
    }
}
