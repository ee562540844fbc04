//! Calls: finding a function, evaluating its arguments, running it.

use super::{Eval, Outcome};
use crate::ast::Name;
use crate::budget::cost;
use crate::builtins::Builtin;
use crate::error::{Stop, WarningKind};
use crate::program::{Call, CallArguments, Candidate, NodeId};
use crate::value::{Context, Function, FunctionKind, Val};
use smallvec::SmallVec;
use std::sync::Arc;

/// Arguments of a call; most have few.
pub(crate) type Args<'v> = SmallVec<[Val<'v>; 4]>;

/// A function to run.
enum Target {
    Builtin(&'static Builtin),
    Value(Arc<Function>),
}

impl<'v> Eval<'v> {
    pub(super) fn call(&mut self, call: &'v Call) -> Outcome<'v> {
        let Some(target) = self.find_function(call) else {
            self.no_function(&call.name, &call.arguments);
            return Ok(Val::Null);
        };
        match self.invoke(&target, &call.arguments) {
            Err(Stop::Error(message)) if call.name.as_ref() == "assert" => {
                self.warn(WarningKind::AssertFailure, message.into());
                Ok(Val::Null)
            }
            Err(Stop::Error(message)) => {
                let text = format!("Failed to invoke function '{}': {message}", call.name);
                self.warn(WarningKind::FunctionInvocationFailure, text);
                Ok(Val::Null)
            }
            other => other,
        }
    }

    #[cold]
    fn no_function(&mut self, name: &Name, arguments: &CallArguments) -> Stop {
        let text = match arguments {
            CallArguments::Positional(values) => {
                format!("No function found with name '{name}' and {} parameters", values.len())
            }
            CallArguments::Named(named) => {
                let names: Vec<&str> = named.iter().map(|(n, _)| n.as_ref()).collect();
                format!("No function found with name '{name}' and parameters: {}", names.join(","))
            }
        };
        self.error(WarningKind::NoFunctionFound, text)
    }

    /// The innermost function of that name that takes these arguments.
    fn find_function(&self, call: &Call) -> Option<Target> {
        for candidate in &call.candidates {
            match candidate {
                Candidate::Entry(slot) => {
                    if let Val::Function(function) = self.slot(*slot)
                        && accepts(function, &call.arguments)
                    {
                        return Some(Target::Value(function.clone()));
                    }
                }
                Candidate::Item(slot) => {
                    if let Val::Context(context) = self.slot(*slot)
                        && let Some(function) = member(context, &call.name, &call.arguments)
                    {
                        return Some(Target::Value(function));
                    }
                }
                Candidate::Local(_) => {}
            }
        }
        if let Some(Val::Function(function)) = self.variables.get_value(&call.name)
            && accepts(function, &call.arguments)
        {
            return Some(Target::Value(function.clone()));
        }
        call.builtin.map(Target::Builtin)
    }

    /// `path.name(arguments)`: a function that a context carries.
    pub(super) fn qualified_call(
        &mut self,
        path: NodeId,
        name: &'v Name,
        arguments: &'v CallArguments,
    ) -> Outcome<'v> {
        let context = match self.node(path)? {
            Val::Context(context) => context,
            other => return Err(self.wrong_type("context", &other)),
        };
        match member(&context, name, arguments) {
            Some(function) => self.invoke(&Target::Value(function), arguments),
            None => Err(self.no_function(name, arguments)),
        }
    }

    fn invoke(&mut self, target: &Target, arguments: &'v CallArguments) -> Outcome<'v> {
        self.charge(cost::CALL)?;
        let args = match (target, arguments) {
            (Target::Builtin(builtin), CallArguments::Positional(values)) => {
                let mut args = self.evaluate_all(values.iter().copied().map(Some))?;
                if builtin.var_args {
                    self.collect_rest(builtin.params.len() - 1, &mut args)?;
                }
                args
            }
            (Target::Value(_), CallArguments::Positional(values)) => {
                self.evaluate_all(values.iter().copied().map(Some))?
            }
            (Target::Builtin(builtin), CallArguments::Named(named)) => {
                self.evaluate_all(builtin.params.iter().map(|p| named_argument(named, p)))?
            }
            (Target::Value(function), CallArguments::Named(named)) => {
                self.evaluate_all(function.params.iter().map(|p| named_argument(named, p)))?
            }
        };
        match target {
            Target::Builtin(builtin) => {
                self.charge(builtin.units(&args))?;
                (builtin.run)(self, &args)
            }
            Target::Value(function) => self.apply(function, &args),
        }
    }

    /// The arguments beyond the fixed parameters become one list; a lone list stands for its items.
    fn collect_rest(&mut self, fixed: usize, args: &mut Args<'v>) -> Result<(), Stop> {
        let rest: Vec<Val<'v>> = args.drain(fixed..).collect();
        let list = match rest.as_slice() {
            [Val::List(list)] if fixed == 0 => Val::List(list.clone()),
            _ => self.new_list(rest)?,
        };
        args.push(list);
        Ok(())
    }

    /// All arguments; every one is evaluated before an error value among them counts.
    fn evaluate_all(&mut self, nodes: impl Iterator<Item = Option<NodeId>>) -> Result<Args<'v>, Stop> {
        let mut args = Args::new();
        let mut failed: Option<Stop> = None;
        for node in nodes {
            match node.map_or(Ok(Val::Null), |node| self.node(node)) {
                Ok(value) => args.push(value),
                Err(Stop::Abort(message)) => return Err(Stop::Abort(message)),
                Err(Stop::NoInput) => failed = Some(Stop::NoInput),
                Err(Stop::Error(message)) => {
                    failed.get_or_insert(Stop::Error(message));
                }
            }
        }
        match failed {
            Some(stop) => Err(stop),
            None => Ok(args),
        }
    }

    /// Runs a function value.
    pub(crate) fn apply(&mut self, function: &Arc<Function>, args: &[Val<'v>]) -> Outcome<'v> {
        match &function.kind {
            FunctionKind::Host(host) => {
                // The arguments are copied for the host.
                let bytes = args.iter().fold(0, |bytes, arg| arg.weight().saturating_add(bytes));
                self.charge(bytes)?;
                let args: Vec<_> = args.iter().map(|v| v.clone().into_owned()).collect();
                self.call_host(host, &args)
            }
            FunctionKind::Closure { program, body, captured } if Arc::ptr_eq(program, self.program) => {
                self.charge(cost::ITEM * (captured.len() + args.len()) as u64)?;
                let base = std::mem::replace(&mut self.base, self.stack.len());
                let height = self.stack.len();
                self.stack.extend(captured.iter().cloned());
                self.stack.extend(args.iter().cloned());
                let outcome = self.deeper(|eval| eval.node(*body));
                self.stack.truncate(height);
                self.base = base;
                outcome
            }
            FunctionKind::Closure { program, body, captured } => {
                // A function of another expression: run it on a stack of its own with the same bounds.
                self.charge(cost::CALL + cost::ITEM * (captured.len() + args.len()) as u64)?;
                let mut inner = Eval::new(program, self.variables, self.env, None);
                inner.stack.extend(captured.iter().cloned());
                inner.stack.extend(args.iter().cloned());
                inner.left = std::mem::take(&mut self.left);
                inner.depth = self.depth;
                inner.random = self.random;
                let outcome = inner.deeper(|eval| eval.node(*body)).and_then(|value| {
                    inner.charge(value.weight())?;
                    Ok(value.into_owned())
                });
                self.left = inner.left;
                self.random = inner.random;
                self.asserted |= inner.asserted;
                let warnings = std::mem::take(&mut inner.warnings);
                self.warnings.absorb(warnings);
                outcome
            }
        }
    }
}

fn named_argument(named: &[(Name, NodeId)], param: &str) -> Option<NodeId> {
    named.iter().find(|(name, _)| name.as_ref() == param).map(|(_, node)| *node)
}

/// Whether a function value takes these arguments.
fn accepts(function: &Function, arguments: &CallArguments) -> bool {
    match arguments {
        CallArguments::Positional(values) => function.params.len() == values.len(),
        CallArguments::Named(named) => {
            named.iter().all(|(name, _)| function.params.iter().any(|p| p.as_ref() == name.as_ref()))
        }
    }
}

fn member<'v>(context: &Context<'v>, name: &str, arguments: &CallArguments) -> Option<Arc<Function>> {
    context.functions(name).find(|function| accepts(function, arguments)).cloned()
}
