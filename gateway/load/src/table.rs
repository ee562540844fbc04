//! The report for people.

use crate::prometheus::Distribution;
use crate::report::Report;
use crate::server_watch::ProcessFigures;
use crate::stats::Kind;
use std::fmt::Write;

const MIB: f64 = 1024.0 * 1024.0;
/// Stages worth a line, with their names for people.
const STAGES: [(&str, &str); 8] = [
    ("flush", "server: one flush"),
    ("commit", "server: append -> commit"),
    ("request_parsed", "server: parsing"),
    ("mailbox_wait", "server: mailbox"),
    ("processing", "server: processing"),
    ("append", "server: append"),
    ("response_written", "server: commit -> written"),
    ("job_created_to_pushed", "server: job -> pushed"),
];

/// The whole table, with a line end.
pub(crate) fn render(report: &Report) -> String {
    let mut text = String::new();
    let header = &report.header;
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "\n{}: {}\n{:.1} s measured after {:.1} s of warm-up; {}",
        header.kind,
        header.title,
        header.window.as_secs_f64(),
        header.warmup.as_secs_f64(),
        report.machine
    );
    counts(&mut text, report);
    latencies(&mut text, report);
    if let Some(server) = &report.server {
        process(&mut text, report, "server", server);
    }
    if let Some(own) = &report.own {
        process(&mut text, report, "this load", own);
    }
    errors(&mut text, report);
    text
}

fn counts(text: &mut String, report: &Report) {
    let counts = report.total.counts;
    let offered = report.offered.map_or(0, |offered| offered as u64);
    for (name, count) in [
        ("offered", offered),
        ("sent", if offered > 0 { report.sent() } else { 0 }),
        ("created", counts.created),
        ("refused", counts.refused),
        ("completed", counts.completed),
    ] {
        if count > 0 {
            let _ = writeln!(text, "  {name:<26} {count:>10}  {:.1}/s", report.per_second(count));
        }
    }
    let _ = writeln!(text, "  {:<26} {:>10}", "duplicate jobs", report.all.duplicates);
    for (name, count) in [
        ("unfinished instances", report.unfinished),
        ("unanswered creations", report.unanswered as u64),
        ("failed creations", report.failed()),
        ("jobs of other instances", report.foreign),
    ] {
        if count > 0 {
            let _ = writeln!(text, "  {name:<26} {count:>10}");
        }
    }
}

fn latencies(text: &mut String, report: &Report) {
    let _ = writeln!(
        text,
        "  {:<26} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "milliseconds", "p50", "p90", "p99", "p99.9", "max", "samples"
    );
    for kind in Kind::ALL {
        let latency = report.total.latency(kind);
        if latency.count() > 0 {
            let q = |q| latency.quantile_ms(q);
            let _ = writeln!(
                text,
                "  {:<26} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>10}",
                kind.title(),
                q(0.5),
                q(0.9),
                q(0.99),
                q(0.999),
                latency.max_ms(),
                latency.count()
            );
        }
    }
    for (name, title) in STAGES {
        if let Some(stage) = report.stage(name) {
            distribution(text, title, &stage);
        }
    }
    if let Some(outside) = report.outside_flush() {
        let missing = match outside.missing.as_slice() {
            [] => String::new(),
            names => format!("; nothing counted for {}", names.join(", ")),
        };
        let _ = writeln!(
            text,
            "  {:<26} {:>9.3} {:>9} {:>9.3}   (sums over its stages; mean {:.3}{missing})",
            "server: outside flushes", outside.p50_ms, "", outside.p99_ms, outside.mean_ms
        );
    }
}

fn distribution(text: &mut String, title: &str, stage: &Distribution) {
    let q = |q| stage.quantile_ms(q).unwrap_or(0.0);
    let _ = writeln!(
        text,
        "  {title:<26} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>9} {:>10}",
        q(0.5),
        q(0.9),
        q(0.99),
        q(0.999),
        "",
        stage.count()
    );
}

fn process(text: &mut String, report: &Report, name: &str, process: &ProcessFigures) {
    let mib = |bytes: u64| bytes as f64 / MIB;
    let cpu = report.cpu_ms(process).map_or(String::new(), |ms| format!("{ms:.4} ms CPU an instance, "));
    let _ = write!(text, "  {name:<10} {cpu}{:.2} cores", process.cores);
    if process.highest.resident_bytes > 0 {
        let _ = write!(
            text,
            "; resident {:.1} -> {:.1} MiB (max {:.1}, peak {:.1}), anonymous {:.1} -> {:.1} (max {:.1})",
            mib(process.start.resident_bytes),
            mib(process.end.resident_bytes),
            mib(process.highest.resident_bytes),
            mib(process.end.peak_bytes),
            mib(process.start.anonymous_bytes),
            mib(process.end.anonymous_bytes),
            mib(process.highest.anonymous_bytes)
        );
    }
    text.push('\n');
}

fn errors(text: &mut String, report: &Report) {
    if report.errors.is_empty() {
        let _ = writeln!(text, "  no errors");
    }
    for ((operation, status), error) in &report.errors {
        let _ = writeln!(
            text,
            "  {} {status}: {} times, first: {}",
            operation.name(),
            error.count,
            error.example
        );
    }
}
