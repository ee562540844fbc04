//! Tests of the engine: text in, text out, in memory and with a virtual clock.

mod lock;
mod print;
mod random;
mod reduce;
mod rig;
mod rules;
mod scenarios;
