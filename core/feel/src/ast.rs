//! The syntax tree: what the parser produces and the compiler consumes. Nodes live in one arena, because the parser
//! backtracks and shares what it has already read.

use crate::number::Decimal;
use crate::value::Value;
use std::sync::Arc;

/// A node of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExpId(pub(crate) u32);

/// A name.
pub(crate) type Name = Arc<str>;

/// Operators of chains and comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One step after a value: `.name` or `[filter]`.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    Path(Name),
    Filter(ExpId),
}

/// The arguments of a call.
#[derive(Clone, Debug)]
pub(crate) enum Arguments {
    Positional(Vec<ExpId>),
    Named(Vec<(Name, ExpId)>),
}

/// What comes out of several conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Some,
    Every,
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) enum Exp {
    Constant(Value),
    Number(Decimal),
    /// A time with a zone: its standard offset depends on "now".
    ZonedTime(Name),
    /// `?`
    Input,
    List(Vec<ExpId>),
    Context(Vec<(Name, ExpId)>),
    Range {
        start: ExpId,
        start_closed: bool,
        end: ExpId,
        end_closed: bool,
    },
    /// A name, perhaps with a path: `a.b.c`.
    Reference(Vec<Name>),
    Access(ExpId, Vec<Access>),
    Arithmetic(ExpId, Vec<(Arithmetic, ExpId)>),
    Negate(ExpId),
    Compare(Comparison, ExpId, ExpId),
    Between(ExpId, ExpId, ExpId),
    InstanceOf(ExpId, Name),
    In(ExpId, ExpId),
    And(ExpId, Vec<ExpId>),
    Or(ExpId, Vec<ExpId>),
    If(ExpId, ExpId, ExpId),
    For(Vec<(Name, ExpId)>, ExpId),
    Quantified(Quantifier, Vec<(Name, ExpId)>, ExpId),
    /// `1..10` in an iterator.
    Iteration(ExpId, ExpId),
    Call(Name, Arguments),
    QualifiedCall(Vec<Name>, Name, Arguments),
    Function(Vec<Name>, ExpId),
    /// The input equals a boolean.
    InputEquals(ExpId),
    InputCompare(Comparison, ExpId),
    /// The input lies in a range.
    InputIn(ExpId),
    /// An expression as a unary test.
    Test(ExpId),
    /// At least one test holds.
    AnyTest(Vec<ExpId>),
    Not(ExpId),
}
