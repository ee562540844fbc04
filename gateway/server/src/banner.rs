//! What a start says on standard output: where everything is.

use crate::config::Config;
use crate::doors::Doors;
use crate::web_config::pages_line;
use ringbolt_broker::Node;
use ringbolt_ring::net::BoundListener;

pub(crate) fn banner(config: &Config, node: &Node, doors: &Doors) -> String {
    let cpus: Vec<String> = config.cores.iter().map(ToString::to_string).collect();
    let management = doors.management.as_ref().map_or(config.management, BoundListener::local_addr);
    let scheme = |is_tls: bool| if is_tls { "https" } else { "http" };
    let is_tls = config.tls.is_some();
    let partitions = node.partition_ids().len();
    format!(
        "Ringbolt {} speaks Camunda {}'s REST API and Zeebe's gRPC API\n\
         \x20 rest        {}://{}/v2\n\
         {}\x20 grpc        {}{}\n\
         \x20 management  {}://{management}\n\
         \x20 data        {} ({} on CPU {})",
        env!("CARGO_PKG_VERSION"),
        config.level.name(),
        scheme(is_tls),
        doors.rest.0.local_addr(),
        pages_line(config.web, scheme(is_tls), doors.rest.0.local_addr()),
        doors.grpc.0.local_addr(),
        if is_tls { " (TLS)" } else { "" },
        scheme(config.tls_management),
        config.data_dir.display(),
        if partitions == 1 { "1 partition".to_owned() } else { format!("{partitions} partitions") },
        cpus.join(","),
    )
}
