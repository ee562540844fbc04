//! Building JSON objects in a byte buffer: names as they are, numbers without a detour, text escaped.
//!
//! Invariant: what is written is valid JSON in UTF-8 whatever the text is, and holds no line break.

use crate::ids::Key;

/// An object under construction.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn number(&mut self, name: &str, value: impl itoa::Integer) {
        self.name(name);
        self.out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    pub(super) fn version(&mut self, name: &str, (major, minor, patch): (u8, u8, u16)) {
        self.name(name);
        self.out.push(b'"');
        for (number, separator) in [(u16::from(major), b'.'), (u16::from(minor), b'.'), (patch, b'"')] {
            self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            self.out.push(separator);
        }
    }

    pub(super) fn boolean(&mut self, name: &str, value: bool) {
        self.name(name);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(super) fn key(&mut self, name: &str, key: Key) {
        self.number(name, key.to_wire());
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_text(self.out, value);
    }

    /// A name of the protocol, which needs no escapes.
    pub(super) fn name_of(&mut self, name: &str, value: &str) {
        self.name(name);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
    }

    /// JSON that the gateway has checked; line breaks between its tokens become blanks.
    pub(super) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        let flat = json.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte });
        self.out.extend(flat);
    }

    /// A member whose name is any text and whose value is JSON; line breaks between its tokens become blanks.
    pub(super) fn member(&mut self, name: &str, json: &[u8]) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        push_text(self.out, name);
        self.out.push(b':');
        let json = String::from_utf8_lossy(json);
        self.out.extend(json.bytes().map(|byte| if byte < 0x20 { b' ' } else { byte }));
    }

    pub(super) fn base64(&mut self, name: &str, bytes: &[u8]) {
        self.name(name);
        self.out.push(b'"');
        push_base64(self.out, bytes);
        self.out.push(b'"');
    }

    /// An array of whatever `write` makes of each item.
    pub(super) fn array<T>(
        &mut self,
        name: &str,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) {
        self.name(name);
        self.out.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self.out, item);
        }
        self.out.push(b']');
    }

    /// An array of objects.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        items: impl Iterator<Item = T>,
        mut fill: impl FnMut(&mut Object<'_>, T),
    ) {
        self.array(name, items, |bytes, item| {
            let mut object = Object::begin(bytes);
            fill(&mut object, item);
            object.end();
        });
    }

    /// A value that is JSON, as text: so Zeebe's records have results of decisions and values of variables.
    pub(super) fn json_text(&mut self, name: &str, json: &[u8]) {
        self.text(name, &String::from_utf8_lossy(json));
    }

    pub(super) fn texts<'b>(&mut self, name: &str, values: impl Iterator<Item = &'b str>) {
        self.array(name, values, push_text);
    }

    pub(super) fn keys(&mut self, name: &str, keys: impl Iterator<Item = Key>) {
        self.array(name, keys, |out, key| {
            out.extend_from_slice(itoa::Buffer::new().format(key.to_wire()).as_bytes());
        });
    }

    pub(super) fn object<E>(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut Object<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.name(name);
        let mut inner = Object::begin(self.out);
        fill(&mut inner)?;
        inner.end();
        Ok(())
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Whether a byte cannot stand in a JSON string as it is.
const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f
}

/// Runs without a byte that needs an escape are copied whole.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| is_escaped(*byte)) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let is_padding = digit > chunk.len();
            let at = (word >> (18 - 6 * digit)) as usize & 63;
            out.push(if is_padding { b'=' } else { BASE64[at] });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{push_base64, push_text};

    #[test]
    fn any_text_is_a_json_string_on_one_line() {
        for code in 0..0x300 {
            let text: String = char::from_u32(code).map(|c| format!("a{c}b")).unwrap_or_default();
            let mut out = Vec::new();
            push_text(&mut out, &text);
            let back: String = sonic_rs::from_slice(&out).expect("valid JSON");
            assert_eq!(back, text, "{code:x}");
            assert!(!out.iter().any(u8::is_ascii_control), "{code:x}");
        }
        let mut out = Vec::new();
        push_text(&mut out, "\u{1F600}\u{2028}");
        assert_eq!(sonic_rs::from_slice::<String>(&out).expect("valid JSON"), "\u{1F600}\u{2028}");
    }

    #[test]
    fn base64_is_padded_as_everywhere() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            let mut out = Vec::new();
            push_base64(&mut out, bytes.as_bytes());
            assert_eq!(String::from_utf8(out).expect("ASCII"), text);
        }
    }
}
