//! A row whose record is looked at once for all that is made of it.

use crate::blocks::Damaged;
use crate::record::{Columns, put_integer, put_varint, take_varint, value_len, value_of};
use rusqlite::types::ValueRef;

/// Where a column's value is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    kind: u64,
    start: usize,
    end: usize,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'r> {
    record: &'r [u8],
    /// Its number, which stands for its first column; none where it has none.
    rowid: Option<i64>,
    places: &'r [Place],
}

impl<'r> Row<'r> {
    /// A row of so many columns, whose places are put into `places`. Its record has NULL where its number stands for a column.
    ///
    /// # Errors
    /// When the record is of something else.
    pub(super) fn parse(
        record: &'r [u8],
        columns: usize,
        rowid: Option<i64>,
        places: &'r mut Vec<Place>,
    ) -> Result<Self, Damaged> {
        let mut rest = record;
        let header = take_varint(&mut rest).and_then(|len| usize::try_from(len).ok()).ok_or(Damaged)?;
        let own = record.len() - rest.len();
        let mut types = record.get(own..header).ok_or(Damaged)?;
        let mut start = header;
        places.clear();
        for _ in 0..columns {
            let kind = take_varint(&mut types).ok_or(Damaged)?;
            let end = value_len(kind).and_then(|len| start.checked_add(len)).ok_or(Damaged)?;
            places.push(Place { kind, start, end });
            start = end;
        }
        let is_whole = types.is_empty() && start == record.len();
        let has_number = rowid.is_none() || places[0].kind == 0;
        if is_whole && has_number { Ok(Self { record, rowid, places }) } else { Err(Damaged) }
    }

    fn bytes(&self, column: usize) -> &'r [u8] {
        let place = &self.places[column];
        &self.record[place.start..place.end]
    }

    /// A column's value.
    pub(super) fn value(&self, column: usize) -> Result<ValueRef<'r>, Damaged> {
        if let (0, Some(rowid)) = (column, self.rowid) {
            return Ok(ValueRef::Integer(rowid));
        }
        value_of(self.places[column].kind, self.bytes(column)).ok_or(Damaged)
    }

    /// Whether a column is NULL.
    pub(super) fn is_null(&self, column: usize) -> bool {
        self.places[column].kind == 0 && (column > 0 || self.rowid.is_none())
    }

    /// Appends a column's type and its bytes, as a record has them.
    pub(super) fn put(&self, column: usize, types: &mut Vec<u8>, values: &mut Vec<u8>) {
        match self.rowid {
            Some(rowid) if column == 0 => put_integer(types, values, rowid),
            _ => {
                put_varint(types, self.places[column].kind);
                values.extend_from_slice(self.bytes(column));
            }
        }
    }

    /// Appends what `substr(column, 1, chars)` is.
    ///
    /// # Errors
    /// When the column has something else than text.
    pub(super) fn put_start(
        &self,
        column: usize,
        chars: usize,
        types: &mut Vec<u8>,
        values: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        match self.value(column)? {
            ValueRef::Null => types.push(0),
            ValueRef::Text(text) => {
                let start = start_of(text, chars);
                put_varint(types, 2 * start.len() as u64 + 13);
                values.extend_from_slice(start);
            }
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => return Err(Damaged),
        }
        Ok(())
    }
}

/// So many characters of a text, as SQLite counts them: up to the first that is NUL.
fn start_of(text: &[u8], chars: usize) -> &[u8] {
    let mut end = 0;
    for _ in 0..chars {
        match text.get(end) {
            None | Some(0) => break,
            Some(1..=0x7f) => end += 1,
            Some(_) => {
                end += 1;
                while text.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    end += 1;
                }
            }
        }
    }
    &text[..end]
}

/// Appends what is in the order of its bytes as values are in SQLite's: NULL, integers, text by bytes, other bytes. None of them begins another one.
///
/// # Errors
/// When it is no list of such values.
pub(super) fn put_comparable(mut types: &[u8], mut values: &[u8], key: &mut Vec<u8>) -> Result<(), Damaged> {
    while !types.is_empty() {
        let kind = take_varint(&mut types).ok_or(Damaged)?;
        let (bytes, rest) = value_len(kind).and_then(|len| values.split_at_checked(len)).ok_or(Damaged)?;
        values = rest;
        let (rank, bytes) = match value_of(kind, bytes).ok_or(Damaged)? {
            ValueRef::Null => {
                key.push(1);
                continue;
            }
            ValueRef::Integer(number) => {
                key.push(2);
                key.extend_from_slice(&(number as u64 ^ 1 << 63).to_be_bytes());
                continue;
            }
            // No column is of such numbers.
            ValueRef::Real(_) => return Err(Damaged),
            ValueRef::Text(text) => (3, text),
            ValueRef::Blob(bytes) => (4, bytes),
        };
        key.push(rank);
        // A zero is told from the end, which comes before all else.
        for part in bytes.split_inclusive(|byte| *byte == 0) {
            key.extend_from_slice(part);
            if part.last() == Some(&0) {
                key.push(1);
            }
        }
        key.extend_from_slice(&[0, 0]);
    }
    Ok(())
}

/// Whether a record of a table without row numbers comes after another one, by its first columns.
pub(super) fn is_after(before: &[u8], record: &[u8], columns: usize) -> bool {
    let keys = |record| Columns::of(record).take(columns);
    let order = keys(before).map(Ranked).partial_cmp(keys(record).map(Ranked));
    order.is_some_and(|order| order.is_lt())
}

/// A value in SQLite's order; what is of no column has none.
#[derive(PartialEq)]
struct Ranked<'r>(ValueRef<'r>);

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self.0, other.0) {
            (ValueRef::Integer(a), ValueRef::Integer(b)) => Some(a.cmp(&b)),
            (ValueRef::Text(a), ValueRef::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::put_comparable;
    use crate::record::RecordWriter;
    use rusqlite::types::ValueRef;

    /// The values of a list, as they are compared.
    fn comparable(values: &[ValueRef<'_>]) -> Vec<u8> {
        let (mut writer, mut record, mut key) = (RecordWriter::default(), Vec::new(), Vec::new());
        values.iter().for_each(|value| writer.put(*value));
        writer.finish(&mut record);
        let header = usize::from(record[0]);
        put_comparable(&record[1..header], &record[header..], &mut key).expect("values");
        key
    }

    #[test]
    fn bytes_are_in_the_order_of_values() {
        let texts = [
            &b""[..],
            b"\0",
            b"\0\0",
            b"\0\x01",
            b"\0a",
            b"\x01",
            b"a",
            b"a\0",
            b"a\0\0b",
            b"a\0\x01",
            b"a\x01",
            b"aa",
            b"\xff",
        ];
        let integers = [i64::MIN, -256, -1, 0, 1, 2, 255, 256, 1 << 40, i64::MAX];
        let mut values = vec![ValueRef::Null];
        values.extend(integers.map(ValueRef::Integer));
        values.extend(texts.map(ValueRef::Text));
        values.extend(texts.map(ValueRef::Blob));
        // A list comes after one that it begins with, and a later value counts only where those before are alike.
        let lists: Vec<Vec<u8>> = values
            .iter()
            .flat_map(|first| {
                let longer = values.iter().map(|second| comparable(&[*first, *second]));
                [comparable(&[*first])].into_iter().chain(longer)
            })
            .collect();
        assert!(lists.is_sorted_by(|a, b| a < b));
    }
}
