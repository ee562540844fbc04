//! What the management port says: metrics in Prometheus' text format, health as Camunda's actuator words it; and
//! the figures that pages show.
//!
//! Pure: snapshots in, text out. Taking them and serving HTTP is the binary's wiring.

mod figures;
mod health;
mod ports;
mod prometheus;
mod snapshot;

pub use figures::{Beside, figures};
pub use health::{Health, banned_instances, health};
pub use ports::{PortFigures, render_ports};
pub use prometheus::render;
pub use snapshot::Snapshot;
