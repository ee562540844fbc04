//! The engine: commands in, events out, and the tables that the events make. A pure function.
//!
//! Code map, from the top down; no arrow points up (`tests/engine/arrows.rs`)
//! - `engine`: process and replay; `contract`: what the caller gives and gets; `checkers`: what is due.
//! - `dispatch`: which command, by exhaustive match. `commands/<value type>/<verb>`: one command each.
//! - `steps`: follow-ups within an entry, and what is put off; `turns`: whose come next.
//! - `ending`: ending element instances from outside, which needs no model.
//! - `drive`: the one driver of the phases of an element's life.
//! - `elements/<element>`: hooks, what only one kind of element does; `hook`: what a hook may answer.
//!   `aspects/<what>`: what elements of several kinds have. `behaviors/<topic>`: what several files share.
//! - `lifecycle`: the events of an element's life, and how a path goes on. `at`: an element instance being worked on.
//! - `writers`: the only exit: events, effects, keys; it keeps the entry within its budget. `follow_up`: a step on its
//!   way. `waiting`: who waits for an end.
//! - `outbox`: messages on their way to other partitions; `delivery` hands them out.
//! - `definitions`, `decision_model`: compiled processes and models of decisions, by key, in a bounded `cache`.
//! - `appliers/<value type>/<event>_v<n>`: the only hands on the tables.
//!
//! Invariants
//! - E1 Only appliers change tables; everything else reads them.
//! - E2 Writing an event applies it in the same call; a failed command is rolled back as a whole.
//! - E3 An applier cannot fail and reads nothing but its event and the tables: replaying events rebuilds equal tables.
//! - E4 A released applier never changes; new behavior is a new version.
//! - E5 Every command that changes something ends in an event, every other one in an answer without an event.
//! - E6 A message of another partition is taken once and in order, however often and in which order it comes.
//! - E7 Keys come from the partition's counter alone, which every entry carries.
//! - E8 Steps, records and bytes of an entry are bounded. A step that would go beyond is undone alone and put off with
//!   the rest; what does not fit into an entry of its own is an incident, or the command's rejection.
//! - E9 An unexpected failure bans the one instance that it happened in.
//!
//! No I/O, no clock, no randomness; nothing depends on the order of a hash map.

mod appliers;
mod aspects;
mod at;
mod behaviors;
mod cache;
mod checkers;
mod commands;
mod contract;
mod decision_model;
mod definitions;
mod delivery;
mod dispatch;
mod drive;
mod elements;
mod ending;
mod engine;
mod failure;
mod follow_up;
mod hook;
mod lifecycle;
mod outbox;
mod steps;
mod told;
mod turns;
mod waiting;
mod writers;

pub use commands::expression::evaluate::{
    evaluate_expression, names_cluster_variables, with_cluster_variables,
};
pub use contract::{
    BATCH_BYTES_MAX, BATCH_ITEMS_MAX, BATCH_OPERATIONS_MAX, BATCH_STEPS_MAX, CALL_DEPTH_MAX, DEFINITIONS_MAX,
    ENTRY_BYTES_MAX, ENTRY_BYTES_MIN, EXPRESSION_UNITS_MAX, Effect, EngineSettings, JobStreams,
    MESSAGE_BYTES_MAX, MESSAGES_MAX, NoStreams, Note, Outcome, ReplayError, StreamGrant, TEXT_BYTES_MAX,
    WAITS_MAX,
};
pub use engine::Engine;
pub use told::{Told, tell};
