//! A process instance is suspended: it does nothing by itself any more.

use ringbolt_record::Key;
use ringbolt_tables::{Suspension, Tables};

pub(super) fn apply_suspended(tables: &mut Tables, key: Key) {
    tables.put_suspension(key, Suspension::Suspended);
}
