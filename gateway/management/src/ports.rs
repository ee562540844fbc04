//! The figures of the ports: connections and TLS handshakes, in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What one core counted at one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortFigures {
    /// The port's name in settings: `rest`, `grpc`, `management`.
    pub port: &'static str,
    /// The core.
    pub core: usize,
    /// Connections open now.
    pub open: u64,
    /// Connections since the start, by what became of them.
    pub connections: Vec<(&'static str, u64)>,
    /// TLS handshakes since the start, by their result.
    pub handshakes: Vec<(&'static str, u64)>,
    /// Requests since the start that reached no service, by the reason.
    pub refused_requests: Vec<(&'static str, u64)>,
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP ringbolt_{name} {help}\n# TYPE ringbolt_{name} {kind}");
}

/// Adds up over the cores of each port, in the order in which they are given.
fn sums(
    figures: &[PortFigures],
    of: impl Fn(&PortFigures) -> &[(&'static str, u64)],
) -> BTreeMap<&'static str, Vec<(&'static str, u64)>> {
    let mut sums: BTreeMap<&'static str, Vec<(&'static str, u64)>> = BTreeMap::new();
    for figure in figures {
        let port = sums.entry(figure.port).or_default();
        for (label, count) in of(figure) {
            match port.iter_mut().find(|(known, _)| known == label) {
                Some((_, sum)) => *sum += count,
                None => port.push((label, *count)),
            }
        }
    }
    sums
}

/// The lines for these figures, and for the bytes of answers that each core holds for clients that do not read, to be put
/// behind those of the cores.
pub fn render_ports(figures: &[PortFigures], unsent: &[(usize, u64)]) -> String {
    let mut text = String::new();
    head(&mut text, "core_unsent_bytes", "gauge", "Bytes of answers that wait for their clients to read.");
    for (core, bytes) in unsent {
        let _ = writeln!(text, "ringbolt_core_unsent_bytes{{core=\"{core}\"}} {bytes}");
    }
    head(&mut text, "port_connections_open", "gauge", "Connections open now.");
    for PortFigures { port, core, open, .. } in figures {
        let _ = writeln!(text, "ringbolt_port_connections_open{{port=\"{port}\",core=\"{core}\"}} {open}");
    }
    head(&mut text, "port_connections_total", "counter", "Connections by what became of them.");
    for (port, counts) in sums(figures, |figure| &figure.connections) {
        for (event, count) in counts {
            let labels = format!("port=\"{port}\",event=\"{event}\"");
            let _ = writeln!(text, "ringbolt_port_connections_total{{{labels}}} {count}");
        }
    }
    head(&mut text, "tls_handshakes_total", "counter", "TLS handshakes by their result.");
    for (port, counts) in sums(figures, |figure| &figure.handshakes) {
        for (result, count) in counts {
            let labels = format!("port=\"{port}\",result=\"{result}\"");
            let _ = writeln!(text, "ringbolt_tls_handshakes_total{{{labels}}} {count}");
        }
    }
    head(
        &mut text,
        "port_requests_refused_total",
        "counter",
        "Requests refused for the name that they were sent to or the page that they came from.",
    );
    for (port, counts) in sums(figures, |figure| &figure.refused_requests) {
        for (reason, count) in counts {
            let labels = format!("port=\"{port}\",reason=\"{reason}\"");
            let _ = writeln!(text, "ringbolt_port_requests_refused_total{{{labels}}} {count}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{PortFigures, render_ports};

    #[test]
    fn counts_add_up_over_cores_and_open_connections_stay_apart() {
        let figures = |core, open| PortFigures {
            port: "rest",
            core,
            open,
            connections: vec![("accepted", 5), ("refused", 1)],
            handshakes: vec![("ok", 4)],
            refused_requests: vec![("host", 7)],
        };
        let page = render_ports(&[figures(0, 2), figures(1, 3)], &[(0, 4096)]);
        for line in [
            "ringbolt_core_unsent_bytes{core=\"0\"} 4096\n",
            "ringbolt_port_connections_open{port=\"rest\",core=\"1\"} 3\n",
            "ringbolt_port_connections_total{port=\"rest\",event=\"accepted\"} 10\n",
            "ringbolt_port_connections_total{port=\"rest\",event=\"refused\"} 2\n",
            "ringbolt_tls_handshakes_total{port=\"rest\",result=\"ok\"} 8\n",
            "ringbolt_port_requests_refused_total{port=\"rest\",reason=\"host\"} 14\n",
        ] {
            assert!(page.contains(line), "{page}");
        }
    }
}
