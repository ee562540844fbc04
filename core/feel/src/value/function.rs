//! Function values: closures over an expression's scope, and functions that the host runs.

use super::Val;
use crate::embed::HostFunction;
use crate::program::{NodeId, Program};
use std::sync::Arc;

/// A function value.
pub struct Function<'v> {
    pub(crate) params: Arc<[Box<str>]>,
    pub(crate) kind: FunctionKind<'v>,
}

/// What a function does when it is called.
#[derive(Clone)]
pub(crate) enum FunctionKind<'v> {
    /// Evaluates a node with the captured scope and the arguments above it.
    Closure { program: Arc<Program>, body: NodeId, captured: Arc<[Val<'v>]> },
    /// The host runs it, through the variables of the evaluation that calls it.
    Host(HostFunction),
}

impl Function<'_> {
    /// A function of the host.
    pub fn host(params: &[&str], function: HostFunction) -> Function<'static> {
        Function {
            params: params.iter().map(|p| Box::from(*p)).collect(),
            kind: FunctionKind::Host(function),
        }
    }

    /// The names of the parameters.
    pub fn params(&self) -> &[Box<str>] {
        &self.params
    }

    pub(crate) fn weight(&self) -> u64 {
        match &self.kind {
            FunctionKind::Closure { captured, .. } => {
                captured.iter().fold(64, |w, v| w.saturating_add(v.weight()))
            }
            FunctionKind::Host(host) => host.weight(),
        }
    }

    pub(crate) fn nesting(&self) -> u16 {
        match &self.kind {
            FunctionKind::Closure { captured, .. } => {
                captured.iter().map(Val::nesting).max().unwrap_or(0).saturating_add(1)
            }
            FunctionKind::Host(host) => host.nesting(),
        }
    }

    pub(crate) fn to_owned_function(&self) -> Function<'static> {
        let kind = match &self.kind {
            FunctionKind::Closure { program, body, captured } => FunctionKind::Closure {
                program: program.clone(),
                body: *body,
                captured: captured.iter().map(|v| v.clone().into_owned()).collect(),
            },
            FunctionKind::Host(host) => FunctionKind::Host(host.clone()),
        };
        Function { params: self.params.clone(), kind }
    }
}

impl std::fmt::Debug for Function<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "function({})", self.params.join(", "))
    }
}
