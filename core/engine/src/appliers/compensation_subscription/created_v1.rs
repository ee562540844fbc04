//! An activity has completed that can be compensated: what it stood in, and its process, hold such.

use super::rows_v1::row_of;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedCompensationSubscriptionRecord;
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedCompensationSubscriptionRecord<'_>,
) {
    let row = row_of(value);
    tables.put_compensation_subscription(key, &row);
    for holder in [row.scope_key, row.instance.process_instance_key] {
        tables.change_element_instance_flags(holder, |flags| flags.with(ElementInstanceFlags::COMPENSATIONS));
    }
}
