//! Tests of the engine: text in, text out, in memory and with a virtual clock.

mod print;
mod rig;
mod scenarios;
