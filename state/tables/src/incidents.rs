//! Incidents, and which job or element instance has one.

use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, ErrorType, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// What kind of problem.
    pub error_type: ErrorType,
    /// What went wrong.
    pub error_message: String,
    /// The element instance that cannot go on.
    pub element_instance_key: Key,
    /// The element.
    pub element_index: ElementIndex,
    /// The job that cannot go on; none when it is not about a job.
    pub job_key: Key,
    /// Where variables that mend it belong.
    pub variable_scope_key: Key,
}

impl IncidentRow {
    /// Whose incident it is: the job's if it is about one.
    fn owner(&self) -> Key {
        if self.job_key.is_some() { self.job_key } else { self.element_instance_key }
    }
}

impl Tables {
    /// An incident.
    pub fn incident(&self, key: Key) -> Option<IncidentRow> {
        let mut row = RowReader::begin(self.get_of(table::INCIDENTS, key, &key.0.to_be_bytes())?, VERSION);
        Some(IncidentRow {
            instance: row.instance(),
            error_type: known(ErrorType::from_number(row.u8())),
            element_instance_key: row.key(),
            element_index: ElementIndex(row.u32()),
            job_key: row.key(),
            variable_scope_key: row.key(),
            error_message: row.text().to_owned(),
        })
    }

    /// The incident of a job or of an element instance itself.
    pub fn incident_of(&self, owner: Key) -> Option<Key> {
        let row = self.get_of(table::INCIDENT_BY_OWNER, owner, &owner.0.to_be_bytes())?;
        Some(Key(u64::from_le_bytes(row.try_into().expect("a key has eight bytes"))))
    }

    /// Writes an incident.
    pub fn put_incident(&mut self, key: Key, incident: &IncidentRow) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .instance(incident.instance)
            .u8(incident.error_type.number())
            .key(incident.element_instance_key)
            .u32(incident.element_index.0)
            .key(incident.job_key)
            .key(incident.variable_scope_key)
            .bytes(incident.error_message.as_bytes());
        self.store.put(table::INCIDENTS, &key.0.to_be_bytes(), &self.scratch);
        self.store.put(table::INCIDENT_BY_OWNER, &incident.owner().0.to_be_bytes(), &key.0.to_le_bytes());
    }

    /// Deletes an incident; nothing happens when there is none.
    pub fn delete_incident(&mut self, key: Key) {
        let Some(incident) = self.incident(key) else { return };
        let owner = incident.owner();
        self.store.delete(table::INCIDENTS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        self.store.delete(table::INCIDENT_BY_OWNER, &owner.0.to_be_bytes(), RowOwner::Generated(owner.0));
    }
}
