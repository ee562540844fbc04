//! Takes up follow-up commands that did not fit into their entry, oldest first.

use crate::failure::Refusal;
use crate::steps::Step;
use crate::writers::Processing;
use ringbolt_record::values::PendingCommandRecord;
use ringbolt_record::{Key, PendingCommandIntent};

pub(crate) fn process_continue(p: &mut Processing<'_>) -> Result<(), Refusal> {
    for _ in 0..p.settings.batch_steps_max {
        let Some((key, row)) = p.tables().first_pending_command() else { break };
        let instance = row.element.instance;
        // A definition that cannot be had any more must not keep the command here for ever.
        let definition = p.definition_of(instance.process_definition_key, instance.process_instance_key).ok();
        let record = PendingCommandRecord {
            intent: row.intent,
            element_instance_key: row.element_instance_key,
            element: row.element,
            tenant_id: definition.as_ref().map_or("", |definition| &definition.tenant_id),
        };
        p.append(PendingCommandIntent::Continued, key, &record);
        // Only steps are ever put off; anything else is dropped rather than taken up for ever.
        let Some(step) = Step::of(&row) else { continue };
        let is_ending = matches!(step, Step::Terminate { .. });
        if is_ending || !p.tables().is_banned(instance.process_instance_key) {
            p.steps.push_back(step);
        }
    }
    Ok(())
}

/// Whether there is anything to take up.
pub(crate) fn is_due(tables: &ringbolt_tables::Tables) -> bool {
    tables.first_pending_command().map(|(key, _)| key).unwrap_or(Key::NONE).is_some()
}
