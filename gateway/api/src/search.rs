//! What is looked up in secondary storage: bodies as queries, rows as documents.
//!
//! A search is said by its view alone: its body's objects name the columns that it is filtered and sorted by, its answer's object those
//! that it shows. Nothing here blocks; what does is a [`Look`], which a thread beside the core takes.
//!
//! Code map: `batches` has batch operations, `selection` whom they are for; `conditions` reads filters, `paging` sorts and pages, `rows` writes documents, `statistics` counts.

pub mod batches;
mod conditions;
mod paging;
mod rows;
pub mod selection;
mod statistics;

pub use conditions::{CONDITIONS_MAX, FILTER_BYTES_MAX, VALUES_MAX};
pub use rows::{Shape, put_page};
pub use statistics::{Statistics, put_groups};

use crate::call::Call;
use crate::error::{ApiError, ErrorKind};
use crate::operation::{JSON, Operation};
use crate::schema::{Level, Object, Schema};
use conditions::Reading;
use ringbolt_query::{
    Cancel, Column, Error, Filter, Found, Page, Query, Row, Searcher, Start, Test, Value, View,
};

/// Bytes of a document of rows; more are refused.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Something to be looked up: it blocks, so a thread beside the core does it. Gives a document, or none where an answer has none.
pub type Look = Box<dyn FnOnce(&Searcher, &Cancel) -> Result<Option<Vec<u8>>, ApiError> + Send>;

/// Fields that are read from columns of other names.
pub type Renamed = &'static [(&'static str, &'static str)];

/// A search.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    view: &'static View,
    narrow: fn(&Call<'_>) -> Result<Vec<Filter>, ApiError>,
    renamed: fn(&Call<'_>) -> Renamed,
    /// What the key in the path must be of.
    of: Option<OneRow>,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct OneRow {
    view: &'static View,
    find: Find,
    also: fn() -> Vec<Filter>,
    renamed: Renamed,
}

/// How a row is found.
#[derive(Clone, Copy, Debug)]
enum Find {
    /// By the key in the path, in this column.
    Key(&'static str),
    /// By the text in the path: what is called, and the conditions.
    Text(fn(&str) -> Vec<Filter>),
    /// By all that is in the path, which ends with a name.
    Path(fn(&Call<'_>) -> Vec<Filter>),
}

/// A search of a view.
pub const fn rows_of(view: &'static View) -> Search {
    Search { view, narrow: |_| Ok(Vec::new()), renamed: |_| &[], of: None }
}

/// A row of a view by the key in the path.
pub const fn row_by(view: &'static View, key: &'static str) -> OneRow {
    OneRow { view, find: Find::Key(key), also: Vec::new, renamed: &[] }
}

/// A row of a view by the text in the path.
pub const fn row_by_text(view: &'static View, find: fn(&str) -> Vec<Filter>) -> OneRow {
    OneRow { view, find: Find::Text(find), also: Vec::new, renamed: &[] }
}

/// A row of a view by all that is in the path.
pub const fn row_by_path(view: &'static View, find: fn(&Call<'_>) -> Vec<Filter>) -> OneRow {
    OneRow { view, find: Find::Path(find), also: Vec::new, renamed: &[] }
}

impl Search {
    /// Conditions beside those of the body.
    pub const fn narrowed(mut self, narrow: fn(&Call<'_>) -> Result<Vec<Filter>, ApiError>) -> Self {
        self.narrow = narrow;
        self
    }
    /// Fields that are read from columns of other names.
    pub const fn renamed(mut self, renamed: fn(&Call<'_>) -> Renamed) -> Self {
        self.renamed = renamed;
        self
    }

    /// A search of what belongs to something that must be there.
    pub const fn of(mut self, row: OneRow) -> Self {
        self.of = Some(row);
        self
    }

    /// What a request looks up.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn look(&self, call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
        let level = call.mapper.limits.level;
        let answer = answer_object(operation, level);
        let (item, has_page) = (item_of(answer), answer.find(b"page").is_some());
        let renamed = (self.renamed)(call);
        let shape = Shape::new(item, self.view, renamed, level);
        let mut filters = (self.narrow)(call)?;
        filters.extend(shape.left_out());
        filters.extend(filter_of(call, operation, self.view, level, Some(item)));
        let sort = paging::sort_of(call, operation, self.view);
        let page = if has_page { paging::page_of(call, operation, self.view, &sort) } else { all() };
        call.check()?;
        let query = Query {
            view: self.view,
            output: shape.columns(),
            filter: Filter::All(filters),
            sort,
            page,
            is_counted: has_page,
        };
        let of = self.of.map(|row| row.existing(call)).transpose()?;
        Ok(Box::new(move |searcher, cancel| {
            if let Some((query, missing)) = of {
                each(searcher, cancel, &query, |_| {})?.first.ok_or(missing)?;
            }
            let mut out = Vec::with_capacity(1024);
            out.extend_from_slice(br#"{"items":["#);
            let found = each(searcher, cancel, &query, |row| shape.put_item(&mut out, row))?;
            out.push(b']');
            if has_page {
                put_page(&mut out, &found);
            }
            out.push(b'}');
            Ok(Some(out))
        }))
    }
}

/// As many rows as a page may have.
fn all() -> Page {
    Page { start: Start::From(0), limit: ringbolt_query::page::LIMIT_MAX }
}

impl OneRow {
    /// Conditions beside the key.
    pub const fn also(mut self, also: fn() -> Vec<Filter>) -> Self {
        self.also = also;
        self
    }
    /// Fields that are read from columns of other names.
    pub const fn renamed(mut self, renamed: Renamed) -> Self {
        self.renamed = renamed;
        self
    }

    /// What a request looks up.
    ///
    /// # Errors
    /// When what is in its path is no key.
    pub fn look(&self, call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
        let level = call.mapper.limits.level;
        call.check()?;
        let (filter, missing) = self.found(call)?;
        if operation.answer_at(level).is_some_and(|answer| answer.media != JSON) {
            return Ok(content(self.view, filter, missing));
        }
        let (view, renamed) = (self.view, self.renamed);
        Ok(Box::new(move |searcher, cancel| {
            let found = shown(searcher, cancel, (view, renamed), operation, level, filter)?;
            found.map(Some).ok_or(missing)
        }))
    }
}

/// The first row for which a condition holds, as an operation's document; none where there is none.
///
/// # Errors
/// What the client is told instead.
pub fn document(
    searcher: &Searcher,
    cancel: &Cancel,
    view: &'static View,
    operation: &'static Operation,
    level: Level,
    filter: Filter,
) -> Result<Option<Vec<u8>>, ApiError> {
    shown(searcher, cancel, (view, &[]), operation, level, filter)
}

fn shown(
    searcher: &Searcher,
    cancel: &Cancel,
    (view, renamed): (&'static View, Renamed),
    operation: &'static Operation,
    level: Level,
    filter: Filter,
) -> Result<Option<Vec<u8>>, ApiError> {
    let shape = Shape::new(answer_object(operation, level), view, renamed, level);
    let mut out = Vec::with_capacity(512);
    let mut filters = shape.left_out();
    filters.push(filter);
    let query = first(view, shape.columns(), Filter::All(filters));
    each(searcher, cancel, &query, |row| shape.put(&mut out, row))?;
    Ok((!out.is_empty()).then_some(out))
}

impl OneRow {
    /// The row's condition, and the words for that it is not there.
    fn found(&self, call: &Call<'_>) -> Result<(Filter, ApiError), ApiError> {
        let (mut filters, kind) = match self.find {
            Find::Key(name) => (vec![is(self.view, name, Value::Int(call.path_key(0)?))], "key"),
            Find::Text(find) => (find(call.path_text(0)), "id"),
            Find::Path(find) => (find(call), "name"),
        };
        filters.extend((self.also)());
        Ok((Filter::All(filters), not_found(self.view, kind, call.last_path_text())))
    }

    /// Whether the row is there.
    ///
    /// # Errors
    /// When what is in its path is no key.
    pub fn there(&self, call: &Call<'_>) -> Result<Look, ApiError> {
        let (query, missing) = self.existing(call)?;
        Ok(Box::new(move |searcher, cancel| {
            each(searcher, cancel, &query, |_| {})?.first.ok_or(missing)?;
            Ok(None)
        }))
    }

    /// A query for the row alone, and the words for that it is not there.
    ///
    /// # Errors
    /// When what is in its path is no key.
    pub fn existing(&self, call: &Call<'_>) -> Result<(Query, ApiError), ApiError> {
        let (filter, missing) = self.found(call)?;
        Ok((first(self.view, self.view.columns.iter().take(1).collect(), filter), missing))
    }
}

/// The document of a model, as it was deployed; none where there is none any more.
fn content(view: &'static View, filter: Filter, missing: ApiError) -> Look {
    let query = first(view, view.column("xml").into_iter().collect(), filter);
    Box::new(move |searcher, cancel| {
        let mut found = None;
        each(searcher, cancel, &query, |row| found = Some(row.bytes(0).map(<[u8]>::to_vec)))?;
        found.ok_or(missing)
    })
}

/// A query for the first row that there is.
pub fn first(view: &'static View, output: Vec<&'static Column>, filter: Filter) -> Query {
    let page = Page { start: Start::From(0), limit: 1 };
    Query { view, output, filter, sort: Vec::new(), page, is_counted: false }
}

/// A column that has this value.
///
/// # Panics
/// When the view has no such column: an error of ours, which the tests of the table find.
pub fn is(view: &'static View, name: &str, value: Value) -> Filter {
    Filter::Is(view.column(name).expect("the view has the column"), Test::Eq(value))
}

/// The words for what is not there.
pub fn not_found(view: &View, kind: &str, id: &str) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("{} with {kind} '{id}' not found", view.thing))
}

/// Hands the rows of a query over.
///
/// # Errors
/// What the client is told instead.
pub fn each(
    searcher: &Searcher,
    cancel: &Cancel,
    query: &Query,
    mut put: impl FnMut(&Row<'_>),
) -> Result<Found, ApiError> {
    let mut bytes = 0;
    let found = searcher.search(query, cancel, |row| {
        put(row);
        bytes += row.bytes_len();
        if bytes > ANSWER_BYTES_MAX { Err(Error::TooLarge(ANSWER_BYTES_MAX)) } else { Ok(()) }
    });
    found.map_err(|error| told(&error))
}

/// What a client is told of an error.
pub fn told(error: &Error) -> ApiError {
    let kind = match error {
        Error::Unavailable(_) | Error::Damaged(..) | Error::Unreadable(_) | Error::GivenUp => {
            ErrorKind::Unavailable
        }
        Error::TimedOut => ErrorKind::DeadlineExceeded,
        Error::OtherStore | Error::TooCostly(_) | Error::TooLarge(_) | Error::TooManyGroups(_) => {
            ErrorKind::InvalidArgument
        }
        Error::Broken(_) => ErrorKind::Internal,
    };
    ApiError::new(kind, format!("Expected to search, but {error}"))
}

/// The page of a statistic's body.
pub fn page_of_groups(call: &mut Call<'_>, operation: &'static Operation, view: &'static View) -> Page {
    paging::page_of(call, operation, view, &Vec::new())
}

/// The conditions of a body's filter. `item` is what a row is shown as; where none is shown, the filter's own fields say what values are called.
pub fn filter_of(
    call: &mut Call<'_>,
    operation: &'static Operation,
    view: &'static View,
    level: Level,
    item: Option<&'static Object>,
) -> Option<Filter> {
    let (at, field) = operation.reads?.find(b"filter")?;
    let Schema::Object(object) = field.schema else { return None };
    let mut reading = Reading::new(view, level, item.unwrap_or(object));
    let filter = reading.filter(call.value(at)?, object);
    for violation in reading.violations {
        call.violated(violation);
    }
    Some(filter)
}

/// The object of an answer.
fn answer_object(operation: &'static Operation, level: Level) -> &'static Object {
    let schema = operation.answer_at(level).map_or(Schema::Any, |answer| answer.schema);
    schema.object().unwrap_or(&NOTHING)
}

/// The object of an answer's items.
pub fn item_of(answer: &'static Object) -> &'static Object {
    match answer.find(b"items").map(|(_, field)| field.schema) {
        Some(Schema::List(item, _)) => item.object().unwrap_or(&NOTHING),
        _ => &NOTHING,
    }
}

static NOTHING: Object = Object { name: "Nothing", fields: &[] };

#[cfg(test)]
mod tests;
