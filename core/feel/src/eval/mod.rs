//! The evaluator: walks a program's nodes with a stack of slots. It borrows variables and constants and allocates
//! nothing for scalars; warnings and errors follow the reference's rules for when an operation gives null, a warning
//! or a failure.
//!
//! Invariants: every node is charged, nesting is counted, and every list, context and string built is checked against
//! the limits; the stack has the same height before and after each node.

mod access;
mod arithmetic;
mod call;
mod compare;
mod documents;
mod iterate;
mod logic;
mod unary;

use crate::ast::Name;
use crate::budget::{Meter, cost, used_up};
use crate::builtins::Patterns;
use crate::embed::{HostError, HostFunction};
use crate::environment::{Environment, Variables};
use crate::error::{Failure, FailureKind, Stop, Warning, WarningKind, Warnings, cut};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::program::{Node, NodeId, Program};
use crate::temporal::parse;
use crate::value::{Boundary, Context, Function, INDEXED_MIN, List, Range, Text, Val, Value};
use documents::Documents;
use smallvec::SmallVec;
use std::sync::Arc;

pub(crate) use compare::{Equality, order, same, same_point};

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
    pub(crate) warnings: Warnings,
    pub(crate) asserted: bool,
    /// Variables looked up in vain so far.
    missing: u32,
    /// Units left of those taken from the budget.
    left: u64,
    depth: u32,
    pub(crate) random: u64,
    /// The variables read so far, by their number in the program.
    known: SmallVec<[Option<Val<'v>>; 4]>,
    documents: Documents<'v>,
    pub(crate) patterns: Patterns,
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
            warnings: Warnings::default(),
            asserted: false,
            missing: 0,
            left: if env.budget.is_some() { 0 } else { env.limits.units },
            depth: env.budget.as_ref().map_or(0, |budget| budget.depth()),
            random: env.random_seed,
            known: SmallVec::new(),
            documents: Documents::default(),
            patterns: Patterns::default(),
        }
    }

    /// The result of the whole program. Writing it is charged too.
    pub(crate) fn run(&mut self) -> Result<Val<'v>, Failure> {
        let outcome = self.charge(cost::EVALUATION).and_then(|()| self.node(self.program.root));
        let outcome = outcome.and_then(|value| {
            value.charge_writing(self)?;
            Ok(value)
        });
        self.release();
        if self.asserted {
            let warning = self.warnings.iter().find(|w| w.kind == WarningKind::AssertFailure);
            let message = warning.map_or("the condition is not fulfilled", |w| w.message.as_str());
            let message = format!("assertion failure: {message}");
            return Err(Failure { message, kind: self.kind_of(&outcome) });
        }
        let kind = self.kind_of(&outcome);
        outcome.map_err(|stop| {
            let message = match stop {
                Stop::Error(message) | Stop::Abort(message) => message.into(),
                Stop::NoInput => {
                    "no input value available: '?' can only be used inside a unary test".to_owned()
                }
            };
            Failure { message, kind }
        })
    }

    fn kind_of(&self, outcome: &Outcome<'v>) -> FailureKind {
        if matches!(outcome, Err(Stop::Abort(_))) { FailureKind::Aborted } else { FailureKind::Failed }
    }

    /// Charges units of work; fails where the budget is used up.
    #[inline]
    pub(crate) fn charge(&mut self, units: u64) -> Result<(), Stop> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => self.take(units),
        }
    }

    /// Takes more units from the shared budget, if there is one.
    #[cold]
    #[inline(never)]
    fn take(&mut self, units: u64) -> Result<(), Stop> {
        self.release();
        let Some(budget) = &self.env.budget else {
            self.left = 0;
            return Err(Stop::abort(used_up(self.env.limits.units)));
        };
        self.left = budget.take(units)? - units;
        Ok(())
    }

    /// Gives back what was taken from the shared budget and not used.
    pub(crate) fn release(&mut self) {
        if let Some(budget) = &self.env.budget {
            budget.give_back(std::mem::take(&mut self.left));
        }
    }

    /// Units that are left.
    pub(crate) fn units_left(&self) -> u64 {
        self.left + self.env.budget.as_ref().map_or(0, |budget| budget.left())
    }

    /// Charges for work that is done already: what is missing is missed by the next that charges.
    pub(crate) fn spend(&mut self, units: u64) {
        self.left = self.left.saturating_sub(units);
    }

    #[cold]
    pub(crate) fn warn(&mut self, kind: WarningKind, mut message: String) {
        self.spend(cost::MESSAGE);
        self.asserted |= kind == WarningKind::AssertFailure;
        cut(&mut message, MESSAGE_BYTES_MAX);
        self.warnings.push(Warning { kind, message }, self.env.limits.warnings);
    }

    pub(crate) fn call_host(&mut self, function: &HostFunction, args: &[Value]) -> Outcome<'v> {
        self.release();
        let outer = self.env.budget.as_ref().map(|budget| budget.depth());
        self.set_shared_depth(Some(self.depth));
        let result = self.variables.call_host(function, args);
        self.set_shared_depth(outer);
        result.map_err(|error| match error {
            HostError::Failed(message) => Stop::error(message),
            HostError::Aborted(message) => Stop::abort(message),
        })
    }

    fn set_shared_depth(&self, depth: Option<u32>) {
        if let (Some(budget), Some(depth)) = (&self.env.budget, depth) {
            budget.set_depth(depth);
        }
    }

    /// A warning together with the error value it goes with.
    #[cold]
    pub(crate) fn error(&mut self, kind: WarningKind, message: String) -> Stop {
        let stop = Stop::error(message.as_str());
        self.warn(kind, message);
        stop
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
        self.charge(cost::NODE)?;
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
            Node::ZonedTime(text) => self.zoned_time(text),
            Node::CellInput => self.cell_input(),
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

    fn zoned_time(&mut self, text: &str) -> Outcome<'v> {
        self.charge(cost::TEMPORAL + cost::read(text.len()))?;
        Ok(match parse::time(text, self.env.now_ms.div_euclid(1000)) {
            Some(time) => Val::Time(time),
            None => Val::Null,
        })
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
        self.charge(cost::ALLOCATION + values.len() as u64 * cost::ITEM)?;
        Ok(Val::List(List::build(values, &self.env.limits)?))
    }

    pub(crate) fn new_context(&mut self, entries: Vec<(Text<'v>, Val<'v>)>) -> Outcome<'v> {
        self.charge_entries(&entries)?;
        Ok(Val::Context(Context::build(entries, &self.env.limits)?))
    }

    /// Charges for making a context: small ones are searched for each key, large ones sorted.
    fn charge_entries(&mut self, entries: &[(Text<'v>, Val<'v>)]) -> Result<(), Stop> {
        let each = if entries.len() < INDEXED_MIN { 3 } else { 15 } * cost::ITEM;
        let keys: usize = entries.iter().map(|(key, _)| key.as_str().len()).sum();
        self.charge(cost::ALLOCATION + entries.len() as u64 * each + cost::read(keys))
    }

    /// A string within the limits. Charges for making and copying it.
    pub(crate) fn new_string(&mut self, text: String) -> Outcome<'v> {
        self.check_string(text.len())?;
        Ok(Val::Str(Text::from(text)))
    }

    /// Charges for a string that is about to be made, if it is within the limits.
    pub(crate) fn check_string(&mut self, bytes: usize) -> Result<(), Stop> {
        if bytes > self.env.limits.string_bytes {
            let max = self.env.limits.string_bytes;
            return Err(Stop::abort(format!("a string is longer than {max} bytes")));
        }
        self.charge(cost::ALLOCATION + 2 * cost::copied(bytes))
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
        let entries: Vec<(Text<'v>, Val<'v>)> = keys.zip(values).collect();
        self.charge_entries(&entries)?;
        Ok(Val::Context(Context::literal(entries, &self.env.limits)?))
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
        let places = self.base..self.base + captured as usize;
        // Taking the values along copies them.
        let bytes =
            self.stack[places.clone()].iter().fold(0, |bytes, value| value.weight().saturating_add(bytes));
        let items = captured as u64 * 2 * cost::ITEM;
        self.charge(cost::ALLOCATION + items + bytes)?;
        let captured: Arc<[Value]> =
            self.stack[places].iter().map(|value| value.clone().into_owned()).collect();
        let function = Function::closure(params.clone(), self.program.clone(), body, captured);
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

impl Meter for Eval<'_> {
    fn charge(&mut self, units: u64) -> Result<(), Stop> {
        Eval::charge(self, units)
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
