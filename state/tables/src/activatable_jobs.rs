//! Jobs that wait for a worker, by tenant, type, priority and age. Rows are empty.

use crate::key::{RowKey, key_at};
use crate::{Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

/// The only priority so far. A smaller byte comes first.
const PRIORITY: u8 = 0x80;

/// Priority and key, behind the prefix.
const SUFFIX_BYTES: usize = 1 + 8;

fn prefix(tenant_id: &str, job_type: &str) -> RowKey {
    RowKey::new().text(tenant_id).text(job_type)
}

/// A row's key, its prefix first.
fn row_key(tenant_id: &str, job_type: &str, job_key: Key) -> RowKey {
    prefix(tenant_id, job_type).byte(PRIORITY).key(job_key)
}

fn parts(row_key: &RowKey) -> (&[u8], &[u8]) {
    row_key.split_at(row_key.len() - SUFFIX_BYTES)
}

impl Tables {
    /// Offers a job.
    pub fn put_activatable_job(&mut self, tenant_id: &str, job_type: &str, job_key: Key) {
        let key = row_key(tenant_id, job_type, job_key);
        let (prefix, suffix) = parts(&key);
        self.hints.inserted(table::ACTIVATABLE_JOBS, prefix, suffix);
        self.store.put(table::ACTIVATABLE_JOBS, &key, &[]);
    }

    /// No longer offers a job.
    pub fn delete_activatable_job(&mut self, tenant_id: &str, job_type: &str, job_key: Key) {
        let key = row_key(tenant_id, job_type, job_key);
        let (prefix, suffix) = parts(&key);
        self.hints.deleted(table::ACTIVATABLE_JOBS, prefix, suffix);
        self.store.delete(table::ACTIVATABLE_JOBS, &key, RowOwner::Generated(job_key.0));
    }

    /// The job that is next; none when no worker is waited for.
    pub fn first_activatable_job(&self, tenant_id: &str, job_type: &str) -> Option<Key> {
        let prefix = prefix(tenant_id, job_type);
        let (key, _) = self.first(table::ACTIVATABLE_JOBS, &prefix)?;
        Some(key_at(key, prefix.len() + 1))
    }

    /// Whether no job waits but this one. Where a queue empties and fills all the time, no row is looked at.
    pub fn is_only_activatable_job(&self, tenant_id: &str, job_type: &str, job_key: Key) -> bool {
        let key = row_key(tenant_id, job_type, job_key);
        let (prefix, suffix) = parts(&key);
        if self.hints.is_only(table::ACTIVATABLE_JOBS, prefix, suffix) {
            return true;
        }
        let is_only = self.activatable_jobs(tenant_id, job_type).take(2).all(|other| other == job_key);
        if is_only {
            self.hints.found_only(table::ACTIVATABLE_JOBS, prefix, suffix);
        }
        is_only
    }

    /// The jobs that wait, most urgent first and then oldest first.
    pub fn activatable_jobs(&self, tenant_id: &str, job_type: &str) -> impl Iterator<Item = Key> {
        let prefix = prefix(tenant_id, job_type);
        let key_offset = prefix.len() + 1;
        let first = self.first(table::ACTIVATABLE_JOBS, &prefix).map(|(key, _)| &key[prefix.len()..]);
        let rows = first.map(|from| self.store.range(table::ACTIVATABLE_JOBS, &prefix, from));
        rows.into_iter().flatten().map(move |(key, _)| key_at(key, key_offset))
    }
}
