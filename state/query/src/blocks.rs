//! Rows of instances that have ended, many in one value: what a batch leaves of a table is a block in the set that is being filled.
//!
//! A set is a table of blocks. Rows are not changed any more when they are there, so they need no tree of their own each, and stand as the records that the file
//! made of the set will have. Who reads sees tables (`recent`).
//!
//! A block has `keys`: CRC-32C of what follows (4 bytes), the keys of its rows (8 each, rising), their process instances (8 each, [`NO_INSTANCE`] for none); and a `body`:
//! CRC-32C of what follows (4 bytes), where each record ends, from the first one on (4 each), the records. Numbers are little endian. A key is a row's number, or the first
//! column of a key of two. Who looks a row up reads keys, and the body of the block that has it.
//!
//! Invariants
//! - Of a block's number nothing is ever changed: what is changed gets another number, which was never given before while the process runs.
//! - Two rows of a table and set never have the same key.

mod sorted;

pub(crate) use sorted::each_sorted;
use sorted::second_key;

use crate::place::{RECENT, RecentSet};
use rusqlite::{Connection, OptionalExtension, params};
use std::cell::Cell;
use std::sync::atomic::{AtomicI64, Ordering as Memory};
use std::sync::{Arc, OnceLock};

/// The process instance of a row that has none.
pub(crate) const NO_INSTANCE: i64 = i64::MIN;
/// Bytes up to which the last block of a table is put together with the next one.
const SMALL_MAX: usize = 8 * 1024;
/// Bytes of a block, unless one row has more: what a look-up of one row may have to read.
const BLOCK_MAX: usize = 96 * 1024;
/// Bytes of rows that are gathered before they are written.
const GATHERED_MAX: usize = 4 << 20;
/// Bytes of a checksum.
const SUM_BYTES: usize = 4;
/// Bytes of a row's key and instance.
const KEYS_BYTES: usize = 16;
/// Bytes that say where a record ends.
const END_BYTES: usize = 4;
/// Bytes of a row beside its record.
const ROW_BYTES: usize = KEYS_BYTES + END_BYTES;
/// Bits of a block's number below its table's.
const TABLE_SHIFT: u32 = 40;

/// Something that is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a block of recent rows is damaged")]
pub(crate) struct Damaged;

impl From<Damaged> for rusqlite::Error {
    fn from(damaged: Damaged) -> Self {
        rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
            Some(damaged.to_string()),
        )
    }
}

/// The numbers of a table's blocks.
pub(crate) fn numbers(table: usize) -> (i64, i64) {
    let first = (table as i64) << TABLE_SHIFT;
    (first, first + (1 << TABLE_SHIFT) - 1)
}

/// The keys of a block's rows, which are read alone to find out whether it has a row.
#[derive(Debug)]
pub(crate) struct Keys {
    bytes: Box<[u8]>,
    rows: usize,
    by_instance: OnceLock<Box<[u32]>>,
}

/// What follows a checksum that is right.
fn summed(bytes: &[u8]) -> Result<&[u8], Damaged> {
    let (checksum, rest) = bytes.split_first_chunk().ok_or(Damaged)?;
    if crc32c::crc32c(rest) == u32::from_le_bytes(*checksum) { Ok(rest) } else { Err(Damaged) }
}

impl Keys {
    fn parse(bytes: Vec<u8>) -> Result<Self, Damaged> {
        let len = summed(&bytes)?.len();
        if len % KEYS_BYTES != 0 {
            return Err(Damaged);
        }
        Ok(Self { bytes: bytes.into_boxed_slice(), rows: len / KEYS_BYTES, by_instance: OnceLock::new() })
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// What memory it takes, with the order that may still be made, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len() + size_of::<u32>() * self.rows
    }

    fn number(&self, at: usize) -> i64 {
        let at = SUM_BYTES + 8 * at;
        i64::from_le_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes"))
    }

    /// The key of a row.
    pub(crate) fn key(&self, row: usize) -> i64 {
        self.number(row)
    }

    /// The process instance of a row, or [`NO_INSTANCE`].
    pub(crate) fn instance(&self, row: usize) -> i64 {
        self.number(self.rows + row)
    }

    /// The first row whose key is not smaller.
    pub(crate) fn first_from(&self, key: i64) -> usize {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The rows in the order of their process instances.
    pub(crate) fn by_instance(&self) -> &[u32] {
        self.by_instance.get_or_init(|| {
            let mut rows: Box<[u32]> = (0..self.rows as u32).collect();
            rows.sort_unstable_by_key(|row| (self.instance(*row as usize), *row));
            rows
        })
    }
}

/// A block that is read.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) keys: Arc<Keys>,
    bytes: Box<[u8]>,
    /// Where records begin.
    data: usize,
}

impl Block {
    /// A block of rows with these keys, if it is one.
    fn parse(keys: Arc<Keys>, bytes: Vec<u8>) -> Result<Self, Damaged> {
        summed(&bytes)?;
        let rows = keys.rows;
        let data = SUM_BYTES + END_BYTES * rows;
        if data > bytes.len() {
            return Err(Damaged);
        }
        let block = Self { keys, bytes: bytes.into_boxed_slice(), data };
        let ends_rise = (0..rows).all(|row| block.start(row) <= block.end(row));
        let is_whole = block.start(rows) == block.bytes.len();
        if ends_rise && is_whole { Ok(block) } else { Err(Damaged) }
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        self.keys.rows
    }

    /// What memory it takes beside its keys, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The key of a row.
    pub(crate) fn key(&self, row: usize) -> i64 {
        self.keys.key(row)
    }

    /// The process instance of a row, or [`NO_INSTANCE`].
    pub(crate) fn instance(&self, row: usize) -> i64 {
        self.keys.instance(row)
    }

    fn end(&self, row: usize) -> usize {
        let at = SUM_BYTES + END_BYTES * row;
        self.data + u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes")) as usize
    }

    fn start(&self, row: usize) -> usize {
        if row == 0 { self.data } else { self.end(row - 1) }
    }

    /// The record of a row.
    pub(crate) fn record(&self, row: usize) -> &[u8] {
        &self.bytes[self.start(row)..self.end(row)]
    }
}

/// A row that is to stand in a block.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: i64,
    instance: i64,
    start: u32,
    end: u32,
}

/// Puts a block together.
#[derive(Debug, Default)]
pub(crate) struct BlockWriter {
    entries: Vec<Entry>,
    data: Vec<u8>,
    /// Memory for a block, keys and body.
    block: (Vec<u8>, Vec<u8>),
}

impl BlockWriter {
    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of a block of what there is.
    pub(crate) fn bytes(&self) -> usize {
        2 * SUM_BYTES + ROW_BYTES * self.entries.len() + self.data.len()
    }

    /// Adds a row, whose record `write` appends.
    pub(crate) fn put(&mut self, key: i64, instance: Option<i64>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.data.len() as u32;
        write(&mut self.data);
        let end = self.data.len() as u32;
        self.entries.push(Entry { key, instance: instance.unwrap_or(NO_INSTANCE), start, end });
    }

    /// Adds all rows of a block that are wanted; whether one was not.
    pub(crate) fn put_block(&mut self, block: &Block, is_wanted: impl Fn(&Block, usize) -> bool) -> bool {
        let mut are_all = true;
        for row in 0..block.len() {
            if is_wanted(block, row) {
                let instance = block.instance(row);
                self.put(block.key(row), Some(instance), |data| data.extend_from_slice(block.record(row)));
            } else {
                are_all = false;
            }
        }
        !are_all
    }

    fn record(&self, entry: &Entry) -> &[u8] {
        &self.data[entry.start as usize..entry.end as usize]
    }

    /// Sorts the rows by their keys, of two columns where they have them.
    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        if !entries.is_sorted_by(|a, b| a.key < b.key) {
            entries
                .sort_by(|a, b| a.key.cmp(&b.key).then_with(|| second_key(self.record(a), self.record(b))));
        }
        self.entries = entries;
    }

    /// The first of some entries that are too many for one block.
    fn next_block(&self, from: usize) -> usize {
        let mut bytes = 2 * SUM_BYTES;
        for (at, entry) in self.entries.iter().enumerate().skip(from) {
            bytes += ROW_BYTES + (entry.end - entry.start) as usize;
            if bytes > BLOCK_MAX && at > from {
                return at;
            }
        }
        self.entries.len()
    }

    /// A block of some of the entries.
    fn write(&self, entries: &[Entry], keys: &mut Vec<u8>, body: &mut Vec<u8>) {
        for part in [&mut *keys, &mut *body] {
            part.clear();
            part.extend_from_slice(&[0; SUM_BYTES]);
        }
        keys.extend(entries.iter().flat_map(|entry| entry.key.to_le_bytes()));
        keys.extend(entries.iter().flat_map(|entry| entry.instance.to_le_bytes()));
        let mut end = 0;
        body.reserve(END_BYTES * entries.len() + BLOCK_MAX.min(self.data.len()));
        for entry in entries {
            end += entry.end - entry.start;
            body.extend_from_slice(&end.to_le_bytes());
        }
        // Rows mostly come in the order of their keys.
        if entries.is_sorted_by(|before, entry| before.end == entry.start)
            && let [first, .., last] = entries
        {
            body.extend_from_slice(&self.data[first.start as usize..last.end as usize]);
        } else {
            entries.iter().for_each(|entry| body.extend_from_slice(self.record(entry)));
        }
        for part in [keys, body] {
            let checksum = crc32c::crc32c(&part[SUM_BYTES..]);
            part[..SUM_BYTES].copy_from_slice(&checksum.to_le_bytes());
        }
    }

    /// Forgets everything but the memory that it takes as a rule.
    pub(crate) fn clear(&mut self) {
        if !self.entries.is_empty() {
            self.data.shrink_to(8 * self.data.len());
            self.entries.shrink_to(8 * self.entries.len());
            self.block.1.shrink_to(BLOCK_MAX);
        }
        self.entries.clear();
        self.data.clear();
    }
}

/// What is known of a block that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) number: i64,
    pub(crate) rows: usize,
    pub(crate) key_min: i64,
    pub(crate) key_max: i64,
    pub(crate) instance_min: i64,
    pub(crate) instance_max: i64,
}

/// The blocks of a table, by rising number. `set` is what names in it begin with, the file's among them where it is not the main one.
pub(crate) fn list(connection: &Connection, set: &str, table: usize) -> rusqlite::Result<Vec<Listed>> {
    // By the index that has it all: a small block stands in the page where its row does.
    let name = set.rsplit('.').next().unwrap_or(set);
    let sql = format!(
        "SELECT number, rows, key_min, key_max, instance_min, instance_max, sum FROM {set}blocks INDEXED BY {name}list \
         WHERE number BETWEEN ? AND ? ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let (first, last) = numbers(table);
    let mut rows = statement.query([first, last])?;
    let mut listed = Vec::new();
    while let Some(row) = rows.next()? {
        let block = Listed {
            number: row.get(0)?,
            rows: row.get(1)?,
            key_min: row.get(2)?,
            key_max: row.get(3)?,
            instance_min: row.get(4)?,
            instance_max: row.get(5)?,
        };
        if row.get::<_, u32>(6)? != block.sum() {
            return Err(Damaged.into());
        }
        listed.push(block);
    }
    Ok(listed)
}

impl Listed {
    /// CRC-32C of what is listed.
    fn sum(&self) -> u32 {
        let numbers =
            [self.number, self.rows as i64, self.key_min, self.key_max, self.instance_min, self.instance_max];
        numbers.iter().fold(0, |sum, number| crc32c::crc32c_append(sum, &number.to_le_bytes()))
    }
}

fn read_part(connection: &Connection, set: &str, part: &str, number: i64) -> rusqlite::Result<Vec<u8>> {
    let sql = format!("SELECT {part} FROM {set}blocks WHERE number = ?");
    connection.prepare_cached(&sql)?.query_row([number], |row| row.get(0))
}

/// Reads the keys of a block.
pub(crate) fn read_keys(connection: &Connection, set: &str, number: i64) -> rusqlite::Result<Keys> {
    Ok(Keys::parse(read_part(connection, set, "keys", number)?)?)
}

/// Reads the rest of a block whose keys are known.
pub(crate) fn read_body(
    connection: &Connection,
    set: &str,
    number: i64,
    keys: Arc<Keys>,
) -> rusqlite::Result<Block> {
    Ok(Block::parse(keys, read_part(connection, set, "body", number)?)?)
}

/// Reads a block.
pub(crate) fn read(connection: &Connection, set: &str, number: i64) -> rusqlite::Result<Block> {
    let keys = Arc::new(read_keys(connection, set, number)?);
    read_body(connection, set, number, keys)
}

/// The largest number that was given in a file.
pub(crate) fn last_number(connection: &Connection) -> rusqlite::Result<i64> {
    let mut last = 0;
    for set in RECENT {
        let sql = format!("SELECT max(number & ?) FROM {set}blocks");
        let found: Option<i64> =
            connection.query_row(&sql, [(1_i64 << TABLE_SHIFT) - 1], |row| row.get(0))?;
        last = last.max(found.unwrap_or(0));
    }
    Ok(last)
}

/// A set of blocks that is written.
pub(crate) struct SetWriter<'t> {
    pub(crate) connection: &'t Connection,
    pub(crate) set: RecentSet,
    /// The number that is given next, but for the table's.
    pub(crate) next: &'t AtomicI64,
    /// Bytes that were added.
    pub(crate) added: Cell<u64>,
}

impl<'t> SetWriter<'t> {
    /// Writes a set.
    pub(crate) fn new(connection: &'t Connection, set: RecentSet, next: &'t AtomicI64) -> Self {
        Self { connection, set, next, added: Cell::new(0) }
    }

    /// Writes rows of a table, and forgets them. What its last block has joins them where both are small.
    pub(crate) fn write(&self, table: usize, rows: &mut BlockWriter) -> rusqlite::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let set = self.set.prefix();
        if rows.bytes() < SMALL_MAX {
            let sql = format!(
                "SELECT number, length(keys) + length(body) FROM {set}blocks WHERE number BETWEEN ? AND ? ORDER BY number DESC LIMIT 1"
            );
            let (first, last) = numbers(table);
            let mut statement = self.connection.prepare_cached(&sql)?;
            let found = statement.query_row([first, last], |row| Ok((row.get(0)?, row.get::<_, usize>(1)?)));
            if let Some((number, bytes)) = found.optional()?
                && bytes < SMALL_MAX
            {
                rows.put_block(&read(self.connection, set, number)?, |_, _| true);
                self.remove(number)?;
                self.added.set(self.added.get().saturating_sub(bytes as u64));
            }
        }
        self.insert(table, rows)
    }

    /// Writes rows of a table if they are many already.
    pub(crate) fn write_if_large(&self, table: usize, rows: &mut BlockWriter) -> rusqlite::Result<()> {
        if rows.bytes() < GATHERED_MAX { Ok(()) } else { self.insert(table, rows) }
    }

    pub(crate) fn insert(&self, table: usize, rows: &mut BlockWriter) -> rusqlite::Result<()> {
        rows.sort();
        let sql = format!("INSERT INTO {}blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self.set.prefix());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut from = 0;
        let (mut keys, mut body) = std::mem::take(&mut rows.block);
        while from < rows.entries.len() {
            let until = rows.next_block(from);
            let entries = &rows.entries[from..until];
            let instances = || entries.iter().map(|entry| entry.instance);
            let next = self.next.fetch_add(1, Memory::Relaxed);
            if next >> TABLE_SHIFT != 0 {
                return Err(Damaged.into());
            }
            let listed = Listed {
                number: numbers(table).0 + next,
                rows: entries.len(),
                key_min: entries[0].key,
                key_max: entries[entries.len() - 1].key,
                instance_min: instances().min().unwrap_or(NO_INSTANCE),
                instance_max: instances().max().unwrap_or(NO_INSTANCE),
            };
            rows.write(entries, &mut keys, &mut body);
            let Listed { number, rows: count, key_min, key_max, instance_min, instance_max } = listed;
            let sum = listed.sum();
            let row = params![number, count, key_min, key_max, instance_min, instance_max, sum, keys, body];
            statement.execute(row)?;
            self.added.set(self.added.get() + (keys.len() + body.len()) as u64);
            from = until;
        }
        rows.block = (keys, body);
        rows.clear();
        Ok(())
    }

    fn remove(&self, number: i64) -> rusqlite::Result<()> {
        let sql = format!("DELETE FROM {}blocks WHERE number = ?", self.set.prefix());
        self.connection.prepare_cached(&sql)?.execute([number]).map(drop)
    }

    /// Removes rows of a table from the blocks that may have them.
    pub(crate) fn retain(
        &self,
        table: usize,
        may_have: impl Fn(&Listed) -> bool,
        is_kept: impl Fn(&Block, usize) -> bool,
    ) -> rusqlite::Result<()> {
        let set = self.set.prefix();
        for listed in list(self.connection, set, table)?.into_iter().filter(may_have) {
            let mut rows = BlockWriter::default();
            if rows.put_block(&read(self.connection, set, listed.number)?, &is_kept) {
                self.remove(listed.number)?;
                self.insert(table, &mut rows)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
