//! The evaluator: walks a program's nodes with a stack of slots. It borrows variables and constants and allocates
//! nothing for scalars; warnings and errors follow the reference's rules for when an operation gives null, a warning
//! or a failure.
//!
//! Invariants: every node costs a step, nesting is counted, and every list, context and string built is checked
//! against the limits; the stack has the same height before and after each node.

mod access;
mod arithmetic;
mod call;
mod compare;
mod iterate;
mod logic;
mod unary;

use crate::ast::Name;
use crate::embed::{Budget, HostError, HostFunction};
use crate::environment::{Environment, Variables};
use crate::error::{Failure, Stop, Warning, WarningKind};
use crate::program::{Node, NodeId, Program};
use crate::temporal::parse;
use crate::value::{Boundary, Context, Function, List, Range, Text, Val, Value};
use std::sync::Arc;

pub(crate) use compare::{Equality, order, same};

/// The levels of nesting a function call counts for.
const CALL_LEVELS: u32 = 3;

/// What a node gives.
pub(crate) type Outcome<'v> = Result<Val<'v>, Stop>;

/// One evaluation.
pub(crate) struct Eval<'v> {
    pub(crate) program: &'v Arc<Program>,
    pub(crate) variables: &'v dyn Variables,
    pub(crate) env: &'v Environment,
    stack: Vec<Val<'v>>,
    base: usize,
    /// The implicit input of unary tests, and the same under the name `?`.
    input: Option<Val<'v>>,
    question: Option<Val<'v>>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) asserted: bool,
    /// Variables looked up in vain so far.
    missing: u32,
    aborted: bool,
    steps: u64,
    depth: u32,
    pub(crate) random: u64,
}

impl<'v> Eval<'v> {
    pub(crate) fn new(
        program: &'v Arc<Program>,
        variables: &'v dyn Variables,
        env: &'v Environment,
        input: Option<Val<'v>>,
    ) -> Eval<'v> {
        Eval {
            program,
            variables,
            env,
            stack: Vec::new(),
            base: 0,
            input,
            question: None,
            warnings: Vec::new(),
            asserted: false,
            missing: 0,
            aborted: false,
            steps: env.limits.steps,
            depth: 0,
            random: env.random_seed,
        }
    }

    /// The result of the whole program.
    pub(crate) fn run(&mut self) -> Result<Val<'v>, Failure> {
        let outcome = self.node(self.program.root);
        self.aborted = matches!(outcome, Err(Stop::Abort(_)));
        if self.asserted {
            let warning = self.warnings.iter().find(|w| w.kind == WarningKind::AssertFailure);
            let message = warning.map_or("the condition is not fulfilled", |w| w.message.as_str());
            return Err(Failure { message: format!("assertion failure: {message}") });
        }
        outcome.map_err(|stop| Failure {
            message: match stop {
                Stop::Error(message) | Stop::Abort(message) => message.into(),
                Stop::NoInput => {
                    "no input value available: '?' can only be used inside a unary test".to_owned()
                }
            },
        })
    }

    /// Charges steps; fails where the bound is reached.
    #[inline]
    pub(crate) fn charge(&mut self, steps: u64) -> Result<(), Stop> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                Err(Stop::abort(format!("the evaluation takes more than {} steps", self.env.limits.steps)))
            }
        }
    }

    #[cold]
    pub(crate) fn warn(&mut self, kind: WarningKind, message: String) {
        self.asserted |= kind == WarningKind::AssertFailure;
        if self.warnings.len() < self.env.limits.warnings {
            self.warnings.push(Warning { kind, message });
        }
    }

    /// Goes on with what an earlier evaluation left.
    pub(crate) fn take_budget(&mut self, budget: &Budget) {
        self.steps = budget.steps;
        self.depth = budget.depth;
    }

    /// Leaves what was not used.
    pub(crate) fn return_budget(&self, budget: &mut Budget) {
        budget.steps = self.steps;
        budget.aborted |= self.aborted;
    }

    pub(crate) fn call_host(&mut self, function: &HostFunction, args: &[Value]) -> Outcome<'v> {
        let mut budget = Budget { steps: self.steps, depth: self.depth, aborted: false };
        let result = self.variables.call_host(function, args, &mut budget);
        self.steps = budget.steps;
        result.map_err(|error| match error {
            HostError::Failed(message) => Stop::error(message),
            HostError::Aborted(message) => Stop::abort(message),
        })
    }

    /// A warning together with the error value it goes with.
    #[cold]
    pub(crate) fn error(&mut self, kind: WarningKind, message: String) -> Stop {
        self.warn(kind, message.clone());
        Stop::Error(message.into())
    }

    /// An error value becomes null; everything else stays.
    #[inline]
    fn or_null(outcome: Outcome<'v>) -> Outcome<'v> {
        match outcome {
            Err(Stop::Error(_)) => Ok(Val::Null),
            other => other,
        }
    }

    /// Runs a piece of work that may nest again: a function's body, a list inside a list.
    pub(crate) fn deeper<T>(
        &mut self,
        work: impl FnOnce(&mut Eval<'v>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        self.descend(CALL_LEVELS)?;
        let result = work(self);
        self.depth -= CALL_LEVELS;
        result
    }

    /// Evaluates a node.
    #[inline]
    pub(crate) fn node(&mut self, id: NodeId) -> Outcome<'v> {
        self.charge(1)?;
        let program = self.program;
        match program.node(id) {
            Node::Constant(value) => Ok(borrow_constant(value)),
            Node::Outside(name) => self.outside(*name),
            Node::Local(slot) => Ok(self.slot(*slot).clone()),
            Node::Question => self.question.clone().ok_or(Stop::NoInput),
            node => {
                let levels = levels(node);
                self.descend(levels)?;
                let outcome = self.inner(node);
                self.depth -= levels;
                outcome
            }
        }
    }

    /// Counts levels of nesting; fails where the bound is reached.
    #[inline]
    fn descend(&mut self, levels: u32) -> Result<(), Stop> {
        if self.depth + levels > self.env.limits.depth {
            let depth = self.env.limits.depth;
            return Err(Stop::abort(format!("the evaluation is nested deeper than {depth} levels")));
        }
        self.depth += levels;
        Ok(())
    }

    #[inline(never)]
    fn inner(&mut self, node: &'v Node) -> Outcome<'v> {
        match node {
            Node::Constant(value) => Ok(borrow_constant(value)),
            Node::Outside(name) => self.outside(*name),
            Node::Local(slot) => Ok(self.slot(*slot).clone()),
            Node::Question => self.question.clone().ok_or(Stop::NoInput),
            Node::ZonedTime(text) => Ok(self.zoned_time(text)),
            Node::CellInput => Ok(self.cell_input()),
            Node::List(items) => self.list(items),
            Node::Context(entries) => self.context(entries),
            Node::Range { start, start_closed, end, end_closed } => {
                self.range(*start, *start_closed, *end, *end_closed)
            }
            Node::Scoped { candidates, outside } => self.scoped(candidates, *outside),
            Node::Path(variable, names) => self.variable_path(*variable, names),
            Node::Access(base, steps) => self.access(*base, steps),
            Node::Arithmetic(first, rest) => self.arithmetic(*first, rest),
            Node::Negate(value) => self.negate(*value),
            Node::Compare(op, left, right) => self.compare(*op, *left, *right),
            Node::InstanceOf(value, name) => self.instance_of(*value, name),
            Node::In(value, test) => self.in_test(*value, *test),
            Node::And(operands) => self.all_of(operands),
            Node::Or(operands) => self.any_of(operands),
            Node::If(condition, positive, negative) => self.if_else(*condition, *positive, *negative),
            Node::For(each) => self.for_each(each),
            Node::Quantified(quantifier, each) => self.quantified(*quantifier, each),
            Node::Iteration(start, end) => self.iteration(*start, *end),
            Node::Call(call) => self.call(call),
            Node::QualifiedCall { path, name, arguments } => self.qualified_call(*path, name, arguments),
            Node::Function { params, body, captured } => self.function(params, *body, *captured),
            Node::InputEquals(value) => self.input_equals(*value),
            Node::InputCompare(op, value) => self.input_compare(*op, *value),
            Node::InputIn { start, start_closed, end, end_closed } => {
                self.input_in(*start, *start_closed, *end, *end_closed)
            }
            Node::Test(value) => self.test(*value),
            Node::AnyTest(tests) => self.any_of(tests),
            Node::Not(value) => self.not(*value),
        }
    }

    fn zoned_time(&self, text: &str) -> Val<'v> {
        match parse::time(text, self.env.now_ms.div_euclid(1000)) {
            Some(time) => Val::Time(time),
            None => Val::Null,
        }
    }

    fn list(&mut self, items: &[NodeId]) -> Outcome<'v> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match self.node(*item) {
                Ok(value) => values.push(value),
                Err(stop) => return Err(self.as_error(stop)),
            }
        }
        self.new_list(values)
    }

    /// A missing input inside a list or context is an error value, no longer a missing input.
    fn as_error(&self, stop: Stop) -> Stop {
        match stop {
            Stop::NoInput => Stop::error("no input value available"),
            other => other,
        }
    }

    pub(crate) fn new_list(&mut self, values: Vec<Val<'v>>) -> Outcome<'v> {
        self.charge(values.len() as u64)?;
        Ok(Val::List(List::build(values, &self.env.limits)?))
    }

    pub(crate) fn new_context(&mut self, entries: Vec<(Text<'v>, Val<'v>)>) -> Outcome<'v> {
        self.charge(entries.len() as u64)?;
        Ok(Val::Context(Context::build(entries, &self.env.limits)?))
    }

    /// A string within the limits.
    pub(crate) fn new_string(&mut self, text: String) -> Outcome<'v> {
        if text.len() > self.env.limits.string_bytes {
            let bytes = self.env.limits.string_bytes;
            return Err(Stop::abort(format!("a string is longer than {bytes} bytes")));
        }
        self.charge(text.len() as u64 / 16)?;
        Ok(Val::Str(Text::from(text)))
    }

    fn context(&mut self, entries: &'v [(Name, NodeId)]) -> Outcome<'v> {
        let height = self.stack.len();
        let mut failed = None;
        for (_, value) in entries {
            match self.node(*value) {
                Ok(value) => self.stack.push(value),
                Err(stop) => {
                    failed = Some(self.as_error(stop));
                    break;
                }
            }
        }
        let values: Vec<Val<'v>> = self.stack.drain(height..).collect();
        if let Some(stop) = failed {
            return Err(stop);
        }
        let keys = entries.iter().map(|(name, _)| Text::Borrowed(name.as_ref()));
        self.charge(entries.len() as u64)?;
        Ok(Val::Context(Context::literal(keys.zip(values), &self.env.limits)?))
    }

    fn range(&mut self, start: NodeId, start_closed: bool, end: NodeId, end_closed: bool) -> Outcome<'v> {
        let start = self.node(start);
        let end = self.node(end);
        let (start, end) = (start?, end?);
        let point = |v: &Val<'v>| {
            matches!(
                v,
                Val::Number(_)
                    | Val::Date(_)
                    | Val::LocalTime(_)
                    | Val::Time(_)
                    | Val::LocalDateTime(_)
                    | Val::DateTime(_)
                    | Val::YearMonth(_)
                    | Val::DayTime(_)
            )
        };
        if !point(&start) || start.class() != end.class() {
            let message = format!(
                "Invalid range definition: '{}' to '{}'",
                crate::display::message(&start),
                crate::display::message(&end)
            );
            return Err(self.error(WarningKind::InvalidType, message));
        }
        Ok(Val::Range(Arc::new(Range {
            start: Boundary { value: start, closed: start_closed },
            end: Boundary { value: end, closed: end_closed },
        })))
    }

    fn function(&mut self, params: &Arc<[Box<str>]>, body: NodeId, captured: u32) -> Outcome<'v> {
        let captured = &self.stack[self.base..self.base + captured as usize];
        let captured: Arc<[Value]> = captured.iter().map(|value| value.clone().into_owned()).collect();
        let function = Function::closure(params.clone(), self.program.clone(), body, captured);
        // Taking the values along copies them.
        self.charge(function.weight() / 4)?;
        if function.nesting() > self.env.limits.value_depth {
            let depth = self.env.limits.value_depth;
            return Err(Stop::abort(format!("functions are nested deeper than {depth} levels")));
        }
        Ok(Val::Function(Arc::new(function)))
    }

    fn slot(&self, slot: u32) -> &Val<'v> {
        &self.stack[self.base + slot as usize]
    }
}

/// The levels of nesting a node counts for: those that take more stack count for more.
#[inline]
fn levels(node: &Node) -> u32 {
    match node {
        Node::For(_)
        | Node::Quantified(..)
        | Node::Access(..)
        | Node::Call(_)
        | Node::QualifiedCall { .. }
        | Node::Context(_)
        | Node::List(_) => 3,
        _ => 1,
    }
}

/// A constant without a copy of its text.
fn borrow_constant<'v>(value: &'v Val<'static>) -> Val<'v> {
    match value {
        Val::Str(text) => Val::Str(Text::Borrowed(text.as_str())),
        other => other.clone(),
    }
}
