//! Bodies in other encodings than UTF-8.
//!
//! JSON is UTF-8, with or without a mark at its beginning. What a client declares otherwise is decoded, as Camunda's gateway does;
//! read as UTF-8 it would be an error or, worse, other letters.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, mem};

/// The mark that some programs put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a body is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// Nobody knows the encoding.
    Unknown,
    /// The body is not in the encoding that it declares.
    Malformed,
}

/// The value of `charset` in a content type.
pub(crate) fn declared(content_type: &[u8]) -> Option<&[u8]> {
    content_type.split(|&byte| byte == b';').skip(1).find_map(|parameter| {
        let at = parameter.iter().position(|&byte| byte == b'=')?;
        let value = parameter[at + 1..].trim_ascii();
        let unquoted = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value);
        parameter[..at].trim_ascii().eq_ignore_ascii_case(b"charset").then_some(unquoted)
    })
}

/// A body as UTF-8 without a mark; whether it is valid UTF-8 is seen when it is read.
pub(crate) fn utf8(body: Bytes, declared: Option<&[u8]>) -> Result<Bytes, Error> {
    let Some(label) = declared.filter(|label| !label.eq_ignore_ascii_case(b"utf-8")) else {
        return Ok(without_mark(body));
    };
    if is_latin1(label) {
        // Not what browsers make of it, which is windows-1252.
        return Ok(if body.is_ascii() { body } else { mem::decode_latin1(&body).into_owned().into() });
    }
    let encoding = if label.eq_ignore_ascii_case(b"utf-16") {
        // A mark says otherwise.
        UTF_16BE
    } else {
        Encoding::for_label_no_replacement(label).ok_or(Error::Unknown)?
    };
    if encoding == UTF_8 {
        return Ok(without_mark(body));
    }
    match encoding.decode(&body) {
        (_, _, true) => Err(Error::Malformed),
        (text, _, false) => Ok(text.into_owned().into()),
    }
}

fn is_latin1(label: &[u8]) -> bool {
    [&b"iso-8859-1"[..], b"iso8859-1", b"iso_8859-1", b"latin1", b"l1"]
        .iter()
        .any(|name| label.eq_ignore_ascii_case(name))
}

fn without_mark(body: Bytes) -> Bytes {
    if body.starts_with(MARK) { body.slice(MARK.len()..) } else { body }
}

#[cfg(test)]
mod tests {
    use super::{Error, declared, utf8};
    use bytes::Bytes;

    fn read(content_type: &str, body: &[u8]) -> Result<String, Error> {
        let body = utf8(Bytes::copy_from_slice(body), declared(content_type.as_bytes()))?;
        Ok(String::from_utf8(body.to_vec()).expect("UTF-8"))
    }

    #[test]
    fn a_declared_encoding_is_decoded() {
        for (content_type, body) in [
            ("application/json", "\"ü\"".as_bytes()),
            ("application/json", "\u{feff}\"ü\"".as_bytes()),
            ("application/json;charset=UTF-8", "\u{feff}\"ü\"".as_bytes()),
            ("application/json; charset=\"utf8\"", "\"ü\"".as_bytes()),
            ("application/json; Charset=ISO-8859-1", b"\"\xfc\""),
            ("application/json; v=1; charset=latin1", b"\"\xfc\""),
            ("application/json; charset=windows-1252", b"\"\xfc\""),
            ("application/json; charset=UTF-16", b"\0\"\0\xfc\0\""),
            ("application/json; charset=UTF-16", b"\xff\xfe\"\0\xfc\0\"\0"),
            ("application/json; charset=utf-16le", b"\"\0\xfc\0\"\0"),
        ] {
            assert_eq!(read(content_type, body).as_deref(), Ok("\"ü\""), "{content_type} {body:?}");
        }
        assert_eq!(read("a/b; charset=ISO-8859-1", b"\x80").as_deref(), Ok("\u{80}"));
        assert_eq!(read("a/b; charset=windows-1252", b"\x80").as_deref(), Ok("€"));
        assert_eq!(read("a/b; charset=shift_jis", b"\x83v").as_deref(), Ok("プ"));
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        assert_eq!(read("a/b; charset=klingon", b"{}"), Err(Error::Unknown));
        assert_eq!(read("a/b; charset=", b"{}"), Err(Error::Unknown));
        assert_eq!(read("a/b; charset=utf-32", b"{}"), Err(Error::Unknown));
        assert_eq!(read("a/b; charset=utf-16le", b"{}x"), Err(Error::Malformed));
        assert_eq!(read("a/b; charset=shift_jis", b"\xff"), Err(Error::Malformed));
    }
}
