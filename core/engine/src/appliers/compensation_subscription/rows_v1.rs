//! What the appliers of subscriptions share. Frozen with them.

use ringbolt_record::values::{ArchivedCompensationSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::CompensationSubscriptionRow;

pub(super) fn row_of(value: &ArchivedCompensationSubscriptionRecord<'_>) -> CompensationSubscriptionRow {
    CompensationSubscriptionRow {
        instance: InstanceRef::of(&value.instance),
        activity: ElementIndex::of(&value.activity),
        activity_key: Key::of(&value.activity_key),
        scope_key: Key::of(&value.scope_key),
        handler: ElementIndex::of(&value.handler),
        handler_key: Key::of(&value.handler_key),
        throw_event: ElementIndex::of(&value.throw_event),
        throw_event_key: Key::of(&value.throw_event_key),
    }
}
