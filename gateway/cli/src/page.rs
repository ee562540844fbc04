//! Everything about one instance.

use crate::client::Client;
use crate::kinds;
use crate::show::{Table, cell, items, moment, print, print_json, terminal_width};
use crate::text::safe;
use crate::waits::{Kind, Line, Waits};
use crate::when::{ms_of, now_ms};
use crate::{Error, Target};
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;

/// Rows of each kind, and all that one may want of them.
const ROWS_MAX: u32 = 50;
const ROWS_FULL: u32 = 10_000;
/// How long a line about an instance may be on a terminal, in characters: messages of errors may have any length.
const LINE_CHARS_MAX: usize = 400;
/// How often it is looked again what an instance waits for after something was done, and how long after; a second in all. A wait for a
/// message begins on another partition, a moment after its element.
const SETTLED_TRIES: u32 = 20;
const SETTLED_PAUSE: Duration = Duration::from_millis(50);
/// An instance that began so long ago, by this machine's clock, waits for what it is going to wait for, ms.
const YOUNG_MS: i64 = 2_000;

/// Arguments of `instance`.
#[derive(Args, Clone, Debug)]
pub struct InstanceArgs {
    /// Its key.
    #[arg(value_parser = kinds::key_of, allow_negative_numbers = true)]
    key: u64,
    /// Everything there is, and nothing cut: long messages and values, more than 50 of a kind.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    pub(crate) target: Target,
}

pub(crate) fn instance(client: &Client, args: &InstanceArgs) -> Result<(), Error> {
    let page = Page::settled(client, args.key, args.full)?;
    if client.is_json {
        print_json(&page.json());
    } else {
        print(&page.text(if args.full { None } else { terminal_width() }));
    }
    Ok(())
}

/// Everything about one instance.
pub(crate) struct Page {
    instance: Value,
    waits: Waits,
    variables: Value,
}

/// As much of a line as is wanted on a terminal, with what is left out.
fn shortened(text: String) -> (String, bool) {
    match text.char_indices().nth(LINE_CHARS_MAX) {
        Some((end, _)) => (format!("{}… ({} characters)", &text[..end], text.chars().count()), true),
        None => (text, false),
    }
}

impl Page {
    /// What is known of an instance; in full, or as much as somebody looks at.
    pub(crate) fn read(client: &Client, key: u64, is_full: bool) -> Result<Self, Error> {
        let (instance, _) = kinds::found(client, key)?;
        let rows = if is_full { ROWS_FULL } else { ROWS_MAX };
        let variables = json!({
            "filter": { "processInstanceKey": key.to_string() },
            "sort": [{ "field": "name" }], "page": { "limit": rows }
        });
        let path = format!("/variables/search?truncateValues={}", !is_full);
        Ok(Self {
            instance,
            waits: Waits::read(client, &[key.to_string()], rows)?,
            variables: client.find(&path, &variables)?,
        })
    }

    /// The same, of one that was only just begun once it is known what it waits for.
    fn settled(client: &Client, key: u64, is_full: bool) -> Result<Self, Error> {
        let mut tries = 0..SETTLED_TRIES;
        loop {
            let page = Self::read(client, key, is_full)?;
            let begun = page.instance["startDate"].as_str().and_then(ms_of);
            let is_young = begun.is_some_and(|begun| (now_ms() - begun).abs() < YOUNG_MS);
            let lines = page.waits.of(&key.to_string());
            if !is_young || page.state() != "ACTIVE" || is_settled(&lines) || tries.next().is_none() {
                return Ok(page);
            }
            std::thread::sleep(SETTLED_PAUSE);
        }
    }

    /// The state it is in.
    pub(crate) fn state(&self) -> &str {
        self.instance["state"].as_str().unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        let Waits { elements, incidents, jobs, tasks, messages, timers, catches, called } = &self.waits;
        json!({
            "processInstance": self.instance, "activeElements": elements["items"], "incidents": incidents["items"],
            "jobs": jobs["items"], "userTasks": tasks["items"], "messageSubscriptions": messages["items"],
            "timers": timers["items"], "waitStates": catches["items"], "calledInstances": called["items"],
            "variables": self.variables["items"]
        })
    }

    /// Why it failed and what it waits for, a line each, not too long.
    pub(crate) fn stands(&self) -> Vec<String> {
        let lines = self.waits.of(&cell(&self.instance, "processInstanceKey"));
        let lines = lines.iter().filter(|line| line.kind != Kind::Between);
        lines.map(|line| format!("  {}{}", line.brief(), line.detail)).collect()
    }

    /// Whether there is more of its variables than was read.
    fn has_more_variables(&self) -> bool {
        let variables = items(&self.variables, "items");
        self.variables["page"]["totalItems"].as_u64().is_some_and(|total| total > variables.len() as u64)
            || variables.iter().any(|one| one["isTruncated"] == true)
    }

    /// A sentence first, then why it failed, what it waits for, what may come in between, and its variables; long texts are cut where a
    /// terminal has this width.
    pub(crate) fn text(&self, width: Option<usize>) -> String {
        let one = &self.instance;
        let since = match self.state() {
            "ACTIVE" => format!("active since {}", moment(one, "startDate")),
            "COMPLETED" => format!("completed {}", moment(one, "endDate")),
            "TERMINATED" => format!("canceled {}", moment(one, "endDate")),
            other => format!("{other} since {}", moment(one, "startDate")),
        };
        let (id, version) = (cell(one, "processDefinitionId"), cell(one, "processDefinitionVersion"));
        let key = cell(one, "processInstanceKey");
        let mut out = safe(&format!("{id}, version {version}, instance {key}: {since}")) + "\n";
        let mut is_cut = self.waits.is_cut() || self.has_more_variables();
        for line in self.waits.of(&key) {
            let (text, was_cut) = if width.is_some() { shortened(line.text) } else { (line.text, false) };
            is_cut |= was_cut;
            out.push_str(&safe(&format!("  {text}{}", line.detail)));
            out.push('\n');
        }
        let mut table = Table::new(&["VARIABLE", "SCOPE", "VALUE"]);
        for item in items(&self.variables, "items") {
            let mark = if item["isTruncated"] == true { "…" } else { "" };
            table.row(vec![cell(item, "name"), self.scope(item), cell(item, "value") + mark]);
        }
        out.push_str(&table.text(width));
        if is_cut || table.is_cut(width) {
            out.push_str(&format!("Not all is shown: ringbolt instance {key} --full\n"));
        }
        out
    }

    fn scope(&self, variable: &Value) -> String {
        let of_element = |element: &&Value| element["elementInstanceKey"] == variable["scopeKey"];
        match items(&self.waits.elements, "items").iter().find(of_element) {
            _ if variable["scopeKey"] == self.instance["processInstanceKey"] => "-".into(),
            Some(element) => cell(element, "elementId"),
            None => cell(variable, "scopeKey"),
        }
    }
}

/// Whether it is known of every place where an instance stands what it waits for there, or why it failed.
fn is_settled(lines: &[Line]) -> bool {
    let is_known = |line: &Line| matches!(line.kind, Kind::Waits | Kind::Failed);
    lines.iter().any(is_known) && lines.iter().all(|line| line.kind != Kind::Stands)
}

/// Something that was done to an instance, to say what became of it.
pub(crate) struct Done<'d> {
    pub(crate) instance: &'d str,
    /// The element instance to which it was done.
    pub(crate) element: &'d Value,
    /// When, as the API writes it: what failed from then on failed after it.
    pub(crate) at: Option<&'d str>,
    /// Keys of incidents that were there before.
    pub(crate) was_there: Vec<String>,
}

impl Done<'_> {
    fn is_after(&self, line: &Line) -> bool {
        let Some(incident) = &line.incident else { return false };
        self.at.is_none_or(|at| incident.came.as_str() >= at) && !self.was_there.contains(&incident.key)
    }

    /// What became of the instance, on one line; nothing where that cannot be told. Whoever is told what it waits for may send that at
    /// once, so it is looked again until that is known of every place where it stands. After a second it is said as it is.
    pub(crate) fn became(&self, client: &Client) -> Option<String> {
        let key = self.instance;
        let mut tries = 0..SETTLED_TRIES;
        let lines = loop {
            match kinds::get(client, key).ok()?["state"].as_str()? {
                "COMPLETED" => return Some(format!("instance {key} has completed")),
                "TERMINATED" => return Some(format!("instance {key} is canceled")),
                _ => {}
            }
            let lines = Waits::read(client, &[key.to_owned()], ROWS_MAX).ok()?.of(key);
            if is_settled(&lines) || tries.next().is_none() {
                break lines;
            }
            std::thread::sleep(SETTLED_PAUSE);
        };
        if let Some(failed) = lines.iter().find(|line| self.is_after(line)) {
            let again = if failed.element == *self.element { " again" } else { "" };
            let brief = failed.brief();
            let how = brief.strip_prefix("failed").unwrap_or(&brief);
            return Some(format!("instance {key} failed{again}{how}{}", failed.detail));
        }
        let is_place = |line: &&Line| matches!(line.kind, Kind::Waits | Kind::Stands);
        let waits: Vec<&Line> = lines.iter().filter(is_place).collect();
        let first = waits.iter().find(|line| line.element == *self.element).or(waits.first());
        let Some(first) = first else { return Some(format!("instance {key} goes on")) };
        let more = match waits.len() - 1 {
            0 => String::new(),
            1 => ", and at one more place".to_owned(),
            more => format!(", and at {more} more places"),
        };
        Some(format!("instance {key} {}{}{more}", first.brief(), first.detail))
    }
}
