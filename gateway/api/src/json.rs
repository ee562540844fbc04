//! Writing JSON straight into the response's bytes.
//!
//! Values that are JSON already (variables, custom headers) are copied as they are: they were checked when they came in.

use ringbolt_record::Key;

/// A text in quotes.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(DIGITS[usize::from(control >> 4)]);
                out.push(DIGITS[usize::from(control & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// A number.
pub fn put_number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A key: the protocol writes keys as text, since JavaScript's numbers cannot hold them.
pub fn put_key(out: &mut Vec<u8>, key: Key) {
    out.push(b'"');
    put_number(out, key.to_wire());
    out.push(b'"');
}

/// A text, or `null` for an empty one.
pub fn put_text_or_null(out: &mut Vec<u8>, text: &str) {
    if text.is_empty() { out.extend_from_slice(b"null") } else { put_text(out, text) }
}

/// A list of texts.
pub fn put_texts(out: &mut Vec<u8>, texts: &[String]) {
    put_list(out, texts.iter(), |out, text| put_text(out, text));
}

/// A document that is JSON already; an empty one is an empty object.
pub fn put_document(out: &mut Vec<u8>, document: &[u8]) {
    out.extend_from_slice(if document.is_empty() { b"{}" } else { document });
}

/// A list of objects or other values.
pub fn put_list<T>(
    out: &mut Vec<u8>,
    items: impl Iterator<Item = T>,
    mut put_one: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        put_one(out, item);
    }
    out.push(b']');
}

/// Bytes of what is constant in a document.
pub fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// The name of a member after the first, with its colon.
pub fn put_name(out: &mut Vec<u8>, name: &str) {
    out.push(b',');
    put_text(out, name);
    out.push(b':');
}

#[cfg(test)]
mod tests {
    use super::put_text;
    use crate::value::Value;

    #[test]
    fn texts_read_back_as_they_were() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        for text in ["", "plain", "\"", "a\\b\"c\n\u{1}d\u{7f}é", &all] {
            let mut out = Vec::new();
            put_text(&mut out, text);
            assert_eq!(Value::new(&out).text().as_deref(), Some(text));
        }
    }
}
