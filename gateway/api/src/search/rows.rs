//! Rows as documents.

use crate::json::{put, put_name, put_number, put_text};
use crate::schema::{Field, Level, Object, Schema};
use crate::search::Renamed;
use crate::time::put_time;
use ringbolt_query::{Column, Filter, Found, Kind, Row, Test, Value, View};

/// How rows of a view are written as objects of the API.
pub struct Shape {
    fields: Vec<(&'static Field, &'static Column, Names)>,
    level: Level,
}

/// What stands for the codes of an enum; none for what is left out.
type Names = Vec<Option<&'static str>>;

impl Shape {
    /// For an object at a level. Fields that the view lacks are not written; a test sees to it that there are none.
    pub fn new(object: &'static Object, view: &'static View, renamed: Renamed, level: Level) -> Self {
        let fields = object.fields.iter().filter(|field| field.span.holds(level));
        let with_column = fields.filter_map(|field| {
            let name =
                renamed.iter().find(|(name, _)| *name == field.name).map_or(field.name, |(_, other)| other);
            let column = view.column(name)?;
            let names = match column.kind {
                Kind::Enum(names) => names.iter().map(|name| field.schema.value_at(name, level)).collect(),
                _ => Names::new(),
            };
            Some((field, column, names))
        });
        Self { fields: with_column.collect(), level }
    }

    /// What is read of a row.
    pub fn columns(&self) -> Vec<&'static Column> {
        self.fields.iter().map(|(_, column, _)| *column).collect()
    }

    /// Conditions that leave out what the level cannot name.
    pub fn left_out(&self) -> Vec<Filter> {
        let unnamed = |names: &Names| -> Vec<Value> {
            let codes = names.iter().enumerate().filter(|(_, name)| name.is_none());
            codes.map(|(code, _)| Value::Int(i64::try_from(code).unwrap_or_default())).collect()
        };
        let conditions = self.fields.iter().map(|(_, column, names)| (*column, unnamed(names)));
        conditions
            .filter(|(_, codes)| !codes.is_empty())
            .map(|(column, codes)| Filter::Is(column, Test::NotIn(codes)))
            .collect()
    }

    /// Writes a row as an item of a list.
    pub fn put_item(&self, out: &mut Vec<u8>, row: &Row<'_>) {
        self.put(out, row);
    }

    /// Writes a row.
    pub fn put(&self, out: &mut Vec<u8>, row: &Row<'_>) {
        self.put_counted(out, row, |_| None);
    }

    /// Writes a row as an item of a list, or alone, with numbers of other rows in some fields.
    pub fn put_counted(&self, out: &mut Vec<u8>, row: &Row<'_>, counted: impl Fn(&str) -> Option<i64>) {
        if out.last() == Some(&b'}') {
            out.push(b',');
        }
        out.push(b'{');
        for (at, (field, column, names)) in self.fields.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            put_text(out, field.name);
            out.push(b':');
            match counted(field.name) {
                Some(number) => put_number(out, number),
                None => self.put_value(out, row, at, (field, column, names)),
            }
        }
        out.push(b'}');
    }

    fn put_value(
        &self,
        out: &mut Vec<u8>,
        row: &Row<'_>,
        at: usize,
        (field, column, names): (&Field, &Column, &Names),
    ) {
        match column.kind {
            Kind::Text | Kind::LongText | Kind::Value => match row.text(at) {
                Some(text) => put_text(out, text),
                None => put_nothing(out, field, self.level),
            },
            Kind::Json => match row.bytes(at) {
                Some(json) => out.extend_from_slice(json),
                None => put_nothing(out, field, self.level),
            },
            Kind::Key | Kind::Int | Kind::Time | Kind::Flag | Kind::Enum(_) => match row.int(at) {
                Some(number) => put_number_as(out, column.kind, number, names),
                None => put_nothing(out, field, self.level),
            },
        }
    }
}

/// What stands for an absent value: null, or what says nothing where null may not be.
fn put_nothing(out: &mut Vec<u8>, field: &Field, level: Level) {
    let nothing = match field.schema.at(level) {
        _ if field.nullable.holds(level) => "null",
        Schema::List(..) => "[]",
        Schema::Map(_) | Schema::Document | Schema::Object(_) => "{}",
        Schema::Flag => "false",
        Schema::Int(_) | Schema::Number => "0",
        _ => "\"\"",
    };
    put(out, nothing);
}

fn put_number_as(out: &mut Vec<u8>, kind: Kind, number: i64, names: &Names) {
    match kind {
        Kind::Key => {
            out.push(b'"');
            put_number(out, number);
            out.push(b'"');
        }
        Kind::Time => put_time(out, number),
        Kind::Flag => put(out, if number == 0 { "false" } else { "true" }),
        Kind::Enum(_) => {
            let name = usize::try_from(number).ok().and_then(|code| names.get(code).copied().flatten());
            put_text(out, name.unwrap_or("UNKNOWN"));
        }
        _ => put_number(out, number),
    }
}

/// A value of a group.
pub(super) enum Plain<'a> {
    Text(&'a str),
    Int(i64, Kind),
    Nothing,
}

/// Writes fields with their values as an object.
pub(super) fn put_plain<'a>(
    out: &mut Vec<u8>,
    fields: impl Iterator<Item = (&'static Field, Plain<'a>)>,
    level: Level,
) {
    out.push(b'{');
    for (at, (field, value)) in fields.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        put_text(out, field.name);
        out.push(b':');
        match value {
            Plain::Text(text) => put_text(out, text),
            Plain::Int(number, kind) => put_number_as(out, kind, number, &Names::new()),
            Plain::Nothing => put_nothing(out, field, level),
        }
    }
    out.push(b'}');
}

/// The member that says which page it is.
pub fn put_page(out: &mut Vec<u8>, found: &Found) {
    put(out, r#","page":{"totalItems":"#);
    put_number(out, found.total);
    put_name(out, "hasMoreTotalItems");
    put(out, if found.has_more { "true" } else { "false" });
    for (name, cursor) in [("startCursor", &found.first), ("endCursor", &found.last)] {
        put_name(out, name);
        match cursor {
            Some(cursor) => put_text(out, cursor),
            None => put(out, "null"),
        }
    }
    out.push(b'}');
}
