//! Finished instances that are past the time of their own process, where it has one: they are deleted as those are that somebody asks to be.
//!
//! Once a minute what ended long enough ago, and was not long enough ago at the last look, is looked up in the files that may have it, one file a turn; then
//! it is noted as deleted, a piece a turn. The first look after a start is at all of them, and the first at a file at all that is in it.

use super::Projector;
use crate::events::StoreEvent;
use crate::files::FinishedFile;
use crate::place::RECENT;
use crate::store::StoreError;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, VecDeque};

/// How long finished instances of some processes are kept, milliseconds, by the process's id.
pub type Ages = BTreeMap<String, i64>;

/// How often it is looked for what is past its time, milliseconds.
const LOOK_MS: u64 = 60_000;
/// Instances that are noted as deleted in a turn, at most.
const PIECE: usize = 2_000;

/// Processes whose instances are kept for so long.
#[derive(Clone, Debug)]
struct Rule {
    age_ms: i64,
    /// Ids, as JSON.
    ids: String,
    /// All but these are meant.
    are_others: bool,
}

/// What is being looked for.
#[derive(Debug, Default)]
pub(super) struct Expiring {
    rules: Vec<Rule>,
    /// The longest that anything is kept.
    age_max_ms: i64,
    /// Up to when by the clock on the wall it was looked at all; none after a start.
    since_ms: Option<i64>,
    until_ms: i64,
    /// Files with this number and later ones were made since.
    made_from: u32,
    /// Files that are still to be looked at, and since when what is past its time in them was not at the last look.
    files: VecDeque<(FinishedFile, Option<i64>)>,
    /// Keys of instances that are past their time and not yet deleted, and when they ended.
    past: Vec<(i64, i64)>,
    is_looking: bool,
    looked_at_ms: u64,
}

impl Rule {
    /// Which moments of end are past now, and were not at the last look.
    fn moments(&self, since_ms: Option<i64>, until_ms: i64) -> (i64, i64) {
        let of = |at_ms: i64| at_ms.saturating_sub(self.age_ms);
        (since_ms.map_or(i64::MIN, of), of(until_ms))
    }

    fn past(
        &self,
        connection: &Connection,
        set: &str,
        (after, until): (i64, i64),
    ) -> rusqlite::Result<Vec<(i64, i64)>> {
        let sql = format!(
            "SELECT p.process_instance_key, p.end_date FROM {set}process_instances p WHERE p.end_date > ? AND p.end_date <= ? \
             AND (p.process_definition_key IN (SELECT d.process_definition_key FROM process_definitions d \
             WHERE d.process_definition_id IN (SELECT value FROM json_each(?)))) <> ?"
        );
        let mut past = connection.prepare(&sql)?;
        let of_row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        past.query_map(params![after, until, self.ids, self.are_others], of_row)?.collect()
    }
}

impl Expiring {
    /// By these ages; what has none of its own goes a file at a time after `age_max_ms`, unless files are kept for longer.
    pub(super) fn new(ages: &Ages, age_max_ms: i64) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        let json = |ids: Vec<&String>| {
            serde_json::Value::from(ids.into_iter().cloned().collect::<Vec<_>>()).to_string()
        };
        for (id, age_ms) in ages {
            rules.push(Rule { age_ms: *age_ms, ids: json(vec![id]), are_others: false });
        }
        let longest = ages.values().copied().max().unwrap_or(age_max_ms).max(age_max_ms);
        if longest > age_max_ms {
            rules.push(Rule { age_ms: age_max_ms, ids: json(ages.keys().collect()), are_others: true });
        }
        Self { rules, age_max_ms: longest, ..Self::default() }
    }

    /// How long a file is kept.
    pub(super) fn age_max_ms(&self) -> i64 {
        self.age_max_ms
    }
}

impl Projector {
    /// The same, where instances of some processes are kept for another time than all others.
    #[must_use]
    pub fn keeping_each(mut self, ages: &Ages) -> Self {
        self.expiring = Expiring::new(ages, self.history.age_max_ms);
        self
    }

    /// Gets on by a file, or a piece of what was found in one.
    pub(super) fn expire(
        &mut self,
        now_ms: u64,
        wall_ms: i64,
        on_event: &mut dyn FnMut(StoreEvent),
    ) -> Result<(), StoreError> {
        let partition = self.feed.partition();
        let (Some(store), expiring) = (&mut self.store, &mut self.expiring) else { return Ok(()) };
        if expiring.rules.is_empty() {
            return Ok(());
        }
        if !expiring.past.is_empty() {
            let from = expiring.past.len().saturating_sub(PIECE);
            let piece = &expiring.past[from..];
            store.delete_finished(piece.iter().map(|(key, _)| *key), wall_ms)?;
            let until = piece.iter().map(|(_, end)| *end).max().unwrap_or_default();
            let instances = piece.len() as u64;
            expiring.past.truncate(from);
            on_event(StoreEvent::Removed { partition, instances, until });
            return Ok(());
        }
        if let Some((file, since_ms)) = expiring.files.pop_front() {
            // One that is damaged is found so by who looks for what is in it.
            if let Ok(Some(connection)) = self.files.open_finished(file.number) {
                for rule in &expiring.rules {
                    let moments = rule.moments(since_ms, expiring.until_ms);
                    expiring.past.extend(rule.past(&connection, "", moments).unwrap_or_default());
                }
            }
            return Ok(());
        }
        if std::mem::take(&mut expiring.is_looking) {
            expiring.since_ms = Some(expiring.until_ms);
        }
        if expiring.looked_at_ms > 0 && now_ms < expiring.looked_at_ms + LOOK_MS {
            return Ok(());
        }
        (expiring.looked_at_ms, expiring.until_ms, expiring.is_looking) = (now_ms.max(1), wall_ms, true);
        for file in store.finished()? {
            let since_ms = expiring.since_ms.filter(|_| file.number < expiring.made_from);
            let has_some = |rule: &Rule| {
                let (after, until) = rule.moments(since_ms, wall_ms);
                file.end_date_min <= until && file.end_date_max > after
            };
            if expiring.rules.iter().any(has_some) {
                expiring.files.push_back((file, since_ms));
            }
        }
        expiring.made_from = store.next_file();
        for rule in &expiring.rules {
            let (_, until) = rule.moments(None, wall_ms);
            let mut recent = Vec::new();
            for set in RECENT {
                recent.extend(rule.past(store.connection(), set, (i64::MIN, until))?);
            }
            if !recent.is_empty() {
                store.delete_recent(recent.iter().map(|(key, _)| *key), wall_ms)?;
                let until = recent.iter().map(|(_, end)| *end).max().unwrap_or_default();
                let instances = recent.len() as u64;
                on_event(StoreEvent::Removed { partition, instances, until });
            }
        }
        Ok(())
    }
}
