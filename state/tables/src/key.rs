//! Keys of rows as bytes.
//!
//! Invariant: two different lists of parts never give the same bytes, and no key exceeds the store's bound.

use ringbolt_record::{ElementIndex, Key, TimestampMs};
use xxhash_rust::xxh3::xxh3_128;

/// Text up to this many bytes stands in keys as it is.
const TEXT_BYTES_MAX: usize = 150;
/// Of longer text this many bytes stand in keys, before its hash.
const TEXT_PREFIX_BYTES: usize = 64;
/// The length byte of text that was hashed.
const HASHED: u8 = u8::MAX;

/// Keys up to this many bytes need no memory of their own.
const SHORT_BYTES_MAX: usize = 64;

/// A key under construction. It is handed on by value from part to part, so it is small.
#[derive(Clone)]
pub(crate) struct RowKey {
    /// How many bytes of `short` are the key; none of them when it is long.
    len: usize,
    short: [u8; SHORT_BYTES_MAX],
    long: Vec<u8>,
}

impl RowKey {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { len: 0, short: [0; SHORT_BYTES_MAX], long: Vec::new() }
    }

    #[inline]
    fn bytes(mut self, bytes: &[u8]) -> Self {
        match self.short.get_mut(self.len..self.len + bytes.len()) {
            Some(place) if self.long.is_empty() => {
                place.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            Some(_) | None => self.lengthen(bytes),
        }
        self
    }

    #[cold]
    fn lengthen(&mut self, bytes: &[u8]) {
        self.long.extend_from_slice(&self.short[..self.len]);
        self.long.extend_from_slice(bytes);
        self.len = 0;
    }

    #[inline]
    pub(crate) fn key(self, key: Key) -> Self {
        self.bytes(&key.0.to_be_bytes())
    }

    #[inline]
    pub(crate) fn index(self, index: ElementIndex) -> Self {
        self.bytes(&index.0.to_be_bytes())
    }

    #[inline]
    pub(crate) fn byte(self, number: u8) -> Self {
        self.bytes(&[number])
    }

    #[inline]
    pub(crate) fn number(self, number: u32) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Text followed by further parts: its length first, so that no text is the beginning of another.
    #[inline]
    pub(crate) fn text(self, text: impl AsRef<[u8]>) -> Self {
        let bytes = text.as_ref();
        if bytes.len() <= TEXT_BYTES_MAX {
            self.byte(bytes.len() as u8).bytes(bytes)
        } else {
            let hash = xxh3_128(bytes).to_be_bytes();
            self.byte(HASHED).bytes(&bytes[..TEXT_PREFIX_BYTES]).bytes(&hash)
        }
    }

    /// The hash of text, where a key has no room for the text itself.
    pub(crate) fn hash(self, text: &str) -> Self {
        self.bytes(&xxh3_128(text.as_bytes()).to_be_bytes())
    }

    /// Text at the end of a key, bounded by its writer, so that rows are in the text's order.
    #[inline]
    pub(crate) fn last_text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }
}

impl std::ops::Deref for RowKey {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        if self.long.is_empty() { &self.short[..self.len] } else { &self.long }
    }
}

/// How many bytes a [`RowKey::text`] takes that `key` begins with.
pub(crate) fn text_bytes(key: &[u8]) -> usize {
    match key[0] {
        HASHED => 1 + TEXT_PREFIX_BYTES + size_of::<u128>(),
        bytes => 1 + usize::from(bytes),
    }
}

/// A time as it stands in keys: times before 1970 come first.
pub(crate) fn time_bytes(time: TimestampMs) -> [u8; 8] {
    ((time.0 as u64) ^ (1 << 63)).to_be_bytes()
}

/// A key's eight bytes at an offset.
///
/// # Panics
/// When they are not there: the store's checksums passed, so the row was written wrong.
pub(crate) fn key_at(bytes: &[u8], at: usize) -> Key {
    Key(u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes")))
}

/// A time's eight bytes at an offset; panics as [`key_at`] does.
pub(crate) fn time_at(bytes: &[u8], at: usize) -> TimestampMs {
    let number = u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    TimestampMs((number ^ (1 << 63)) as i64)
}

#[cfg(test)]
mod tests {
    use super::{RowKey, time_at, time_bytes};
    use ringbolt_record::TimestampMs;

    #[test]
    fn text_is_never_ambiguous_and_never_too_long() {
        let two = |a: &str, b: &str| RowKey::new().text(a).text(b).to_vec();
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_ne!(two("", "a"), two("a", ""));
        let long = "x".repeat(100_000);
        assert!(two(&long, &long).len() < 300);
        assert_ne!(two(&long, ""), two(&format!("{long}x"), ""));
    }

    #[test]
    fn times_sort_as_numbers() {
        let bytes = |ms| time_bytes(TimestampMs(ms));
        let times = [i64::MIN, -1, 0, 1, 1_700_000_000_000, i64::MAX];
        for pair in times.windows(2) {
            assert!(bytes(pair[0]) < bytes(pair[1]));
        }
        assert_eq!(time_at(&bytes(-7), 0), TimestampMs(-7));
    }
}
