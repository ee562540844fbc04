//! Rows as bytes: a version byte, then the parts one after the other, numbers little-endian, text with its length.
//!
//! Invariant: a row that was read back equals the row that was written. Rows come from this software through
//! checksummed storage, so a row that does not read is a broken invariant and stops the partition.

use ringbolt_record::Key;
use ringbolt_record::values::InstanceRef;

/// Writes a row's parts into a buffer that it clears first.
pub(crate) struct RowWriter<'a>(&'a mut Vec<u8>);

impl<'a> RowWriter<'a> {
    pub(crate) fn begin(buffer: &'a mut Vec<u8>, version: u8) -> Self {
        buffer.clear();
        buffer.push(version);
        Self(buffer)
    }

    pub(crate) fn u8(self, number: u8) -> Self {
        self.0.push(number);
        self
    }

    pub(crate) fn u16(self, number: u16) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn u32(self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn i32(self, number: i32) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn i64(self, number: i64) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn key(self, key: Key) -> Self {
        self.0.extend_from_slice(&key.0.to_le_bytes());
        self
    }

    pub(crate) fn instance(self, instance: InstanceRef) -> Self {
        self.key(instance.process_definition_key)
            .key(instance.process_instance_key)
            .key(instance.root_process_instance_key)
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        let len = u32::try_from(bytes.len()).expect("a row is far below 4 GiB");
        self.0.extend_from_slice(&len.to_le_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn raw(self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn texts<'t>(self, texts: impl ExactSizeIterator<Item = &'t str>) -> Self {
        let count = u32::try_from(texts.len()).expect("a row is far below 4 GiB");
        texts.fold(self.u32(count), |row, text| row.bytes(text.as_bytes()))
    }
}

/// Reads a row's parts in the order they were written.
pub(crate) struct RowReader<'a>(&'a [u8]);

impl<'a> RowReader<'a> {
    pub(crate) fn begin(row: &'a [u8], version: u8) -> Self {
        assert_eq!(
            row.first(),
            Some(&version),
            "a row's version is not the one this version of Ringbolt knows"
        );
        Self(&row[1..])
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_first_chunk().expect("a row ends too early");
        self.0 = rest;
        *head
    }

    pub(crate) fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(crate) fn i32(&mut self) -> i32 {
        i32::from_le_bytes(self.array())
    }

    pub(crate) fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.array())
    }

    pub(crate) fn key(&mut self) -> Key {
        Key(u64::from_le_bytes(self.array()))
    }

    pub(crate) fn instance(&mut self) -> InstanceRef {
        InstanceRef {
            process_definition_key: self.key(),
            process_instance_key: self.key(),
            root_process_instance_key: self.key(),
        }
    }

    pub(crate) fn raw<const N: usize>(&mut self) -> [u8; N] {
        self.array()
    }

    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let len = self.u32() as usize;
        let (head, rest) = self.0.split_at_checked(len).expect("a row ends too early");
        self.0 = rest;
        head
    }

    pub(crate) fn text(&mut self) -> &'a str {
        std::str::from_utf8(self.bytes()).expect("text in a row is UTF-8")
    }

    pub(crate) fn texts(&mut self) -> Vec<String> {
        (0..self.u32()).map(|_| self.text().to_owned()).collect()
    }

    /// What is left, to the end.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Makes a wire enum of its number in a row.
pub(crate) fn known<T>(number: Option<T>) -> T {
    number.expect("a row holds a number that no enum of this version has")
}
