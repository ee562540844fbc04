//! The indexes of a file of finished instances, read from their text.

use crate::schema::{FINISHED_INDEXES, INSTANCE_TABLES};
use crate::shapes::{SHAPES, Shape};
use std::sync::LazyLock;

/// What an entry of an index has of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A column.
    Column(usize),
    /// So many characters of a column's text, from its first one on.
    Start(usize, usize),
}

/// Which rows have an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Those in which a column is not NULL.
    IsNotNull(usize),
    /// Those in which a column is above 0.
    IsPositive(usize),
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// What an entry has, in order: at least the columns that are named, and the row's number or those of its key that are not.
    pub(super) parts: Vec<Part>,
    pub(super) condition: Option<Condition>,
}

/// The indexes of each of [`INSTANCE_TABLES`].
pub(super) static SPECS: LazyLock<[Vec<Spec>; INSTANCE_TABLES.len()]> = LazyLock::new(|| {
    let mut specs = [const { Vec::new() }; INSTANCE_TABLES.len()];
    for text in FINISHED_INDEXES.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let (table, spec) = parse(text).expect("what is indexed is said as it is read here");
        specs[table].push(spec);
    }
    specs
});

/// Reads `CREATE INDEX name ON table (part, ...) [WHERE condition]`: the place of its table, and the index.
fn parse(text: &'static str) -> Option<(usize, Spec)> {
    let (name, rest) = text.strip_prefix("CREATE INDEX ")?.split_once(" ON ")?;
    let (table, rest) = rest.split_once(" (")?;
    let table = SHAPES.iter().position(|shape| shape.name == table)?;
    let shape = &SHAPES[table];
    let (mut parts, rest) = parse_parts(shape, rest)?;
    let condition = match rest.trim() {
        "" => None,
        rest => Some(parse_condition(shape, rest.strip_prefix("WHERE ")?)?),
    };
    // A row's number is there again even where it is named; columns of a key are not.
    for key in (0..shape.keys).map(Part::Column) {
        if shape.has_rowid() || !parts.contains(&key) {
            parts.push(key);
        }
    }
    Some((table, Spec { name, parts, condition }))
}

/// Reads parts up to where they end, and what comes after.
fn parse_parts<'t>(shape: &Shape, mut rest: &'t str) -> Option<(Vec<Part>, &'t str)> {
    let mut parts = Vec::new();
    loop {
        let part;
        if let Some(arguments) = rest.strip_prefix("substr(") {
            let (arguments, after) = arguments.split_once(')')?;
            let (column, range) = arguments.split_once(", 1, ")?;
            part = Part::Start(shape.column(column)?, range.parse().ok()?);
            rest = after;
        } else {
            let end = rest.find([',', ')'])?;
            part = Part::Column(shape.column(&rest[..end])?);
            rest = &rest[end..];
        }
        parts.push(part);
        match rest.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return Some((parts, rest.strip_prefix(')')?)),
        }
    }
}

fn parse_condition(shape: &Shape, text: &str) -> Option<Condition> {
    if let Some(column) = text.strip_suffix(" IS NOT NULL") {
        return Some(Condition::IsNotNull(shape.column(column)?));
    }
    Some(Condition::IsPositive(shape.column(text.strip_suffix(" > 0")?)?))
}

#[cfg(test)]
mod tests {
    use super::{Condition, Part, SPECS, parse};
    use crate::schema::{FINISHED_INDEXES, INSTANCE_TABLES};

    #[test]
    fn every_index_is_read() {
        let all: usize = SPECS.iter().map(Vec::len).sum();
        assert_eq!(all, FINISHED_INDEXES.matches("CREATE INDEX").count());
        let of = |name: &str| SPECS.iter().flatten().find(|spec| spec.name == name).expect("an index");
        let value = of("variables_value");
        let parts = [Part::Column(4), Part::Start(5, 48), Part::Column(1), Part::Column(0)];
        assert_eq!((&value.parts[..], value.condition), (&parts[..], None));
        let incident = of("process_instances_incident");
        assert_eq!(incident.parts, [Part::Column(9), Part::Column(0)]);
        assert_eq!(incident.condition, Some(Condition::IsPositive(9)));
        let decision = of("decision_instances_instance");
        assert_eq!(decision.parts, [Part::Column(2), Part::Column(0), Part::Column(1)]);
        assert_eq!(decision.condition, Some(Condition::IsNotNull(2)));
    }

    #[test]
    fn a_key_that_is_named_is_in_an_entry_once_and_a_row_number_twice() {
        let (table, spec) = parse("CREATE INDEX i ON jobs (job_key)").expect("an index");
        assert_eq!((INSTANCE_TABLES[table], spec.parts.len()), ("jobs", 2));
        let (_, spec) = parse("CREATE INDEX i ON sequence_flows (element_id)").expect("an index");
        assert_eq!(spec.parts, [Part::Column(1), Part::Column(0)]);
        for other in [
            "CREATE UNIQUE INDEX i ON jobs (type)",
            "CREATE INDEX i ON jobs (type COLLATE NOCASE)",
            "CREATE INDEX i ON jobs (type DESC)",
            "CREATE INDEX i ON jobs (substr(type, 2, 48))",
            "CREATE INDEX i ON jobs (upper(type))",
            "CREATE INDEX i ON jobs (type) WHERE state = 1",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
