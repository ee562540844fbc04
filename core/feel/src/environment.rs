//! What an evaluation is given from outside: variables, the current time, the zone, randomness and bounds.

use crate::budget::Budget;
use crate::embed::{HostError, HostFunction};
use crate::limits::Limits;
use crate::temporal::{DateTime, TemporalOverflow, Zone};
use crate::value::Value;
use std::sync::Arc;

/// The variables of an evaluation, looked up by name; an inner scope hides an outer one.
pub trait Variables {
    /// The variable's JSON text (valid JSON, blanks around it allowed), or nothing where there is no such variable.
    fn get(&self, name: &str) -> Option<&[u8]>;

    /// A variable that is not JSON: a temporal value, a context of such, or a function. Asked only where `get`
    /// found nothing. Functions found here can be called by their name.
    fn get_value(&self, name: &str) -> Option<&Value> {
        let _ = name;
        None
    }

    /// Calls a function of the host, one argument per parameter. What the call uses up is taken from the budget of
    /// the environment.
    fn call_host(&self, function: &HostFunction, arguments: &[Value]) -> Result<Value, HostError> {
        let _ = (function, arguments);
        Err(HostError::Failed("the function cannot be called here".to_owned()))
    }
}

/// No variables at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn get(&self, _name: &str) -> Option<&[u8]> {
        None
    }
}

/// Everything an evaluation may depend on besides the variables: the same environment gives the same result, as long as
/// its budget lasts.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The current time in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// The zone `now()` and `today()` answer in.
    pub zone: Arc<Zone>,
    /// The seed of `random number()` and `uuid()`.
    pub random_seed: u64,
    /// The bounds.
    pub limits: Limits,
    /// The budget that all evaluations in this environment and its clones share. Without one, each evaluation may use
    /// up the units of the limits.
    pub budget: Option<Budget>,
}

impl Environment {
    /// An environment at a time, in UTC, with the default bounds and no shared budget.
    pub fn at(now_ms: i64) -> Environment {
        Environment {
            now_ms,
            zone: Zone::utc(),
            random_seed: now_ms as u64,
            limits: Limits::DEFAULT,
            budget: None,
        }
    }

    /// The same environment with a budget that its evaluations share.
    pub fn within(&self, budget: Budget) -> Environment {
        Environment { budget: Some(budget), ..self.clone() }
    }

    pub(crate) fn now(&self) -> Result<DateTime, TemporalOverflow> {
        let nanos = self.now_ms.rem_euclid(1000) as u64 * 1_000_000;
        DateTime::at_instant(self.now_ms.div_euclid(1000), nanos, self.zone.clone())
    }
}
