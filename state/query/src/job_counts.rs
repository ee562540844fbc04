//! What became of jobs, by the minute, their type and worker.
//!
//! Counted is what Camunda counts for its statistics of jobs: jobs that were created (of no worker yet), attempts that completed, and those
//! that failed, whether they said so, threw an error or timed out.
//!
//! Invariants
//! - What a batch counts is written in the transaction of its position, and a record that is folded again is not counted again: each is
//!   counted once.
//! - A minute has at most [`ROWS_MAX`] rows of a partition; that there would be more is noted.

use crate::filter::Filter;
use crate::readers::{Cancel, Error, Searcher, Wanted, broken};
use crate::sql::Sql;
use ringbolt_record::{JobIntent, Position};
use rusqlite::{Transaction, params, params_from_iter};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What is counted together, milliseconds.
const MINUTE_MS: i64 = 60_000;
/// How long it is kept, minutes.
const KEPT_MINUTES: i64 = 30 * 24 * 60;
/// Types and workers of one minute and partition, at most: others are not counted, and the answer says so.
pub const ROWS_MAX: i64 = 10_000;
/// Groups of an answer, at most; more are an error.
const GROUPS_MAX: usize = 10_000;

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Became {
    Created,
    Completed,
    Failed,
}

impl Became {
    /// What an event says of a job.
    pub(crate) fn of(intent: JobIntent) -> Option<Self> {
        match intent {
            JobIntent::Created => Some(Self::Created),
            JobIntent::Completed => Some(Self::Completed),
            JobIntent::Failed | JobIntent::ErrorThrown | JobIntent::TimedOut => Some(Self::Failed),
            _ => None,
        }
    }
}

/// How often something happened, and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCount {
    /// How often.
    pub count: i64,
    /// When last, milliseconds since 1970.
    pub last: Option<i64>,
}

/// What became of jobs of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounted {
    /// They were created.
    pub created: JobCount,
    /// They were completed.
    pub completed: JobCount,
    /// Attempts failed.
    pub failed: JobCount,
}

impl JobCount {
    fn add(&mut self, count: i64, last: Option<i64>) {
        self.count += count;
        self.last = self.last.max(last);
    }
}

impl JobCounted {
    fn at(&mut self, became: Became) -> &mut JobCount {
        match became {
            Became::Created => &mut self.created,
            Became::Completed => &mut self.completed,
            Became::Failed => &mut self.failed,
        }
    }

    fn add(&mut self, other: &Self) {
        for became in [Became::Created, Became::Completed, Became::Failed] {
            let JobCount { count, last } = *other.clone().at(became);
            self.at(became).add(count, last);
        }
    }
}

/// Of jobs of one type: by worker, for each tenant.
type OfType = FxHashMap<Box<str>, Vec<(Box<str>, JobCounted)>>;

/// What is counted in one place for as long as one record after the other is of it.
#[derive(Debug, Default)]
struct Streak {
    minute: i64,
    job_type: String,
    worker: String,
    tenant_id: String,
    count: JobCount,
}

/// What a batch counts.
#[derive(Debug, Default)]
pub(crate) struct JobCounts {
    minutes: BTreeMap<i64, FxHashMap<Box<str>, OfType>>,
    /// What was counted last, of each thing that may have become of a job.
    streaks: [Streak; 3],
    /// The last record that was counted.
    counted: Position,
}

impl JobCounts {
    /// Counts what a record says of a job of a type, worker and tenant, unless it was counted.
    pub(crate) fn count(
        &mut self,
        position: Position,
        now_ms: i64,
        (job_type, worker, tenant_id): (&str, &str, &str),
        became: Option<Became>,
    ) {
        let Some(became) = became.filter(|_| position > self.counted) else { return };
        self.counted = position;
        let minute = now_ms.div_euclid(MINUTE_MS);
        let streak = &mut self.streaks[became as usize];
        let is_same = streak.minute == minute
            && streak.job_type == job_type
            && streak.worker == worker
            && streak.tenant_id == tenant_id;
        if !is_same {
            self.end_streak(became);
            let streak = &mut self.streaks[became as usize];
            streak.minute = minute;
            for (now, later) in [
                (&mut streak.job_type, job_type),
                (&mut streak.worker, worker),
                (&mut streak.tenant_id, tenant_id),
            ] {
                now.clear();
                now.push_str(later);
            }
        }
        self.streaks[became as usize].count.add(1, Some(now_ms));
    }

    /// Has what was counted last stand with all else.
    fn end_streak(&mut self, became: Became) {
        let streak = &mut self.streaks[became as usize];
        let JobCount { count, last } = std::mem::take(&mut streak.count);
        if count == 0 {
            return;
        }
        let (job_type, worker, tenant_id) = (&*streak.job_type, &*streak.worker, &*streak.tenant_id);
        let minute = self.minutes.entry(streak.minute).or_default();
        if !minute.contains_key(job_type) {
            minute.insert(job_type.into(), OfType::default());
        }
        let Some(of_type) = minute.get_mut(job_type) else { return };
        if !of_type.contains_key(worker) {
            of_type.insert(worker.into(), Vec::new());
        }
        let Some(tenants) = of_type.get_mut(worker) else { return };
        let at = tenants.iter().position(|(tenant, _)| **tenant == *tenant_id).unwrap_or(tenants.len());
        if at == tenants.len() {
            tenants.push((tenant_id.into(), JobCounted::default()));
        }
        tenants[at].1.at(became).add(count, last);
    }

    pub(crate) fn clear(&mut self) {
        self.minutes.clear();
        self.streaks.iter_mut().for_each(|streak| streak.count = JobCount::default());
    }

    /// Writes it.
    pub(crate) fn write(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        for became in [Became::Created, Became::Completed, Became::Failed] {
            self.end_streak(became);
        }
        for (minute, types) in &self.minutes {
            let mut rows: i64 = transaction.prepare_cached(ROWS)?.query_row([minute], |row| row.get(0))?;
            let of_types = types.iter().flat_map(|(job_type, of_type)| {
                let of_workers =
                    of_type.iter().flat_map(|(worker, tenants)| tenants.iter().map(move |of| (worker, of)));
                of_workers.map(move |(worker, (tenant_id, counted))| (job_type, worker, tenant_id, counted))
            });
            let mut sorted: Vec<_> = of_types.collect();
            sorted.sort_unstable_by_key(|(job_type, worker, tenant_id, _)| (*job_type, *worker, *tenant_id));
            for (job_type, worker, tenant_id, JobCounted { created, completed, failed }) in sorted {
                let counts = params![
                    minute,
                    job_type,
                    worker,
                    tenant_id,
                    created.count,
                    created.last,
                    completed.count,
                    completed.last,
                    failed.count,
                    failed.last
                ];
                if transaction.prepare_cached(ADD)?.execute(counts)? > 0 {
                    continue;
                }
                if rows < ROWS_MAX {
                    rows += 1;
                    transaction.prepare_cached(INSERT)?.execute(counts)?;
                } else {
                    transaction.prepare_cached(FULL)?.execute([minute])?;
                }
            }
            for sql in FORGET {
                transaction.prepare_cached(sql)?.execute([minute - KEPT_MINUTES])?;
            }
        }
        Ok(())
    }
}

const ROWS: &str = "SELECT count(*) FROM job_counts WHERE minute = ?";
const INSERT: &str = "INSERT INTO job_counts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const ADD: &str = "UPDATE job_counts SET created = created + ?5, created_at = coalesce(?6, created_at), \
     completed = completed + ?7, completed_at = coalesce(?8, completed_at), \
     failed = failed + ?9, failed_at = coalesce(?10, failed_at) \
     WHERE minute = ?1 AND type = ?2 AND worker = ?3 AND tenant_id = ?4";
const FULL: &str = "INSERT OR IGNORE INTO job_counts_full VALUES (?)";
const FORGET: [&str; 2] =
    ["DELETE FROM job_counts WHERE minute < ?", "DELETE FROM job_counts_full WHERE minute < ?"];

/// By what jobs are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobGroup {
    /// All together.
    All,
    /// By their type.
    Type,
    /// By their worker.
    Worker,
    /// By time: so many milliseconds, whole minutes, counted from 1970.
    Time(i64),
}

/// Which jobs are counted.
#[derive(Debug)]
pub struct JobsWanted {
    /// From this moment on, milliseconds since 1970; its minute counts as a whole.
    pub from_ms: i64,
    /// Until this moment; a minute that began before it counts as a whole.
    pub until_ms: i64,
    /// Conditions on the columns of [`JOB_COUNTS`](crate::views::jobs::JOB_COUNTS).
    pub filter: Filter,
    /// By what.
    pub by: JobGroup,
}

/// A group's name or time, what became of its jobs, and how many workers had some.
pub type JobFigures = (String, i64, JobCounted, usize);

impl Searcher {
    /// What became of jobs, by groups in their order, and whether a minute had more types and workers than are kept.
    ///
    /// # Errors
    /// When a partition cannot be read, the time is over, or there are too many groups.
    pub fn job_counts(&self, wanted: &JobsWanted, cancel: &Cancel) -> Result<(Vec<JobFigures>, bool), Error> {
        let minutes = [
            wanted.from_ms.div_euclid(MINUTE_MS),
            wanted.until_ms.saturating_add(MINUTE_MS - 1).div_euclid(MINUTE_MS),
        ];
        let mut sql = Sql::of(
            "SELECT c.type, c.worker, c.minute, c.created, c.created_at, c.completed, c.completed_at, c.failed, \
             c.failed_at FROM job_counts c WHERE c.minute >= ",
        );
        sql.bind(minutes[0].into()).put(" AND c.minute < ").bind(minutes[1].into());
        sql.put(" AND ").add(wanted.filter.sql());
        self.read(&Wanted::of_partitions(), cancel, |sources| {
            let mut groups: BTreeMap<(String, i64), (JobCounted, BTreeSet<String>)> = BTreeMap::new();
            let mut is_full = false;
            for source in sources {
                source.read(|connection| {
                    let mut statement = connection.prepare_cached(FULL_IN).map_err(broken(connection))?;
                    is_full |= statement.exists(minutes).map_err(broken(connection))?;
                    let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
                    let mut rows =
                        statement.query(params_from_iter(&sql.values)).map_err(broken(connection))?;
                    while let Some(row) = rows.next().map_err(broken(connection))? {
                        let (worker, counted) = (row.get::<_, String>(1), counted(row));
                        let (worker, counted) =
                            (worker.map_err(broken(connection))?, counted.map_err(broken(connection))?);
                        let group = group_of(wanted.by, row, &worker).map_err(broken(connection))?;
                        let (all, workers) = groups.entry(group).or_default();
                        all.add(&counted);
                        if !worker.is_empty() {
                            workers.insert(worker);
                        }
                        if groups.len() > GROUPS_MAX {
                            return Err(Error::TooManyGroups(GROUPS_MAX));
                        }
                    }
                    Ok(())
                })?;
            }
            let figures =
                groups.into_iter().map(|((name, time), (all, workers))| (name, time, all, workers.len()));
            Ok((figures.collect(), is_full))
        })
    }
}

const FULL_IN: &str = "SELECT 1 FROM job_counts_full WHERE minute >= ? AND minute < ?";

fn counted(row: &rusqlite::Row<'_>) -> rusqlite::Result<JobCounted> {
    let count = |at| Ok::<_, rusqlite::Error>(JobCount { count: row.get(at)?, last: row.get(at + 1)? });
    Ok(JobCounted { created: count(3)?, completed: count(5)?, failed: count(7)? })
}

fn group_of(by: JobGroup, row: &rusqlite::Row<'_>, worker: &str) -> rusqlite::Result<(String, i64)> {
    Ok(match by {
        JobGroup::All => (String::new(), 0),
        JobGroup::Type => (row.get(0)?, 0),
        JobGroup::Worker => (worker.to_owned(), 0),
        JobGroup::Time(each_ms) => {
            let at_ms = row.get::<_, i64>(2)? * MINUTE_MS;
            (String::new(), at_ms - at_ms.rem_euclid(each_ms.max(MINUTE_MS)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Became, JobCounts, KEPT_MINUTES, ROWS_MAX};
    use crate::schema::hot_in_memory;
    use ringbolt_record::Position;
    use rusqlite::Connection;

    fn write(connection: &mut Connection, counts: &mut JobCounts) {
        let transaction = connection.transaction().expect("a transaction");
        counts.write(&transaction).expect("written");
        transaction.commit().expect("committed");
    }

    fn rows(connection: &Connection) -> Vec<String> {
        let sql = "SELECT concat_ws(' ', minute, type, worker, created, completed, completed_at, failed) FROM job_counts";
        let mut statement = connection.prepare(sql).expect("a table");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("a row")).collect()
    }

    #[test]
    fn a_record_counts_once_and_the_old_goes() {
        let mut connection = hot_in_memory();
        let mut counts = JobCounts::default();
        let of = |worker| ("work", worker, "<default>");
        counts.count(Position(5), 1_000, of(""), Some(Became::Created));
        counts.count(Position(7), 2_000, of("w"), Some(Became::Failed));
        counts.count(Position(9), 59_999, of("w"), Some(Became::Completed));
        counts.count(Position(7), 2_000, of("w"), Some(Became::Failed));
        write(&mut connection, &mut counts);
        assert_eq!(rows(&connection), ["0 work  1 0 0", "0 work w 0 1 59999 1"]);
        counts.clear();
        counts.count(Position(8), 2_000, of("w"), Some(Became::Failed));
        counts.count(Position(10), 3_000, of("w"), Some(Became::Failed));
        write(&mut connection, &mut counts);
        assert_eq!(rows(&connection), ["0 work  1 0 0", "0 work w 0 1 59999 2"]);
        counts.clear();
        counts.count(Position(11), (KEPT_MINUTES + 1) * 60_000, of(""), Some(Became::Created));
        write(&mut connection, &mut counts);
        assert_eq!(rows(&connection), [format!("{} work  1 0 0", KEPT_MINUTES + 1)]);
    }

    #[test]
    fn a_minute_has_no_more_than_so_many_rows() {
        let mut connection = hot_in_memory();
        let mut counts = JobCounts::default();
        for number in 0..ROWS_MAX as u64 + 3 {
            counts.count(
                Position(number + 1),
                0,
                ("work", &format!("w{number}"), "t"),
                Some(Became::Completed),
            );
        }
        write(&mut connection, &mut counts);
        assert_eq!(rows(&connection).len() as i64, ROWS_MAX);
        let full =
            connection.query_row("SELECT count(*) FROM job_counts_full", [], |row| row.get::<_, i64>(0));
        assert_eq!(full, Ok(1));
    }
}
