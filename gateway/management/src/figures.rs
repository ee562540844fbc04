//! What the overview of the pages shows of the engine: counters since the start, of which a page makes rates, and how things stand.
//!
//! There is no word of a cause in it and no name but those of exporters: who sees pages need not see what the management port tells.

use crate::snapshot::Snapshot;
use ringbolt_broker::metrics::{BUCKETS, CoreMetrics, Histogram, Stage, bucket_bound_us};
use ringbolt_broker::{CoreReport, PartitionReport, ReaderFigures};
use serde_json::{Value, json};

/// What is known beside the cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Bytes that are free for this process on the file system of the data directory, and all that it has; none where nobody knows.
    pub space: Option<(u64, u64)>,
    /// Bytes of documents.
    pub document_bytes: u64,
    /// Exporters were told to rest.
    pub is_exporting_paused: bool,
}

/// The figures of a node of which these are the cores, as JSON.
pub fn figures(cores: &[Snapshot], beside: Beside) -> Vec<u8> {
    let reports: Vec<&CoreReport> = cores.iter().filter_map(|core| core.report.as_deref()).collect();
    let partitions: Vec<&PartitionReport> = reports.iter().flat_map(|report| &report.partitions).collect();
    let mut metrics = CoreMetrics::default();
    for report in &reports {
        metrics.add(&report.metrics);
    }
    let stages =
        Stage::ALL.map(|stage| json!({ "name": stage.name(), "counts": counts(metrics.stage(stage)) }));
    // JSON has no infinity: nothing bounds what is in the last.
    let bounds: Vec<f64> = (0..BUCKETS - 1).map(bucket_bound_us).collect();
    let told = json!({
        "atMs": beside.at_ms,
        "coresSilent": cores.iter().filter(|core| core.is_silent()).count(),
        "counters": {
            "commands": metrics.commands,
            "rejections": metrics.rejections.iter().sum::<u64>(),
            "refusals": metrics.refusals.iter().flatten().sum::<u64>(),
            "jobs": metrics.jobs_pushed + metrics.jobs_polled,
            "flushes": metrics.flushes,
            "writtenBytes": metrics.written_bytes,
        },
        "boundsUs": bounds,
        "stages": stages,
        "disk": {
            "freeBytes": beside.space.map(|(free, _)| free),
            "allBytes": beside.space.map(|(_, all)| all),
            "files": files(&reports, &partitions, beside.document_bytes),
        },
        "isExportingPaused": beside.is_exporting_paused,
        "partitions": partitions.iter().map(|partition| shown(partition)).collect::<Value>(),
    });
    told.to_string().into_bytes()
}

/// What was counted, by bucket; most of them are empty.
fn counts(histogram: &Histogram) -> Value {
    let counted = histogram.counts().iter().enumerate().filter(|(_, count)| **count > 0);
    counted.map(|(bucket, count)| json!([bucket, count])).collect()
}

/// Bytes of the files of the data directory, by what they are for.
fn files(reports: &[&CoreReport], partitions: &[&PartitionReport], document_bytes: u64) -> Value {
    let readers = || partitions.iter().flat_map(|partition| &partition.readers);
    let storage = readers().filter(|reader| reader.is_storage());
    json!({
        "log": reports.iter().map(|report| report.journal_bytes).sum::<u64>(),
        "state": partitions.iter().map(|partition| partition.store.base_bytes).sum::<u64>(),
        "search": storage.map(|reader| reader.status.bytes).sum::<u64>(),
        "copiedLog": readers().map(|reader| reader.hold.view.spill_bytes).sum::<u64>(),
        "documents": document_bytes,
    })
}

fn shown(partition: &PartitionReport) -> Value {
    let behind = |reader: &ReaderFigures| {
        json!({
            "isWell": reader.status.failing.is_none() && reader.hold.view.is_attached,
            "behind": (partition.stats.last_position + 1).saturating_sub(reader.status.exported.0),
            "heldBytes": reader.hold.held_bytes + reader.hold.view.spill_bytes,
        })
    };
    let storage = partition.readers.iter().find(|reader| reader.is_storage()).map(|reader| {
        let mut shown = behind(reader);
        shown["lagMs"] = (reader.lag.as_millis() as u64).into();
        shown
    });
    let exporters = partition.readers.iter().filter(|reader| !reader.is_storage()).map(|reader| {
        let mut shown = behind(reader);
        shown["name"] = (*reader.name).into();
        shown
    });
    json!({
        "partitionId": partition.partition.0,
        "isStopped": partition.stopped.is_some(),
        "lastPosition": partition.stats.last_position,
        "logBytes": partition.stats.log_bytes,
        "isCheckpointDelayed": partition.stats.checkpoint_delayed,
        "bannedInstances": partition.banned.len(),
        "dueAgeMs": partition.due_age.as_millis() as u64,
        "storage": storage,
        "exporters": exporters.collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Beside, figures};
    use crate::snapshot::Snapshot;
    use ringbolt_broker::metrics::Stage;
    use ringbolt_broker::{CoreReport, PartitionReport, ReaderFigures, ReaderStatus, STORAGE_READER};
    use ringbolt_partition::{PartitionStats, ReaderReport, ReaderView};
    use ringbolt_record::{PartitionId, Position};
    use serde_json::{Value, json};
    use std::sync::Arc;
    use std::time::Duration;

    fn reader(name: &str, exported: u64, failing: Option<&str>) -> ReaderFigures {
        let view = ReaderView { is_attached: true, spill_bytes: 7, ..ReaderView::default() };
        let status = ReaderStatus {
            exported: Position(exported),
            bytes: 900,
            failing: failing.map(str::to_owned),
            ..ReaderStatus::default()
        };
        let hold = ReaderReport { view, held_bytes: 40, ..ReaderReport::default() };
        ReaderFigures { name: name.into(), hold, status, lag: Duration::from_millis(1500) }
    }

    fn told(readers: Vec<ReaderFigures>, stopped: Option<&str>) -> String {
        let partition = PartitionReport {
            partition: PartitionId(3),
            stats: PartitionStats { last_position: 100, ..PartitionStats::default() },
            store: Default::default(),
            stopped: stopped.map(str::to_owned),
            readers,
            banned: Vec::new(),
            follow_ups_age: Duration::ZERO,
            due_age: Duration::ZERO,
        };
        let mut report =
            CoreReport { partitions: vec![partition], journal_bytes: 500, ..CoreReport::default() };
        report.metrics.commands = 12;
        report.metrics.observe(Stage::Flush, Duration::from_millis(2));
        report.metrics.observe(Stage::Flush, Duration::from_secs(100));
        let core = |age| Snapshot { core: 0, age, report: Some(Arc::new(report.clone())) };
        let silent = Snapshot { core: 1, age: None, report: None };
        let beside = Beside { space: Some((10, 100)), document_bytes: 5, ..Beside::default() };
        String::from_utf8(figures(&[core(Some(Duration::ZERO)), silent], beside)).expect("text")
    }

    #[test]
    fn figures_are_those_of_all_cores_and_say_how_far_each_reader_is() {
        let text = told(vec![reader(STORAGE_READER, 91, None), reader("audit", 101, None)], None);
        let told: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((&told["counters"]["commands"], &told["coresSilent"]), (&json!(12), &json!(1)));
        let flush = told["stages"].as_array().expect("stages").iter().find(|one| one["name"] == "flush");
        // Two milliseconds are in the bucket that ends at 2048 us; nothing bounds the last, which has no bound of its own.
        let counts = &flush.expect("it is there")["counts"];
        let bounds = told["boundsUs"].as_array().expect("bounds");
        assert_eq!(counts, &json!([[21, 1], [bounds.len(), 1]]), "{text}");
        assert_eq!(bounds[21], json!(2048.0));
        let files = json!({ "log": 500, "state": 0, "search": 900, "copiedLog": 14, "documents": 5 });
        assert_eq!(told["disk"], json!({ "freeBytes": 10, "allBytes": 100, "files": files }));
        let partition = &told["partitions"][0];
        assert_eq!((&partition["partitionId"], &partition["isStopped"]), (&json!(3), &json!(false)));
        let storage = json!({ "isWell": true, "behind": 10, "heldBytes": 47, "lagMs": 1500 });
        assert_eq!(partition["storage"], storage);
        assert_eq!(
            partition["exporters"],
            json!([{ "name": "audit", "isWell": true, "behind": 0, "heldBytes": 47 }])
        );
    }

    #[test]
    fn that_something_fails_is_said_and_not_why() {
        let readers = vec![reader("audit", 0, Some("no answer from https://user:secret@sink.example"))];
        let text = told(readers, Some("cannot write /srv/data/journal"));
        let told: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(told["partitions"][0]["isStopped"], true);
        assert_eq!(told["partitions"][0]["exporters"][0]["isWell"], false);
        assert!(!text.contains("secret") && !text.contains("/srv"), "{text}");
    }
}
