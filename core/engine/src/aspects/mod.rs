//! What elements of several kinds have, each by its own part of the model. The driver calls them, elements do not.

pub(crate) mod ad_hoc;
pub(crate) mod listeners;
pub(crate) mod mappings;
pub(crate) mod multi_instance;
pub(crate) mod task_listeners;
