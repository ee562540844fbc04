//! Signals that reach too many for one entry, until they have reached all.

use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalRow<'a> {
    /// Its key, which the partition made on which it was broadcast.
    pub signal_key: Key,
    /// Owner.
    pub tenant_id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it brings, a JSON object.
    pub variables: &'a [u8],
}

impl Tables {
    /// A signal that has not reached all.
    pub fn signal(&self, key: Key) -> Option<SignalRow<'_>> {
        let mut row = RowReader::begin(self.get_of(table::SIGNALS, key, &key.0.to_be_bytes())?, VERSION);
        Some(SignalRow {
            signal_key: row.key(),
            tenant_id: row.text(),
            name: row.text(),
            variables: row.rest(),
        })
    }

    /// Keeps a signal under a key that this partition made.
    pub fn put_signal(&mut self, key: Key, signal: &SignalRow<'_>) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .key(signal.signal_key)
            .bytes(signal.tenant_id.as_bytes())
            .bytes(signal.name.as_bytes())
            .raw(signal.variables);
        self.store.put(table::SIGNALS, &key.0.to_be_bytes(), &self.scratch);
    }

    /// A signal has reached all.
    pub fn delete_signal(&mut self, key: Key) {
        self.store.delete(table::SIGNALS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
    }
}

#[cfg(test)]
mod tests {
    use super::SignalRow;
    use crate::Tables;
    use ringbolt_record::Key;
    use ringbolt_store::open_memory;

    #[test]
    fn a_signal_is_read_as_it_was_written() {
        let mut tables = Tables::new(open_memory());
        let row = SignalRow { signal_key: Key(3), tenant_id: "t", name: "alarm", variables: b"{}" };
        tables.put_signal(Key(7), &row);
        assert_eq!(tables.signal(Key(7)), Some(row));
        tables.delete_signal(Key(7));
        assert_eq!((tables.signal(Key(7)), tables.store().dump().count()), (None, 0));
    }
}
