//! Variables by scope and name. A row is the variable's key and its value, JSON text as the client wrote it.

use crate::key::RowKey;
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;
use smallvec::SmallVec;

const VERSION: u8 = 1;
/// Version and key stand before the value.
const VALUE_AT: usize = 1 + 8;

impl Tables {
    /// Key and value of a variable in exactly this scope.
    pub fn variable(&self, scope_key: Key, name: &str) -> Option<(Key, &[u8])> {
        let row = self.get_of(table::VARIABLES, scope_key, &RowKey::new().key(scope_key).last_text(name))?;
        let mut reader = RowReader::begin(row, VERSION);
        Some((reader.key(), reader.rest()))
    }

    /// Name and value of every variable in exactly this scope, in the order of their names.
    pub fn variables(&self, scope_key: Key) -> impl Iterator<Item = (&str, &[u8])> {
        let rows = self.range_of(table::VARIABLES, scope_key);
        rows.map(|(key, row)| {
            (std::str::from_utf8(&key[8..]).expect("a variable's name is UTF-8"), &row[VALUE_AT..])
        })
    }

    /// Writes a variable.
    pub fn put_variable(&mut self, scope_key: Key, name: &str, key: Key, value: &[u8]) {
        RowWriter::begin(&mut self.scratch, VERSION).key(key);
        let row_key = RowKey::new().key(scope_key).last_text(name);
        // A value can be large: it is copied once.
        self.store.put_parts(table::VARIABLES, &row_key, [&self.scratch, value]);
    }

    /// Deletes all variables of a scope.
    pub fn delete_variables(&mut self, scope_key: Key) {
        let mut names = std::mem::take(&mut self.scratch);
        names.clear();
        let mut ends = SmallVec::<[usize; 16]>::new();
        for (key, _) in self.range_of(table::VARIABLES, scope_key) {
            names.extend_from_slice(&key[8..]);
            ends.push(names.len());
        }
        let mut key: SmallVec<[u8; 64]> = SmallVec::from_slice(&scope_key.0.to_be_bytes());
        let mut start = 0;
        for end in ends {
            key.truncate(8);
            key.extend_from_slice(&names[start..end]);
            self.store.delete(table::VARIABLES, &key, RowOwner::Generated(scope_key.0));
            start = end;
        }
        self.scratch = names;
    }
}
