//! When requests are due, and what they carry.
//!
//! Open loop: request `n` of a rate is due `n / rate` seconds after the start, whatever happened to those before.
//! A latency is measured from when the request was due, not from when it was sent, so that a stalled server is
//! not flattered by the load it held back (coordinated omission). A closed loop has no schedule: its requests are due when
//! the one before is done, so its latencies describe the server at saturation only.

use serde::Serialize;
use std::time::Duration;

/// How requests come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// So many per second, due at fixed times.
    Rate(f64),
    /// So many under way at any time; the next is due when one is done.
    InFlight(usize),
}

impl Pace {
    /// When request `n`, counted from 0, is due after the start; at once in a closed loop.
    pub fn due(self, n: u64) -> Duration {
        match self {
            Self::Rate(per_second) => Duration::from_secs_f64(n as f64 / per_second),
            Self::InFlight(_) => Duration::ZERO,
        }
    }
}

/// A JSON object of variables with about so many bytes.
pub fn payload(bytes: usize) -> String {
    const FRAME: usize = r#"{"payload":""}"#.len();
    let filler = "ringbolt ".chars().cycle().take(bytes.saturating_sub(FRAME));
    format!(r#"{{"payload":"{}"}}"#, filler.collect::<String>())
}

/// The same, divided among so many variables, `v0` and on, all different.
pub(crate) fn divided_payload(bytes: usize, count: u32) -> String {
    let each = (bytes / count as usize).saturating_sub(r#""v00":"","#.len());
    let variable = |at: u32| format!(r#""v{at}":"{at:x<each$}""#);
    format!("{{{}}}", (0..count).map(variable).collect::<Vec<_>>().join(","))
}

/// An object of variables that is not empty, with a filler if it is shorter than so many bytes.
pub(crate) fn padded(variables: &serde_json::Value, bytes: usize) -> String {
    const FRAME: usize = r#","padding":"""#.len();
    let mut text = variables.to_string();
    if let Some(missing) = bytes.checked_sub(text.len() + FRAME) {
        text.pop();
        text += r#","padding":""#;
        text.extend(std::iter::repeat_n('x', missing));
        text += r#""}"#;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Pace, divided_payload, payload};
    use std::time::Duration;

    #[test]
    fn due_times_do_not_drift() {
        assert_eq!(Pace::Rate(150.0).due(300), Duration::from_secs(2));
        assert_eq!(Pace::InFlight(8).due(300), Duration::ZERO);
    }

    #[test]
    fn a_payload_has_its_size_and_is_json() {
        for bytes in [20, 100, 1024, 32 * 1024] {
            let text = payload(bytes);
            assert_eq!(text.len(), bytes);
            assert!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON").is_object());
        }
        let text = divided_payload(1024, 30);
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value.as_object().expect("an object").len(), 30);
        assert!((900..=1024).contains(&text.len()), "{}", text.len());
    }
}
