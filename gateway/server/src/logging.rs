//! Structured logs on standard error: one line each, `key=value`, never a flood.
//!
//! A message of one kind is written at most [`BURST`] times per [`WINDOW`]; what was held back is counted and said
//! with the next line of that kind. There is no global level: what is not worth a line is a metric.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Lines of one kind within one window.
const BURST: u32 = 5;
/// The window.
const WINDOW: Duration = Duration::from_secs(10);

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Good to know.
    Info,
    /// Works, but somebody should look.
    Warn,
    /// Does not work.
    Error,
}

struct Kind {
    since: Instant,
    written: u32,
    held_back: u64,
}

static KINDS: Mutex<BTreeMap<&'static str, Kind>> = Mutex::new(BTreeMap::new());

/// Whether a line of this kind may be written now, and how many were held back before it.
fn admit(kinds: &mut BTreeMap<&'static str, Kind>, message: &'static str, now: Instant) -> Option<u64> {
    let kind = kinds.entry(message).or_insert(Kind { since: now, written: 0, held_back: 0 });
    if now.duration_since(kind.since) >= WINDOW {
        (kind.since, kind.written) = (now, 0);
    }
    if kind.written == BURST {
        kind.held_back += 1;
        return None;
    }
    kind.written += 1;
    Some(std::mem::take(&mut kind.held_back))
}

/// A value as it stands in a line: quoted when it has to be, without line breaks.
fn write_value(line: &mut String, value: &str) {
    let is_plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'=');
    if is_plain {
        line.push_str(value);
    } else {
        let _ = write!(line, "{value:?}");
    }
}

/// Writes a line. `message` is the kind by which lines are limited; what differs goes into `fields`.
pub fn log(level: Level, message: &'static str, fields: &[(&str, &dyn std::fmt::Display)]) {
    let Some(held_back) = admit(&mut KINDS.lock(), message, ringbolt_ring::time::now()) else { return };
    let level = match level {
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let mut line = format!("time_ms={} level={level} msg={message:?}", ringbolt_ring::time::unix_ms());
    for (name, value) in fields {
        let _ = write!(line, " {name}=");
        write_value(&mut line, &value.to_string());
    }
    if held_back > 0 {
        let _ = write!(line, " held_back={held_back}");
    }
    line.push('\n');
    // Nobody to tell when standard error is closed.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{BURST, WINDOW, admit, write_value};
    use std::collections::BTreeMap;
    use std::time::Instant;

    #[test]
    fn a_flood_is_held_back_and_counted() {
        let (mut kinds, start) = (BTreeMap::new(), Instant::now());
        for _ in 0..BURST {
            assert_eq!(admit(&mut kinds, "disk is slow", start), Some(0));
        }
        assert_eq!(admit(&mut kinds, "disk is slow", start), None);
        assert_eq!(admit(&mut kinds, "disk is slow", start), None);
        assert_eq!(admit(&mut kinds, "something else", start), Some(0));
        assert_eq!(admit(&mut kinds, "disk is slow", start + WINDOW), Some(2));
    }

    #[test]
    fn values_stay_on_their_line() {
        let mut line = String::new();
        write_value(&mut line, "a b\nc");
        assert_eq!(line, "\"a b\\nc\"");
    }
}
