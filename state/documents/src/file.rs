//! The layout of a document's file: a header of fixed size, the texts, the content (`docs/formats/documents.md`).

use crate::error::Error;
use crc32c::crc32c;

const MAGIC: [u8; 8] = *b"RBDOCMNT";
const VERSION: u16 = 1;
/// Bytes before the texts.
pub(crate) const FIXED_BYTES: usize = 96;
/// Where the bytes that the checksum covers begin: behind magic and checksum.
const CHECKSUM_FROM: usize = 12;
/// Bytes of id, content type, file name and metadata together, at most.
pub(crate) const TEXTS_BYTES_MAX: usize = 1 << 20;

/// What is kept of a document besides its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its id, as the client gave it or the store made it.
    pub id: String,
    /// SHA-256 of the content.
    pub hash: [u8; 32],
    /// Different for each document ever kept.
    pub nonce: [u8; 16],
    /// When it ends, milliseconds since 1970-01-01 UTC, if ever.
    pub expires_at_ms: Option<i64>,
    /// Bytes of the content.
    pub content_bytes: u64,
    /// The client's word for what it is; not trusted.
    pub content_type: String,
    /// The client's name for it; never part of a path.
    pub file_name: String,
    /// The metadata that the client is told, as JSON.
    pub metadata: String,
}

impl Header {
    /// Refuses texts that are longer than a file takes.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Header { id, content_type, file_name, metadata, .. } = self;
        let bytes = [id, content_type, file_name, metadata].map(String::len).iter().sum::<usize>() as u64;
        let max = TEXTS_BYTES_MAX as u64;
        if bytes > max { Err(Error::TextsTooLarge { bytes, max }) } else { Ok(()) }
    }

    /// The bytes before the content.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let texts = [&self.id, &self.content_type, &self.file_name, &self.metadata];
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[12..14].copy_from_slice(&VERSION.to_le_bytes());
        // 0 says never; what ended then ends a moment before.
        let expires_at_ms = self.expires_at_ms.map_or(0, |at_ms| if at_ms == 0 { -1 } else { at_ms });
        bytes[16..24].copy_from_slice(&expires_at_ms.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.content_bytes.to_le_bytes());
        bytes[32..64].copy_from_slice(&self.hash);
        bytes[64..80].copy_from_slice(&self.nonce);
        for (at, text) in texts.iter().enumerate() {
            let length = u32::try_from(text.len()).expect("bounded before");
            bytes[80 + at * 4..84 + at * 4].copy_from_slice(&length.to_le_bytes());
        }
        texts.iter().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
        let checksum = crc32c(&bytes[CHECKSUM_FROM..]);
        bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// How many bytes the texts behind the fixed ones have.
    pub(crate) fn texts_bytes(fixed: &[u8; FIXED_BYTES]) -> Result<usize, &'static str> {
        if fixed[..8] != MAGIC {
            return Err("it is no document");
        }
        if u16::from_le_bytes([fixed[12], fixed[13]]) != VERSION {
            return Err("it has another version");
        }
        let bytes: u64 = lengths(fixed).iter().map(|length| u64::from(*length)).sum();
        usize::try_from(bytes).ok().filter(|bytes| *bytes <= TEXTS_BYTES_MAX).ok_or("its texts are too long")
    }

    /// Reads what [`Header::encode`] wrote.
    pub(crate) fn decode(fixed: &[u8; FIXED_BYTES], texts: &[u8]) -> Result<Header, &'static str> {
        let checksum = crc32c::crc32c_append(crc32c(&fixed[CHECKSUM_FROM..]), texts);
        if u32::from_le_bytes(word(fixed, 8)) != checksum {
            return Err("its header does not match its checksum");
        }
        let mut rest = texts;
        let mut text = |length: u32| {
            let (text, after) = rest.split_at_checked(length as usize).ok_or("its texts end early")?;
            rest = after;
            std::str::from_utf8(text).map(str::to_owned).map_err(|_| "its texts are no UTF-8")
        };
        let [id, content_type, file_name, metadata] = lengths(fixed);
        Ok(Header {
            id: text(id)?,
            content_type: text(content_type)?,
            file_name: text(file_name)?,
            metadata: text(metadata)?,
            hash: word(fixed, 32),
            nonce: word(fixed, 64),
            expires_at_ms: Some(i64::from_le_bytes(word(fixed, 16))).filter(|at_ms| *at_ms != 0),
            content_bytes: u64::from_le_bytes(word(fixed, 24)),
        })
    }
}

fn lengths(fixed: &[u8; FIXED_BYTES]) -> [u32; 4] {
    std::array::from_fn(|at| u32::from_le_bytes(word(fixed, 80 + at * 4)))
}

fn word<const N: usize>(bytes: &[u8; FIXED_BYTES], at: usize) -> [u8; N] {
    std::array::from_fn(|index| bytes[at + index])
}

#[cfg(test)]
mod tests {
    use super::{FIXED_BYTES, Header};

    fn decode(bytes: &[u8]) -> Result<Header, &'static str> {
        let (fixed, texts) = bytes.split_first_chunk::<FIXED_BYTES>().ok_or("it is too short")?;
        Header::texts_bytes(fixed)?;
        Header::decode(fixed, texts)
    }

    #[test]
    fn a_header_reads_back_and_every_flipped_bit_is_seen() {
        let header = Header {
            id: "id".to_owned(),
            hash: [7; 32],
            nonce: [9; 16],
            expires_at_ms: Some(-5),
            content_bytes: 3,
            content_type: "text/plain".to_owned(),
            file_name: "../é.txt".to_owned(),
            metadata: r#"{"a":1}"#.to_owned(),
        };
        let bytes = header.encode();
        assert_eq!(decode(&bytes), Ok(header.clone()));
        for (at_ms, read) in [(None, None), (Some(0), Some(-1))] {
            let header = Header { expires_at_ms: at_ms, ..header.clone() };
            assert_eq!(decode(&header.encode()).map(|header| header.expires_at_ms), Ok(read));
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&damaged).is_err(), "bit {bit}");
        }
        assert!(decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
