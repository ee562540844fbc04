//! A tree of a table or an index, built from its first entry to its last one.
//!
//! The format is that of <https://www.sqlite.org/fileformat2.html#b_tree_pages>. A page is filled up to where the next entry has no room, then put behind the file's
//! pages and pointed to by a page above it. What is on top in the end is written where the schema says that the tree begins.
//!
//! Invariants
//! - No page but the only one of an empty tree is without entries.
//! - In memory are one page for each level, and one entry.

use super::Error;
use super::pages::Pages;
use crate::record::put_varint;

/// What a tree is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows by their numbers, all of them in leaves.
    Table,
    /// Records in their order, of an index or of a table without row numbers.
    Index,
}

impl Kind {
    fn leaf(self) -> u8 {
        match self {
            Self::Table => 0x0d,
            Self::Index => 0x0a,
        }
    }

    fn interior(self) -> u8 {
        match self {
            Self::Table => 0x05,
            Self::Index => 0x02,
        }
    }

    /// How many of a payload's bytes stand in its own page; the others are in pages of their own.
    fn local_bytes(self, payload: usize, page_bytes: usize) -> usize {
        let local_max = match self {
            Self::Table => page_bytes - 35,
            Self::Index => (page_bytes - 12) * 64 / 255 - 23,
        };
        if payload <= local_max {
            return payload;
        }
        let local_min = (page_bytes - 12) * 32 / 255 - 23;
        // The last of the other pages is full.
        let fitting = local_min + (payload - local_min) % (page_bytes - 4);
        if fitting <= local_max { fitting } else { local_min }
    }
}

/// A page that is being filled: places of entries from its front, entries from its back.
#[derive(Debug)]
struct Page {
    bytes: Box<[u8]>,
    /// Bytes before the places of entries.
    header: usize,
    entries: usize,
    /// Where the entry that was added last begins.
    start: usize,
}

impl Page {
    fn new(kind: u8, header: usize, page_bytes: usize) -> Self {
        let mut bytes = vec![0; page_bytes].into_boxed_slice();
        bytes[0] = kind;
        Self { bytes, header, entries: 0, start: page_bytes }
    }

    fn leaf(kind: Kind, page_bytes: usize) -> Self {
        Self::new(kind.leaf(), 8, page_bytes)
    }

    fn interior(kind: Kind, page_bytes: usize) -> Self {
        Self::new(kind.interior(), 12, page_bytes)
    }

    fn has_room(&self, len: usize) -> bool {
        self.header + 2 * (self.entries + 1) + len <= self.start
    }

    /// Adds an entry of these parts, for which there is room.
    fn push<const PARTS: usize>(&mut self, parts: [&[u8]; PARTS]) {
        let end = self.start;
        self.start -= parts.iter().map(|part| part.len()).sum::<usize>();
        let mut at = self.start;
        for part in parts {
            self.bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        debug_assert_eq!(at, end);
        let place = self.header + 2 * self.entries;
        self.bytes[place..place + 2].copy_from_slice(&(self.start as u16).to_be_bytes());
        self.entries += 1;
    }

    /// Takes the entry away that was added last. There are several: a page has room for four of the largest.
    fn pop(&mut self) -> &[u8] {
        assert!(self.entries > 1, "a full page has several entries");
        self.entries -= 1;
        let before = self.header + 2 * (self.entries - 1);
        let end = usize::from(u16::from_be_bytes([self.bytes[before], self.bytes[before + 1]]));
        let start = std::mem::replace(&mut self.start, end);
        &self.bytes[start..end]
    }

    /// Has a page of a level above say which one is below what comes after its entries.
    fn set_last_child(&mut self, child: u32) {
        self.bytes[8..12].copy_from_slice(&child.to_be_bytes());
    }

    /// The page as it is written.
    fn finish(&mut self) -> &[u8] {
        self.bytes[3..5].copy_from_slice(&(self.entries as u16).to_be_bytes());
        self.bytes[5..7].copy_from_slice(&(self.start as u16).to_be_bytes());
        // What it had before was put elsewhere.
        self.bytes[self.header + 2 * self.entries..self.start].fill(0);
        &self.bytes
    }

    fn clear(&mut self) {
        self.entries = 0;
        self.start = self.bytes.len();
    }
}

/// A tree that is being built.
#[derive(Debug)]
pub(super) struct Tree {
    kind: Kind,
    root: u32,
    page_bytes: usize,
    /// From the leaves up.
    levels: Vec<Page>,
    /// The number of the row that was added last.
    rowid: i64,
    /// The numbers before a payload.
    head: Vec<u8>,
    /// An entry on its way up, without its child.
    carried: Vec<u8>,
}

impl Tree {
    /// A tree without entries that begins at page `root`.
    pub(super) fn new(kind: Kind, root: u32, page_bytes: usize) -> Self {
        let levels = vec![Page::leaf(kind, page_bytes)];
        Self { kind, root, page_bytes, levels, rowid: 0, head: Vec::new(), carried: Vec::new() }
    }

    /// Adds a row of a table, whose number is greater than those before.
    ///
    /// # Errors
    /// When pages cannot be written.
    pub(super) fn put_row(&mut self, pages: &mut Pages, rowid: i64, record: &[u8]) -> Result<(), Error> {
        debug_assert_eq!(self.kind, Kind::Table);
        self.head.clear();
        put_varint(&mut self.head, record.len() as u64);
        put_varint(&mut self.head, rowid as u64);
        self.put(pages, record)?;
        self.rowid = rowid;
        Ok(())
    }

    /// Adds a record of an index, which comes after those before.
    ///
    /// # Errors
    /// When pages cannot be written.
    pub(super) fn put_record(&mut self, pages: &mut Pages, record: &[u8]) -> Result<(), Error> {
        debug_assert_eq!(self.kind, Kind::Index);
        self.head.clear();
        put_varint(&mut self.head, record.len() as u64);
        self.put(pages, record)
    }

    fn put(&mut self, pages: &mut Pages, payload: &[u8]) -> Result<(), Error> {
        let local = self.kind.local_bytes(payload.len(), self.page_bytes);
        let (own, others) = payload.split_at(local);
        let first_other = match others {
            [] => None,
            others => Some(pages.append_chain(others)?.to_be_bytes()),
        };
        let first_other = first_other.as_ref().map_or(&[][..], |number| &number[..]);
        let len = self.head.len() + own.len() + first_other.len();
        if !self.levels[0].has_room(len) {
            self.end_leaf(pages)?;
        }
        self.levels[0].push([&self.head, own, first_other]);
        Ok(())
    }

    /// Puts the leaf away that is full, and begins another one.
    fn end_leaf(&mut self, pages: &mut Pages) -> Result<(), Error> {
        let leaf = &mut self.levels[0];
        self.carried.clear();
        match self.kind {
            Kind::Table => put_varint(&mut self.carried, self.rowid as u64),
            // An entry stands in one place: this one above.
            Kind::Index => self.carried.extend_from_slice(leaf.pop()),
        }
        let child = pages.append(leaf.finish())?;
        leaf.clear();
        self.carry(pages, child)
    }

    /// Adds the carried entry above, with the page that comes before it.
    fn carry(&mut self, pages: &mut Pages, mut child: u32) -> Result<(), Error> {
        for level in 1.. {
            if level == self.levels.len() {
                self.levels.push(Page::interior(self.kind, self.page_bytes));
            }
            let page = &mut self.levels[level];
            if page.has_room(4 + self.carried.len()) {
                page.push([&child.to_be_bytes(), &self.carried]);
                break;
            }
            // Its last entry goes up, and what was before that is the page's last.
            let (last_child, divider) = page.pop().split_at(4);
            let last_child = u32::from_be_bytes(last_child.try_into().expect("four bytes"));
            let divider = divider.to_vec();
            page.set_last_child(last_child);
            let full = pages.append(page.finish())?;
            page.clear();
            page.push([&child.to_be_bytes(), &self.carried]);
            (child, self.carried) = (full, divider);
        }
        Ok(())
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// When pages cannot be written, or the tree does not begin with an empty page.
    pub(super) fn complete(mut self, pages: &mut Pages) -> Result<(), Error> {
        let mut below = None;
        let top = self.levels.len() - 1;
        for page in &mut self.levels[..top] {
            if let Some(child) = below {
                page.set_last_child(child);
            }
            below = Some(pages.append(page.finish())?);
        }
        let page = &mut self.levels[top];
        if let Some(child) = below {
            page.set_last_child(child);
        }
        pages.write_root(self.root, page.finish(), self.kind.leaf())
    }
}
