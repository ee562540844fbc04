//! The messages' side knows who waits.

use super::rows_v1::put;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessMessageSubscriptionRecord;
use ringbolt_tables::{MessageWaitState, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
) {
    put(tables, key, value, MessageWaitState::Open);
}
