//! The crate's front door: parsed expressions and unary tests, and what their evaluation gives.

use crate::ast::Name;
use crate::compile::compile;
use crate::environment::{Environment, Variables};
use crate::error::{Failure, ParseError, Warnings};
use crate::eval::Eval;
use crate::parser;
use crate::program::{Node, Program};
use crate::value::{Val, Value};
use std::sync::Arc;

/// Parses an expression (without the leading `=` that models use to mark one).
pub fn parse_expression(text: &str) -> Result<Expression, ParseError> {
    let tree = parser::expression(text)?;
    Ok(Expression { compiled: Compiled::new(text, compile(&tree)?) })
}

/// Parses unary tests: what a cell of a decision table holds.
pub fn parse_unary_tests(text: &str) -> Result<UnaryTests, ParseError> {
    let tree = parser::unary_tests(text)?;
    Ok(UnaryTests { compiled: Compiled::new(text, compile(&tree)?) })
}

/// The result of an evaluation with the warnings that came up on the way.
#[derive(Debug)]
pub struct Evaluated<'v> {
    /// The value, or why there is none.
    pub result: Result<Val<'v>, Failure>,
    /// What went wrong without failing the evaluation, in the order it happened.
    pub warnings: Warnings,
}

/// The result of an evaluation that borrows nothing.
pub type Evaluation = Evaluated<'static>;

#[derive(Clone, Debug)]
struct Compiled {
    text: Arc<str>,
    program: Arc<Program>,
    names: Arc<[Name]>,
}

impl Compiled {
    fn new(text: &str, program: Program) -> Compiled {
        let names = program.outside.iter().filter(|o| o.listed).map(|o| o.name.clone()).collect();
        Compiled { text: text.into(), program: Arc::new(program), names }
    }

    fn evaluate<'v>(
        &'v self,
        variables: &'v dyn Variables,
        env: &'v Environment,
        input: Option<Val<'v>>,
    ) -> Evaluated<'v> {
        let mut eval = Eval::new(&self.program, variables, env, input);
        let result = eval.run();
        Evaluated { result, warnings: std::mem::take(&mut eval.warnings) }
    }
}

/// A parsed and compiled expression: immutable, cheap to clone, shareable between threads.
#[derive(Clone, Debug)]
pub struct Expression {
    compiled: Compiled,
}

impl Expression {
    /// The text it was parsed from.
    pub fn text(&self) -> &str {
        &self.compiled.text
    }

    /// The value, where the expression is a constant.
    pub fn as_constant(&self) -> Option<&Value> {
        match self.compiled.program.node(self.compiled.program.root) {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The variables the expression may read, each once, in the order of their first use.
    pub fn variable_names(&self) -> &[Arc<str>] {
        &self.compiled.names
    }

    /// Evaluates the expression. The result is owned; see `evaluate_borrowed` where it need not be.
    pub fn evaluate(&self, variables: &dyn Variables, env: &Environment) -> Evaluation {
        let evaluation = self.compiled.evaluate(variables, env, None);
        Evaluated { result: evaluation.result.map(Val::into_owned), warnings: evaluation.warnings }
    }

    /// Evaluates the expression to a value that may borrow from the variables: text and JSON that only pass through
    /// are not copied.
    pub fn evaluate_borrowed<'v>(
        &'v self,
        variables: &'v dyn Variables,
        env: &'v Environment,
    ) -> Evaluated<'v> {
        self.compiled.evaluate(variables, env, None)
    }
}

/// Parsed and compiled unary tests.
#[derive(Clone, Debug)]
pub struct UnaryTests {
    compiled: Compiled,
}

impl UnaryTests {
    pub(crate) fn program(&self) -> &Arc<Program> {
        &self.compiled.program
    }

    /// The text they were parsed from.
    pub fn text(&self) -> &str {
        &self.compiled.text
    }

    /// The variables the tests may read besides the input.
    pub fn variable_names(&self) -> &[Arc<str>] {
        &self.compiled.names
    }

    /// Whether the tests accept every input (`-`).
    pub fn accepts_all(&self) -> bool {
        matches!(self.compiled.program.node(self.compiled.program.root), Node::Constant(Val::Bool(true)))
    }

    /// Tests an input (`?`, also known as `cellInput`): true, false, or null where the test does not apply.
    pub fn evaluate(&self, input: &Value, variables: &dyn Variables, env: &Environment) -> Evaluation {
        let evaluation = self.compiled.evaluate(variables, env, Some(input.clone()));
        Evaluated { result: evaluation.result.map(Val::into_owned), warnings: evaluation.warnings }
    }
}
