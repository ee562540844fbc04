//! Rows that are written in blocks are there as they were written, once, in the order of their keys.

use super::{
    BLOCK_MAX, Block, BlockWriter, KEYS_BYTES, Keys, NO_INSTANCE, SetWriter, each_sorted, last_number, list,
    read,
};
use crate::place::RecentSet;
use crate::record::{Put, RecordWriter};
use crate::schema::hot_in_memory;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

const SET: &str = "recent_a_";
const FLOWS: usize = 2;
const VARIABLES: usize = 3;

fn writer<'t>(connection: &'t Connection, next: &'t AtomicI64) -> SetWriter<'t> {
    SetWriter::new(connection, RecentSet::A, next)
}

/// Rows of a key, its instance and a text.
fn rows(of: impl IntoIterator<Item = (i64, Option<i64>, String)>) -> BlockWriter {
    let mut rows = BlockWriter::default();
    let mut record = RecordWriter::default();
    for (key, instance, text) in of {
        rows.put(key, instance, |data| {
            key.put(&mut record);
            text.as_str().put(&mut record);
            record.finish(data);
        });
    }
    rows
}

fn text_of(record: &[u8]) -> String {
    let text = crate::record::Columns::of(record).nth(1).expect("a column");
    text.as_str().expect("a text").to_owned()
}

fn all(connection: &Connection, table: usize) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    let each = |key, record: &[u8]| {
        all.push((key, text_of(record)));
        Ok::<(), rusqlite::Error>(())
    };
    each_sorted(connection, SET, table, each).expect("blocks");
    all
}

#[test]
fn rows_of_many_blocks_come_by_their_keys() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    let set = writer(&connection, &next);
    let long = "x".repeat(1_000);
    let mut wanted = Vec::new();
    // Blocks whose keys lie between, within, before and behind each other's.
    for (first, step, count) in
        [(100, 3, 30), (101, 3, 30), (150, 1, 3), (0, 1, 20), (1_000, 7, 100), (5, 1_000, 20)]
    {
        let of = (0..count).map(|at| (first + at * step, Some(at), format!("{long}{first}/{at}")));
        let of: Vec<_> = of.filter(|(key, ..)| wanted.iter().all(|(other, _)| other != key)).collect();
        wanted.extend(of.iter().map(|(key, _, text)| (*key, text.clone())));
        set.write(VARIABLES, &mut rows(of)).expect("written");
    }
    wanted.sort();
    assert_eq!(all(&connection, VARIABLES), wanted);
    assert_eq!(all(&connection, FLOWS), []);
    let blocks = list(&connection, SET, VARIABLES).expect("blocks");
    assert!(blocks.len() > 3, "{blocks:?}");
    for listed in blocks {
        let block = read(&connection, SET, listed.number).expect("a block");
        assert_eq!(block.len(), listed.rows);
        assert_eq!((block.key(0), block.key(block.len() - 1)), (listed.key_min, listed.key_max));
        let instances = || (0..block.len()).map(|row| block.instance(row));
        assert_eq!(instances().min(), Some(listed.instance_min));
        assert_eq!(instances().max(), Some(listed.instance_max));
        assert_eq!(block.keys.first_from(listed.key_max), block.len() - 1);
        assert_eq!(block.keys.first_from(listed.key_max + 1), block.len());
    }
}

#[test]
fn keys_of_two_columns_come_in_the_order_of_both() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    let set = writer(&connection, &next);
    let long = "y".repeat(10_000);
    for texts in [["b", "d"], ["a", "e"], ["c", "f"]] {
        let of = texts.into_iter().rev().map(|text| (7, Some(7), format!("{text}{long}")));
        set.write(FLOWS, &mut rows(of)).expect("written");
    }
    assert_eq!(list(&connection, SET, FLOWS).expect("blocks").len(), 3);
    let first: Vec<_> = all(&connection, FLOWS).iter().map(|(_, text)| text[..1].to_owned()).collect();
    assert_eq!(first, ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn small_blocks_become_one_under_another_number() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    let set = writer(&connection, &next);
    let mut seen = Vec::new();
    for key in 0..100 {
        set.write(VARIABLES, &mut rows([(key, None, "z".repeat(100))])).expect("written");
        let numbers: Vec<i64> =
            list(&connection, SET, VARIABLES).expect("blocks").iter().map(|b| b.number).collect();
        let last = *numbers.last().expect("a block");
        assert!(!seen.contains(&last), "a number was given twice");
        seen.push(last);
    }
    let blocks = list(&connection, SET, VARIABLES).expect("blocks");
    assert_eq!(blocks.len(), 2, "{blocks:?}");
    assert_eq!(blocks[0].instance_min, NO_INSTANCE);
    assert_eq!(all(&connection, VARIABLES).len(), 100);
    assert_eq!(last_number(&connection).expect("a number"), 100);
}

#[test]
fn many_rows_become_blocks_of_a_bounded_size() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    let set = writer(&connection, &next);
    let of = |key: i64| if key == 40 { 3 * BLOCK_MAX } else { 1_000 };
    set.write(VARIABLES, &mut rows((0..500).rev().map(|key| (key, None, "v".repeat(of(key))))))
        .expect("written");
    let blocks = list(&connection, SET, VARIABLES).expect("blocks");
    assert!(blocks.is_sorted_by(|a, b| a.key_max < b.key_min), "{blocks:?}");
    for listed in &blocks {
        let block = read(&connection, SET, listed.number).expect("a block");
        assert!(block.bytes() + block.keys.len() * KEYS_BYTES <= BLOCK_MAX || block.len() == 1, "{listed:?}");
    }
    assert_eq!(blocks.iter().map(|block| block.rows).sum::<usize>(), 500);
    assert!((7..=9).contains(&blocks.len()), "{}", blocks.len());
}

/// Also what is written before the rest is known, and not what is written again.
#[test]
fn bytes_that_were_added_are_counted() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    let set = writer(&connection, &next);
    let mut many = rows((0..5_000).map(|key| (key, None, "m".repeat(1_000))));
    set.write_if_large(VARIABLES, &mut many).expect("written");
    set.write(VARIABLES, &mut many).expect("written");
    let sum = |connection: &Connection| -> u64 {
        let sql = "SELECT sum(length(keys) + length(body)) FROM recent_a_blocks";
        connection.query_row(sql, [], |row| row.get(0)).expect("a sum")
    };
    assert!(set.added.get() > 5_000_000);
    assert_eq!(set.added.get(), sum(&connection));
    (0..50).for_each(|key| set.write(FLOWS, &mut rows([(key, None, "s".to_owned())])).expect("written"));
    assert_eq!(set.added.get(), sum(&connection));
}

/// A block that is not what its sum says, wherever it is listed.
#[test]
fn a_list_is_damaged_where_any_of_it_is() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    writer(&connection, &next).write(VARIABLES, &mut rows([(7, Some(3), "a".to_owned())])).expect("written");
    for column in ["number", "rows", "key_min", "key_max", "instance_min", "instance_max", "sum"] {
        connection
            .execute_batch(&format!("UPDATE recent_a_blocks SET {column} = {column} + 1"))
            .expect("SQL");
        assert!(
            list(&connection, SET, VARIABLES).is_err_and(|error| crate::schema::is_damage(&error)),
            "{column}"
        );
        connection
            .execute_batch(&format!("UPDATE recent_a_blocks SET {column} = {column} - 1"))
            .expect("SQL");
    }
    assert_eq!(list(&connection, SET, VARIABLES).expect("a list").len(), 1);
}

#[test]
fn rows_are_removed_from_the_blocks_that_have_them() {
    let (connection, next) = (hot_in_memory(), AtomicI64::new(1));
    let set = writer(&connection, &next);
    for first in [0, 100, 200] {
        let of = (first..first + 100).map(|key| (key, Some(key / 10), "z".repeat(200)));
        set.write(VARIABLES, &mut rows(of)).expect("written");
    }
    let before = list(&connection, SET, VARIABLES).expect("blocks");
    let may_have = |block: &super::Listed| (block.instance_min..=block.instance_max).contains(&15);
    set.retain(VARIABLES, may_have, |block, row| block.instance(row) != 15).expect("removed");
    let after = list(&connection, SET, VARIABLES).expect("blocks");
    assert_eq!(all(&connection, VARIABLES).len(), 290);
    assert_eq!([before[0], before[2]], [after[0], after[1]]);
    set.retain(VARIABLES, |_| true, |_, _| false).expect("removed");
    assert_eq!(list(&connection, SET, VARIABLES).expect("blocks"), []);
}

#[test]
fn what_is_no_block_is_damaged() {
    let mut writer = rows((0..5).map(|key| (key, Some(1), format!("text {key}"))));
    writer.sort();
    let (mut keys, mut body) = (Vec::new(), Vec::new());
    writer.write(&writer.entries, &mut keys, &mut body);
    let parse = |keys: &[u8], body: &[u8]| {
        Keys::parse(keys.to_vec()).and_then(|keys| Block::parse(Arc::new(keys), body.to_vec()))
    };
    let block = parse(&keys, &body).expect("a block");
    assert_eq!((block.len(), text_of(block.record(4))), (5, "text 4".to_owned()));
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 0x10;
        bytes
    };
    for at in 0..keys.len() {
        assert!(parse(&keys[..at], &body).is_err() && parse(&flipped(&keys, at), &body).is_err(), "{at}");
    }
    for at in 0..body.len() {
        assert!(parse(&keys, &body[..at]).is_err() && parse(&keys, &flipped(&body, at)).is_err(), "{at}");
    }
    // What never was a block may have a sum that is right.
    let summed = |mut bytes: Vec<u8>| {
        let checksum = crc32c::crc32c(&bytes[4..]);
        bytes[..4].copy_from_slice(&checksum.to_le_bytes());
        bytes
    };
    for (at, byte) in [(4, 200), (20, 0), (7, 255)] {
        let mut damaged = body.clone();
        damaged[at] = byte;
        assert!(parse(&keys, &summed(damaged)).is_err(), "{at}");
    }
    for len in [4, 4 + 16 * 4, 4 + 16 * 5 - 8] {
        assert!(parse(&summed(keys[..len].to_vec()), &body).is_err(), "{len}");
    }
}
