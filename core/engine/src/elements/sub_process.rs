//! An embedded sub-process: a scope of its own that starts at its none start event.

use super::Behavior;
use crate::behaviors::mappings;
use crate::failure::Interruption;
use crate::lifecycle::{self, At, element_ref};
use crate::steps::index_of;
use crate::writers::Processing;
use ringbolt_record::values::Arrival;
use ringbolt_record::{FollowUp, VariableDocument};

pub(crate) struct SubProcess;

impl Behavior for SubProcess {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        mappings::apply_inputs(p, at)?;
        start(p, at)
    }

    fn on_complete(
        &self,
        p: &mut Processing<'_>,
        at: &At,
        variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption> {
        mappings::apply_outputs(p, at, variables)?;
        Ok(lifecycle::leave(p, at)?)
    }
}

/// Makes a scope active, and enters its none start event.
pub(super) fn start(p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
    let Some(start) = at.model().none_start else {
        return Err(at.unexpected(format!("'{}' has no none start event", at.model().id)).into());
    };
    lifecycle::activated(p, at, 1);
    let element = element_ref(&at.definition, at.element.instance, index_of(start), at.key);
    let key = p.next_key();
    p.follow_up(
        element.instance.process_instance_key,
        FollowUp::Activate { key, element, arrival: Arrival::Direct },
    );
    Ok(())
}
