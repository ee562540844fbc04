//! What a process instance carries besides its life: the client's labels and id, how deep it was called, and where it is to end.
//! Only instances that carry something have a row.

use crate::row::{RowReader, RowWriter};
use crate::{ElementInstanceFlags, Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 4;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceMetadataRow {
    /// The client's labels.
    pub tags: Vec<String>,
    /// The client's own id of the instance; empty when it has none.
    pub business_id: String,
    /// What was made under a smaller key is without it; none where the instance began with it.
    pub business_id_since: Key,
    /// Owner and process of which the instance has it; none where it has none of its own: as one that was called, or was banned and
    /// has given it free.
    pub business_id_of: Option<[String; 2]>,
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
    pub fn business_id_at(self, key: Key) -> String {
        if key < self.business_id_since { String::new() } else { self.business_id }
    }
}

impl Tables {
    /// Whether any instance may carry something.
    #[inline]
    fn may_carry(&self) -> bool {
        self.metadata.may_be_there(|| self.store.range(table::INSTANCE_METADATA, &[], &[]).next().is_some())
    }

    fn metadata_row(&self, process_instance_key: Key) -> Option<&[u8]> {
        if !self.may_carry() {
            return None;
        }
        let key = process_instance_key.0.to_be_bytes();
        self.get_of(table::INSTANCE_METADATA, process_instance_key, &key)
    }

    /// What an instance carries.
    pub fn instance_metadata(&self, process_instance_key: Key) -> Option<InstanceMetadataRow> {
        let mut row = RowReader::begin(self.metadata_row(process_instance_key)?, VERSION);
        let mut metadata = InstanceMetadataRow {
            tags: row.texts(),
            business_id: row.text().to_owned(),
            call_depth: row.u32(),
            terminate_after_element_ids: row.texts(),
            ..InstanceMetadataRow::default()
        };
        if !metadata.business_id.is_empty() {
            metadata.business_id_since = row.key();
            let [tenant_id, bpmn_process_id] = [row.text().to_owned(), row.text().to_owned()];
            metadata.business_id_of = (!bpmn_process_id.is_empty()).then_some([tenant_id, bpmn_process_id]);
        }
        Some(metadata)
    }

    /// Whether an instance carries anything.
    pub fn has_instance_metadata(&self, process_instance_key: Key) -> bool {
        self.metadata_row(process_instance_key).is_some()
    }

    /// The same of an instance that is there; no look at the store where none carries anything.
    #[inline]
    pub fn carries_metadata(&self, process_instance_key: Key) -> bool {
        self.may_carry()
            && self
                .element_instance_scope(process_instance_key)
                .is_some_and(|(_, flags)| flags.has(ElementInstanceFlags::METADATA))
    }

    /// Writes what an instance carries.
    pub fn put_instance_metadata(&mut self, process_instance_key: Key, metadata: &InstanceMetadataRow) {
        let row = RowWriter::begin(&mut self.scratch, VERSION)
            .texts(metadata.tags.iter().map(String::as_str))
            .bytes(metadata.business_id.as_bytes())
            .u32(metadata.call_depth)
            .texts(metadata.terminate_after_element_ids.iter().map(String::as_str));
        if !metadata.business_id.is_empty() {
            let [tenant_id, bpmn_process_id] =
                metadata.business_id_of.as_ref().map_or(["", ""], |of| of.each_ref().map(String::as_str));
            row.key(metadata.business_id_since).bytes(tenant_id.as_bytes()).bytes(bpmn_process_id.as_bytes());
        }
        self.store.put(table::INSTANCE_METADATA, &process_instance_key.0.to_be_bytes(), &self.scratch);
        self.metadata.inserted();
    }

    /// Deletes what an instance carries.
    pub fn delete_instance_metadata(&mut self, process_instance_key: Key) {
        let key = process_instance_key.0.to_be_bytes();
        // Most instances carry nothing, and deleting nothing could still leave a tombstone.
        if self.has_instance_metadata(process_instance_key) {
            self.store.delete(table::INSTANCE_METADATA, &key, RowOwner::Generated(process_instance_key.0));
            self.metadata.deleted();
        }
    }
}
