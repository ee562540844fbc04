//! Several variables that a process instance must have: the rarest is looked up, and of what that finds the others are asked.
//!
//! SQLite does not know how many instances have a value. It would gather all that have the first one, which may be every second. So it is counted, as far
//! as a sample goes, among the living and in the newest file of finished instances.

use super::flat;
use crate::filter::{Filter, Test};
use crate::place::LIVE;
use crate::readers::{Error, Source, broken};
use crate::sql::Sql;
use crate::view::Kind;
use crate::views::instances::{VARIABLES_OF_INSTANCE, VARIABLES_OF_THIS, VARIABLES_OF_THOSE};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;

/// Rows that are counted of a value, at most.
const SAMPLE_MAX: usize = 1_000;

/// What is asked of one of the variables.
type Tests = Vec<(&'static str, Kind, Test)>;

/// A filter with its conditions on variables in another order.
pub(super) struct Ranked {
    /// For rows that have indexes.
    pub(super) indexed: Filter,
    /// For rows that have none: each variable is looked for once, and only when one was found that has those before.
    pub(super) recent: Filter,
}

/// None where there are no two conditions on variables of which all must hold.
pub(super) fn ranked(filter: &Filter, sources: &[&Source<'_>]) -> Result<Option<Ranked>, Error> {
    let (mut variables, mut rest) = (Vec::new(), Vec::new());
    for filter in flat(filter) {
        match filter {
            Filter::Has(VARIABLES_OF_INSTANCE, tests, ")") => variables.push((count(tests, sources)?, tests)),
            other => rest.push(other.clone()),
        }
    }
    if variables.len() < 2 {
        return Ok(None);
    }
    variables.sort_by_key(|(count, _)| *count);
    let with = |others: &dyn Fn(&Tests) -> Filter| {
        let mut filters = rest.clone();
        for (at, (_, tests)) in variables.iter().enumerate() {
            let rarest = || Filter::Has(VARIABLES_OF_INSTANCE, (*tests).clone(), ")");
            filters.push(if at == 0 { rarest() } else { others(tests) });
        }
        Filter::All(filters)
    };
    let gathered = |tests: &Tests| Filter::Has(VARIABLES_OF_THOSE, tests.clone(), ")");
    let indexed = |tests: &Tests| match is_looked_up(tests) {
        true => Filter::Has(VARIABLES_OF_THIS, tests.clone(), ")"),
        false => gathered(tests),
    };
    Ok(Some(Ranked { indexed: with(&indexed), recent: with(&gathered) }))
}

/// Whether an index says at once whether an instance has it.
fn is_looked_up(tests: &Tests) -> bool {
    let has = |wanted: Kind| {
        let is_one = |test: &Test| matches!(test, Test::Eq(_) | Test::In(_));
        tests.iter().any(|(_, kind, test)| *kind == wanted && is_one(test))
    };
    has(Kind::Text) && has(Kind::Value)
}

/// How many have it, of a sample; the largest number where no index says it.
fn count(tests: &Tests, sources: &[&Source<'_>]) -> Result<usize, Error> {
    if !is_looked_up(tests) {
        return Ok(usize::MAX);
    }
    let condition =
        || Sql::joined(tests.iter().map(|(read, kind, test)| test.sql(read, *kind)).collect(), " AND ", "1");
    let mut count = 0;
    for source in sources {
        let mut sql = Sql::of("SELECT count(*) FROM (SELECT 1 FROM variables v WHERE ");
        sql.add(condition()).put(" LIMIT ").bind(Bound::Integer(SAMPLE_MAX as i64)).put(")");
        let sql = sql.of_set(if source.file.is_none() { LIVE } else { "" });
        count += source.read(|connection| {
            let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
            let count = statement.query_row(params_from_iter(&sql.values), |row| row.get::<_, usize>(0));
            count.map_err(broken(connection))
        })?;
    }
    Ok(count)
}
