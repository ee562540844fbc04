//! Records as SQLite's files have them: a header of one type a column, then the values.
//!
//! The format is that of <https://www.sqlite.org/fileformat2.html#record_format>. Rows that have ended are written in it once, and copied from then on.

use rusqlite::types::ValueRef;

/// Bytes of the longest varint.
const VARINT_MAX: usize = 9;
/// The type of no value.
const NULL: u8 = 0;
/// The types of a text and of other bytes, but for twice their length.
const TEXT: u64 = 13;
const BLOB: u64 = 12;

/// Appends a number in as few bytes as it needs, at most nine.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, number: u64) {
    if number < 0x80 {
        out.push(number as u8);
        return;
    }
    if number >> 56 != 0 {
        // Eight bytes of seven bits, and one of eight.
        let high = number >> 8;
        out.extend((0..8).rev().map(|at| (high >> (7 * at)) as u8 | 0x80));
        out.push(number as u8);
        return;
    }
    let groups = varint_len(number);
    out.extend((1..groups).rev().map(|at| (number >> (7 * at)) as u8 | 0x80));
    out.push(number as u8 & 0x7f);
}

/// How many bytes a number takes.
pub(crate) fn varint_len(number: u64) -> usize {
    let bits = 64 - number.leading_zeros() as usize;
    bits.div_ceil(7).clamp(1, VARINT_MAX)
}

/// Takes a number from the front of bytes.
#[inline]
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    // Most are of one byte.
    if let Some((&byte @ ..0x80, rest)) = bytes.split_first() {
        *bytes = rest;
        return Some(u64::from(byte));
    }
    let mut number = 0_u64;
    for at in 0..VARINT_MAX {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if at == VARINT_MAX - 1 {
            return Some(number << 8 | u64::from(byte));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The type of an integer, and how many of its bytes are written.
#[inline]
pub(crate) fn integer_type(number: i64) -> (u8, usize) {
    match number {
        0 => (8, 0),
        1 => (9, 0),
        -0x80..=0x7f => (1, 1),
        -0x8000..=0x7fff => (2, 2),
        -0x80_0000..=0x7f_ffff => (3, 3),
        -0x8000_0000..=0x7fff_ffff => (4, 4),
        -0x8000_0000_0000..=0x7fff_ffff_ffff => (5, 6),
        _ => (6, 8),
    }
}

/// Appends the type and the bytes of an integer.
#[inline]
pub(crate) fn put_integer(types: &mut Vec<u8>, values: &mut Vec<u8>, number: i64) {
    let (code, len) = integer_type(number);
    types.push(code);
    // All eight bytes, and those that are not its own away again: a copy of a known size is none of memcpy's.
    let own = number.unbounded_shl(8 * (8 - len as u32));
    values.extend_from_slice(&own.to_be_bytes());
    values.truncate(values.len() - (8 - len));
}

/// How many bytes a value of a type takes; none for a type that there is not.
#[inline]
pub(crate) fn value_len(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(kind as usize),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        kind => usize::try_from((kind - 12) / 2).ok(),
    }
}

/// The value of a type that these bytes are, of which there must be [`value_len`].
#[inline]
pub(crate) fn value_of(kind: u64, bytes: &[u8]) -> Option<ValueRef<'_>> {
    match kind {
        0 => Some(ValueRef::Null),
        1..=6 => {
            let mut whole = [if bytes.first()? & 0x80 == 0 { 0 } else { 0xff }; 8];
            whole[8_usize.checked_sub(bytes.len())?..].copy_from_slice(bytes);
            Some(ValueRef::Integer(i64::from_be_bytes(whole)))
        }
        7 => Some(ValueRef::Real(f64::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(ValueRef::Integer(0)),
        9 => Some(ValueRef::Integer(1)),
        10 | 11 => None,
        kind => Some(if kind % 2 == 0 { ValueRef::Blob(bytes) } else { ValueRef::Text(bytes) }),
    }
}

/// Puts records together, one after the other.
#[derive(Debug, Default)]
pub(crate) struct RecordWriter {
    types: Vec<u8>,
    values: Vec<u8>,
}

impl RecordWriter {
    /// The next column's value. Who knows of what kind it is has it put as [`Put`].
    pub(crate) fn put(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.types.push(NULL),
            ValueRef::Integer(number) => put_integer(&mut self.types, &mut self.values, number),
            ValueRef::Real(number) => {
                self.types.push(7);
                self.values.extend_from_slice(&number.to_be_bytes());
            }
            ValueRef::Text(bytes) => self.put_bytes(bytes, TEXT),
            ValueRef::Blob(bytes) => self.put_bytes(bytes, BLOB),
        }
    }

    /// The next column's value: the text that `write` appends.
    pub(crate) fn put_text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.values.len();
        write(&mut self.values);
        put_varint(&mut self.types, 2 * (self.values.len() - start) as u64 + TEXT);
    }

    /// The next column's value: text that is there as bytes.
    #[inline]
    pub(crate) fn put_utf8(&mut self, text: &[u8]) {
        self.put_bytes(text, TEXT);
    }

    #[inline]
    fn put_bytes(&mut self, bytes: &[u8], kind: u64) {
        put_varint(&mut self.types, 2 * bytes.len() as u64 + kind);
        self.values.extend_from_slice(bytes);
    }

    /// The next column has none.
    pub(crate) fn put_null(&mut self) {
        self.types.push(NULL);
    }

    /// Appends the record, and begins the next one.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        let types = self.types.len();
        // The header's length counts its own bytes too.
        let own = if types < 0x7f {
            1
        } else if types < 0x3fff - 1 {
            2
        } else {
            3
        };
        put_varint(out, (types + own) as u64);
        out.append(&mut self.types);
        out.append(&mut self.values);
    }
}

/// A value that a row can hold.
pub(crate) trait Put {
    fn put(&self, record: &mut RecordWriter);
}

macro_rules! put_integers {
    ($($number:ty),*) => {$(
        impl Put for $number {
            #[inline]
            fn put(&self, record: &mut RecordWriter) {
                put_integer(&mut record.types, &mut record.values, i64::from(*self));
            }
        }
    )*};
}

put_integers!(i64, i32, u16, u8, bool);

impl Put for str {
    #[inline]
    fn put(&self, record: &mut RecordWriter) {
        record.put_bytes(self.as_bytes(), TEXT);
    }
}

impl Put for String {
    #[inline]
    fn put(&self, record: &mut RecordWriter) {
        (**self).put(record);
    }
}

impl Put for [u8] {
    fn put(&self, record: &mut RecordWriter) {
        record.put_bytes(self, BLOB);
    }
}

impl<T: Put + ?Sized> Put for Box<T> {
    fn put(&self, record: &mut RecordWriter) {
        (**self).put(record);
    }
}

impl<T: Put> Put for Option<T> {
    #[inline]
    fn put(&self, record: &mut RecordWriter) {
        match self {
            Some(value) => value.put(record),
            None => record.put_null(),
        }
    }
}

/// Goes over a record's columns, as far as it is one.
#[derive(Clone, Debug)]
pub(crate) struct Columns<'r> {
    types: &'r [u8],
    values: &'r [u8],
}

impl<'r> Columns<'r> {
    /// The columns of a record; of what is none there are none.
    pub(crate) fn of(record: &'r [u8]) -> Self {
        let mut rest = record;
        let header = take_varint(&mut rest).and_then(|len| usize::try_from(len).ok());
        let own = record.len() - rest.len();
        match header.filter(|len| (own..=record.len()).contains(len)) {
            Some(len) => Self { types: &record[own..len], values: &record[len..] },
            None => Self { types: &[], values: &[] },
        }
    }

    fn take(&mut self, len: usize) -> Option<&'r [u8]> {
        let (taken, rest) = self.values.split_at_checked(len)?;
        self.values = rest;
        Some(taken)
    }
}

impl<'r> Iterator for Columns<'r> {
    type Item = ValueRef<'r>;

    fn next(&mut self) -> Option<ValueRef<'r>> {
        let kind = take_varint(&mut self.types)?;
        let bytes = self.take(value_len(kind)?)?;
        value_of(kind, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, RecordWriter, put_varint, take_varint, varint_len};
    use rusqlite::types::ValueRef;

    const NUMBERS: [i64; 20] = [
        0,
        1,
        2,
        -1,
        127,
        128,
        -128,
        -129,
        32_767,
        32_768,
        -32_769,
        8_388_607,
        8_388_608,
        -8_388_609,
        2_147_483_648,
        -2_147_483_649,
        1 << 46,
        1 << 47,
        i64::MAX,
        i64::MIN,
    ];

    #[test]
    fn numbers_of_any_size_are_read_as_they_were_written() {
        for number in
            NUMBERS.iter().flat_map(|number| [*number as u64, (*number as u64) >> 8, !(*number as u64) >> 1])
        {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            assert_eq!(bytes.len(), varint_len(number), "{number}");
            assert_eq!(take_varint(&mut &bytes[..]), Some(number), "{number}");
            assert_eq!(take_varint(&mut &bytes[..bytes.len() - 1]), None, "{number}");
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let long = "long ".repeat(100);
        let mut values: Vec<ValueRef<'_>> = NUMBERS.iter().map(|number| ValueRef::Integer(*number)).collect();
        values.extend([ValueRef::Null, ValueRef::Text(b""), ValueRef::Text(long.as_bytes())]);
        values.extend([ValueRef::Blob(&[0, 1]), ValueRef::Real(-0.5)]);
        // A header of more than 127 bytes has a length of two.
        for times in [1, 5, 60] {
            let mut writer = RecordWriter::default();
            let mut record = Vec::new();
            let all: Vec<ValueRef<'_>> = (0..times).flat_map(|_| values.clone()).collect();
            all.iter().for_each(|value| writer.put(*value));
            writer.finish(&mut record);
            assert_eq!(Columns::of(&record).collect::<Vec<_>>(), all);
            for cut in 0..record.len().min(200) {
                assert!(Columns::of(&record[..cut]).count() < all.len());
            }
        }
        assert_eq!(Columns::of(&[]).count(), 0);
        assert_eq!(Columns::of(&[200, 1, 1]).count(), 0);
    }
}
