//! How the engine does, for pages that show it.
//!
//! Invariant: no core is asked and none waits: what they said last is put together beside them, and so is what the file system says.

use crate::documents::Documents;
use crate::snapshots::Snapshots;
use ringbolt_api::operation::Exporting;
use ringbolt_management::Beside;
use ringbolt_ring::{fs, time};
use std::path::Path;
use std::sync::Arc;

/// Where it is read. Clones share it.
#[derive(Clone)]
pub(crate) struct Figures {
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) documents: Documents,
    /// The data directory.
    pub(crate) data: Arc<Path>,
}

impl Figures {
    /// As JSON. It may wait for the disk.
    pub(crate) fn told(&self, exporting: Exporting) -> Vec<u8> {
        let beside = Beside {
            at_ms: time::unix_ms(),
            space: fs::space(&self.data).ok(),
            document_bytes: self.documents.held_bytes(),
            is_exporting_paused: exporting == Exporting::Paused,
        };
        ringbolt_management::figures(&self.snapshots.last(), beside)
    }
}
