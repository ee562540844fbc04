//! A process instance goes on that was suspended; what rested and what it has kept is still to be taken up.

use ringbolt_record::Key;
use ringbolt_tables::{Suspension, Tables};

pub(super) fn apply_resuming(tables: &mut Tables, key: Key) {
    tables.put_suspension(key, Suspension::Resuming);
}
