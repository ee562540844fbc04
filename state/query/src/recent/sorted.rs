//! Rows of a table by their keys, as far as somebody reads on.
//!
//! Blocks whose keys lie between each other's are gone through together: what is wanted of them is sorted, and read where it is. Where they do not, whoever reads a page
//! reads a block or two.

use super::fields::Fields;
use super::plan::{Test, Wanted};
use super::{Room, Table, may_pass, places, row_at};
use crate::blocks::Listed;

/// Where a row is: its key, its block among those that are listed, and its place in that.
type At = (i64, usize, usize);

/// Rows by their keys.
pub(super) struct Sorted {
    is_falling: bool,
    /// By where they begin, in the order that is asked for.
    listed: Vec<Listed>,
    /// The first block that was not gone through.
    next: usize,
    /// Rows of those that were, the next one last.
    rows: Vec<At>,
}

impl Sorted {
    pub(super) fn of(listed: &[Listed], is_falling: bool) -> Self {
        let mut listed = listed.to_vec();
        match is_falling {
            false => listed.sort_by_key(|block| block.key_min),
            true => listed.sort_by_key(|block| std::cmp::Reverse(block.key_max)),
        }
        Self { is_falling, listed, next: 0, rows: Vec::new() }
    }

    /// The next row, and the block that has it.
    pub(super) fn next(
        &mut self,
        table: &Table,
        wanted: Wanted,
        tests: &[Test],
        fields: &mut Fields,
    ) -> rusqlite::Result<Option<(Listed, usize)>> {
        loop {
            if let Some((_, block, row)) = self.rows.pop() {
                return Ok(Some((self.listed[block], row)));
            }
            if self.next == self.listed.len() {
                return Ok(None);
            }
            self.gather(table, wanted, tests, fields)?;
        }
    }

    /// Whether a block has keys before the last one of those that it is gone through with.
    fn is_among(&self, block: &Listed, last: i64) -> bool {
        if self.is_falling { block.key_max >= last } else { block.key_min <= last }
    }

    /// Goes through the next blocks that lie between each other.
    fn gather(
        &mut self,
        table: &Table,
        wanted: Wanted,
        tests: &[Test],
        fields: &mut Fields,
    ) -> rusqlite::Result<()> {
        let mut last = if self.is_falling { i64::MAX } else { i64::MIN };
        let first = self.next;
        while let Some(listed) = self.listed.get(self.next).copied()
            && (self.next == first || self.is_among(&listed, last))
        {
            last = if self.is_falling { last.min(listed.key_min) } else { last.max(listed.key_max) };
            self.next += 1;
            if !wanted.may_be_in(&listed) {
                continue;
            }
            let keys = table.keys(&listed)?;
            let rows = places(&keys, wanted).map(|place| row_at(&keys, wanted, place));
            let at = self.next - 1;
            if tests.is_empty() || rows.len() == 0 {
                self.rows.extend(rows.map(|row| (keys.key(row), at, row)));
                continue;
            }
            let block = table.block(&listed, keys.clone(), Room::OfForgotten)?;
            for row in rows {
                fields.forget();
                if may_pass(tests, table.shape, &block, row, fields)? {
                    self.rows.push((keys.key(row), at, row));
                }
            }
        }
        match self.is_falling {
            false => self.rows.sort_unstable_by(|a, b| b.cmp(a)),
            true => self.rows.sort_unstable(),
        }
        Ok(())
    }
}
