//! The entries of an index, kept while the rows of its table go by, then sorted and written.
//!
//! Rows come in the order of their keys, and what is indexed before that key is often the same for many of them: an entry is its last two numbers, and the group
//! of those that have everything before them in common. Groups are sorted by that, and in each the entries, which mostly are in order already.

use super::row::{Row, put_comparable};
use super::specs::{Condition, Part, Spec};
use super::tree::Tree;
use super::{Error, Pages};
use crate::blocks::Damaged;
use crate::record::{integer_type, put_varint};
use rusqlite::types::ValueRef;
use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::ops::Range;

/// The last but one part of an entry, in SQLite's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Last {
    Null,
    Integer,
    /// It is text: the group has it, and comes after those that have not.
    InGroup,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    group: u32,
    last: Last,
    /// 0 where `last` says that there is none.
    number: i64,
    key: i64,
}

/// What entries have in common.
#[derive(Clone, Copy, Debug)]
struct Group {
    hash: u64,
    /// Where its types begin, then its values, then its place among others, up to its end.
    types: usize,
    values: usize,
    comparable: usize,
    end: usize,
}

impl Group {
    fn types(&self) -> Range<usize> {
        self.types..self.values
    }

    fn values(&self) -> Range<usize> {
        self.values..self.comparable
    }

    /// Types and values.
    fn head(&self) -> Range<usize> {
        self.types..self.comparable
    }

    fn comparable(&self) -> Range<usize> {
        self.comparable..self.end
    }
}

/// Groups that were met, by what they have in common.
#[derive(Debug, Default)]
struct Groups {
    groups: Vec<Group>,
    bytes: Vec<u8>,
    /// Places in `groups`, counted from 1, by hash: a power of two of them, and at least twice as many as there are groups.
    slots: Vec<u32>,
    last: u32,
    /// The group of nothing, which many indexes have alone.
    empty: Option<u32>,
}

impl Groups {
    fn is(&self, group: &Group, head: &[u8], types: usize) -> bool {
        group.types().len() == types && self.bytes[group.head()] == *head
    }

    /// The group of these: so many bytes of types, then values.
    fn of(&mut self, head: &[u8], types: usize) -> Result<u32, Damaged> {
        if head.is_empty() {
            return match self.empty {
                Some(empty) => Ok(empty),
                None => {
                    let empty = self.add(head, types, 0)?;
                    self.empty = Some(empty);
                    Ok(empty)
                }
            };
        }
        if self.groups.get(self.last as usize).is_some_and(|group| self.is(group, head, types)) {
            return Ok(self.last);
        }
        if self.slots.len() <= 2 * self.groups.len() {
            self.grow();
        }
        let mut hasher = FxHasher::default();
        hasher.write(head);
        let hash = hasher.finish();
        let mut slot = self.slot(hash);
        while let Some(at) = self.slots[slot].checked_sub(1) {
            let group = &self.groups[at as usize];
            if group.hash == hash && self.is(group, head, types) {
                self.last = at;
                return Ok(at);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.last = self.add(head, types, hash)?;
        self.slots[slot] = self.last + 1;
        Ok(self.last)
    }

    fn add(&mut self, head: &[u8], types: usize, hash: u64) -> Result<u32, Damaged> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(head);
        let comparable = self.bytes.len();
        put_comparable(&head[..types], &head[types..], &mut self.bytes)?;
        let (values, end) = (start + types, self.bytes.len());
        let added = u32::try_from(self.groups.len()).map_err(|_| Damaged)?;
        self.groups.push(Group { hash, types: start, values, comparable, end });
        Ok(added)
    }

    fn slot(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        self.slots = vec![0; (4 * self.groups.len()).next_power_of_two().max(64)];
        for (at, group) in (1..).zip(&self.groups).filter(|(_, group)| !group.head().is_empty()) {
            let mut slot = self.slot(group.hash);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = at;
        }
    }

    /// The groups in their order.
    fn sorted(&self) -> Vec<u32> {
        let key = |group: u32| &self.bytes[self.groups[group as usize].comparable()];
        let all = 0..self.groups.len() as u32;
        // What all begin with says nothing; a few bytes behind it mostly say enough.
        let mut common = all.clone().next().map_or(0, |first| key(first).len());
        for group in all.clone() {
            let alike = key(0).iter().zip(key(group)).take(common).take_while(|(a, b)| a == b);
            common = alike.count();
        }
        let begin = |group: u32| {
            let mut begin = [0; 8];
            let rest = &key(group)[common..];
            let len = rest.len().min(8);
            begin[..len].copy_from_slice(&rest[..len]);
            u64::from_be_bytes(begin)
        };
        let mut sorted: Vec<(u64, u32)> = all.map(|group| (begin(group), group)).collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))));
        sorted.into_iter().map(|(_, group)| group).collect()
    }
}

/// The entries of an index.
#[derive(Debug)]
pub(super) struct Entries {
    spec: &'static Spec,
    groups: Groups,
    entries: Vec<Entry>,
    /// Types of what a group has, then its values too.
    head: Vec<u8>,
    values: Vec<u8>,
}

impl Entries {
    pub(super) fn new(spec: &'static Spec) -> Self {
        let (head, values) = Default::default();
        Self { spec, groups: Groups::default(), entries: Vec::new(), head, values }
    }

    pub(super) fn name(&self) -> &'static str {
        self.spec.name
    }

    /// Adds the entry of a row, if it has one.
    ///
    /// # Errors
    /// When the row has something that its columns cannot.
    pub(super) fn put(&mut self, row: &Row<'_>) -> Result<(), Damaged> {
        let is_in = match self.spec.condition {
            None => true,
            Some(Condition::IsNotNull(column)) => !row.is_null(column),
            Some(Condition::IsPositive(column)) => match row.value(column)? {
                ValueRef::Null => false,
                ValueRef::Integer(number) => number > 0,
                ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => return Err(Damaged),
            },
        };
        if !is_in {
            return Ok(());
        }
        let [before @ .., last, Part::Column(key)] = &self.spec.parts[..] else { return Err(Damaged) };
        self.head.clear();
        self.values.clear();
        for part in before {
            put_part(row, *part, &mut self.head, &mut self.values)?;
        }
        let ValueRef::Integer(key) = row.value(*key)? else { return Err(Damaged) };
        let value = match last {
            Part::Column(column) => Some(row.value(*column)?),
            Part::Start(..) => None,
        };
        let (last, number) = match value {
            Some(ValueRef::Null) => (Last::Null, 0),
            Some(ValueRef::Integer(number)) => (Last::Integer, number),
            _ => {
                put_part(row, *last, &mut self.head, &mut self.values)?;
                (Last::InGroup, 0)
            }
        };
        let types = self.head.len();
        self.head.extend_from_slice(&self.values);
        let group = self.groups.of(&self.head, types)?;
        self.entries.push(Entry { group, last, number, key });
        Ok(())
    }

    /// The entries in their order.
    fn sorted(&self) -> Vec<Entry> {
        let groups = self.groups.sorted();
        // How many there are of each group, then where the next one of it goes.
        let mut next = vec![0; groups.len()];
        self.entries.iter().for_each(|entry| next[entry.group as usize] += 1);
        let mut ends = Vec::with_capacity(groups.len());
        let mut end = 0;
        for group in groups {
            let count = std::mem::replace(&mut next[group as usize], end);
            end += count;
            ends.push(end);
        }
        let mut sorted = self.entries.clone();
        for entry in &self.entries {
            let place = &mut next[entry.group as usize];
            sorted[*place] = *entry;
            *place += 1;
        }
        let mut rest = &mut sorted[..];
        let mut start = 0;
        for end in ends {
            let (own, others) = rest.split_at_mut(end - start);
            own.sort_by_key(|entry| (entry.last, entry.number, entry.key));
            (rest, start) = (others, end);
        }
        sorted
    }

    /// Writes the entries.
    ///
    /// # Errors
    /// When pages cannot be written, or are not wanted any more.
    pub(super) fn write(&mut self, tree: &mut Tree, pages: &mut Pages) -> Result<(), Error> {
        pages.check_wanted()?;
        let sorted = self.sorted();
        self.entries = Vec::new();
        let mut record = Vec::new();
        for entry in &sorted {
            record.clear();
            let group = &self.groups.groups[entry.group as usize];
            put_record(group, &self.groups.bytes, entry, &mut record);
            tree.put_record(pages, &record)?;
        }
        Ok(())
    }
}

fn put_part(row: &Row<'_>, part: Part, types: &mut Vec<u8>, values: &mut Vec<u8>) -> Result<(), Damaged> {
    match part {
        Part::Column(column) => row.put(column, types, values),
        Part::Start(column, chars) => row.put_start(column, chars, types, values)?,
    }
    Ok(())
}

/// Appends an entry's record.
fn put_record(group: &Group, bytes: &[u8], entry: &Entry, record: &mut Vec<u8>) {
    let types = &bytes[group.types()];
    let number = match entry.last {
        Last::Null => Some((0, 0)),
        Last::Integer => Some(integer_type(entry.number)),
        Last::InGroup => None,
    };
    let key = integer_type(entry.key);
    let types_len = types.len() + usize::from(number.is_some()) + 1;
    // The header's length counts its own bytes too; an index has a few columns.
    let own = if types_len < 0x7f { 1 } else { 2 };
    put_varint(record, (types_len + own) as u64);
    record.extend_from_slice(types);
    record.extend(number.map(|(kind, _)| kind));
    record.push(key.0);
    record.extend_from_slice(&bytes[group.values()]);
    if let Some((_, len)) = number {
        put_number(entry.number, len, record);
    }
    put_number(entry.key, key.1, record);
}

/// Appends the last bytes of a number.
fn put_number(number: i64, len: usize, record: &mut Vec<u8>) {
    // Eight at once, some of them for nothing, take less time than as many as are said.
    let bytes = (number as u64).unbounded_shl(64 - 8 * len as u32).to_be_bytes();
    let end = record.len() + len;
    record.extend_from_slice(&bytes);
    record.truncate(end);
}
