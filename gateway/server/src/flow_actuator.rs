//! `/actuator/flowControl` at the management port: what limits requests now, and changing it until the next start.
//!
//! Names and shape are those of Camunda's actuator, as far as there is something behind them. A change is taken whole or not at all;
//! what it does not name stays, and a part that is `null` too.

use ringbolt_broker::{FlowControl, RESPONSE_TARGET_MS, Throttling, WRITE_LIMIT, WriteSettings};
use ringbolt_management::Snapshot;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The longest ramp of a write limit, and the shortest and longest time between two looks at the exporters.
const RAMP_MAX: Duration = Duration::from_secs(24 * 3600);
const RESOLUTION_MS: RangeInclusive<u32> = 100..=3_600_000;

/// Bytes of a request's body.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    request: Option<Request>,
    write: Option<Write>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Write {
    enabled: Option<bool>,
    limit: Option<u64>,
    ramp_up: Option<Time>,
    throttling: Option<Throttle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Throttle {
    enabled: Option<bool>,
    acceptable_backlog: Option<u64>,
    minimum_limit: Option<u32>,
    resolution: Option<Time>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    enabled: Option<bool>,
    aimd: Option<Aimd>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Aimd {
    request_timeout: Option<Time>,
}

/// A time as Camunda's actuator takes it: seconds, or a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Seconds(f64),
    Text(String),
}

impl Time {
    fn milliseconds(&self) -> Option<f64> {
        let text = match self {
            Self::Seconds(seconds) => return Some(seconds * 1e3),
            Self::Text(text) => text.trim(),
        };
        let suffixed = |text: &'static [(&str, f64)], of: &'_ str| {
            text.iter().find_map(|(suffix, unit)| Some((of.strip_suffix(suffix)?.to_owned(), *unit)))
        };
        let (number, unit) = match text.strip_prefix("PT") {
            Some(rest) => suffixed(&[("S", 1e3), ("M", 6e4), ("H", 36e5)], rest)?,
            None => suffixed(&[("ms", 1.0), ("s", 1e3), ("m", 6e4), ("h", 36e5)], text)?,
        };
        number.trim().parse::<f64>().ok().map(|number| number * unit)
    }
}

/// What limits requests, by partition: the target as it is now, the rest as the cores last said.
pub(crate) fn show(control: &FlowControl, cores: &[Snapshot]) -> String {
    let target = control.response_target();
    let mut partitions = Map::new();
    for report in cores.iter().filter_map(|core| core.report.as_deref()) {
        for partition in &report.partitions {
            let limiter = target.map(|target| {
                json!({ "delegate": {
                    "limit": partition.stats.flow_limit,
                    "expectedRTT": u64::try_from(target.as_nanos()).unwrap_or(u64::MAX),
                    "requestAgeMs": report.request_age.as_secs_f64() * 1e3,
                    "requestAgeLimitMs": report.admission_limit.as_ref().map(Duration::as_secs_f64).map(|limit| limit * 1e3),
                }})
            });
            let now =
                report.write_limits.iter().find(|(id, _)| *id == partition.partition).map(|(_, now)| *now);
            let figures = json!({ "requestLimiter": limiter, "writeRateLimit": control.write().map(|write| shown(&write, now)) });
            partitions.insert(partition.partition.to_string(), figures);
        }
    }
    Value::Object(partitions).to_string()
}

/// A limit of writes; `now` is what it comes to with its ramp and the exporters' backlog, records a second.
fn shown(write: &WriteSettings, now: Option<f64>) -> Value {
    let throttling = write.throttling.map(|throttling| {
        json!({
            "enabled": true,
            "acceptableBacklog": throttling.acceptable_backlog,
            "minimumLimit": throttling.minimum_limit,
            "resolution": throttling.resolution.as_secs_f64(),
        })
    });
    json!({
        "enabled": true,
        "limit": write.limit,
        "rampUp": write.ramp_up.as_secs_f64(),
        "throttling": throttling.unwrap_or_else(|| json!({ "enabled": false })),
        "limitNow": now,
    })
}

/// Changes what a request's body says.
///
/// # Errors
/// What is wrong with it; nothing was changed then.
pub(crate) fn change(control: &FlowControl, body: &[u8]) -> Result<(), String> {
    let change: Change = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    // Everything is read before anything is changed.
    let target = change.request.map(|request| new_target(control, request)).transpose()?;
    let write = change.write.map(|write| new_write(control.write(), write)).transpose()?;
    if let Some(target) = target {
        control.set_response_target(target);
    }
    if let Some(write) = write {
        control.set_write(write);
    }
    Ok(())
}

fn new_target(control: &FlowControl, request: Request) -> Result<Option<u32>, String> {
    let given = request.aimd.and_then(|aimd| aimd.request_timeout);
    let given = given.as_ref().map(target_ms).transpose()?;
    let now = control.response_target().map(|target| target.as_millis() as u32);
    Ok(match request.enabled {
        Some(false) => None,
        Some(true) => given.or(now).or(Some(ringbolt_broker::RESPONSE_TARGET_MS_DEFAULT)),
        None => given.or(now),
    })
}

fn new_write(now: Option<WriteSettings>, write: Write) -> Result<Option<WriteSettings>, String> {
    if write.enabled == Some(false) {
        return Ok(None);
    }
    let mut settings = match now {
        Some(now) => now,
        None if write.enabled == Some(true) => {
            WriteSettings { limit: None, ramp_up: Duration::ZERO, throttling: None }
        }
        None => return Ok(None),
    };
    if let Some(limit) = write.limit {
        let limit = u32::try_from(limit).ok().filter(|limit| WRITE_LIMIT.contains(limit));
        let (least, most) = (WRITE_LIMIT.start(), WRITE_LIMIT.end());
        settings.limit = Some(
            limit.ok_or_else(|| format!("write.limit: not between {least} and {most} records a second"))?,
        );
    }
    if let Some(ramp_up) = &write.ramp_up {
        settings.ramp_up = time_within("write.rampUp", ramp_up, Duration::ZERO..=RAMP_MAX)?;
    }
    if let Some(throttle) = write.throttling {
        settings.throttling = new_throttling(settings.throttling, throttle)?;
    }
    if settings.limit.is_none() && settings.throttling.is_none() {
        return Err("write: needs a limit, or throttling".to_owned());
    }
    Ok(Some(settings))
}

fn new_throttling(now: Option<Throttling>, throttle: Throttle) -> Result<Option<Throttling>, String> {
    if throttle.enabled == Some(false) || (now.is_none() && throttle.enabled.is_none()) {
        return Ok(None);
    }
    let mut throttling = now.unwrap_or_default();
    if let Some(backlog) = throttle.acceptable_backlog {
        throttling.acceptable_backlog = backlog;
    }
    if let Some(limit) = throttle.minimum_limit {
        if !WRITE_LIMIT.contains(&limit) {
            return Err("write.throttling.minimumLimit: at least one record a second is written".to_owned());
        }
        throttling.minimum_limit = limit;
    }
    if let Some(resolution) = &throttle.resolution {
        let ms = |ms: &u32| Duration::from_millis(u64::from(*ms));
        let range = ms(RESOLUTION_MS.start())..=ms(RESOLUTION_MS.end());
        throttling.resolution = time_within("write.throttling.resolution", resolution, range)?;
    }
    Ok(Some(throttling))
}

fn time_within(name: &str, time: &Time, range: RangeInclusive<Duration>) -> Result<Duration, String> {
    let given = time.milliseconds().and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
    given
        .filter(|given| range.contains(given))
        .ok_or_else(|| format!("{name}: expected a time between {:?} and {:?}", range.start(), range.end()))
}

fn target_ms(time: &Time) -> Result<u32, String> {
    let (least, most) = (RESPONSE_TARGET_MS.start(), RESPONSE_TARGET_MS.end());
    match time.milliseconds() {
        Some(ms) if (f64::from(*least)..=f64::from(*most)).contains(&ms) => Ok(ms.round() as u32),
        Some(ms) => Err(format!("request.aimd.requestTimeout: {ms} ms is not between {least} and {most} ms")),
        None => {
            Err("request.aimd.requestTimeout: expected seconds, or a text such as 200ms or PT0.2S".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::change;
    use ringbolt_broker::{FlowControl, Throttling, WriteSettings};
    use std::time::Duration;

    #[test]
    fn a_write_limit_is_set_changed_in_part_and_taken_away() {
        let control = FlowControl::default();
        let set = |text: &str| {
            change(&control, text.as_bytes()).expect(text);
            control.write()
        };
        let limit = WriteSettings { limit: Some(500), ramp_up: Duration::ZERO, throttling: None };
        assert_eq!(set(r#"{"write":{"limit":500}}"#), None, "it is not enabled");
        assert_eq!(set(r#"{"write":{"enabled":true,"limit":500}}"#), Some(limit));
        let ramped = WriteSettings { ramp_up: Duration::from_secs(60), ..limit };
        assert_eq!(set(r#"{"write":{"rampUp":"1m"}}"#), Some(ramped));
        assert_eq!(set(r#"{"request":{"enabled":true},"write":null}"#), Some(ramped));
        let throttling =
            Throttling { acceptable_backlog: 7, minimum_limit: 3, resolution: Duration::from_secs(1) };
        let text = r#"{"write":{"rampUp":0,"throttling":{"enabled":true,"acceptableBacklog":7,"minimumLimit":3,"resolution":"PT1S"}}}"#;
        assert_eq!(set(text), Some(WriteSettings { throttling: Some(throttling), ..limit }));
        assert_eq!(set(r#"{"write":{"throttling":{"enabled":false}}}"#), Some(limit));
        assert_eq!(set(r#"{"write":{"enabled":false}}"#), None);
    }

    #[test]
    fn a_change_is_taken_whole_or_not_at_all() {
        let control = FlowControl::default();
        let target = || control.response_target().map(|target| target.as_millis());
        for (text, wanted) in [
            (r#"{"request":{"aimd":{"requestTimeout":"500ms"}}}"#, Some(500)),
            (r#"{"request":{"enabled":true,"aimd":{"requestTimeout":0.1}}}"#, Some(100)),
            (r#"{"request":{"enabled":true,"aimd":{"requestTimeout":"PT1.5S"}}}"#, Some(1500)),
            (r#"{}"#, Some(1500)),
            (r#"{"request":{"enabled":false}}"#, None),
            (r#"{"request":{"enabled":true},"write":null}"#, Some(200)),
        ] {
            change(&control, text.as_bytes()).expect(text);
            assert_eq!(target(), wanted, "{text}");
        }
        for wrong in [
            "",
            "[]",
            r#"{"requests":{}}"#,
            r#"{"request":{"aimd":{"requestTimeout":"5ms"}}}"#,
            r#"{"request":{"aimd":{"requestTimeout":"soon"}}}"#,
            r#"{"request":{"enabled":false},"write":{"enabled":true,"limit":0}}"#,
            r#"{"request":{"enabled":false},"write":{"enabled":true}}"#,
            r#"{"write":{"enabled":true,"limit":1,"rampUp":"soon"}}"#,
            r#"{"write":{"enabled":true,"throttling":{"enabled":true,"minimumLimit":0}}}"#,
            r#"{"write":{"enabled":true,"throttling":{"enabled":true,"resolution":"1ms"}}}"#,
        ] {
            assert!(change(&control, wrong.as_bytes()).is_err(), "{wrong}");
            assert_eq!(control.write(), None, "{wrong}");
            assert_eq!(control.response_target(), Some(Duration::from_millis(200)), "{wrong}");
        }
    }
}
