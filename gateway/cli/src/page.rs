//! Everything about one instance.

use crate::client::Client;
use crate::kinds;
use crate::show::{Table, cell, items, moment, print, print_json, terminal_width};
use crate::text::safe;
use crate::waits::{Kind, Line, Waits};
use crate::{Error, Target};
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;

/// How often it is looked again for what was not there, and how long after; half a second in all. Another program may have begun it a
/// moment ago; what this user's commands began is found at once.
const SOON_TRIES: u32 = 10;
const SOON_PAUSE: Duration = Duration::from_millis(50);
/// Rows of each kind.
const ROWS_MAX: u32 = 50;

/// Arguments of `instance`.
#[derive(Args, Clone, Debug)]
pub struct InstanceArgs {
    /// Its key.
    pub(crate) key: u64,
    #[command(flatten)]
    pub(crate) target: Target,
}

pub(crate) fn instance(client: &Client, key: u64) -> Result<(), Error> {
    let page = Page::read(client, key)?;
    if client.is_json {
        print_json(&page.json());
    } else {
        print(&page.text());
    }
    Ok(())
}

fn get(client: &Client, key: &str) -> Result<Value, Error> {
    client.get(&format!("/process-instances/{key}"), "processInstanceKey")
}

/// An instance. What was only just begun may not be searched yet, so it is looked for again for a while, unless the key is of something
/// else.
fn found(client: &Client, key: u64) -> Result<Value, Error> {
    let text = key.to_string();
    for at in 0..SOON_TRIES {
        match get(client, &text) {
            Err(Error::NotFound(_)) if at == 0 => kinds::expect(client, key, "no instance")?,
            Err(Error::NotFound(_)) => std::thread::sleep(SOON_PAUSE),
            found => return found,
        }
    }
    get(client, &text)
}

/// Everything about one instance.
pub(crate) struct Page {
    instance: Value,
    waits: Waits,
    variables: Value,
}

impl Page {
    pub(crate) fn read(client: &Client, key: u64) -> Result<Self, Error> {
        let instance = found(client, key)?;
        let variables = json!({
            "filter": { "processInstanceKey": key.to_string() },
            "sort": [{ "field": "name" }], "page": { "limit": ROWS_MAX }
        });
        Ok(Self {
            instance,
            waits: Waits::read(client, &[key.to_string()], ROWS_MAX)?,
            variables: client.find("/variables/search", &variables)?,
        })
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

    /// A sentence first, then why it failed, what it waits for, what may come in between, and its variables.
    pub(crate) fn text(&self) -> String {
        let one = &self.instance;
        let since = match self.state() {
            "ACTIVE" => format!("active since {}", moment(one, "startDate")),
            "COMPLETED" => format!("completed {}", moment(one, "endDate")),
            "TERMINATED" => format!("canceled {}", moment(one, "endDate")),
            other => format!("{other} since {}", moment(one, "startDate")),
        };
        let (id, version) = (cell(one, "processDefinitionId"), cell(one, "processDefinitionVersion"));
        let key = cell(one, "processInstanceKey");
        let mut lines = vec![format!("{id}, version {version}, instance {key}: {since}")];
        lines.extend(self.waits.of(&key).iter().map(|line| format!("  {}{}", line.text, line.detail)));
        let mut out = String::new();
        for line in lines {
            out.push_str(&safe(&line));
            out.push('\n');
        }
        let mut table = Table::new(&["VARIABLE", "SCOPE", "VALUE"]);
        for item in items(&self.variables, "items") {
            table.row(vec![cell(item, "name"), self.scope(item), cell(item, "value")]);
        }
        out + &table.text(terminal_width())
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

    /// What became of the instance, on one line; nothing where that cannot be told.
    pub(crate) fn became(&self, client: &Client) -> Option<String> {
        let key = self.instance;
        match get(client, key).ok()?["state"].as_str()? {
            "COMPLETED" => return Some(format!("instance {key} has completed")),
            "TERMINATED" => return Some(format!("instance {key} is canceled")),
            _ => {}
        }
        let lines = Waits::read(client, &[key.to_owned()], ROWS_MAX).ok()?.of(key);
        if let Some(failed) = lines.iter().find(|line| self.is_after(line)) {
            let again = if failed.element == *self.element { " again" } else { "" };
            let brief = failed.brief();
            let how = brief.strip_prefix("failed").unwrap_or(&brief);
            return Some(format!("instance {key} failed{again}{how}{}", failed.detail));
        }
        let waits: Vec<&Line> = lines.iter().filter(|line| line.kind == Kind::Waits).collect();
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
