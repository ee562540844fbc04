//! What the management port says: metrics in Prometheus' text format, health as Camunda's actuator words it.
//!
//! Pure: snapshots in, text out. Taking them and serving HTTP is the binary's wiring.

mod health;
mod ports;
mod prometheus;
mod snapshot;

pub use health::{Health, banned_instances, health};
pub use ports::{PortFigures, render_ports};
pub use prometheus::render;
pub use snapshot::Snapshot;
