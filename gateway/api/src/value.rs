//! Reading JSON text that was checked before: values where they lie, names by comparing bytes.
//!
//! Nothing here judges: what is not as expected reads as nothing.

use crate::schema::Pattern;
use bytes::Bytes;
use std::borrow::Cow;

/// Words for true and false in a query, as Camunda's gateway reads them.
const TRUE: [&str; 4] = ["true", "on", "yes", "1"];
const FALSE: [&str; 4] = ["false", "off", "no", "0"];

/// A flag of a query: none for a text that says neither.
pub fn flag_word(text: &str) -> Option<bool> {
    let is_of = |words: [&str; 4]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_of(TRUE) { Some(true) } else { is_of(FALSE).then_some(false) }
}

/// The text of one JSON value.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    text: &'a [u8],
}

impl<'a> Value<'a> {
    /// The value of a text; blanks around it do not count.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text: text.trim_ascii() }
    }

    /// Its JSON text.
    pub fn bytes(self) -> &'a [u8] {
        self.text
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.text == b"null"
    }

    /// Its JSON text as a part of the body that it lies in, without a copy.
    pub fn slice_of(self, body: &Bytes) -> Bytes {
        body.slice_ref(self.text)
    }

    /// A text.
    pub fn text(self) -> Option<Cow<'a, str>> {
        let [b'"', inner @ .., b'"'] = self.text else { return None };
        unescaped(inner)
    }

    /// A whole number.
    pub fn long(self) -> Option<i64> {
        std::str::from_utf8(self.text).ok()?.parse().ok()
    }

    /// True or false.
    pub fn flag(self) -> Option<bool> {
        match self.text {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn items(self) -> impl Iterator<Item = Value<'a>> {
        let mut rest = inside(self.text, b'[');
        std::iter::from_fn(move || next_value(&mut rest))
    }

    /// The members of an object, names unescaped.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        let mut rest = inside(self.text, b'{');
        std::iter::from_fn(move || {
            let name = next_value(&mut rest)?.text()?;
            Some((name, next_value(&mut rest)?))
        })
    }

    /// A member that is not `null`; of those of the same name the last.
    pub fn member(self, name: &str) -> Option<Value<'a>> {
        let found = self.members().filter(|(other, _)| other == name).last()?.1;
        (!found.is_null()).then_some(found)
    }
}

/// Longest text of a key, with its sign.
const KEY_CHARS_MAX: usize = 25;

/// The number that a text says as a key: digits, perhaps behind a minus, of 64 bits.
pub fn key_of(text: &str) -> Option<i64> {
    let is_key = text.len() <= KEY_CHARS_MAX && Pattern::Key.matches(text);
    is_key.then(|| text.parse().ok()).flatten()
}

fn inside(text: &[u8], open: u8) -> &[u8] {
    match text {
        [first, inner @ .., _] if *first == open => inner,
        _ => &[],
    }
}

/// Takes a value, and the comma or colon before it. None where none begins: whatever the text is, it comes to an end.
fn next_value<'a>(rest: &mut &'a [u8]) -> Option<Value<'a>> {
    let from = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':'))?;
    let text = &rest[from..];
    let (value, after) = text.split_at(end_of(text));
    *rest = after;
    (!value.is_empty()).then(|| Value::new(value))
}

/// Where the value at the begin of a text ends.
fn end_of(text: &[u8]) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        if in_string {
            (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            if !in_string && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// What is between a text's quotes, without its escapes; none when they are wrong.
pub fn unescaped(inner: &[u8]) -> Option<Cow<'_, str>> {
    let inner = std::str::from_utf8(inner).ok()?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, after)) = rest.split_once('\\') {
        out.push_str(plain);
        let kind = after.chars().next()?;
        rest = &after[kind.len_utf8()..];
        out.push(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = hex_unit(&mut rest)?;
                let code = if (0xd800..0xdc00).contains(&first) {
                    rest = rest.strip_prefix("\\u")?;
                    let second = hex_unit(&mut rest)?;
                    (0xdc00..0xe000)
                        .contains(&second)
                        .then(|| 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?
                } else {
                    first
                };
                char::from_u32(code)?
            }
            _ => return None,
        });
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

fn hex_unit(rest: &mut &str) -> Option<u32> {
    let (digits, after) = rest.split_at_checked(4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    *rest = after;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{Value, key_of};

    /// Nothing makes a reading go on for ever, whatever was not looked at before.
    #[test]
    fn whatever_the_text_is_it_comes_to_an_end() {
        let mut text = [b'['; 6];
        let alphabet = b"[]{},:\"a ";
        for number in 0..alphabet.len().pow(5) {
            let mut left = number;
            for byte in &mut text {
                (*byte, left) = (alphabet[left % alphabet.len()], left / alphabet.len());
            }
            for first in [b'[', b'{'] {
                text[0] = first;
                assert!(Value::new(&text).items().take(8).count() < 8, "{}", text.escape_ascii());
                assert!(Value::new(&text).members().take(8).count() < 8, "{}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn a_key_is_digits() {
        for (text, key) in
            [("7", Some(7)), ("-1", Some(-1)), ("007", Some(7)), ("9223372036854775807", Some(i64::MAX))]
        {
            assert_eq!(key_of(text), key, "{text}");
        }
        for text in ["", "-", "+5", "1 ", "9223372036854775808", "00000000000000000000000001", "１"] {
            assert_eq!(key_of(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_found_where_they_lie() {
        let text =
            br#" {"a" : 1 ,"b\n":[ "x,]\"" , {"c":[]},-2.5e3 ,true], "a":null,"d":{"e":"\ud83d\ude00"}} "#;
        let value = Value::new(text);
        let shown: Vec<String> =
            value.members().map(|(name, value)| format!("{name}={}", value.bytes().escape_ascii())).collect();
        assert_eq!(
            shown,
            [
                "a=1",
                "b\n=[ \\\"x,]\\\\\\\"\\\" , {\\\"c\\\":[]},-2.5e3 ,true]",
                "a=null",
                "d={\\\"e\\\":\\\"\\\\ud83d\\\\ude00\\\"}"
            ]
        );
        assert!(value.member("a").is_none() && value.member("c").is_none());
        let items: Vec<&[u8]> =
            value.member("b\n").map(|list| list.items().map(Value::bytes).collect()).unwrap_or_default();
        assert_eq!(items, [&b"\"x,]\\\"\""[..], b"{\"c\":[]}", b"-2.5e3", b"true"]);
        let emoji = value.member("d").and_then(|d| d.member("e")).and_then(Value::text);
        assert_eq!(emoji.as_deref(), Some("😀"));
    }

    #[test]
    fn wrong_escapes_are_no_text() {
        for text in [r#""\ud83d""#, r#""\ud83dx""#, r#""\udc00""#, r#""\u12g4""#, r#""\x""#, "1", r#"""#] {
            assert!(Value::new(text.as_bytes()).text().is_none(), "{text}");
        }
    }
}
