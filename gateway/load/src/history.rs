//! Lines for the history of recorded runs: `{commit, machine, metric, unit, median, n}`, compared only within one machine.

use crate::report::Report;
use crate::stats::Kind;
use serde_json::{Value, json};

/// One metric of one run.
fn figures(report: &Report) -> Vec<(String, &'static str, f64, u64)> {
    let counts = report.total.counts;
    let mut figures = Vec::new();
    if counts.created > 0 {
        figures.push(("created".to_owned(), "1/s", report.per_second(counts.created), counts.created));
    }
    if counts.completed > 0 {
        figures.push(("completed".to_owned(), "1/s", report.per_second(counts.completed), counts.completed));
    }
    if let Some(server) = &report.server {
        if let Some(cpu_ms) = report.cpu_ms(server) {
            figures.push(("server_cpu_per_instance".to_owned(), "ms", cpu_ms, report.instances()));
        }
        figures.push(("server_resident_max".to_owned(), "bytes", server.highest.resident_bytes as f64, 1));
    }
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Sent) {
        let latency = report.total.latency(kind);
        for (name, q) in [("p50", 0.5), ("p99", 0.99)] {
            if latency.count() > 0 {
                figures.push((
                    format!("{}_{name}", kind.name()),
                    "ms",
                    latency.quantile_ms(q),
                    latency.count(),
                ));
            }
        }
    }
    if let Some(flush) = report.stage("flush") {
        for (name, q) in [("flush_p50", 0.5), ("flush_p99", 0.99)] {
            if let Some(ms) = flush.quantile_ms(q) {
                figures.push((name.to_owned(), "ms", ms, flush.count() as u64));
            }
        }
    }
    figures
}

/// The lines of a run; `n` is how many samples a figure stands on.
pub(crate) fn lines(report: &Report, label: &str, commit: &str) -> String {
    let line = |(metric, unit, value, n): (String, &str, f64, u64)| -> Value {
        json!({
            "commit": commit,
            "machine": report.machine,
            "metric": format!("{label}/{metric}"),
            "unit": unit,
            "median": (value * 1e4).round() / 1e4,
            "n": n,
        })
    };
    figures(report).into_iter().map(|figure| format!("{}\n", line(figure))).collect()
}
