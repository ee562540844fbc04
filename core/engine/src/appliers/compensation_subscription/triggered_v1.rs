//! An event has an activity compensated: the event waits for that, and its scope for the handler.

use super::rows_v1::row_of;
use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedCompensationSubscriptionRecord, CompensationTurn};
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_triggered(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedCompensationSubscriptionRecord<'_>,
) {
    let row = row_of(value);
    tables.trigger_compensation(key, &row);
    let turn = CompensationTurn::of(&value.turn);
    if turn.was_promised != turn.promises {
        tables.promise_compensation(row.throw_event_key, turn.promises);
    }
    if turn.promises && !turn.was_promised {
        // So that the promise goes with it.
        tables.change_element_instance_flags(row.throw_event_key, |flags| {
            flags.with(ElementInstanceFlags::COMPENSATIONS)
        });
    }
    let scope_key = Key::of(&value.entered_in);
    if scope_key.is_some() {
        tables.change_element_instance_counts(scope_key, |_, arriving| {
            *arriving = arriving.checked_add(1).expect("a scope has fewer handlers");
        });
    }
}
