//! Function values: closures over an expression's scope, and functions that the host provides.

use super::{Val, Value};
use crate::program::{NodeId, Program};
use std::sync::Arc;

/// A function the host provides: pure, callable from any thread.
pub trait NativeFunction: Send + Sync {
    /// The result for the arguments, one per parameter, or the reason why there is none.
    fn call(&self, arguments: &[Value]) -> Result<Value, String>;
}

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
    /// Calls the host.
    Native(Arc<dyn NativeFunction>),
}

impl Function<'_> {
    /// A function of the host.
    pub fn native(params: &[&str], function: Arc<dyn NativeFunction>) -> Function<'static> {
        Function {
            params: params.iter().map(|p| Box::from(*p)).collect(),
            kind: FunctionKind::Native(function),
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
            FunctionKind::Native(_) => 64,
        }
    }

    pub(crate) fn nesting(&self) -> u16 {
        match &self.kind {
            FunctionKind::Closure { captured, .. } => {
                captured.iter().map(Val::nesting).max().unwrap_or(0).saturating_add(1)
            }
            FunctionKind::Native(_) => 0,
        }
    }

    pub(crate) fn to_owned_function(&self) -> Function<'static> {
        let kind = match &self.kind {
            FunctionKind::Closure { program, body, captured } => FunctionKind::Closure {
                program: program.clone(),
                body: *body,
                captured: captured.iter().map(|v| v.clone().into_owned()).collect(),
            },
            FunctionKind::Native(native) => FunctionKind::Native(native.clone()),
        };
        Function { params: self.params.clone(), kind }
    }
}

impl std::fmt::Debug for Function<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "function({})", self.params.join(", "))
    }
}
