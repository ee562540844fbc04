//! Function values: closures over an expression's scope, and functions that the host runs.

use super::{Val, Value};
use crate::embed::HostFunction;
use crate::program::{NodeId, Program};
use std::sync::Arc;

/// A function value. What it captured is owned and shared: functions that capture functions that capture functions
/// stay as small as they are, however often one is copied out of an evaluation.
pub struct Function {
    pub(crate) params: Arc<[Box<str>]>,
    pub(crate) kind: FunctionKind,
    weight: u64,
    nesting: u16,
}

/// What a function does when it is called.
#[derive(Clone)]
pub(crate) enum FunctionKind {
    /// Evaluates a node with the captured scope and the arguments above it.
    Closure { program: Arc<Program>, body: NodeId, captured: Arc<[Value]> },
    /// The host runs it, through the variables of the evaluation that calls it.
    Host(HostFunction),
}

/// What a function weighs without the values it captured.
const OWN_WEIGHT: u64 = 64;

/// Weight and nesting of a function that captured these values. Captured functions are shared and count as one value
/// each: adding up what they captured in turn would double with every function in a row.
pub(crate) fn measure<'a>(captured: impl Iterator<Item = &'a Value>) -> (u64, u16) {
    captured.fold((OWN_WEIGHT, 1), |(weight, nesting), value| {
        let own = if let Val::Function(_) = value { OWN_WEIGHT } else { value.weight() };
        (weight.saturating_add(own), nesting.max(value.nesting().saturating_add(1)))
    })
}

impl Function {
    /// A function of the host.
    pub fn host(params: &[&str], function: HostFunction) -> Function {
        let (weight, nesting) = (function.weight(), function.nesting());
        let params = params.iter().map(|p| Box::from(*p)).collect();
        Function { params, kind: FunctionKind::Host(function), weight, nesting }
    }

    /// A function written in an expression, with the values around it.
    pub(crate) fn closure(
        params: Arc<[Box<str>]>,
        program: Arc<Program>,
        body: NodeId,
        captured: Arc<[Value]>,
    ) -> Function {
        let (weight, nesting) = measure(captured.iter());
        Function { params, kind: FunctionKind::Closure { program, body, captured }, weight, nesting }
    }

    /// The names of the parameters.
    pub fn params(&self) -> &[Box<str>] {
        &self.params
    }

    pub(crate) fn weight(&self) -> u64 {
        self.weight
    }

    pub(crate) fn nesting(&self) -> u16 {
        self.nesting
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "function({})", self.params.join(", "))
    }
}
