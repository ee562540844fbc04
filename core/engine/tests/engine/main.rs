//! Tests of the engine: text in, text out, in memory and with a virtual clock.

mod answers;
mod arrival;
mod arrows;
mod bans;
mod budget;
mod expressions;
mod fields;
mod kinds;
mod linear;
mod lock;
mod messages;
mod outbox;
mod print;
mod print_decisions;
mod print_user_tasks;
mod random;
mod reduce;
mod resources;
mod rig;
mod rules;
mod scenarios;
mod seeded;
mod turns;
mod user_tasks;
mod yields;
