//! The engine: commands in, events out, and the tables that the events make. A pure function.
//!
//! Code map
//! - `engine`: process and replay; `contract`: what the caller gives and gets.
//! - `dispatch`: which command, which element, by exhaustive match.
//! - `commands/<value type>/<verb>`: one command each. `elements/<element>`: what an element does when it is entered,
//!   left or ended. `behaviors/<topic>`: what several of them share.
//! - `definitions`, `decision_model`: compiled processes and models of decisions, by key, in a bounded `cache`.
//! - `lifecycle`: the states of an element instance and what may follow. `steps`: follow-ups within an entry;
//!   `turns`: whose come next when they were put off.
//! - `writers`: the only exit: events, effects, keys; it keeps the entry within its budget. `waiting`: who waits for an end.
//! - `appliers/<value type>/<event>_v<n>`: the only hands on the tables. `checkers`: what is due.
//!
//! Invariants
//! - E1 Only appliers change tables; everything else reads them.
//! - E2 Writing an event applies it in the same call; a failed command is rolled back as a whole.
//! - E3 An applier cannot fail and reads nothing but its event and the tables: replaying events rebuilds equal tables.
//! - E4 A released applier never changes; new behavior is a new version.
//! - E5 Every command that changes something ends in an event, every other one in an answer without an event.
//! - E7 Keys come from the partition's counter alone, which every entry carries.
//! - E8 Steps, records and bytes of an entry are bounded. A step that would go beyond is undone alone and put off with
//!   the rest; what does not fit into an entry of its own is an incident, or the command's rejection.
//! - E9 An unexpected failure bans the one instance that it happened in.
//!
//! No I/O, no clock, no randomness; nothing depends on the order of a hash map.

mod appliers;
mod behaviors;
mod cache;
mod checkers;
mod commands;
mod contract;
mod decision_model;
mod definitions;
mod dispatch;
mod elements;
mod engine;
mod failure;
mod lifecycle;
mod steps;
mod turns;
mod waiting;
mod writers;

pub use contract::{
    BATCH_BYTES_MAX, BATCH_STEPS_MAX, DEFINITIONS_MAX, ENTRY_BYTES_MAX, ENTRY_BYTES_MIN, Effect,
    EngineSettings, JobStreams, NoStreams, Outcome, ReplayError, StreamGrant, TEXT_BYTES_MAX,
};
pub use engine::Engine;
