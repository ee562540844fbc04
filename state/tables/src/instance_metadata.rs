//! What a process instance carries besides its life: the client's labels and id, how deep it was called, and where it is to end.
//! Only instances that carry something have a row.

use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 2;
/// With the key since which it has its business id, at the end.
const VERSION_LATE: u8 = 3;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceMetadataRow {
    /// The client's labels.
    pub tags: Vec<String>,
    /// The client's own id of the instance; empty when it has none.
    pub business_id: String,
    /// What was made under a smaller key is without it; none where the instance began with it.
    pub business_id_since: Key,
    /// How many instances called each other above this one.
    pub call_depth: u32,
    /// Elements after which the instance is terminated.
    pub terminate_after_element_ids: Vec<String>,
}

impl InstanceMetadataRow {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.business_id.is_empty() && self.terminate_after_element_ids.is_empty()
    }

    /// The business id of what the instance made under a key: that it has one by now says nothing of what was before.
    pub fn business_id_of(self, key: Key) -> String {
        if key < self.business_id_since { String::new() } else { self.business_id }
    }
}

impl Tables {
    /// What an instance carries.
    pub fn instance_metadata(&self, process_instance_key: Key) -> Option<InstanceMetadataRow> {
        let row = self.get_of(
            table::INSTANCE_METADATA,
            process_instance_key,
            &process_instance_key.0.to_be_bytes(),
        )?;
        let is_late = row.first() == Some(&VERSION_LATE);
        let mut row = RowReader::begin(row, if is_late { VERSION_LATE } else { VERSION });
        Some(InstanceMetadataRow {
            tags: row.texts(),
            business_id: row.text().to_owned(),
            call_depth: row.u32(),
            terminate_after_element_ids: row.texts(),
            business_id_since: if is_late { row.key() } else { Key::NONE },
        })
    }

    /// Whether an instance carries anything.
    pub fn has_instance_metadata(&self, process_instance_key: Key) -> bool {
        let key = process_instance_key.0.to_be_bytes();
        self.get_of(table::INSTANCE_METADATA, process_instance_key, &key).is_some()
    }

    /// Writes what an instance carries.
    pub fn put_instance_metadata(&mut self, process_instance_key: Key, metadata: &InstanceMetadataRow) {
        let since = metadata.business_id_since;
        let row = RowWriter::begin(&mut self.scratch, if since.is_none() { VERSION } else { VERSION_LATE })
            .texts(metadata.tags.iter().map(String::as_str))
            .bytes(metadata.business_id.as_bytes())
            .u32(metadata.call_depth)
            .texts(metadata.terminate_after_element_ids.iter().map(String::as_str));
        if !since.is_none() {
            row.key(since);
        }
        self.store.put(table::INSTANCE_METADATA, &process_instance_key.0.to_be_bytes(), &self.scratch);
    }

    /// Deletes what an instance carries.
    pub fn delete_instance_metadata(&mut self, process_instance_key: Key) {
        let key = process_instance_key.0.to_be_bytes();
        // Most instances carry nothing, and deleting nothing could still leave a tombstone.
        if self.has_instance_metadata(process_instance_key) {
            self.store.delete(table::INSTANCE_METADATA, &key, RowOwner::Generated(process_instance_key.0));
        }
    }
}
