//! `/actuator/flowControl` at the management port: what limits requests now, and changing it until the next start.
//!
//! Names and shape are those of Camunda's actuator, as far as there is something behind them: a write limit and a throttle
//! by the exporters' backlog are refused by name.

use ringbolt_broker::{FlowControl, RESPONSE_TARGET_MS};
use ringbolt_management::Snapshot;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Bytes of a request's body.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    request: Option<Request>,
    write: Option<Value>,
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
        let (number, unit) = match text.strip_prefix("PT") {
            Some(rest) => (rest.strip_suffix('S')?, 1e3),
            None => match text.strip_suffix("ms") {
                Some(number) => (number, 1.0),
                None => (text.strip_suffix('s')?, 1e3),
            },
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
            let figures = json!({ "requestLimiter": limiter, "writeRateLimit": null });
            partitions.insert(partition.partition.to_string(), figures);
        }
    }
    Value::Object(partitions).to_string()
}

/// Changes what a request's body says.
///
/// # Errors
/// What is wrong with it; nothing was changed then.
pub(crate) fn change(control: &FlowControl, body: &[u8]) -> Result<(), String> {
    let change: Change = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if change.write.is_some_and(|write| !write.is_null()) {
        return Err("write: a limit of writes is not supported yet".to_owned());
    }
    let Some(Request { enabled, aimd }) = change.request else { return Ok(()) };
    let given = aimd.and_then(|aimd| aimd.request_timeout);
    let given = match &given {
        None => None,
        Some(time) => Some(target_ms(time)?),
    };
    let now = control.response_target().map(|target| target.as_millis() as u32);
    match enabled {
        Some(false) => control.set_response_target(None),
        Some(true) => {
            control.set_response_target(given.or(now).or(Some(ringbolt_broker::RESPONSE_TARGET_MS_DEFAULT)));
        }
        None if given.is_some() => control.set_response_target(given),
        None => {}
    }
    Ok(())
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
    use ringbolt_broker::FlowControl;
    use std::time::Duration;

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
            r#"{"request":{"enabled":false},"write":{"enabled":true,"limit":1}}"#,
        ] {
            assert!(change(&control, wrong.as_bytes()).is_err(), "{wrong}");
            assert_eq!(control.response_target(), Some(Duration::from_millis(200)), "{wrong}");
        }
    }
}
