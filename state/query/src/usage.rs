//! How much was used: root process instances, evaluations of decisions and assignees of user tasks, by the minute.
//!
//! Counted are the records that Camunda counts for its usage metrics: the activation of a process that nobody called, each evaluation whatever
//! came of it, each name that a user task was assigned to.
//!
//! Invariants
//! - What a batch counts is written in the transaction of its position, and an entry that is folded again is not counted again: each is
//!   counted once.
//! - Of an assignee only a hash is kept.

use crate::readers::{Cancel, Error, Searcher, Wanted, broken};
use rusqlite::{Transaction, params};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::Hasher;

/// What is counted together, milliseconds.
const MINUTE_MS: i64 = 60_000;
/// How long it is kept, minutes: two years, as Camunda keeps it.
const KEPT_MINUTES: i64 = 730 * 24 * 60;

/// What one minute has.
#[derive(Debug, Default)]
struct Minute {
    instances: i64,
    evaluations: FxHashSet<i64>,
    assignees: FxHashSet<i64>,
}

/// What a batch used.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    minutes: FxHashMap<i64, Minute>,
}

impl Usage {
    fn at(&mut self, now_ms: i64) -> &mut Minute {
        self.minutes.entry(now_ms.div_euclid(MINUTE_MS)).or_default()
    }

    /// A process instance that nobody called has begun. Who says so has seen that it had not.
    pub(crate) fn instance(&mut self, now_ms: i64) {
        self.at(now_ms).instances += 1;
    }

    /// A decision was evaluated, with those that it needs.
    pub(crate) fn evaluation(&mut self, now_ms: i64, key: i64) {
        self.at(now_ms).evaluations.insert(key);
    }

    /// A user task was given to somebody.
    pub(crate) fn assignee(&mut self, now_ms: i64, name: &str) {
        let mut hasher = FxHasher::default();
        hasher.write(name.as_bytes());
        self.at(now_ms).assignees.insert(hasher.finish().cast_signed());
    }

    pub(crate) fn clear(&mut self) {
        self.minutes.clear();
    }

    /// Writes it.
    pub(crate) fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        for (minute, used) in &self.minutes {
            let counts = [used.instances, used.evaluations.len() as i64];
            transaction.prepare_cached(ADD)?.execute(params![minute, counts[0], counts[1]])?;
            for hash in &used.assignees {
                transaction.prepare_cached(ADD_ASSIGNEE)?.execute(params![minute, hash])?;
            }
            for sql in FORGET {
                transaction.prepare_cached(sql)?.execute([minute - KEPT_MINUTES])?;
            }
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO usage VALUES (?1, ?2, ?3) ON CONFLICT (minute) DO UPDATE SET \
     process_instances = process_instances + ?2, decision_instances = decision_instances + ?3";
const ADD_ASSIGNEE: &str = "INSERT OR IGNORE INTO usage_assignees VALUES (?, ?)";
const FORGET: [&str; 2] =
    ["DELETE FROM usage WHERE minute < ?", "DELETE FROM usage_assignees WHERE minute < ?"];
const SUMS: &str = "SELECT coalesce(sum(process_instances), 0), coalesce(sum(decision_instances), 0) \
     FROM usage WHERE minute >= ? AND minute < ?";
const ASSIGNEES: &str = "SELECT DISTINCT hash FROM usage_assignees WHERE minute >= ? AND minute < ?";

/// What was used in a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageFigures {
    /// Process instances that nobody called.
    pub process_instances: i64,
    /// Evaluations of decisions.
    pub decision_instances: i64,
    /// Different assignees of user tasks.
    pub assignees: i64,
}

impl Searcher {
    /// What was used from a moment until before another one, milliseconds since 1970, to the minute: the minute of `from_ms` counts as a
    /// whole, and so does one that began before `until_ms`.
    ///
    /// # Errors
    /// When a partition cannot be read, or the time is over.
    pub fn usage(&self, from_ms: i64, until_ms: i64, cancel: &Cancel) -> Result<UsageFigures, Error> {
        let minutes =
            [from_ms.div_euclid(MINUTE_MS), until_ms.saturating_add(MINUTE_MS - 1).div_euclid(MINUTE_MS)];
        self.read(&Wanted::of_partitions(), cancel, |sources| {
            let mut figures = UsageFigures::default();
            let mut assignees = FxHashSet::default();
            for source in sources {
                source.read(|connection| {
                    let sums = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
                    let mut statement = connection.prepare_cached(SUMS).map_err(broken(connection))?;
                    let (instances, evaluations) =
                        statement.query_row(minutes, sums).map_err(broken(connection))?;
                    figures.process_instances += instances;
                    figures.decision_instances += evaluations;
                    let mut statement = connection.prepare_cached(ASSIGNEES).map_err(broken(connection))?;
                    let hashes = statement
                        .query_map(minutes, |row| row.get::<_, i64>(0))
                        .map_err(broken(connection))?;
                    for hash in hashes {
                        assignees.insert(hash.map_err(broken(connection))?);
                    }
                    Ok(())
                })?;
            }
            figures.assignees = assignees.len() as i64;
            Ok(figures)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_MINUTES, Usage};
    use crate::schema::hot_in_memory;
    use rusqlite::Connection;

    fn write(connection: &mut Connection, usage: &Usage) {
        let transaction = connection.transaction().expect("a transaction");
        usage.write(&transaction).expect("written");
        transaction.commit().expect("committed");
    }

    fn minutes(connection: &Connection) -> Vec<(i64, i64, i64)> {
        let mut statement = connection.prepare("SELECT * FROM usage ORDER BY minute").expect("a table");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.expect("rows").map(|row| row.expect("a row")).collect()
    }

    #[test]
    fn what_is_folded_twice_counts_once_and_the_old_goes() {
        let mut connection = hot_in_memory();
        let mut usage = Usage::default();
        for now_ms in [59_999, 0, 60_000] {
            usage.instance(now_ms);
        }
        usage.evaluation(0, 9);
        for name in ["Ada", "Bo", "Ada"] {
            usage.assignee(0, name);
        }
        write(&mut connection, &usage);
        assert_eq!(minutes(&connection), [(0, 2, 1), (1, 1, 0)]);
        usage.clear();
        usage.instance(1);
        usage.assignee(0, "Ada");
        write(&mut connection, &usage);
        assert_eq!(minutes(&connection), [(0, 3, 1), (1, 1, 0)]);
        let count = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM usage_assignees", [], |row| row.get::<_, i64>(0))
        };
        assert_eq!(count(&connection), Ok(2));
        usage.clear();
        usage.instance((KEPT_MINUTES + 1) * 60_000);
        write(&mut connection, &usage);
        assert_eq!(minutes(&connection), [(1, 1, 0), (KEPT_MINUTES + 1, 1, 0)]);
        assert_eq!(count(&connection), Ok(0));
    }
}
