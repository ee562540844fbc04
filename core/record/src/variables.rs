//! A JSON document split once into its top-level variables; values stay the client's bytes.
//!
//! Rules
//! - The document is an object; `null` or nothing at all is an empty one, as Zeebe treats it.
//! - It is validated as a whole (UTF-8, JSON grammar) and nests at most [`NESTING_MAX`] deep.
//! - Of a name that comes twice the last value wins, at the place of the first.
//! - Values keep the client's text, so numbers lose no digit.

use crate::json::writer::push_text;
use bytes::Bytes;
use std::borrow::Cow;

/// Deepest nesting of a document, counted with the document itself as 1.
pub const NESTING_MAX: u32 = 256;
/// Most variables of one document.
pub const VARIABLES_MAX: usize = 64 * 1024;
/// Longest name of a variable, bytes: names are part of state keys.
pub const NAME_BYTES_MAX: usize = 400;

/// Why bytes are no document of variables.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VariableDocumentError {
    /// Not JSON.
    #[error("not valid JSON: {0}")]
    Syntax(String),
    /// JSON, but no object.
    #[error("expected a JSON object at the top, but found {0}")]
    NotAnObject(&'static str),
    /// Nested too deeply.
    #[error("nested deeper than {NESTING_MAX} levels")]
    TooDeep,
    /// Too many variables.
    #[error("more than {VARIABLES_MAX} variables")]
    TooMany,
    /// A name too long to be stored.
    #[error("variable name of {0} bytes exceeds {NAME_BYTES_MAX}")]
    NameTooLong(usize),
}

/// Names up to this many are compared each with each; more are put in order.
const LINEAR_NAMES_MAX: usize = 16;

#[derive(Clone, PartialEq, Eq, Debug)]
enum Name {
    /// Without escapes: a range of the text.
    Text(usize, usize),
    /// With escapes: resolved once.
    Owned(Box<str>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Member {
    name: Name,
    value: (usize, usize),
}

/// Variables by name, in the document's order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VariableDocument {
    text: Bytes,
    members: Vec<Member>,
}

impl VariableDocument {
    /// Splits a document, checking all of it.
    ///
    /// # Errors
    /// When it is no JSON object or exceeds one of this module's bounds.
    pub fn parse(text: Bytes) -> Result<Self, VariableDocumentError> {
        Self::parse_within(text, NESTING_MAX)
    }

    /// As [`VariableDocument::parse`], for a document that may nest `nesting_max` deep, because it is around one of variables.
    ///
    /// # Errors
    /// When it is no JSON object or exceeds one of this module's bounds.
    pub fn parse_within(text: Bytes, nesting_max: u32) -> Result<Self, VariableDocumentError> {
        let checked = check_utf8(&text)?;
        check_escapes(&text)?;
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => return Ok(Self::default()),
            Some(b'{') => {}
            Some(_) => return Self::without_object(checked, nesting_max),
        }
        check_nesting(&text, nesting_max)?;
        let members = split(&text, checked)?;
        check_end(&text, members.last().map(|member| member.value.1))?;
        let mut document = Self { text, members };
        document.merge_duplicates();
        Ok(document)
    }

    /// Splits the document that begins in the middle of a text, and says where it ends: so a text around it is read once.
    ///
    /// # Errors
    /// When there is no JSON object, or one that exceeds one of this module's bounds.
    pub fn parse_at(text: CheckedText<'_>, at: usize) -> Result<(Self, usize), VariableDocumentError> {
        let checked = text.checked.get(at..).unwrap_or_default();
        let from = text.bytes.slice_ref(checked.as_bytes());
        let members = split(&from, checked)?;
        let end = end_of(&from, members.last().map(|member| member.value.1))
            .map_err(|wrong| unexpected_after(at + wrong))?;
        let mut document = Self { text: from.slice(..end), members };
        document.merge_duplicates();
        Ok((document, at + end))
    }
}

/// A text that passed what splitting documents relies on.
#[derive(Clone, Copy, Debug)]
pub struct CheckedText<'a> {
    bytes: &'a Bytes,
    checked: &'a str,
}

impl<'a> CheckedText<'a> {
    /// Checks that a text is UTF-8, that its escapes are JSON's, and that it nests at most so deep.
    ///
    /// # Errors
    /// When it is not so.
    pub fn new(bytes: &'a Bytes, nesting_max: u32) -> Result<Self, VariableDocumentError> {
        let checked = check_utf8(bytes)?;
        check_escapes(bytes)?;
        check_nesting(bytes, nesting_max)?;
        Ok(Self { bytes, checked })
    }

    /// The text.
    pub fn bytes(self) -> &'a Bytes {
        self.bytes
    }
}

/// The members of the object that a text begins with.
fn split(text: &Bytes, checked: &str) -> Result<Vec<Member>, VariableDocumentError> {
    let mut members: Vec<Member> = Vec::new();
    let base = text.as_ptr() as usize;
    for member in sonic_rs::to_object_iter(checked) {
        let (name, value) = member.map_err(|e| VariableDocumentError::Syntax(first_line(&e.to_string())))?;
        if name.len() > NAME_BYTES_MAX {
            return Err(VariableDocumentError::NameTooLong(name.len()));
        }
        if members.len() == VARIABLES_MAX {
            return Err(VariableDocumentError::TooMany);
        }
        let raw = value.as_raw_str();
        let start = raw.as_ptr() as usize - base;
        let name = match name {
            Cow::Borrowed(name) => {
                let at = name.as_ptr() as usize - base;
                Name::Text(at, at + name.len())
            }
            Cow::Owned(name) => Name::Owned(name.into_boxed_str()),
        };
        members.push(Member { name, value: (start, start + raw.len()) });
    }
    Ok(members)
}

impl VariableDocument {
    /// What is not an object: nothing but `null` passes for one.
    fn without_object(text: &str, nesting_max: u32) -> Result<Self, VariableDocumentError> {
        let value: sonic_rs::LazyValue<'_> = {
            check_nesting(text.as_bytes(), nesting_max)?;
            sonic_rs::from_str(text).map_err(|e| VariableDocumentError::Syntax(first_line(&e.to_string())))?
        };
        match value.as_raw_str().as_bytes().first() {
            Some(b'n') => Ok(Self::default()),
            Some(b'[') => Err(VariableDocumentError::NotAnObject("an array")),
            Some(b'"') => Err(VariableDocumentError::NotAnObject("a string")),
            Some(b't' | b'f') => Err(VariableDocumentError::NotAnObject("a boolean")),
            _ => Err(VariableDocumentError::NotAnObject("a number")),
        }
    }

    /// A document of values that are JSON already, as expressions yield them.
    pub fn from_members<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut text = Vec::new();
        let mut ranges = Vec::new();
        for (name, value) in members {
            let start = text.len();
            text.extend_from_slice(name.as_bytes());
            let middle = text.len();
            text.extend_from_slice(value);
            ranges.push(Member { name: Name::Text(start, middle), value: (middle, text.len()) });
        }
        let mut document = Self { text: text.into(), members: ranges };
        document.merge_duplicates();
        document
    }

    /// Whether no name comes twice, found without an order of the names.
    fn few_names_differ(&self) -> bool {
        self.members.len() <= LINEAR_NAMES_MAX
            && (1..self.members.len())
                .all(|index| (0..index).all(|before| self.name_at(before) != self.name_at(index)))
    }

    /// Of a name that comes twice the last value wins, at the place of the first.
    fn merge_duplicates(&mut self) {
        if self.few_names_differ() {
            return;
        }
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        // Equal names stay in the document's order: the sort is stable.
        order.sort_by_key(|index| self.name_at(*index));
        let is_double = |pair: &[usize]| self.name_at(pair[0]) == self.name_at(pair[1]);
        if !order.windows(2).any(is_double) {
            return;
        }
        let mut is_later = vec![false; self.members.len()];
        for same in order
            .chunk_by(|a, b| self.name_at(*a) == self.name_at(*b))
            .map(<[usize]>::to_vec)
            .collect::<Vec<_>>()
        {
            let (first, last) = (same[0], same[same.len() - 1]);
            self.members[first].value = self.members[last].value;
            same[1..].iter().for_each(|later| is_later[*later] = true);
        }
        let mut later = is_later.into_iter();
        self.members.retain(|_| later.next() != Some(true));
    }

    /// A name's text; equal names have equal bytes.
    fn name_at(&self, index: usize) -> &[u8] {
        match &self.members[index].name {
            Name::Text(start, end) => &self.text[*start..*end],
            Name::Owned(name) => name.as_bytes(),
        }
    }

    /// Name and JSON text of each variable, in the document's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.members.iter().map(|m| (name_of(&self.text, &m.name), &self.text[m.value.0..m.value.1]))
    }

    /// The JSON text of one variable.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The document as JSON text, each name once.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.text.len() + 8 * self.members.len() + 2);
        text.push(b'{');
        for (index, (name, value)) in self.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            push_text(&mut text, name);
            text.push(b':');
            text.extend_from_slice(value);
        }
        text.push(b'}');
        text
    }

    /// How many variables there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Bytes of the document.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }
}

fn name_of<'a>(text: &'a Bytes, name: &'a Name) -> &'a str {
    match name {
        // The whole text was checked to be UTF-8, and a name's quotes are character boundaries.
        Name::Text(start, end) => std::str::from_utf8(&text[*start..*end]).expect("names are UTF-8"),
        Name::Owned(name) => name,
    }
}

/// The parser below hands out parts of the text as UTF-8 before it has checked all of it.
fn check_utf8(text: &[u8]) -> Result<&str, VariableDocumentError> {
    std::str::from_utf8(text).map_err(|error| {
        VariableDocumentError::Syntax(format!("not UTF-8 at byte {}", error.valid_up_to() + 1))
    })
}

/// The parser below skips over strings without a look at their escapes. There is a backslash nowhere but in strings; elsewhere
/// the parser refuses it.
fn check_escapes(text: &[u8]) -> Result<(), VariableDocumentError> {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\\', &text[from..]).map(|at| from + at) {
        from = match text[at + 1..] {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => at + 2,
            [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(u8::is_ascii_hexdigit) => at + 6,
            _ => return Err(VariableDocumentError::Syntax(format!("invalid escape at byte {}", at + 1))),
        };
    }
    Ok(())
}

/// How many brackets a text opens, in strings too: counted in bytes, many at a time, as every document is.
fn openings(text: &[u8]) -> usize {
    let in_chunk = |chunk: &[u8]| {
        usize::from(chunk.iter().map(|byte| u8::from(matches!(byte, b'{' | b'['))).sum::<u8>())
    };
    text.chunks(usize::from(u8::MAX)).map(in_chunk).sum()
}

/// The parser below recurses, so the depth is bounded before it sees the text.
fn check_nesting(text: &[u8], nesting_max: u32) -> Result<(), VariableDocumentError> {
    if openings(text) <= nesting_max as usize {
        return Ok(());
    }
    let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
    for &byte in text {
        if in_string {
            (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > nesting_max {
            return Err(VariableDocumentError::TooDeep);
        }
    }
    Ok(())
}

/// After the last value (or the opening brace) only the closing brace may follow.
fn check_end(text: &[u8], last_value_end: Option<usize>) -> Result<(), VariableDocumentError> {
    let end = end_of(text, last_value_end).map_err(unexpected_after)?;
    let wrong = end + blanks(text, end);
    if wrong == text.len() { Ok(()) } else { Err(unexpected_after(wrong)) }
}

/// Where the object ends, behind its closing brace; or where something else is than that.
fn end_of(text: &[u8], last_value_end: Option<usize>) -> Result<usize, usize> {
    let from = match last_value_end {
        Some(end) => end,
        None => text.iter().position(|&b| b == b'{').map_or(text.len(), |at| at + 1),
    };
    let brace = from + blanks(text, from);
    if text.get(brace) == Some(&b'}') { Ok(brace + 1) } else { Err(brace) }
}

fn blanks(text: &[u8], from: usize) -> usize {
    text[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn unexpected_after(at: usize) -> VariableDocumentError {
    VariableDocumentError::Syntax(format!("unexpected text after the object, at byte {}", at + 1))
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{NESTING_MAX, VariableDocument, VariableDocumentError};
    use bytes::Bytes;

    fn show(text: &str) -> String {
        match VariableDocument::parse(Bytes::copy_from_slice(text.as_bytes())) {
            Ok(document) => document
                .iter()
                .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value)))
                .collect::<Vec<_>>()
                .join("; "),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn splits_and_keeps_the_text_of_values() {
        assert_eq!(
            show(r#"{"a":1.50, "b" : {"c":[1, 2]} ,"d":"x\"y"}"#),
            r#"a=1.50; b={"c":[1, 2]}; d="x\"y""#
        );
        assert_eq!(show(r#"{"a\u0062":null}"#), "ab=null");
        assert_eq!(show(""), "");
        assert_eq!(show(" null "), "");
        assert_eq!(show(" { } "), "");
    }

    #[test]
    fn the_last_of_equal_names_wins_at_the_place_of_the_first() {
        assert_eq!(show(r#"{"a":1,"b":2,"a":3}"#), "a=3; b=2");
        let many: Vec<String> = (0..40).map(|i| format!(r#""v{}":{i}"#, i % 20)).collect();
        assert!(show(&format!("{{{}}}", many.join(","))).starts_with("v0=20; v1=21; "));
    }

    #[test]
    fn refuses_what_is_no_object() {
        for (text, what) in
            [("[1]", "an array"), ("\"x\"", "a string"), ("true", "a boolean"), ("-1", "a number")]
        {
            assert_eq!(show(text), format!("error: expected a JSON object at the top, but found {what}"));
        }
        for text in [
            "{",
            "{\"a\":}",
            "{\"a\":1}x",
            "{} {}",
            "{\"a\":1,}",
            "{a:1}",
            "nul",
            "{\"a\":01}",
            "{\"a\":\"\u{1}\"}",
            r#"{"a":"\x"}"#,
            r#"{"a":"\u12g4"}"#,
            r#"{"a":"\u12"}"#,
            r#"{"a":"\"#,
        ] {
            assert!(show(text).starts_with("error: "), "{text} gives {}", show(text));
        }
        assert_eq!(
            show("{\"a\":1} {}"),
            "error: not valid JSON: unexpected text after the object, at byte 9"
        );
        for text in [&b"{\"a\":\"\xff\"}"[..], b"\"x\xc3(\""] {
            let error = VariableDocument::parse(Bytes::from_static(text)).expect_err("no text");
            assert!(error.to_string().starts_with("not valid JSON: not UTF-8 at byte "), "{error}");
        }
    }

    #[test]
    fn openings_are_counted_across_chunks() {
        for (text, count) in [("", 0), ("{}[]", 2), (&"[".repeat(1000), 1000), (&"a{".repeat(300), 300)] {
            assert_eq!(super::openings(text.as_bytes()), count);
        }
    }

    #[test]
    fn nesting_is_bounded_before_anything_recurses() {
        let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(show(&deep(NESTING_MAX as usize - 1)).starts_with("a=[["));
        let error = VariableDocument::parse(Bytes::from(deep(1_000_000))).unwrap_err();
        assert_eq!(error, VariableDocumentError::TooDeep);
        let brackets_in_text = format!("{{\"a\":\"{}\"}}", "[\\\"".repeat(1000));
        assert!(show(&brackets_in_text).starts_with("a=\"["));
    }
}
