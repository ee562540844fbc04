//! Sorts and pages of a body.

use crate::call::Call;
use crate::operation::Operation;
use crate::value::Value as Json;
use ringbolt_query::page::{Bound, Cursor, LIMIT_DEFAULT, LIMIT_MAX, OFFSET_MAX, Sort, decoded, encoded};
use ringbolt_query::{Order, Page, Start, View};

/// Fields that a statistic is sorted by; further ones are passed over.
const SORTS_MAX: usize = 16;

/// The sort of a body: of a field that comes twice the first holds.
pub(super) fn sort_of(call: &Call<'_>, operation: &'static Operation, view: &'static View) -> Sort {
    let mut sort = Sort::new();
    let Some((at, _)) = operation.reads.and_then(|object| object.find(b"sort")) else { return sort };
    for item in call.value(at).into_iter().flat_map(Json::items) {
        let Some(column) = view.column(&text_of(item, "field")) else { continue };
        if sort.iter().all(|(other, _)| other.name != column.name) {
            sort.push((column, direction_of(item)));
        }
    }
    sort
}

/// The sort of a statistic: names of fields and directions.
pub(super) fn names_of(call: &Call<'_>, operation: &'static Operation) -> Vec<(String, Order)> {
    let Some((at, _)) = operation.reads.and_then(|object| object.find(b"sort")) else { return Vec::new() };
    let items = call.value(at).into_iter().flat_map(Json::items).take(SORTS_MAX);
    items.map(|item| (text_of(item, "field"), direction_of(item))).collect()
}

fn text_of(item: Json<'_>, name: &str) -> String {
    item.member(name).and_then(Json::text).unwrap_or_default().into_owned()
}

fn direction_of(item: Json<'_>) -> Order {
    if text_of(item, "order") == "DESC" { Order::Descending } else { Order::Ascending }
}

/// How many groups are before a place.
pub(super) fn offset_of(cursor: &Cursor) -> usize {
    match cursor.first() {
        Some(Bound::Integer(offset)) => usize::try_from(*offset).unwrap_or_default(),
        _ => 0,
    }
}

/// The place behind so many groups.
pub(super) fn offset_cursor(view: &'static View, offset: usize) -> String {
    // It is no place of a row: any store may go on there.
    encoded(view, &Vec::new(), &[Bound::Integer(i64::try_from(offset).unwrap_or_default())], 0)
}

/// The page of a body.
pub(super) fn page_of(
    call: &mut Call<'_>,
    operation: &'static Operation,
    view: &'static View,
    sort: &Sort,
) -> Page {
    let Some((at, _)) = operation.reads.and_then(|object| object.find(b"page")) else {
        return Page::default();
    };
    let Some(page) = call.value(at) else { return Page::default() };
    let number = |name: &str| page.member(name).and_then(Json::long);
    let text = |name: &str| page.member(name).and_then(Json::text);
    let limit = number("limit").unwrap_or(i64::from(LIMIT_DEFAULT));
    let from = number("from").unwrap_or_default();
    let cursor = |text: &str| decoded(view, sort, text);
    let start = match (text("after"), text("before")) {
        (Some(after), _) => cursor(&after).map(Start::After),
        (None, Some(before)) => cursor(&before).map(Start::Before),
        (None, None) => Ok(Start::From(u32::try_from(from).unwrap_or(u32::MAX))),
    };
    let (is_far, is_large) = (from > i64::from(OFFSET_MAX), limit > i64::from(LIMIT_MAX));
    if is_far {
        call.violated(format!(
            "The value for page.from is '{from}' but must be within the [0,{OFFSET_MAX}] range: go on by cursors"
        ));
    }
    if is_large {
        call.violated(format!(
            "The value for page.limit is '{limit}' but must be within the [0,{LIMIT_MAX}] range"
        ));
    }
    let start = start.unwrap_or_else(|_| {
        call.violated("The provided cursor is none of a search like this one");
        Start::From(0)
    });
    Page { start, limit: u32::try_from(limit).unwrap_or_default() }
}
