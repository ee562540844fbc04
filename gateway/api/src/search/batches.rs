//! Batch operations with what all partitions count of them.

use super::{Shape, answer_object, each, filter_of, first, is, item_of, not_found, paging, put_page, told};
use crate::call::Call;
use crate::error::{ApiError, ErrorKind};
use crate::operation::Operation;
use crate::search::Look;
use ringbolt_query::codes::{BATCH_OPERATION_STATES, code_of};
use ringbolt_query::views::batch_operations::{BATCH_OPERATION_COUNTS, BATCH_OPERATIONS, COUNTS};
use ringbolt_query::{Cancel, Column, Figures, Filter, Query, Searcher, Test, Value};
use std::collections::BTreeMap;

/// Which column tells them apart.
const KEY: &str = "batchOperationKey";

/// What is said of a batch operation whose end is there while what another partition counted is not: its files were read a moment before.
const TORN: &str =
    "The batch operation has just ended, and not all that was done is there to be found yet; ask again";
/// How long after its end that may be so, milliseconds. Later what is missing is not known any more.
const TORN_MS: i64 = 10_000;

/// Items, completed ones and failed ones, and parts that have ended, by key.
type Counts = BTreeMap<i64, [i64; 4]>;

/// Searches batch operations.
///
/// # Errors
/// With all that is wrong with the request.
pub fn search(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let level = call.mapper.limits.level;
    let view = &BATCH_OPERATIONS;
    let item = item_of(answer_object(operation, level));
    let shape = Shape::new(item, view, &[], level);
    let mut filters = shape.left_out();
    filters.extend(filter_of(call, operation, view, level, Some(item)));
    let sort = paging::sort_of(call, operation, view);
    let page = paging::page_of(call, operation, view, &sort);
    call.check()?;
    Ok(Box::new(move |searcher, cancel| {
        let filter = Filter::All(filters);
        let keys = Query { view, output: key_column(), filter, sort, page, is_counted: true };
        let mut found_keys = Vec::new();
        let found = each(searcher, cancel, &keys, |row| found_keys.extend(row.int(0)))?;
        let mut out = br#"{"items":["#.to_vec();
        put_all(&mut out, searcher, cancel, &shape, &found_keys)?;
        out.push(b']');
        put_page(&mut out, &found);
        out.push(b'}');
        Ok(Some(out))
    }))
}

/// The batch operation of the key in the path.
///
/// # Errors
/// When that is no key.
pub fn get(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let level = call.mapper.limits.level;
    call.check()?;
    let key = call.path_key(0)?;
    let missing = not_found(&BATCH_OPERATIONS, "key", call.path_text(0));
    let shape = Shape::new(answer_object(operation, level), &BATCH_OPERATIONS, &[], level);
    Ok(Box::new(move |searcher, cancel| {
        let mut out = Vec::new();
        put_all(&mut out, searcher, cancel, &shape, &[key])?;
        if out.is_empty() { Err(missing) } else { Ok(Some(out)) }
    }))
}

fn key_column() -> Vec<&'static Column> {
    BATCH_OPERATIONS.column(KEY).into_iter().collect()
}

/// Writes those with these keys, in this order.
fn put_all(
    out: &mut Vec<u8>,
    searcher: &Searcher,
    cancel: &Cancel,
    shape: &Shape,
    keys: &[i64],
) -> Result<(), ApiError> {
    let counts = counts_of(searcher, cancel, keys)?;
    // One that is canceled does not wait for its parts.
    let canceled = code_of(&BATCH_OPERATION_STATES, "CANCELED").map(i64::from);
    for key in keys {
        let [items, completed, failed, ended] = counts.get(key).copied().unwrap_or_default();
        let counted = |name: &str| match name {
            "operationsTotalCount" => Some(items),
            "operationsCompletedCount" => Some(completed),
            "operationsFailedCount" => Some(failed),
            _ => None,
        };
        let mut columns = shape.columns();
        let [end, state] = [columns.len(), columns.len() + 1];
        columns.extend(["endDate", "state"].into_iter().filter_map(|name| BATCH_OPERATIONS.column(name)));
        let mut filters = shape.left_out();
        filters.push(is(&BATCH_OPERATIONS, KEY, Value::Int(*key)));
        let query = first(&BATCH_OPERATIONS, columns, Filter::All(filters));
        let mut has_just_ended = false;
        each(searcher, cancel, &query, |row| {
            has_just_ended =
                row.int(state) != canceled && row.int(end).is_some_and(|end| end + TORN_MS > unix_ms());
            shape.put_counted(out, row, counted);
        })?;
        if has_just_ended && usize::try_from(ended).is_ok_and(|ended| ended < searcher.partitions()) {
            return Err(ApiError::new(ErrorKind::Torn, TORN));
        }
    }
    Ok(())
}

fn unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn counts_of(searcher: &Searcher, cancel: &Cancel, keys: &[i64]) -> Result<Counts, ApiError> {
    let column = BATCH_OPERATION_COUNTS.column(KEY).expect("the view has the column");
    let values = keys.iter().copied().map(Value::Int).collect();
    let filter = Filter::Is(column, Test::In(values));
    let figures = Figures { place: BATCH_OPERATION_COUNTS.place, before: COUNTS, filter, after: "", keys: 1 };
    let groups = searcher.figures(&figures, cancel).map_err(|error| told(&error))?;
    let of_group = |(names, numbers): (Vec<Option<Value>>, Vec<i64>)| match (names.first(), &numbers[..]) {
        (Some(Some(Value::Int(key))), [items, completed, failed, ended]) => {
            Some((*key, [*items, *completed, *failed, *ended]))
        }
        _ => None,
    };
    Ok(groups.into_iter().filter_map(of_group).collect())
}
