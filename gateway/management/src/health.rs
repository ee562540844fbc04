//! Health: UP while every partition works, DOWN with the cause as soon as one has stopped; DEGRADED, which still serves,
//! while an exporter does not get on or instances are banned. A core that has not reported for long is named.

use crate::snapshot::Snapshot;
use ringbolt_broker::{BANNED_LISTED_MAX, PartitionReport, ReaderFigures};
use ringbolt_record::Key;
use serde_json::json;
use std::time::Duration;

/// How far searches may be behind before health says so.
const LAG_SHOWN: Duration = Duration::from_secs(5);
/// Banned instances that health names.
const BANNED_SHOWN_MAX: usize = 10;

/// A health answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether everything works: 200 if so, else 503.
    pub is_up: bool,
    /// The body.
    pub body: String,
}

/// The health of a node of which these are the cores, with what else there is to show. A core that does not report is a core that
/// does not answer.
pub fn health(cores: &[Snapshot], beside: serde_json::Map<String, serde_json::Value>) -> Health {
    let mut partitions = beside;
    let silent: Vec<&Snapshot> = cores.iter().filter(|core| core.is_silent()).collect();
    for core in &silent {
        let cause = match core.age {
            None => "has not reported yet".to_owned(),
            Some(age) => format!("has not reported for {} ms", age.as_millis()),
        };
        let details = json!({ "status": "DOWN", "details": { "cause": cause } });
        partitions.insert(format!("core-{}", core.core), details);
    }
    let mut is_up = silent.is_empty();
    let mut is_degraded = false;
    let reports = cores.iter().filter_map(|core| core.report.as_deref());
    for partition in reports.flat_map(|report| &report.partitions) {
        let details = match &partition.stopped {
            None => json!({ "status": "UP" }),
            Some(cause) => {
                is_up = false;
                json!({ "status": "DOWN", "details": { "cause": cause } })
            }
        };
        partitions.insert(format!("partition-{}", partition.partition), details);
        if !partition.banned.is_empty() {
            is_degraded = true;
            partitions
                .insert(format!("banned-instances-partition-{}", partition.partition), banned(partition));
        }
        for reader in &partition.readers {
            let is_detached = !reader.hold.view.is_attached;
            let details = match (&reader.status.failing, is_detached) {
                (None, false) if reader.is_storage() && !is_current(reader) => {
                    is_degraded = true;
                    let cause = behind(reader);
                    json!({ "status": "DEGRADED", "details": { "cause": cause, "detachedFromLog": false } })
                }
                (None, false) => json!({ "status": "UP" }),
                (cause, _) => {
                    is_degraded = true;
                    let details = json!({ "cause": cause, "detachedFromLog": is_detached });
                    json!({ "status": "DEGRADED", "details": details })
                }
            };
            let kind = if reader.is_storage() { "" } else { "exporter-" };
            partitions.insert(format!("{kind}{}-partition-{}", reader.name, partition.partition), details);
        }
    }
    let status = match (is_up, is_degraded) {
        (false, _) => "DOWN",
        (true, true) => "DEGRADED",
        (true, false) => "UP",
    };
    let body = json!({
        "status": status,
        "components": partitions,
        "details": { "coresSilent": silent.len() },
    });
    Health { is_up, body: body.to_string() }
}

/// Whether searches show what there is, but for what a busy moment explains.
fn is_current(storage: &ReaderFigures) -> bool {
    !storage.status.is_filling && storage.lag < LAG_SHOWN
}

/// What searches do not show.
fn behind(storage: &ReaderFigures) -> String {
    if storage.status.is_filling {
        return "what is alive is being told, and not all of it can be found yet".to_owned();
    }
    format!("what was committed in the last {} s cannot be found yet", storage.lag.as_secs())
}

/// What health says of banned instances: they wait for somebody to cancel them.
fn banned(partition: &PartitionReport) -> serde_json::Value {
    let shown: Vec<String> = partition.banned.iter().take(BANNED_SHOWN_MAX).map(Key::to_string).collect();
    let details = json!({ "processInstanceKeys": shown, "count": partition.banned.len() });
    json!({ "status": "DEGRADED", "details": details })
}

/// The banned instances of a node, by partition: their keys, as the API writes them.
pub fn banned_instances(cores: &[Snapshot]) -> String {
    let reports = cores.iter().filter_map(|core| core.report.as_deref());
    let partitions = reports.flat_map(|report| &report.partitions);
    let listed: serde_json::Map<String, serde_json::Value> = partitions
        .map(|partition| {
            let keys: Vec<String> = partition.banned.iter().map(Key::to_string).collect();
            let is_complete = keys.len() < BANNED_LISTED_MAX;
            let value = json!({ "processInstanceKeys": keys, "isComplete": is_complete });
            (partition.partition.to_string(), value)
        })
        .collect();
    serde_json::Value::Object(listed).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Health, Snapshot};
    use std::sync::Arc;
    use std::time::Duration;

    /// The health of cores that reported so many ms ago.
    fn health(reports: &[(CoreReport, u64)]) -> Health {
        let snapshot = |(core, (report, age)): (usize, &(CoreReport, u64))| Snapshot {
            core,
            age: Some(Duration::from_millis(*age)),
            report: Some(Arc::new(report.clone())),
        };
        let cores: Vec<Snapshot> = reports.iter().enumerate().map(snapshot).collect();
        super::health(&cores, serde_json::Map::new())
    }
    use ringbolt_broker::{CoreReport, PartitionReport, ReaderFigures, ReaderStatus, STORAGE_READER};
    use ringbolt_partition::{ReaderReport, ReaderView};
    use ringbolt_record::{Key, PartitionId};

    fn report(stopped: Option<&str>) -> CoreReport {
        let partition = PartitionReport {
            partition: PartitionId(1),
            stats: Default::default(),
            store: Default::default(),
            stopped: stopped.map(str::to_owned),
            readers: Vec::new(),
            banned: Vec::new(),
            follow_ups_age: Duration::ZERO,
            due_age: Duration::ZERO,
        };
        CoreReport { partitions: vec![partition], ..CoreReport::default() }
    }

    #[test]
    fn an_exporter_that_does_not_get_on_degrades_and_does_not_stop() {
        let mut report = report(None);
        let hold = ReaderReport {
            view: ReaderView { is_attached: true, ..ReaderView::default() },
            ..ReaderReport::default()
        };
        let status = ReaderStatus { failing: Some("disk full".to_owned()), ..ReaderStatus::default() };
        report.partitions[0].readers.push(ReaderFigures {
            name: "audit".into(),
            hold,
            status,
            lag: Duration::ZERO,
        });
        let failing = health(&[(report.clone(), 0)]);
        assert!(failing.is_up && failing.body.contains("DEGRADED") && failing.body.contains("disk full"));
        report.partitions[0].readers[0].status.failing = None;
        assert!(!health(&[(report, 0)]).body.contains("DEGRADED"));
    }

    #[test]
    fn searches_that_are_behind_or_incomplete_degrade() {
        let mut report = report(None);
        let view = ReaderView { is_attached: true, ..ReaderView::default() };
        let hold = ReaderReport { view, ..ReaderReport::default() };
        let (name, lag) = (STORAGE_READER.into(), Duration::from_secs(4));
        report.partitions[0].readers.push(ReaderFigures { name, hold, status: ReaderStatus::default(), lag });
        assert!(!health(&[(report.clone(), 0)]).body.contains("DEGRADED"), "a busy moment");
        report.partitions[0].readers[0].lag = Duration::from_secs(61);
        let behind = health(&[(report.clone(), 0)]);
        assert!(behind.is_up && behind.body.contains("committed in the last 61 s"), "{}", behind.body);
        report.partitions[0].readers[0].lag = Duration::ZERO;
        report.partitions[0].readers[0].status.is_filling = true;
        let filling = health(&[(report, 0)]);
        assert!(filling.is_up && filling.body.contains("what is alive is being told"), "{}", filling.body);
    }

    #[test]
    fn banned_instances_are_named_and_stop_nothing() {
        let mut report = report(None);
        report.partitions[0].banned = vec![Key(2_251_799_813_685_250)];
        let degraded = health(&[(report.clone(), 0)]);
        assert!(degraded.is_up && degraded.body.contains("DEGRADED"), "{}", degraded.body);
        assert!(degraded.body.contains("\"2251799813685250\""), "{}", degraded.body);
        let snapshot = Snapshot { core: 0, age: Some(Duration::ZERO), report: Some(Arc::new(report)) };
        assert_eq!(
            super::banned_instances(&[snapshot]),
            r#"{"1":{"isComplete":true,"processInstanceKeys":["2251799813685250"]}}"#
        );
    }

    #[test]
    fn a_stopped_partition_or_a_silent_core_is_down() {
        assert!(health(&[(report(None), 4_000)]).is_up);
        let silent = health(&[(report(None), 0), (report(None), 6_600)]);
        assert!(!silent.is_up && silent.body.contains("\"core-1\""), "{}", silent.body);
        assert!(silent.body.contains("has not reported for 6600 ms"), "{}", silent.body);
        let shown = serde_json::from_str(r#"{"testEndpoints":{"status":"UP"}}"#).expect("JSON");
        let starting = super::health(&[Snapshot { core: 0, age: None, report: None }], shown);
        assert!(starting.body.contains("testEndpoints"), "{}", starting.body);
        assert!(!starting.is_up && starting.body.contains("has not reported yet"), "{}", starting.body);
        let down = health(&[(report(Some("write failed")), 0)]);
        assert!(!down.is_up && down.body.contains("write failed"), "{}", down.body);
    }
}
