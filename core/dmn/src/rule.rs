//! A row of a decision table.

use std::sync::Arc;

use ringbolt_feel::{Expression, UnaryTests};

/// A FEEL expression.
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub(crate) expression: Expression,
}

/// A cell on a rule's input side.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// Accepts everything.
    Any,
    Tests(UnaryTests),
}

/// A row.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: Arc<str>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) outputs: Vec<Literal>,
}
