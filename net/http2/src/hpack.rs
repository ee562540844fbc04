//! Header compression, RFC 7541.
//!
//! A decoder reads whole blocks only. What it makes of a field that is no field of a request (a name in upper case, an unknown pseudo header)
//! is [`Field::Malformed`]: the block goes on, since the table has to follow it, and the request is refused by whoever builds it.

mod decoder;
mod encoder;
mod field;
mod huffman;
mod integer;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use decoder::{DecodeError, Decoder};
pub(crate) use encoder::Encoder;
pub(crate) use field::Field;

/// What an entry of a table counts beside its name and value, in bytes (section 4.1).
pub(crate) const ENTRY_BYTES: usize = 32;
/// The table of either side until its size is agreed on, in bytes.
pub(crate) const TABLE_BYTES_FIRST: usize = 4096;
