//! The messages' side knows who waits; or knows of nobody any more, while the instance is suspended.

use super::rows_v1::put;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessMessageSubscriptionRecord;
use ringbolt_tables::{MessageWaitState, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
) {
    let state = match value.is_for_suspension {
        true => MessageWaitState::Parked,
        false => MessageWaitState::Open,
    };
    put(tables, key, value, state);
}
