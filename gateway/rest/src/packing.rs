//! Large answers, packed for clients that take it; never on a core's loop.

use crate::accept::refuses;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// Answers below this are sent as they are: packing them costs more than it saves.
pub(crate) const PACKED_BYTES_MIN: usize = 64 * 1024;

/// Whether an `accept-encoding` header takes gzip.
pub(crate) fn takes_gzip(accept: &[u8]) -> bool {
    accept.split(|&byte| byte == b',').any(|range| {
        let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let is_refused = parts.any(refuses);
        name.eq_ignore_ascii_case(b"gzip") && !is_refused
    })
}

/// Bytes as gzip; none if that would not make them fewer.
pub(crate) fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()?;
    (packed.len() < bytes.len()).then_some(packed)
}

#[cfg(test)]
mod tests {
    use super::{gzip, takes_gzip};
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    #[test]
    fn clients_say_what_they_take() {
        for accept in ["gzip", "deflate, GZIP;q=0.5", "br;q=1.0,gzip;q=0.8"] {
            assert!(takes_gzip(accept.as_bytes()), "{accept}");
        }
        for accept in ["", "*", "deflate", "gzip;q=0", "gzip;q=0.0, br", "x-gzip"] {
            assert!(!takes_gzip(accept.as_bytes()), "{accept}");
        }
    }

    #[test]
    fn what_is_packed_unpacks() {
        let text = "a text that says the same again and again; ".repeat(100);
        let packed = gzip(text.as_bytes()).expect("it is smaller");
        let mut unpacked = String::new();
        GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).expect("gzip");
        assert!(packed.len() < text.len() / 4 && unpacked == text);
        assert_eq!(gzip(b"x"), None);
    }
}
