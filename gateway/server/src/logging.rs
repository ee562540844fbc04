//! Structured logs on standard error: one line each, never a flood.
//!
//! A message of one kind is written at most [`BURST`] times per [`WINDOW`]; what was held back is counted and said
//! with the next line of that kind. What is not worth a line is a metric.
//!
//! Invariant: whatever a field has in it, a line is one line, and does nothing to a terminal.

use clap::ValueEnum;
use parking_lot::Mutex;
use ringbolt_cli::safe_json;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::io::{IsTerminal, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Lines of one kind within one window.
const BURST: u32 = 5;
/// The window.
const WINDOW: Duration = Duration::from_secs(10);

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    #[default]
    Info,
    /// Works, but somebody should look.
    Warn,
    /// Does not work.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// As a terminal shows it.
    fn colored(self) -> &'static str {
        match self {
            Self::Info => "\x1b[32mINFO \x1b[0m",
            Self::Warn => "\x1b[33mWARN \x1b[0m",
            Self::Error => "\x1b[31mERROR\x1b[0m",
        }
    }

    fn plain(self) -> &'static str {
        match self {
            Self::Info => "INFO ",
            Self::Warn => "WARN ",
            Self::Error => "ERROR",
        }
    }
}

/// How lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// As text on a terminal, as logfmt elsewhere.
    #[default]
    Auto,
    /// For people: time, level, message, fields; with colors on a terminal, unless `NO_COLOR` is set.
    Text,
    /// `name=value`, time in milliseconds since 1970.
    Logfmt,
    /// One JSON object a line.
    Json,
}

/// A format, once it is known where lines go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    Text { is_colored: bool },
    Logfmt,
    Json,
}

static SETTINGS: OnceLock<(Style, Level)> = OnceLock::new();

/// A line without an end stands on the terminal.
static STANDS: AtomicBool = AtomicBool::new(false);

/// Says whether a line without an end stands on the terminal, which is then drawn over by the next line of the log.
pub(crate) fn line_stands(stands: bool) {
    STANDS.store(stands, Ordering::Relaxed);
}

/// Says how lines look from now on, and from which level on they are written. What came before was written as logfmt; of several calls
/// the first one counts.
pub fn set(format: LogFormat, level: Level) {
    let is_terminal = std::io::stderr().is_terminal();
    let is_colored = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let style = match format {
        LogFormat::Auto if is_terminal => Style::Text { is_colored },
        LogFormat::Auto | LogFormat::Logfmt => Style::Logfmt,
        LogFormat::Text => Style::Text { is_colored },
        LogFormat::Json => Style::Json,
    };
    let _ = SETTINGS.set((style, level));
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

/// What a line has besides its fields.
struct Line<'a> {
    level: Level,
    unix_ms: i64,
    message: &'a str,
    held_back: u64,
}

impl Line<'_> {
    fn text(&self, style: Style, fields: &[(&str, &dyn Display)]) -> String {
        let mut line = match style {
            Style::Text { is_colored } => {
                let time = jiff::Timestamp::from_millisecond(self.unix_ms).unwrap_or_default();
                let level = if is_colored { self.level.colored() } else { self.level.plain() };
                format!("{} {level} {}", time.strftime("%F %T%.3fZ"), self.message)
            }
            Style::Logfmt => {
                let (level, message) = (self.level.name(), self.message);
                format!("time_ms={} level={level} msg={message:?}", self.unix_ms)
            }
            Style::Json => return self.json(fields),
        };
        let gap = if style == Style::Logfmt { " " } else { "  " };
        for (name, value) in fields {
            let _ = write!(line, "{gap}{name}=");
            write_value(&mut line, &value.to_string());
        }
        if self.held_back > 0 {
            let _ = write!(line, "{gap}held_back={}", self.held_back);
        }
        line
    }

    fn json(&self, fields: &[(&str, &dyn Display)]) -> String {
        let mut all = serde_json::Map::new();
        all.insert("time_ms".into(), self.unix_ms.into());
        all.insert("level".into(), self.level.name().into());
        all.insert("msg".into(), self.message.into());
        for (name, value) in fields {
            all.insert((*name).to_owned(), value.to_string().into());
        }
        if self.held_back > 0 {
            all.insert("held_back".into(), self.held_back.into());
        }
        safe_json(&serde_json::Value::Object(all).to_string())
    }
}

/// Writes a line. `message` is the kind by which lines are limited; what differs goes into `fields`.
pub fn log(level: Level, message: &'static str, fields: &[(&str, &dyn Display)]) {
    let (style, least) = SETTINGS.get().copied().unwrap_or((Style::Logfmt, Level::Info));
    if level < least {
        return;
    }
    let Some(held_back) = admit(&mut KINDS.lock(), message, ringbolt_ring::time::now()) else { return };
    let line = Line { level, unix_ms: ringbolt_ring::time::unix_ms(), message, held_back };
    let begin =
        if STANDS.load(Ordering::Relaxed) && std::io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
    let line = format!("{begin}{}\n", line.text(style, fields));
    // Nobody to tell when standard error is closed.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{BURST, Level, Line, Style, WINDOW, admit, write_value};
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

    #[test]
    fn a_line_is_for_people_or_for_programs() {
        let line =
            Line { level: Level::Warn, unix_ms: 1_795_906_000_123, message: "disk is slow", held_back: 2 };
        let text = |style| line.text(style, &[("path", &"a b\u{1b}[2J\u{202e}"), ("ms", &7)]);
        let path = r#"path="a b\u{1b}[2J\u{202e}""#;
        let people = format!("2026-11-28 22:46:40.123Z WARN  disk is slow  {path}  ms=7  held_back=2");
        assert_eq!(text(Style::Text { is_colored: false }), people);
        assert_eq!(
            text(Style::Text { is_colored: true }),
            people.replace("WARN ", "\u{1b}[33mWARN \u{1b}[0m")
        );
        let logfmt =
            format!(r#"time_ms=1795906000123 level=warn msg="disk is slow" {path} ms=7 held_back=2"#);
        assert_eq!(text(Style::Logfmt), logfmt);
        let json: serde_json::Value = serde_json::from_str(&text(Style::Json)).expect("JSON");
        assert_eq!(
            (&json["level"], &json["ms"], &json["held_back"]),
            (&"warn".into(), &"7".into(), &2.into())
        );
        assert!(!text(Style::Json).contains(['\u{1b}', '\u{202e}']));
    }
}
