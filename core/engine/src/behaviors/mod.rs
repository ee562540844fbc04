//! What several commands and elements share, by topic.

pub(crate) mod assignments;
pub(crate) mod calls;
pub(crate) mod correlations;
pub(crate) mod decisions;
pub(crate) mod deletions;
pub(crate) mod deployed;
pub(crate) mod distributions;
pub(crate) mod events;
pub(crate) mod expressions;
pub(crate) mod incidents;
pub(crate) mod jobs;
pub(crate) mod joins;
pub(crate) mod last_instances;
pub(crate) mod message_starts;
pub(crate) mod message_waits;
pub(crate) mod messages;
pub(crate) mod named;
pub(crate) mod partitions;
pub(crate) mod results;
pub(crate) mod results_of_items;
pub(crate) mod runtime_instructions;
pub(crate) mod starts;
pub(crate) mod thrown;
pub(crate) mod timers;
pub(crate) mod user_tasks;
pub(crate) mod variables;
