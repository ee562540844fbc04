//! Tests of the engine: text in, text out, in memory and with a virtual clock.

mod ad_hoc;
mod answers;
mod arrival;
mod arrows;
mod bans;
mod batch_operations;
mod budget;
mod calls;
mod compensations;
mod conditions;
mod copies;
mod expressions;
mod fields;
mod kinds;
mod linear;
mod listeners;
mod lock;
mod messages;
mod migrations;
mod modeler;
mod modeler_scopes;
mod modifications;
mod multi_instances;
mod outbox;
mod print;
mod print_compensations;
mod print_decisions;
mod print_deployed;
mod print_user_tasks;
mod random;
mod random_end;
mod reduce;
mod reduce_fields;
mod resources;
mod rig;
#[allow(dead_code, reason = "the tests of secondary storage use more of it")]
#[path = "../../../../state/query/tests/store/feed.rs"]
mod row_feed;
mod rows;
mod rules;
mod scenarios;
mod seeded;
mod signals;
mod turns;
mod user_tasks;
mod yields;
