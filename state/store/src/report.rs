//! What a checkpoint wrote, counted while it is written.

use std::time::Duration;

/// What a checkpoint wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CheckpointReport {
    /// Rows written.
    pub rows_put: u64,
    /// Tombstones applied and dropped.
    pub rows_deleted: u64,
    /// Bytes of the keys and values written.
    pub bytes: u64,
    /// Time from the start of the job to its end.
    pub duration: Duration,
}

impl CheckpointReport {
    pub(crate) fn count(&mut self, key: &[u8], value: Option<&[u8]>) {
        match value {
            Some(value) => {
                self.rows_put += 1;
                self.bytes += (key.len() + value.len()) as u64;
            }
            None => self.rows_deleted += 1,
        }
    }
}
