//! Takes up follow-up commands that did not fit into their entry, oldest first.

use crate::failure::{Refusal, Unexpected};
use crate::steps::{self, Room, Step};
use crate::writers::Processing;
use ringbolt_record::values::PendingCommandRecord;
use ringbolt_record::{Key, PendingCommandIntent};
use ringbolt_tables::PendingCommandRow;

pub(crate) fn process_continue(p: &mut Processing<'_>) -> Result<(), Refusal> {
    let mut room = Room::Alone;
    while p.has_turn() {
        let Some((key, row)) = p.tables().first_pending_command() else { break };
        if !take_up(p, key, &row, room)? {
            break;
        }
        room = Room::Shared;
    }
    Ok(())
}

/// Takes up one of them; false when it does not fit beside what the entry holds.
fn take_up(
    p: &mut Processing<'_>,
    key: Key,
    row: &PendingCommandRow,
    room: Room,
) -> Result<bool, Unexpected> {
    let instance = row.element.instance;
    // A definition that cannot be had any more must not keep the command here for ever.
    let definition = p.definition_of(instance.process_definition_key, instance.process_instance_key).ok();
    let record = PendingCommandRecord {
        intent: row.intent,
        element_instance_key: row.element_instance_key,
        element: row.element,
        tenant_id: definition.as_ref().map_or("", |definition| &definition.tenant_id),
    };
    // Only steps are ever put off; anything else is dropped rather than taken up for ever.
    let step = Step::of(row).filter(|step| {
        matches!(step, Step::Terminate { .. }) || !p.tables().is_banned(instance.process_instance_key)
    });
    let Some(step) = step else {
        p.append(PendingCommandIntent::Continued, key, &record);
        p.count_turn();
        return Ok(true);
    };
    steps::take(p, step, room, |p| p.append(PendingCommandIntent::Continued, key, &record))
}

/// Whether there is anything to take up.
pub(crate) fn is_due(tables: &ringbolt_tables::Tables) -> bool {
    tables.first_pending_command().map(|(key, _)| key).unwrap_or(Key::NONE).is_some()
}
