//! What is printed: tables for people, JSON for scripts.
//!
//! Invariant: every cell goes through [`safe`], JSON through [`safe_json`]; a reader that has seen enough (`| head`) is no error.

use crate::text::{safe, safe_json};
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal, Write, stdout};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Between two columns.
const GAP: &str = "  ";
/// Columns that say nothing any more when they are cut.
const WHOLE: [&str; 9] =
    ["KEY", "INSTANCE", "STATE", "STARTED", "CAME", "CREATED", "RETRIES", "VERSION", "KIND"];
/// The narrowest that the last column gets before others get narrower, and the narrowest that any gets.
const LAST_WIDTH_MIN: usize = 12;
const WIDTH_MIN: usize = 4;

/// Rows under their heads. On a terminal columns are cut to what a line has room for.
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

    /// How wide each column is that nobody cuts.
    fn widths(&self) -> Vec<usize> {
        let widest = |at: usize| {
            let cells = self.rows.iter().map(|row| row[at].width());
            cells.chain([self.heads[at].width()]).max().unwrap_or(0)
        };
        (0..self.heads.len()).map(widest).collect()
    }

    /// The same on a line of this width, as far as that can be: what is cut is the last column, then the widest of those that may be.
    fn fitting(&self, width: usize) -> Vec<usize> {
        let mut widths = self.widths();
        let last = widths.len() - 1;
        let gaps = GAP.len() * last;
        let too_much = |widths: &[usize]| (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        let narrowed = widths[last].saturating_sub(too_much(&widths));
        widths[last] = narrowed.max(LAST_WIDTH_MIN.min(widths[last]));
        while too_much(&widths) > 0 {
            let may_be_cut = |at: &usize| widths[*at] > WIDTH_MIN && !WHOLE.contains(&self.heads[*at]);
            let Some(widest) = (0..=last).filter(may_be_cut).max_by_key(|at| widths[*at]) else { break };
            widths[widest] -= 1;
        }
        widths
    }

    /// Whether a line of this width has no room for all that there is.
    pub(crate) fn is_cut(&self, width: Option<usize>) -> bool {
        width.is_some_and(|width| self.fitting(width) != self.widths())
    }

    /// The whole table; empty without rows.
    pub(crate) fn text(&self, width: Option<usize>) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let widths = width.map_or_else(|| self.widths(), |width| self.fitting(width));
        let heads: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).collect();
        let mut out = String::new();
        for line in std::iter::once(&heads).chain(&self.rows) {
            for (at, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let shown = cut(cell, *width);
                out.push_str(&shown);
                if at + 1 < widths.len() {
                    out.push_str(&" ".repeat(width.saturating_sub(shown.width())));
                    out.push_str(GAP);
                }
            }
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

/// How many there are, in words.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// How there are fewer or more of what is listed than is shown.
#[derive(Clone, Copy)]
pub(crate) enum Hint {
    Nothing,
    /// Of no use where there is nothing.
    Fewer(&'static str),
    More(&'static str),
}

/// What a list has, for the line below it.
pub(crate) struct Listed {
    /// One of them, and several.
    pub(crate) what: [&'static str; 2],
    /// Which of them are looked for: the state as it stands before what they are, then all else that was asked for.
    pub(crate) state: String,
    pub(crate) of: Vec<String>,
    pub(crate) hint: Hint,
}

/// What stands below a list: how many there are, which ones were looked for, and how to see others.
pub(crate) fn footer(answer: &Value, listed: &Listed) -> String {
    let Listed { what: [one, several], state, of, hint } = listed;
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
    let words = [how_many.as_str(), state, what].into_iter().chain(of.iter().map(String::as_str));
    let all = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let hint = match hint {
        Hint::More(hint) => Some(*hint),
        Hint::Fewer(hint) if shown > 0 => Some(*hint),
        Hint::Fewer(_) | Hint::Nothing => None,
    };
    let limit = (has_more && shown > 0).then_some("--limit shows more");
    let hints: Vec<&str> = hint.into_iter().chain(limit).collect();
    let hints = if hints.is_empty() { String::new() } else { format!("; {}", hints.join(", ")) };
    format!("{all}{hints}\n")
}

#[cfg(test)]
mod tests {
    use super::{Table, moment};
    use serde_json::json;
    use unicode_width::UnicodeWidthStr;

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
        assert!(table.is_cut(Some(24)) && !table.is_cut(Some(80)) && !table.is_cut(None));
        assert_eq!(Table::new(&["KEY"]).text(None), "");
    }

    /// Keys, states and times are whole; of the others the widest are cut first.
    #[test]
    fn columns_are_cut_where_a_line_has_no_room_for_them() {
        let mut table = Table::new(&["KEY", "NAME", "STATE", "FOR", "PROCESS", "INSTANCE", "CREATED"]);
        let cells =
            ["2251799813685261", "Approve the order", "COMPLETED", "sales, support", "order_to_delivery"];
        let cells = cells.into_iter().chain(["2251799813685250", "59 min ago"]).map(str::to_owned);
        table.row(cells.collect());
        let text = table.text(Some(80));
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        assert_eq!(
            text,
            "KEY               NAME    STATE      FOR     PROC…  INSTANCE          CREATED\n\
             2251799813685261  Appro…  COMPLETED  sales…  orde…  2251799813685250  59 min ago\n"
        );
        assert!(
            table.text(Some(120)).contains("Approve the order  COMPLETED  sales, support  order_to_delivery")
        );
    }

    #[test]
    fn moments_are_to_the_second() {
        let item = json!({ "a": "2026-11-28T22:19:46.123Z", "b": null, "c": "when?" });
        assert_eq!(moment(&item, "a"), "2026-11-28 22:19:46Z");
        assert_eq!((moment(&item, "b"), moment(&item, "c")), ("-".into(), "when?".into()));
    }
}
