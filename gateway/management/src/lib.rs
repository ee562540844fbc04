//! What the management port says: metrics in Prometheus' text format, health as Camunda's actuator words it.
//!
//! Pure: reports in, text out. Collecting the reports and serving HTTP is the binary's wiring.

mod health;
mod ports;
mod prometheus;

pub use health::{Health, health};
pub use ports::{PortFigures, render_ports};
pub use prometheus::render;
