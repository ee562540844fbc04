//! Custom headers of jobs that have them from elsewhere than their model: those of user tasks, of
//! listeners and with the keys of linked resources.

use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

impl Tables {
    /// The headers of a job that has them from elsewhere than its model, as a JSON object.
    pub fn job_headers(&self, job_key: Key) -> Option<&str> {
        let row = self.get_of(table::JOB_HEADERS, job_key, &job_key.0.to_be_bytes())?;
        Some(std::str::from_utf8(row).expect("text in a row is UTF-8"))
    }

    /// Writes the headers of a job.
    pub fn put_job_headers(&mut self, job_key: Key, headers: &str) {
        self.store.put(table::JOB_HEADERS, &job_key.0.to_be_bytes(), headers.as_bytes());
    }

    /// Deletes the headers of a job.
    pub fn delete_job_headers(&mut self, job_key: Key) {
        self.store.delete(table::JOB_HEADERS, &job_key.0.to_be_bytes(), RowOwner::Generated(job_key.0));
    }
}
