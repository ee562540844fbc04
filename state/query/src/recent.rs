//! Recent rows as tables: `CREATE VIRTUAL TABLE recent_a_jobs USING recent_rows(recent_a_, jobs)` reads the blocks of a set ([`blocks`]) as the rows that they hold.
//!
//! Its columns are those of the table, with their types. A row is found by its key (a block's range, then a binary search in it), by its process instance (the
//! same, over an order that a block is given when it is first asked so), or by a range of keys; everything else is a scan. Rows come in the order of their keys where that is
//! asked for (`sorted`), else in none. Nothing is written by these tables.
//!
//! Invariants
//! - What is read is what the connection sees: blocks are listed and read by the connection itself, within the transaction at hand.
//! - A list of blocks is kept for no longer than a transaction, and only for who says when one begins ([`Snapshot`]).
//! - What is damaged is an error that says so, with SQLite's code for it ([`is_damage`](crate::schema::is_damage)).
//!
//! This file is the only one of the crate with `unsafe` code: SQLite calls it back.

mod cache;
mod fields;
mod plan;
mod sorted;
#[cfg(test)]
mod tests;

pub(crate) use cache::BlockCache;

use crate::blocks::{self, Block, Damaged, Keys, Listed, NO_INSTANCE};
use crate::place::RECENT;
use crate::shapes::{SHAPES, Shape};
use cache::Room;
use fields::Fields;
use plan::{Test, Wanted};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::vtab::{
    Context, CreateVTab, Filters, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor, VTabKind,
    escape_double_quote, sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Connection, Error, ffi};
use sorted::Sorted;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_int};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the tables are called in SQL.
const MODULE: &str = "recent_rows";
/// Bits of a row's number, where it is not its key, that say which of its block it is. With those of a block's number they make 63.
const ROW_BITS: u32 = 23;

/// Which transaction of a connection is at hand: lists of blocks are kept for one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot(Arc<AtomicU64>);

impl Snapshot {
    /// A transaction has begun: what was listed in the one before is forgotten.
    pub(crate) fn forget(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What all tables of a connection have in common.
struct Shared {
    cache: Arc<BlockCache>,
    /// None where blocks are listed every time.
    snapshot: Option<Snapshot>,
}

/// Has a connection to `hot.db` read recent rows, which says by what is handed back when it begins a transaction, and writes no blocks. Outside of transactions nothing is kept.
///
/// # Errors
/// SQLite's.
pub(crate) fn register(connection: &Connection, cache: &Arc<BlockCache>) -> rusqlite::Result<Snapshot> {
    let snapshot = Snapshot::default();
    let shared = Shared { cache: cache.clone(), snapshot: Some(snapshot.clone()) };
    connection.create_module(MODULE, RECENT_ROWS, Some(shared))?;
    Ok(snapshot)
}

/// The same for a connection that writes blocks, or does not say when it begins: it lists them for every look-up.
///
/// # Errors
/// SQLite's.
pub(crate) fn register_writer(connection: &Connection, cache: &Arc<BlockCache>) -> rusqlite::Result<()> {
    let shared = Shared { cache: cache.clone(), snapshot: None };
    connection.create_module(MODULE, RECENT_ROWS, Some(shared))
}

const RECENT_ROWS: &Module<'static, RecentRows> = &Module::read_only_module();

/// A table of a set.
struct Table {
    /// The connection whose table it is, which this one does not close.
    connection: Connection,
    /// What the names of the set's tables begin with, its file among them.
    set: String,
    number: usize,
    shape: &'static Shape,
    cache: Arc<BlockCache>,
    snapshot: Option<Snapshot>,
    /// Its blocks, and of which transaction that is.
    listed: RefCell<Option<(u64, Rc<[Listed]>)>>,
}

/// What an error means: that what is listed or read is something else than it can be says that it is damaged.
fn meant(error: Error) -> Error {
    match error {
        Error::InvalidColumnType(..)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::QueryReturnedNoRows => Damaged.into(),
        other => other,
    }
}

/// Whether keys are those of the block that is listed.
fn is_listed(keys: &Keys, listed: &Listed) -> bool {
    let rows = keys.len();
    let ends = rows.checked_sub(1).map(|last| (keys.key(0), keys.key(last)));
    rows == listed.rows && ends.is_none_or(|ends| ends == (listed.key_min, listed.key_max))
}

impl Table {
    /// Its blocks, as the transaction at hand sees them.
    fn listed(&self) -> rusqlite::Result<Rc<[Listed]>> {
        let list = || blocks::list(&self.connection, &self.set, self.number).map(Rc::from).map_err(meant);
        let Some(snapshot) = self.snapshot.as_ref().filter(|_| !self.connection.is_autocommit()) else {
            return list();
        };
        let now = snapshot.0.load(Ordering::Relaxed);
        let mut kept = self.listed.borrow_mut();
        match &*kept {
            Some((of, listed)) if *of == now => Ok(listed.clone()),
            _ => {
                let listed: Rc<[Listed]> = list()?;
                *kept = Some((now, listed.clone()));
                Ok(listed)
            }
        }
    }

    /// The keys of a block.
    fn keys(&self, listed: &Listed) -> rusqlite::Result<Arc<Keys>> {
        if let Some(keys) = self.cache.keys.get(listed.number) {
            if is_listed(&keys, listed) {
                return Ok(keys);
            }
            self.cache.keys.forget(listed.number);
            self.cache.blocks.forget(listed.number);
        }
        let keys = Arc::new(blocks::read_keys(&self.connection, &self.set, listed.number).map_err(meant)?);
        if !is_listed(&keys, listed) {
            return Err(Damaged.into());
        }
        self.cache.keys.put(listed.number, &keys, Room::OfForgotten);
        Ok(keys)
    }

    /// A block whose keys are known.
    fn block(&self, listed: &Listed, keys: Arc<Keys>, room: Room) -> rusqlite::Result<Arc<Block>> {
        if let Some(block) =
            self.cache.blocks.get(listed.number).filter(|block| is_listed(&block.keys, listed))
        {
            return Ok(block);
        }
        let block = blocks::read_body(&self.connection, &self.set, listed.number, keys).map_err(meant)?;
        let block = Arc::new(block);
        self.cache.blocks.put(listed.number, &block, room);
        Ok(block)
    }
}

/// The text of a table with the columns of a shape, which says nothing of its key.
fn declaration(shape: &Shape) -> Option<String> {
    let (_, columns) = shape.sql.split_once('(')?;
    let (columns, _) = columns.rsplit_once(')')?;
    let columns = match shape.has_rowid() {
        true => columns.replacen(" PRIMARY KEY", " NOT NULL", 1),
        false => columns.split_once("PRIMARY KEY")?.0.trim_end().strip_suffix(',')?.to_owned(),
    };
    Some(format!("CREATE TABLE {MODULE} ({columns})"))
}

/// The set and the table that a table of this module is made with.
fn named(arguments: &[&[u8]]) -> Option<(&'static str, usize)> {
    let [set, table] = arguments else { return None };
    let set = RECENT.into_iter().find(|name| name.as_bytes() == *set)?;
    let table = SHAPES.iter().position(|shape| shape.name.as_bytes() == *table)?;
    Some((set, table))
}

/// What SQLite knows as a table.
#[repr(C)]
struct RecentRows {
    base: sqlite3_vtab,
    table: Rc<Table>,
}

// SAFETY: it begins with SQLite's own part, as `repr(C)` says.
#[allow(unsafe_code)]
unsafe impl<'vtab> VTab<'vtab> for RecentRows {
    type Aux = Shared;
    type Cursor = RecentCursor;

    fn connect(
        db: &mut VTabConnection,
        aux: Option<&Shared>,
        _: &[u8],
        database: &[u8],
        _: &[u8],
        arguments: &[&[u8]],
    ) -> rusqlite::Result<(Cow<'static, CStr>, Self)> {
        let unknown = || Error::ModuleError(format!("{MODULE} is made with a set and a table"));
        let (set, number) = named(arguments).ok_or_else(unknown)?;
        let shape = &SHAPES[number];
        let declaration = declaration(shape).ok_or_else(unknown)?;
        let shared = aux.ok_or_else(unknown)?;
        db.config(VTabConfig::Innocuous)?;
        // SAFETY: SQLite ends its tables before it closes the connection that they are of, so that this one, which does not close it, is gone by then, and the
        // statements that it keeps with it. Both are used by the thread alone that is in a call of that connection.
        let connection = unsafe { Connection::from_handle(db.handle())? };
        let table = Table {
            connection,
            set: format!("\"{}\".{set}", escape_double_quote(std::str::from_utf8(database)?)),
            number,
            shape,
            cache: shared.cache.clone(),
            snapshot: shared.snapshot.clone(),
            listed: RefCell::default(),
        };
        let declaration = CString::new(declaration)?;
        Ok((Cow::Owned(declaration), Self { base: sqlite3_vtab::default(), table: Rc::new(table) }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<bool> {
        plan::choose(self.table.shape, info);
        Ok(true)
    }

    fn open(&'vtab mut self) -> rusqlite::Result<RecentCursor> {
        Ok(RecentCursor::of(&self.table))
    }
}

impl CreateVTab<'_> for RecentRows {
    const KIND: VTabKind = VTabKind::Default;
}

/// What SQLite reads rows with.
#[repr(C)]
struct RecentCursor {
    base: sqlite3_vtab_cursor,
    table: Rc<Table>,
    wanted: Wanted,
    /// What rows must be like beside.
    tests: Vec<Test>,
    listed: Rc<[Listed]>,
    /// The next block to look at.
    next_block: usize,
    /// The block that was read last.
    block: Option<(i64, Arc<Block>)>,
    /// Places of rows that are still to be read of it, in the order that `wanted` goes by.
    places: Range<usize>,
    /// Rows in the order of their keys, where that is asked for.
    sorted: Option<Sorted>,
    /// The row that it stands on; none at the end.
    row: Option<usize>,
    fields: RefCell<Fields>,
}

impl RecentCursor {
    fn of(table: &Rc<Table>) -> Self {
        Self {
            base: sqlite3_vtab_cursor::default(),
            table: table.clone(),
            wanted: Wanted::Nothing,
            tests: Vec::new(),
            listed: Rc::default(),
            next_block: 0,
            block: None,
            places: 0..0,
            sorted: None,
            row: None,
            fields: RefCell::default(),
        }
    }

    /// Goes to the next row that is wanted.
    fn advance(&mut self) -> rusqlite::Result<()> {
        self.row = None;
        if let Some(sorted) = &mut self.sorted {
            let next = sorted.next(&self.table, self.wanted, &self.tests, self.fields.get_mut())?;
            self.fields.get_mut().forget();
            if let Some((listed, row)) = next {
                if self.block.as_ref().is_none_or(|(number, _)| *number != listed.number) {
                    let keys = self.table.keys(&listed)?;
                    self.block = Some((listed.number, self.table.block(&listed, keys, Room::OfOthers)?));
                }
                self.row = Some(row);
            }
            return Ok(());
        }
        loop {
            if let Some((_, block)) = &self.block {
                for place in self.places.by_ref() {
                    let row = row_at(&block.keys, self.wanted, place);
                    let fields = self.fields.get_mut();
                    fields.forget();
                    if may_pass(&self.tests, self.table.shape, block, row, fields)? {
                        self.row = Some(row);
                        return Ok(());
                    }
                }
            }
            let rest = &self.listed[self.next_block..];
            let Some(skipped) = rest.iter().position(|listed| self.wanted.may_be_in(listed)) else {
                self.next_block = self.listed.len();
                return Ok(());
            };
            let listed = rest[skipped];
            self.next_block += skipped + 1;
            self.read(&listed)?;
        }
    }

    /// Begins to read a block, if its keys are such as are wanted.
    fn read(&mut self, listed: &Listed) -> rusqlite::Result<()> {
        let before = self.block.take();
        let before =
            before.filter(|(number, block)| *number == listed.number && is_listed(&block.keys, listed));
        let keys = match &before {
            Some((_, block)) => block.keys.clone(),
            None => self.table.keys(listed)?,
        };
        self.places = places(&keys, self.wanted);
        if self.places.is_empty() {
            self.block = before;
            return Ok(());
        }
        if matches!(self.wanted, Wanted::Key(_)) && self.table.shape.has_rowid() {
            // No other row has this key.
            self.next_block = self.listed.len();
        }
        let block = match before {
            Some((_, block)) => block,
            None => {
                let room = if self.wanted.are_few() { Room::OfOthers } else { Room::OfForgotten };
                self.table.block(listed, keys, room)?
            }
        };
        self.block = Some((listed.number, block));
        Ok(())
    }

    /// The block that it stands in with its number, and the row in that.
    fn row(&self) -> rusqlite::Result<(&Block, i64, usize)> {
        match (&self.block, self.row) {
            (Some((number, block)), Some(row)) => Ok((block, *number, row)),
            _ => Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISUSE), None)),
        }
    }
}

/// The value of a row's column; `fields` is of its record.
fn value<'b>(
    shape: &Shape,
    block: &'b Block,
    row: usize,
    column: usize,
    fields: &mut Fields,
) -> rusqlite::Result<ValueRef<'b>> {
    match column {
        0 => Ok(ValueRef::Integer(block.key(row))),
        column if column == shape.instance => Ok(match block.instance(row) {
            NO_INSTANCE => ValueRef::Null,
            key => ValueRef::Integer(key),
        }),
        column => {
            let value = fields.get(block.record(row), column);
            // With a text, SQLite would forget the code.
            value.ok_or(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), None))
        }
    }
}

/// Whether a row may be as tests say.
fn may_pass(
    tests: &[Test],
    shape: &Shape,
    block: &Block,
    row: usize,
    fields: &mut Fields,
) -> rusqlite::Result<bool> {
    for test in tests {
        if !test.may_hold(value(shape, block, row, test.column, fields)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where a block has the rows that are wanted: by its rows' numbers, or for those of an instance by their places in that order.
fn places(keys: &Keys, wanted: Wanted) -> Range<usize> {
    let until = |last: i64| last.checked_add(1).map_or(keys.len(), |key| keys.first_from(key));
    match wanted {
        Wanted::Nothing => 0..0,
        Wanted::All => 0..keys.len(),
        Wanted::Key(key) => keys.first_from(key)..until(key),
        Wanted::Keys(first, last) => keys.first_from(first)..until(last),
        Wanted::Instance(key) => {
            let rows = keys.by_instance();
            let instance = |row: &u32| keys.instance(*row as usize);
            let first = rows.partition_point(|row| instance(row) < key);
            first..first + rows[first..].partition_point(|row| instance(row) == key)
        }
    }
}

/// The row at such a place.
fn row_at(keys: &Keys, wanted: Wanted, place: usize) -> usize {
    match wanted {
        Wanted::Instance(_) => keys.by_instance()[place] as usize,
        Wanted::Nothing | Wanted::All | Wanted::Key(_) | Wanted::Keys(..) => place,
    }
}

// SAFETY: it begins with SQLite's own part, as `repr(C)` says.
#[allow(unsafe_code)]
unsafe impl VTabCursor for RecentCursor {
    fn filter(&mut self, plan: c_int, text: Option<&str>, values: &Filters<'_>) -> rusqlite::Result<()> {
        self.wanted = plan::wanted(plan, values);
        self.tests = plan::tests(text, values);
        self.listed = self.table.listed()?;
        self.sorted = plan::is_falling(plan).map(|is_falling| Sorted::of(&self.listed, is_falling));
        (self.next_block, self.places) = (0, 0..0);
        self.advance()
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        self.advance()
    }

    fn eof(&self) -> bool {
        self.row.is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> rusqlite::Result<()> {
        let (block, _, row) = self.row()?;
        let value = match usize::try_from(column) {
            Ok(column) => value(self.table.shape, block, row, column, &mut self.fields.borrow_mut())?,
            Err(_) => ValueRef::Null,
        };
        context.set_result(ToSqlOutput::Borrowed(value))
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        let (block, number, row) = self.row()?;
        if self.table.shape.has_rowid() {
            return Ok(block.key(row));
        }
        // Rows that are found in two ways are told to be one by this.
        let within = i64::try_from(row).ok().filter(|row| *row < 1 << ROW_BITS).ok_or(Damaged)?;
        Ok((number - blocks::numbers(self.table.number).0) << ROW_BITS | within)
    }
}
