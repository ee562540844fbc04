//! Metrics in Prometheus' text exposition format, version 0.0.4.
//!
//! Durations are in seconds, sizes in bytes. Names begin with `ringbolt_`; figures of a partition carry its id.

use crate::snapshot::Snapshot;
use ringbolt_broker::metrics::{
    BUCKETS, CoreMetrics, Histogram, RefusalReason, Stage, WorkClass, bucket_bound_us,
};
use ringbolt_broker::{CoreReport, PartitionReport, ReaderFigures};
use ringbolt_record::RejectionType;
use std::fmt::Write as _;

const MICROS_PER_SECOND: f64 = 1e6;

struct Page {
    text: String,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.text, "# HELP ringbolt_{name} {help}\n# TYPE ringbolt_{name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: f64) {
        let _ = match labels {
            "" => writeln!(self.text, "ringbolt_{name} {value}"),
            labels => writeln!(self.text, "ringbolt_{name}{{{labels}}} {value}"),
        };
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.head(name, kind, help);
        self.line(name, "", value);
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head(name, "histogram", help);
        let mut total = 0;
        for bucket in 0..BUCKETS {
            total += histogram.counts()[bucket];
            let bound = bucket_bound_us(bucket) / MICROS_PER_SECOND;
            let bound = if bound.is_infinite() { "+Inf".to_owned() } else { format!("{bound:.7}") };
            let _ = writeln!(self.text, "ringbolt_{name}_bucket{{le=\"{bound}\"}} {total}");
        }
        let _ = writeln!(self.text, "ringbolt_{name}_sum {}", histogram.sum_us() / MICROS_PER_SECOND);
        let _ = writeln!(self.text, "ringbolt_{name}_count {total}");
    }
}

/// The page for these cores.
pub fn render(cores: &[Snapshot]) -> String {
    let reports: Vec<&CoreReport> = cores.iter().filter_map(|core| core.report.as_deref()).collect();
    let reports = reports.as_slice();
    let mut metrics = CoreMetrics::default();
    for report in reports {
        metrics.add(&report.metrics);
    }
    let mut page = Page { text: String::with_capacity(32 * 1024) };
    for stage in Stage::ALL {
        let name = format!("{}_seconds", stage.name());
        page.histogram(&name, "Duration of this stage.", metrics.stage(stage));
    }
    render_commands(&mut page, &metrics);
    render_cores(&mut page, reports);
    render_ages(&mut page, cores);
    let partitions: Vec<&PartitionReport> = reports.iter().flat_map(|report| &report.partitions).collect();
    render_partitions(&mut page, &partitions);
    render_exporters(&mut page, &partitions);
    render_storage(&mut page, &partitions);
    page.text
}

fn render_commands(page: &mut Page, metrics: &CoreMetrics) {
    page.single("commands_total", "counter", "Commands processed.", metrics.commands as f64);
    page.head("rejections_total", "counter", "Commands refused for what they ask, by type.");
    for kind in RejectionType::ALL {
        let labels = format!("type=\"{kind}\"");
        page.line("rejections_total", &labels, metrics.rejections[kind.number() as usize] as f64);
    }
    page.head("refusals_total", "counter", "Requests turned away, by what they wanted and why.");
    for class in WorkClass::ALL {
        for reason in RefusalReason::ALL {
            let labels = format!("class=\"{}\",reason=\"{}\"", class.name(), reason.name());
            page.line("refusals_total", &labels, metrics.refusals[class as usize][reason as usize] as f64);
        }
    }
    page.single("jobs_pushed_total", "counter", "Jobs pushed to streams.", metrics.jobs_pushed as f64);
    page.single("jobs_polled_total", "counter", "Jobs handed over by polls.", metrics.jobs_polled as f64);
    page.single("entry_bytes_total", "counter", "Bytes of log entries.", metrics.entry_bytes as f64);
    page.single(
        "journal_written_bytes_total",
        "counter",
        "Bytes written, padding included.",
        metrics.written_bytes as f64,
    );
    page.single("journal_flushes_total", "counter", "Batches written and flushed.", metrics.flushes as f64);
    page.single(
        "journal_thread_flushes_total",
        "counter",
        "Batches that a thread wrote, where that is faster than the ring, or to find out.",
        metrics.flushes_by_thread as f64,
    );
    page.single(
        "clock_jumps_total",
        "counter",
        "How often the wall clock was set under the running server.",
        metrics.clock_jumps as f64,
    );
    page.single(
        "handoffs_total",
        "counter",
        "Commands for another core's partition.",
        metrics.handoffs as f64,
    );
    page.single(
        "spilled_bytes_total",
        "counter",
        "Bytes copied out of the log for exporters.",
        metrics.spilled_bytes as f64,
    );
    page.single(
        "large_commands_waited_total",
        "counter",
        "Commands with large documents that waited because the next write of the log had enough.",
        metrics.large_waited as f64,
    );
    page.single("checkpoints_total", "counter", "Checkpoints finished.", metrics.checkpoints as f64);
    page.single(
        "checkpoint_last_seconds",
        "gauge",
        "The last checkpoint.",
        metrics.checkpoint_ms as f64 / 1e3,
    );
    page.single("replay_seconds", "gauge", "Replay at start.", metrics.replay_ms as f64 / 1e3);
    page.single("replayed_entries", "gauge", "Entries replayed at start.", metrics.replayed_entries as f64);
}

fn render_ages(page: &mut Page, cores: &[Snapshot]) {
    page.head("core_report_age_seconds", "gauge", "How old the figures of a core are.");
    for core in cores {
        if let Some(age) = core.age {
            page.line("core_report_age_seconds", &format!("core=\"{}\"", core.core), age.as_secs_f64());
        }
    }
}

fn render_cores(page: &mut Page, reports: &[&CoreReport]) {
    type Figure = (&'static str, &'static str, fn(&CoreReport) -> f64);
    let figures: [Figure; 9] = [
        ("core_requests_waiting", "Requests that wait for their answer.", |r| r.requests_waiting as f64),
        ("core_streams", "Open job streams.", |r| r.streams as f64),
        ("core_stream_jobs_queued", "Jobs that wait for their connection.", |r| r.stream_jobs_queued as f64),
        ("core_polls_waiting", "Polls that wait for jobs.", |r| r.polls_waiting as f64),
        ("core_handoffs_sent", "Messages to other cores.", |r| r.handoffs_sent as f64),
        ("core_handoffs_received", "Messages from other cores.", |r| r.handoffs_received as f64),
        ("core_journal_bytes", "Bytes of journal files.", |r| r.journal_bytes as f64),
        ("core_request_age_seconds", "The oldest request of the last 15 s when it was handled.", |r| {
            r.request_age.as_secs_f64()
        }),
        ("core_is_behind", "1 while new work is turned away for its age.", |r| {
            f64::from(u8::from(r.admission_limit.is_some()))
        }),
    ];
    for (name, help, figure) in figures {
        page.head(name, "gauge", help);
        for report in reports {
            page.line(name, &format!("core=\"{}\"", report.core), figure(report));
        }
    }
}

/// A name, what it says, and its value.
type OfPartition = (&'static str, &'static str, fn(&PartitionReport) -> f64);

fn render_partitions(page: &mut Page, partitions: &[&PartitionReport]) {
    let figures: [OfPartition; 20] = [
        ("partition_up", "1 while the partition works.", |p| f64::from(u8::from(p.stopped.is_none()))),
        ("partition_last_index", "Entries appended.", |p| p.stats.last_index as f64),
        ("partition_committed_index", "Entries committed.", |p| p.stats.committed_index as f64),
        ("partition_last_position", "Records written.", |p| p.stats.last_position as f64),
        ("partition_held_effects", "Effects that wait for a commit.", |p| p.stats.held_effects as f64),
        ("partition_stream_credit", "Free credit of job streams.", |p| p.stats.credit as f64),
        ("partition_flow_limit", "Most new work that may wait.", |p| f64::from(p.stats.flow_limit)),
        ("partition_flow_waiting", "New work that waits for its commit.", |p| p.stats.flow_waiting as f64),
        ("partition_log_bytes", "Log since the last checkpoint.", |p| p.stats.log_bytes as f64),
        (
            "partition_banned_instances",
            "Banned instances: they can only be canceled; at most 1000 are counted.",
            |p| p.banned.len() as f64,
        ),
        (
            "partition_follow_ups_waiting",
            "Instances that go on by themselves and wait for their turn.",
            |p| p.stats.follow_ups as f64,
        ),
        (
            "partition_follow_ups_age_seconds",
            "How long there have been such instances without a pause.",
            |p| p.follow_ups_age.as_secs_f64(),
        ),
        ("partition_due_age_seconds", "How late the earliest deadline or retry is.", |p| {
            p.due_age.as_secs_f64()
        }),
        (
            "state_overlay_bytes_max",
            "Changed state at which new work is refused until a checkpoint ends.",
            |p| p.stats.overlay_bytes_max as f64,
        ),
        ("state_overlay_bytes", "Memory of changed state.", |p| p.store.active_bytes as f64),
        ("state_frozen_bytes", "Memory of state being written.", |p| p.store.frozen_bytes as f64),
        ("state_base_rows", "Rows in the mapped base.", |p| p.store.base_rows as f64),
        ("state_base_bytes", "Bytes of the mapped base.", |p| p.store.base_bytes as f64),
        ("state_checkpoints", "Checkpoints since the start.", |p| p.store.checkpoints as f64),
        ("state_checkpoint_delayed", "1 while a checkpoint waits for space and new work is refused.", |p| {
            f64::from(u8::from(p.stats.checkpoint_delayed))
        }),
    ];
    render_figures(page, partitions, &figures);
    render_kept(page, partitions);
    render_steps_undone(page, partitions);
}

fn render_figures(page: &mut Page, partitions: &[&PartitionReport], figures: &[OfPartition]) {
    for (name, help, figure) in figures {
        page.head(name, "gauge", help);
        for partition in partitions {
            page.line(name, &format!("partition=\"{}\"", partition.partition), figure(partition));
        }
    }
}

/// What is kept and what waits, with its bounds.
fn render_kept(page: &mut Page, partitions: &[&PartitionReport]) {
    let figures: [OfPartition; 10] = [
        ("partition_batch_operations", "Batch operations that have not ended.", |p| {
            p.stats.batch_operations as f64
        }),
        (
            "partition_batch_items_waiting",
            "Items of batch operations that were selected and not taken.",
            |p| p.stats.batch_items as f64,
        ),
        ("partition_messages", "Messages kept for those who do not wait for them yet.", |p| {
            p.stats.messages as f64
        }),
        ("partition_messages_max", "Messages that are kept at most; more are refused.", |p| {
            p.stats.messages_max as f64
        }),
        ("partition_message_bytes", "Bytes of kept messages.", |p| p.stats.message_bytes as f64),
        ("partition_message_bytes_max", "Bytes of kept messages at which more are refused.", |p| {
            p.stats.message_bytes_max as f64
        }),
        (
            "partition_timers",
            "Timers. One of the last checkpoint counts twice when it was changed since.",
            |p| p.stats.timers as f64,
        ),
        (
            "partition_subscriptions",
            "Who waits for messages, signals and conditions, counted as timers are.",
            |p| p.stats.subscriptions as f64,
        ),
        ("partition_user_tasks", "User tasks, counted as timers are.", |p| p.stats.user_tasks as f64),
        (
            "partition_waits_max",
            "Timers, subscriptions and user tasks at which new instances are refused.",
            |p| p.stats.waits_max as f64,
        ),
    ];
    render_figures(page, partitions, &figures);
}

fn render_steps_undone(page: &mut Page, partitions: &[&PartitionReport]) {
    let name = "partition_steps_undone_total";
    page.head(name, "counter", "Steps of instances that did not fit into their log entry and were undone.");
    for partition in partitions {
        let labels = format!("partition=\"{}\"", partition.partition);
        page.line(name, &labels, partition.stats.steps_undone as f64);
    }
}

fn render_exporters(page: &mut Page, partitions: &[&PartitionReport]) {
    type Figure = (&'static str, &'static str, &'static str, fn(&PartitionReport, &ReaderFigures) -> f64);
    let figures: [Figure; 12] = [
        ("exporter_up", "gauge", "1 while the exporter gets on.", |_, r| {
            f64::from(u8::from(r.status.failing.is_none()))
        }),
        ("exporter_attached", "gauge", "1 while the log is kept for the exporter.", |_, r| {
            f64::from(u8::from(r.hold.view.is_attached))
        }),
        ("exporter_position", "gauge", "Last position durable in the sink.", |_, r| {
            r.status.exported.0.saturating_sub(1) as f64
        }),
        ("exporter_acknowledged_position", "gauge", "Last position acknowledged to the log.", |_, r| {
            r.hold.view.next.0.saturating_sub(1) as f64
        }),
        ("exporter_lag_positions", "gauge", "Records that are not in the sink yet.", |p, r| {
            (p.stats.last_position + 1).saturating_sub(r.status.exported.0) as f64
        }),
        ("exporter_held_bytes", "gauge", "Bytes of log segments kept for the exporter.", |_, r| {
            r.hold.held_bytes as f64
        }),
        ("exporter_spill_bytes", "gauge", "Bytes copied out of the log for the exporter.", |_, r| {
            r.hold.view.spill_bytes as f64
        }),
        ("exporter_records_total", "counter", "Records given to the sink.", |_, r| r.status.records as f64),
        ("exporter_bytes_total", "counter", "Bytes given to the sink.", |_, r| r.status.bytes as f64),
        ("exporter_gaps_total", "counter", "Gaps that the sink was told of.", |_, r| r.status.gaps as f64),
        ("exporter_gap_positions_total", "counter", "Positions in those gaps.", |_, r| {
            r.status.gap_positions as f64
        }),
        ("exporter_errors_total", "counter", "Failures of the sink or of reading.", |_, r| {
            r.status.errors as f64
        }),
    ];
    let is_exporter = |reader: &&ReaderFigures| !reader.is_storage();
    if partitions.iter().all(|partition| !partition.readers.iter().any(|reader| is_exporter(&reader))) {
        return;
    }
    for (name, kind, help, figure) in figures {
        page.head(name, kind, help);
        for partition in partitions {
            for reader in partition.readers.iter().filter(is_exporter) {
                let labels = format!("exporter=\"{}\",partition=\"{}\"", reader.name, partition.partition);
                page.line(name, &labels, figure(partition, reader));
            }
        }
    }
}

fn render_storage(page: &mut Page, partitions: &[&PartitionReport]) {
    type Figure = (&'static str, &'static str, &'static str, fn(&PartitionReport, &ReaderFigures) -> f64);
    let figures: [Figure; 11] = [
        ("storage_up", "gauge", "1 while secondary storage gets on.", |_, r| {
            f64::from(u8::from(r.status.failing.is_none() && r.hold.view.is_attached))
        }),
        ("storage_position", "gauge", "Last position that can be searched.", |_, r| {
            r.status.exported.0.saturating_sub(1) as f64
        }),
        ("storage_lag_positions", "gauge", "Records that cannot be searched yet.", |p, r| {
            (p.stats.last_position + 1).saturating_sub(r.status.exported.0) as f64
        }),
        (
            "storage_lag_seconds",
            "gauge",
            "For how long something is there that cannot be searched.",
            |_, r| r.lag.as_secs_f64(),
        ),
        ("storage_filling", "gauge", "1 while it is told what is alive, and has not all of it.", |_, r| {
            f64::from(u8::from(r.status.is_filling))
        }),
        ("storage_held_bytes", "gauge", "Bytes of log segments and spills kept for it.", |_, r| {
            (r.hold.held_bytes + r.hold.view.spill_bytes) as f64
        }),
        ("storage_file_bytes", "gauge", "Bytes of its files.", |_, r| r.status.bytes as f64),
        ("storage_rows_total", "counter", "Rows written.", |_, r| r.status.records as f64),
        ("storage_gaps_total", "counter", "Gaps in its history.", |_, r| r.status.gaps as f64),
        ("storage_gap_positions_total", "counter", "Positions in those gaps.", |_, r| {
            r.status.gap_positions as f64
        }),
        ("storage_errors_total", "counter", "Failures of writing or of reading the log.", |_, r| {
            r.status.errors as f64
        }),
    ];
    for (name, kind, help, figure) in figures {
        page.head(name, kind, help);
        for partition in partitions {
            for reader in partition.readers.iter().filter(|reader| reader.is_storage()) {
                let labels = format!("partition=\"{}\"", partition.partition);
                page.line(name, &labels, figure(partition, reader));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::snapshot::Snapshot;
    use ringbolt_broker::CoreReport;
    use ringbolt_broker::metrics::Stage;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn histograms_add_up_over_cores() {
        let mut report = CoreReport::default();
        report.metrics.observe(Stage::Flush, Duration::from_millis(2));
        let report = Arc::new(report);
        let core =
            |core| Snapshot { core, age: Some(Duration::from_millis(1500)), report: Some(report.clone()) };
        let page = render(&[core(0), core(1), Snapshot { core: 2, age: None, report: None }]);
        assert!(page.contains("ringbolt_core_report_age_seconds{core=\"1\"} 1.5\n"), "{page}");
        assert!(page.contains("ringbolt_flush_seconds_count 2\n"), "{page}");
        assert!(page.contains("ringbolt_flush_seconds_bucket{le=\"+Inf\"} 2\n"));
        assert!(page.contains("ringbolt_flush_seconds_bucket{le=\"0.0010240\"} 0\n"));
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let value = line.rsplit(' ').next().unwrap_or_default();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
