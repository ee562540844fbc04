//! All rows of a set's table by their keys, for who writes them all.

use super::{Block, list, read};
use crate::record::Columns;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The next row of a block, in the order of what is read next.
type Head = Reverse<(i64, usize)>;

/// Hands over all rows of a table in the order of their keys: key and record. In memory are the blocks that have rows on both sides of where it is.
pub(crate) fn each_sorted<E: From<rusqlite::Error>>(
    connection: &Connection,
    set: &str,
    table: usize,
    mut each: impl FnMut(i64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut listed = list(connection, set, table)?;
    listed.sort_by_key(|block| block.key_min);
    let mut listed = listed.into_iter().peekable();
    // Each with its next row; those that are through are given back.
    let mut blocks: Vec<Option<(Block, usize)>> = Vec::new();
    let mut heads: BinaryHeap<Head> = BinaryHeap::new();
    loop {
        while let Some(next) = listed.peek()
            && heads.peek().is_none_or(|Reverse((key, _))| next.key_min <= *key)
        {
            let block = read(connection, set, next.number)?;
            if block.len() > 0 {
                heads.push(Reverse((block.key(0), blocks.len())));
                blocks.push(Some((block, 0)));
            }
            listed.next();
        }
        let Some(at) = take_first(&mut heads, &blocks) else { return Ok(()) };
        let next_key = heads.peek().map(|Reverse((key, _))| *key);
        let next_listed = listed.peek().map(|block| block.key_min);
        let Some((block, row)) = &mut blocks[at] else { continue };
        // As many as come before any other's.
        let until = next_key.into_iter().chain(next_listed).min().unwrap_or(i64::MAX);
        each(block.key(*row), block.record(*row))?;
        *row += 1;
        while *row < block.len() && block.key(*row) < until {
            each(block.key(*row), block.record(*row))?;
            *row += 1;
        }
        if *row < block.len() {
            heads.push(Reverse((block.key(*row), at)));
        } else {
            blocks[at] = None;
        }
    }
}

/// Which block has the first row.
fn take_first(heads: &mut BinaryHeap<Head>, blocks: &[Option<(Block, usize)>]) -> Option<usize> {
    let Reverse((key, mut first)) = heads.pop()?;
    let record = |at: usize| blocks[at].as_ref().map(|(block, row)| block.record(*row)).unwrap_or_default();
    let mut alike = Vec::new();
    while let Some(Reverse((other, at))) = heads.peek().copied()
        && other == key
    {
        heads.pop();
        let is_before = second_key(record(at), record(first)).is_lt();
        alike.push(if is_before { std::mem::replace(&mut first, at) } else { at });
    }
    heads.extend(alike.into_iter().map(|at| Reverse((key, at))));
    Some(first)
}

/// The order of two records by their second columns.
pub(super) fn second_key(a: &[u8], b: &[u8]) -> Ordering {
    let of = |record| Columns::of(record).nth(1);
    match (of(a), of(b)) {
        (Some(ValueRef::Integer(a)), Some(ValueRef::Integer(b))) => a.cmp(&b),
        (Some(ValueRef::Text(a)), Some(ValueRef::Text(b))) => a.cmp(b),
        // One table's are all of one kind.
        _ => Ordering::Equal,
    }
}
