//! What is printed: tables for people, JSON for scripts.
//!
//! Invariant: every cell goes through [`safe`], JSON through [`safe_json`]; a reader that has seen enough (`| head`) is no error.

use crate::text::{safe, safe_json};
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal, Write, stdout};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Between two columns.
const GAP: &str = "  ";
/// The narrowest that the last column gets, however narrow the terminal is.
const LAST_WIDTH_MIN: usize = 12;

/// Rows under their heads. On a terminal the last column is cut to what is left of the line.
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self { heads: heads.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, as many cells as heads.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.heads.len(), "a cell for each head");
        self.rows.push(cells.iter().map(|cell| safe(cell)).collect());
    }

    /// The whole table; empty without rows.
    pub(crate) fn text(&self, width: Option<usize>) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let heads: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).collect();
        let lines: Vec<&[String]> =
            std::iter::once(&heads[..]).chain(self.rows.iter().map(|row| &row[..])).collect();
        let widest = |at: usize| lines.iter().map(|line| line[at].width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.heads.len()).map(widest).collect();
        let before: usize = widths[..widths.len() - 1].iter().map(|width| width + GAP.len()).sum();
        let last_max = width.map(|width| width.saturating_sub(before).max(LAST_WIDTH_MIN));
        let mut out = String::new();
        for line in lines {
            let (last, cells) = line.split_last().expect("a table has columns");
            for (cell, width) in cells.iter().zip(&widths) {
                out.push_str(cell);
                out.push_str(&" ".repeat(width - cell.width()));
                out.push_str(GAP);
            }
            out.push_str(&last_max.map_or_else(|| last.clone(), |width| cut(last, width)));
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
        }
        out
    }
}

/// As much of a text as fits, with a sign that it goes on.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// How wide the terminal is; none where there is none.
pub fn terminal_width() -> Option<usize> {
    if !stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Prints text that is safe already.
pub fn print(text: &str) {
    let mut out = stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Nobody reads on: there is nothing more to do, and nothing was wrong.
        if error.kind() == ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        eprintln!("ringbolt: cannot write: {error}");
        std::process::exit(1);
    }
}

/// Prints what a server answered.
pub(crate) fn print_json(value: &Value) {
    let text = serde_json::to_string_pretty(value).expect("a value is JSON");
    print(&format!("{}\n", safe_json(&text)));
}

/// A member as a cell: text as it is, other things as JSON, nothing as a dash.
pub(crate) fn cell(item: &Value, member: &str) -> String {
    match &item[member] {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A moment as a cell: to the second, in UTC.
pub(crate) fn moment(item: &Value, member: &str) -> String {
    let text = cell(item, member);
    match text.split_once('T') {
        Some((day, time)) if time.len() >= 8 && time.is_char_boundary(8) => format!("{day} {}Z", &time[..8]),
        _ => text,
    }
}

/// The list that an answer has.
pub(crate) fn items<'v>(answer: &'v Value, member: &str) -> &'v [Value] {
    answer[member].as_array().map_or(&[], Vec::as_slice)
}

/// What a list has, for the line below it.
pub(crate) struct Listed {
    /// One of them, and several.
    pub(crate) what: [&'static str; 2],
    /// Which of them are looked for, as it stands before what they are, and after it.
    pub(crate) which: [String; 2],
    /// How there are fewer or others of them; empty where that was said.
    pub(crate) hint: &'static str,
}

/// What stands below a list: how many there are, of which state, and how to see others.
pub(crate) fn footer(answer: &Value, listed: &Listed) -> String {
    let Listed { what: [one, several], which: [before, after], hint } = listed;
    let (shown, page) = (items(answer, "items").len(), &answer["page"]);
    let total = page["totalItems"].as_u64().unwrap_or(shown as u64);
    let more = if page["hasMoreTotalItems"] == true { " or more" } else { "" };
    let has_more = total > shown as u64;
    let how_many = match shown {
        0 => "no".to_owned(),
        _ if has_more => format!("the newest {shown} of {total}{more}"),
        _ => shown.to_string(),
    };
    let what = if shown == 1 && !has_more { one } else { several };
    let words = [how_many.as_str(), before, what, after];
    let all = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let limit = if has_more && shown > 0 { "--limit shows more" } else { "" };
    let hints: Vec<&str> = [*hint, limit].into_iter().filter(|hint| !hint.is_empty()).collect();
    let hints = if hints.is_empty() { String::new() } else { format!("; {}", hints.join(", ")) };
    format!("{all}{hints}\n")
}

#[cfg(test)]
mod tests {
    use super::{Table, moment};
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_they_look() {
        let mut table = Table::new(&["KEY", "NAME", "WHY"]);
        table.row(vec!["1".into(), "数量".into(), "so\u{1b}[2J".into()]);
        table.row(vec!["22".into(), "ab".into(), "a longer reason than the line is wide".into()]);
        let wanted =
            "KEY  NAME  WHY\n1    数量  so\\u{1b}[2J\n22   ab    a longer reason than the line is wide\n";
        assert_eq!(table.text(None), wanted);
        let cut = "KEY  NAME  WHY\n1    数量  so\\u{1b}[2J\n22   ab    a longer rea…\n";
        assert_eq!(table.text(Some(24)), cut);
        assert_eq!(Table::new(&["KEY"]).text(None), "");
    }

    #[test]
    fn moments_are_to_the_second() {
        let item = json!({ "a": "2026-11-28T22:19:46.123Z", "b": null, "c": "when?" });
        assert_eq!(moment(&item, "a"), "2026-11-28 22:19:46Z");
        assert_eq!((moment(&item, "b"), moment(&item, "c")), ("-".into(), "when?".into()));
    }
}
