//! An event on a path, or at its end, that broadcasts a signal with the variables of its own scope.

use crate::at::At;
use crate::behaviors::variables::{self, Seen};
use crate::behaviors::{broadcasts, expressions, incidents};
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;
use ringbolt_model::EventDefinition;

pub(crate) struct SignalEvent;

impl Hooks for SignalEvent {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let Some(signal) = at.model().event().and_then(EventDefinition::signal) else {
            return Err(at.unexpected(format!("'{}' throws no signal", at.model().id)).into());
        };
        let name = expressions::evaluate_known_name(p, &signal.name, at.key)?;
        let variables = variables::copy(p, at.key, Seen::Own);
        if !broadcasts::fits(p, &variables.to_json()) {
            return Err(incidents::too_large(at).into());
        }
        Ok(Next::Broadcast(name, variables))
    }
}
