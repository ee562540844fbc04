//! From header blocks to fields (RFC 7541, section 6).

use super::{
    Field, TABLE_BYTES_FIRST,
    field::{Entry, Name},
    huffman, integer,
    table::Table,
};

/// A block that cannot be read. The table is lost with it, and so is the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError;

/// Reads the header blocks of one connection.
#[derive(Debug)]
pub(crate) struct Decoder {
    table: Table,
    /// The largest table that the client may ask for, in bytes.
    table_bytes_max: usize,
    /// The table has changed: what came before need not mean the same any more.
    changes: u64,
    /// For strings under the Huffman code: name, value.
    strings: (Vec<u8>, Vec<u8>),
}

impl Decoder {
    pub(crate) fn new() -> Decoder {
        Decoder {
            table: Table::new(),
            table_bytes_max: TABLE_BYTES_FIRST,
            changes: 0,
            strings: Default::default(),
        }
    }

    /// The client knows that its table may have so many bytes. Where that is less than it has, its next block has to say so.
    pub(crate) fn limit_table(&mut self, bytes: usize) {
        self.table_bytes_max = bytes;
    }

    /// How often the table has changed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Reads a block. `take` gets each field, with the bytes that it counts in a list of fields; where it says `false` the block is
    /// too large to go on, and the connection with it.
    pub(crate) fn decode(
        &mut self,
        mut block: &[u8],
        mut take: impl FnMut(&Field, usize) -> bool,
    ) -> Result<(), DecodeError> {
        while let Some(0x20..0x40) = block.first() {
            let bytes = integer::read(&mut block, 5).ok_or(DecodeError)?;
            if bytes > self.table_bytes_max {
                return Err(DecodeError);
            }
            self.changes += 1;
            self.table.resize(bytes);
        }
        if self.table.bytes_max() > self.table_bytes_max {
            return Err(DecodeError);
        }
        while let Some(first) = block.first() {
            let goes_on = match first {
                0x80.. => {
                    let index = integer::read(&mut block, 7).ok_or(DecodeError)?;
                    let entry = self.table.get(index).ok_or(DecodeError)?;
                    take(&entry.field, entry.bytes)
                }
                0x40.. => {
                    let entry = self.literal(&mut block, 6)?;
                    let goes_on = take(&entry.field, entry.bytes);
                    self.changes += 1;
                    self.table.add(entry);
                    goes_on
                }
                // A change of size is at the beginning of a block.
                0x20.. => return Err(DecodeError),
                _ => {
                    let entry = self.literal(&mut block, 4)?;
                    take(&entry.field, entry.bytes)
                }
            };
            if !goes_on {
                return Err(DecodeError);
            }
        }
        Ok(())
    }

    fn literal(&mut self, block: &mut &[u8], prefix_bits: u32) -> Result<Entry, DecodeError> {
        let (name_string, value_string) = &mut self.strings;
        let (name, name_bytes) = match integer::read(block, prefix_bits).ok_or(DecodeError)? {
            0 => {
                let text = string(block, name_string)?;
                (Name::of(text), text.len())
            }
            index => {
                let entry = self.table.get(index).ok_or(DecodeError)?;
                (entry.name.clone(), entry.name_bytes)
            }
        };
        let value = string(block, value_string)?;
        Ok(Entry::new(name, name_bytes, value))
    }

    #[cfg(test)]
    pub(crate) fn table_bytes(&self) -> usize {
        self.table.bytes()
    }
}

/// A string (section 5.2), decoded into `buffer` where it is coded.
fn string<'a, 'b: 'a>(block: &mut &'b [u8], buffer: &'a mut Vec<u8>) -> Result<&'a [u8], DecodeError> {
    let is_coded = block.first().is_some_and(|first| first & 0x80 != 0);
    let length = integer::read(block, 7).ok_or(DecodeError)?;
    let (text, rest) = block.split_at_checked(length).ok_or(DecodeError)?;
    *block = rest;
    if !is_coded {
        return Ok(text);
    }
    buffer.clear();
    huffman::decode(text, buffer).ok_or(DecodeError)?;
    Ok(buffer)
}
