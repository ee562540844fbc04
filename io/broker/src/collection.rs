//! Figures of all cores, collected by one.

use crate::core::Shared;
use crate::mesh::CoreReport;

/// Reports of other cores as they come in. Dropping it gives up on the rest.
pub(crate) struct Collection<'a> {
    shared: &'a Shared,
    id: u64,
}

impl<'a> Collection<'a> {
    pub(crate) fn open(shared: &'a Shared, id: u64) -> Self {
        shared.collections.borrow_mut().insert(id, Vec::new());
        Self { shared, id }
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.collections.borrow()[&self.id].len()
    }

    pub(crate) fn take(&self) -> Vec<CoreReport> {
        self.shared.collections.borrow_mut().remove(&self.id).unwrap_or_default()
    }
}

impl Drop for Collection<'_> {
    fn drop(&mut self) {
        self.take();
    }
}
