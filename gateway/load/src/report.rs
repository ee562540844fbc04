//! What a run found, as one value: the figures, and what they are as JSON.

use crate::args::ReportArgs;
use crate::prometheus::{Distribution, Page};
use crate::run::Run;
use crate::server_watch::{ProcessFigures, ServerWatch};
use crate::stats::{Counts, ErrorCount, Kind, Operation, Period};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Stages of the server that lie outside its wait for flushes.
const OUTSIDE_FLUSH: [&str; 5] =
    ["request_parsed", "mailbox_wait", "processing", "append", "response_written"];
const MILLIS: f64 = 1000.0;

/// What is known before the run.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) started_unix_ms: i64,
    pub(crate) window: Duration,
    pub(crate) warmup: Duration,
    /// Creations a second that an open loop offers.
    pub(crate) rate: Option<f64>,
    pub(crate) arguments: Value,
}

/// A finished run.
pub(crate) struct Report {
    pub(crate) header: Header,
    pub(crate) machine: String,
    pub(crate) total: Period,
    pub(crate) all: Counts,
    pub(crate) errors: BTreeMap<(Operation, String), ErrorCount>,
    pub(crate) foreign: u64,
    pub(crate) unfinished: u64,
    pub(crate) last_trouble_ms: Option<i64>,
    /// Creations that were never answered.
    pub(crate) unanswered: usize,
    /// Creations that were due in the window, of an open loop.
    pub(crate) offered: Option<f64>,
    pub(crate) server: Option<ProcessFigures>,
    pub(crate) own: Option<ProcessFigures>,
    pub(crate) metrics: Option<Page>,
}

/// The server's time outside its wait for flushes, per request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OutsideFlush {
    pub(crate) mean_ms: f64,
    /// Sums of the stages' quantiles: the true quantile of the sum is about there (p50) or below (p99).
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Stages of which the server counted nothing: their time is not in the sums.
    pub(crate) missing: Vec<&'static str>,
}

impl Report {
    pub(crate) fn collect(run: &Run, watch: &ServerWatch, header: Header, args: &ReportArgs) -> Self {
        let offered = header.rate.map(|rate| rate * header.window.as_secs_f64());
        let stats = run.stats.borrow();
        let cycles = run.cycles.borrow();
        Self {
            header,
            machine: args.machine.clone().unwrap_or_else(machine),
            total: stats.total().clone(),
            all: *stats.all(),
            errors: stats.errors().clone(),
            foreign: cycles.foreign(),
            unfinished: cycles.unfinished(),
            last_trouble_ms: stats.last_trouble_ms(),
            unanswered: run.creating.get(),
            offered,
            server: watch.server(),
            own: watch.own(),
            metrics: watch.metrics(),
        }
    }

    /// Instances by which CPU time is divided: completed ones, or created ones where nothing is completed.
    pub(crate) fn instances(&self) -> u64 {
        match self.total.counts.completed {
            0 => self.total.counts.created,
            completed => completed,
        }
    }

    /// Creations that were due in the window and sent, however late.
    pub(crate) fn sent(&self) -> u64 {
        self.total.latency(Kind::Sent).count()
    }

    /// Creations that were due in the window and neither acknowledged nor refused: failed, never answered, or not sent because too
    /// many were unanswered. What this tool had no time to send is only missing in [`Report::sent`].
    pub(crate) fn failed(&self) -> u64 {
        let answered = self.total.latency(Kind::Create).count() + self.total.latency(Kind::Refused).count();
        self.sent().saturating_sub(answered) + self.total.counts.stuck
    }

    pub(crate) fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.header.window.as_secs_f64().max(1e-9)
    }

    /// CPU milliseconds an instance.
    pub(crate) fn cpu_ms(&self, process: &ProcessFigures) -> Option<f64> {
        let instances = self.instances();
        (instances > 0).then(|| process.cpu_seconds * MILLIS / instances as f64)
    }

    pub(crate) fn stage(&self, name: &str) -> Option<Distribution> {
        self.metrics.as_ref()?.distribution(name).filter(|stage| stage.count() > 0.0)
    }

    pub(crate) fn outside_flush(&self) -> Option<OutsideFlush> {
        let metrics = self.metrics.as_ref()?;
        let mut sum = OutsideFlush::default();
        for name in OUTSIDE_FLUSH {
            match metrics.distribution(name).filter(|stage| stage.count() > 0.0) {
                // One core passes nothing on: there is no such time.
                None if name == "mailbox_wait" => {}
                None => sum.missing.push(name),
                Some(stage) => {
                    sum.mean_ms += stage.mean_ms().unwrap_or(0.0);
                    sum.p50_ms += stage.quantile_ms(0.5).unwrap_or(0.0);
                    sum.p99_ms += stage.quantile_ms(0.99).unwrap_or(0.0);
                }
            }
        }
        Some(sum)
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let counts = self.total.counts;
        let mut latencies = Map::new();
        for kind in Kind::ALL {
            if self.total.latency(kind).count() > 0 {
                latencies.insert(kind.name().to_owned(), self.total.latency(kind).json());
            }
        }
        let error = |((operation, status), error): (&(Operation, String), &ErrorCount)| json!({ "operation": operation.name(), "status": status, "count": error.count, "example": error.example });
        json!({
            "kind": self.header.kind,
            "title": self.header.title,
            "machine": self.machine,
            "started_unix_ms": self.header.started_unix_ms,
            "arguments": self.header.arguments,
            "warmup_seconds": self.header.warmup.as_secs_f64(),
            "window_seconds": self.header.window.as_secs_f64(),
            "last_trouble_unix_ms": self.last_trouble_ms,
            "counts": {
                "offered": self.offered,
                "sent": self.sent(),
                "created": counts.created,
                "refused": counts.refused,
                "failed": self.failed(),
                "jobs_received": counts.jobs,
                "completed": counts.completed,
                "duplicate_jobs": self.all.duplicates,
                "foreign_jobs": self.foreign,
                "unfinished": self.unfinished,
                "unanswered_creations": self.unanswered,
            },
            "rates": {
                "offered_per_second": self.offered.map(|count| self.per_second(count as u64)),
                "sent_per_second": self.per_second(self.sent()),
                "created_per_second": self.per_second(counts.created),
                "refused_per_second": self.per_second(counts.refused),
                "completed_per_second": self.per_second(counts.completed),
            },
            "errors": self.errors.iter().map(error).collect::<Vec<_>>(),
            "latencies": latencies,
            "load": self.own.map(|own| self.process_json(&own)),
            "server": self.server.map(|server| self.process_json(&server)),
            "server_metrics": self.metrics.as_ref().map(|metrics| self.metrics_json(metrics)),
        })
    }

    fn process_json(&self, process: &ProcessFigures) -> Value {
        json!({
            "cpu_seconds": process.cpu_seconds,
            "cpu_ms_per_instance": self.cpu_ms(process),
            "cores": process.cores,
            "resident_bytes": {
                "start": process.start.resident_bytes,
                "end": process.end.resident_bytes,
                "max": process.highest.resident_bytes,
                "peak": process.end.peak_bytes,
            },
            "anonymous_bytes": {
                "start": process.start.anonymous_bytes,
                "end": process.end.anonymous_bytes,
                "max": process.highest.anonymous_bytes,
            },
        })
    }

    fn metrics_json(&self, metrics: &Page) -> Value {
        let stages: Map<String, Value> = metrics
            .distributions()
            .into_iter()
            .filter_map(|name| Some((name.clone(), self.stage(&name)?.json())))
            .collect();
        let outside = self
            .outside_flush()
            .map(|sum| json!({ "mean_ms": sum.mean_ms, "p50_sum_ms": sum.p50_ms, "p99_sum_ms": sum.p99_ms }));
        json!({ "stages": stages, "outside_flush": outside, "counters": metrics.counters() })
    }
}

/// This machine in a few words.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, name)| name.trim());
    let cpus = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    format!("{cpus} x {model}, Linux {}", read("/proc/sys/kernel/osrelease").trim())
}
