//! FEEL, the expression language of BPMN and DMN models, with the answers of Camunda 8's own engine.
//!
//! An expression is parsed and compiled once and evaluated many times. Evaluation is a pure function of the
//! expression, the variables and an [`Environment`] (time, zone, random seed, limits); variables stay in their stored
//! JSON form and are parsed only where an expression touches them.
//!
//! Code map: `parser` (text to tree), `compile` (tree to program), `eval` (program to value), `builtins` (functions by
//! topic), `budget` (what work costs), `number` and `temporal` (the arithmetic behind values), `json` (lazy reading), `value`, `display`, `from_ai` (what an expression leaves to an agent).
//!
//! Invariants: no I/O, no clock, no randomness of its own; no input overflows the stack, loops forever or grows memory
//! without bound. What this crate deliberately does not do: decision tables and DMN's type checks (they build on it),
//! external Java functions, names with blanks outside backticks.

mod ast;
mod budget;
mod builtins;
pub mod cli;
mod compile;
mod display;
mod embed;
mod environment;
mod error;
mod eval;
mod expression;
mod from_ai;
mod json;
mod limits;
mod number;
mod parser;
mod program;
mod temporal;
mod value;

pub use budget::Budget;
pub use builtins::functions;
pub use embed::{HostError, HostFunction};
pub use environment::{Environment, NoVariables, Variables};
pub use error::{Exhausted, Failure, FailureKind, ParseError, Warning, WarningKind, Warnings};
pub use expression::{Evaluated, Evaluation, Expression, UnaryTests, parse_expression, parse_unary_tests};
pub use from_ai::from_ai_parameters;
pub use limits::{Limits, MESSAGE_BYTES_MAX, NESTING_MAX, TEXT_BYTES_MAX, WARNINGS_BYTES_MAX};
pub use number::{ArithmeticError, Decimal, Rounding};
pub use temporal::{
    Date, DateTime, DayTimeDuration, LocalDateTime, LocalTime, TemporalOverflow, Time, YearMonthDuration,
    Zone,
};
pub use value::{Boundary, Context, Function, List, Range, Text, Val, Value};
