//! The parser: recursive descent with ordered choice, as the reference's grammar is defined, so that both read every
//! text the same way (`a-1` is a subtraction, `x in[1..2]` an interval, `["a b"]` a list). Names have no blanks unless
//! they stand in backticks or before `(` or `:`.
//!
//! Bounds: results are remembered per position, so backtracking stays linear; nesting, steps and text length are
//! limited. The parser never panics and never recurses deeper than `NESTING_MAX` levels of nesting.

mod expression;
mod lexical;
mod operators;
mod terminal;
mod unary;

use crate::ast::{Exp, ExpId};
use crate::error::ParseError;
use crate::limits::{NESTING_MAX, PARSE_STEPS_MAX, TEXT_BYTES_MAX};
use rustc_hash::FxHashMap;

/// A node and the position after it.
type Parsed = Option<(ExpId, usize)>;

/// Rules whose results are remembered.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    Expression,
    Operand,
    Value,
    Range,
}

/// The tree of a text.
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Exp>,
    pub(crate) root: ExpId,
}

/// What the parser knows while it reads.
pub(super) struct Parser<'t> {
    text: &'t str,
    nodes: Vec<Exp>,
    memo: FxHashMap<(Rule, usize), Parsed>,
    depth: u32,
    steps: u32,
    /// The furthest position where something was missing, and what.
    furthest: usize,
    expected: Vec<&'static str>,
    /// An error that ends parsing at once.
    fatal: Option<(usize, String)>,
}

/// Parses an expression.
pub(crate) fn expression(text: &str) -> Result<Tree, ParseError> {
    Parser::run(text, |p, at| p.expression(at))
}

/// Parses unary tests.
pub(crate) fn unary_tests(text: &str) -> Result<Tree, ParseError> {
    Parser::run(text, |p, at| p.unary_tests(at))
}

impl<'t> Parser<'t> {
    fn run(text: &'t str, rule: impl FnOnce(&mut Parser<'t>, usize) -> Parsed) -> Result<Tree, ParseError> {
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("the expression is longer than {TEXT_BYTES_MAX} bytes");
            return Err(ParseError { line: 1, column: 1, message });
        }
        let mut parser = Parser {
            text,
            nodes: Vec::new(),
            memo: FxHashMap::default(),
            depth: 0,
            steps: 0,
            furthest: 0,
            expected: Vec::new(),
            fatal: None,
        };
        let start = parser.blank(0);
        if let Some((root, end)) = rule(&mut parser, start)
            && parser.fatal.is_none()
        {
            let end = parser.blank(end);
            if end == text.len() && parser.fatal.is_none() {
                return Ok(Tree { nodes: parser.nodes, root });
            }
            parser.missing(end, "an operator");
            parser.missing(end, "the end of the expression");
        }
        Err(parser.error())
    }

    fn add(&mut self, node: Exp) -> ExpId {
        self.nodes.push(node);
        ExpId(self.nodes.len() as u32 - 1)
    }

    /// Notes that something was expected at a position; the furthest position is what the user gets to see.
    fn missing(&mut self, at: usize, what: &'static str) {
        if at > self.furthest {
            self.furthest = at;
            self.expected.clear();
        }
        if at == self.furthest && !self.expected.contains(&what) {
            self.expected.push(what);
        }
    }

    fn fail(&mut self, at: usize, message: String) {
        if self.fatal.is_none() {
            self.fatal = Some((at, message));
        }
    }

    /// Runs a rule once per position.
    fn remember(
        &mut self,
        rule: Rule,
        at: usize,
        read: impl FnOnce(&mut Parser<'t>, usize) -> Parsed,
    ) -> Parsed {
        if let Some(known) = self.memo.get(&(rule, at)) {
            return *known;
        }
        self.steps += 1;
        if self.steps > PARSE_STEPS_MAX {
            self.fail(at, format!("the expression takes more than {PARSE_STEPS_MAX} steps to read"));
        }
        if self.fatal.is_some() {
            return None;
        }
        let result = read(self, at);
        self.memo.insert((rule, at), result);
        result
    }

    /// Runs a rule one level deeper.
    fn nested(&mut self, at: usize, read: impl FnOnce(&mut Parser<'t>, usize) -> Parsed) -> Parsed {
        if self.depth >= NESTING_MAX {
            self.fail(at, format!("the expression is nested deeper than {NESTING_MAX} levels"));
            return None;
        }
        self.depth += 1;
        let result = read(self, at);
        self.depth -= 1;
        result
    }

    fn error(&self) -> ParseError {
        let (at, message) = match &self.fatal {
            Some((at, message)) => (*at, message.clone()),
            None => (self.furthest, self.describe()),
        };
        let before = &self.text[..at];
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() as u32 + 1;
        let message = match &self.fatal {
            Some(_) => message,
            None => {
                let found = self.found(at);
                format!("expected {message} at {line}:{column}, found {found}")
            }
        };
        ParseError { line, column, message }
    }

    fn describe(&self) -> String {
        match self.expected.as_slice() {
            [] => "an expression".to_owned(),
            [one] => (*one).to_owned(),
            [many @ .., last] => format!("{} or {last}", many.join(", ")),
        }
    }

    /// What stands at a position: a word, a character, or the end.
    fn found(&self, at: usize) -> String {
        let rest = &self.text[at..];
        let Some(first) = rest.chars().next() else { return "the end".to_owned() };
        let word: String = rest.chars().take_while(|c| lexical::is_name_part(*c)).take(30).collect();
        if word.is_empty() { format!("{:?}", first.to_string()) } else { format!("{word:?}") }
    }
}
