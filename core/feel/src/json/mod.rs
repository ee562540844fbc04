//! Reading JSON lazily, in place: a value is skipped or opened one level at a time, and only what an expression
//! touches is parsed. Input is expected to be valid JSON (it was checked when it was stored), but nothing here
//! trusts that: broken text ends in `None`, never in a panic or in unbounded work.

mod scan;
mod write;

use std::borrow::Cow;
pub(crate) use write::{escapes, write_string};

/// Deepest nesting of arrays and objects that is read.
pub(crate) const JSON_DEPTH_MAX: u32 = 512;

/// A text without the blanks around it.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let start = skip_blank(text, 0);
    let mut end = text.len();
    while end > start && matches!(text[end - 1], b' ' | b'\n' | b'\t' | b'\r') {
        end -= 1;
    }
    &text[start..end]
}

/// Skips blanks from `at`.
pub(crate) fn skip_blank(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// The position after the string that starts (with its quote) at `at`.
fn skip_string(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        // Most strings are short: look at a few bytes before calling the vector search.
        let mut near = at;
        let end = text.len().min(at + 16);
        while near < end && text[near] != b'"' && text[near] != b'\\' {
            near += 1;
        }
        let hit = if near < end { near } else { end + memchr::memchr2(b'"', b'\\', &text[end..])? };
        if text[hit] == b'"' {
            return Some(hit + 1);
        }
        at = hit + 2;
        if at > text.len() {
            return None;
        }
    }
}

/// The position after the value that starts at `at` (no blanks before it).
pub(crate) fn skip_value(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => skip_string(text, at),
        b'{' | b'[' => scan::skip_container(text, at),
        _ => {
            let mut end = at;
            while text
                .get(end)
                .is_some_and(|b| !matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\t' | b'\r'))
            {
                end += 1;
            }
            (end > at).then_some(end)
        }
    }
}

/// The text of a string token (quotes included), unescaped; borrowed where it has no escapes.
pub(crate) fn unescape(token: &[u8]) -> Option<Cow<'_, str>> {
    let body = token.get(1..token.len().checked_sub(1)?)?;
    let text = std::str::from_utf8(body).ok()?;
    let Some(first) = memchr::memchr(b'\\', body) else { return Some(Cow::Borrowed(text)) };
    let mut out = String::with_capacity(body.len());
    out.push_str(&text[..first]);
    let mut chars = text[first..].chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => out.push(unicode_escape(&mut chars)?),
            other @ ('"' | '\\' | '/') => out.push(other),
            _ => return None,
        }
    }
    Some(Cow::Owned(out))
}

fn hex4(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |n, _| Some(n * 16 + chars.next()?.to_digit(16)?))
}

/// The character of `\uXXXX`, with its second half where it is a surrogate; a lone half becomes U+FFFD.
fn unicode_escape(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let first = hex4(chars)?;
    if (0xD800..0xDC00).contains(&first) {
        let mut ahead = chars.clone();
        if ahead.next() == Some('\\')
            && ahead.next() == Some('u')
            && let Some(second) = hex4(&mut ahead)
            && (0xDC00..0xE000).contains(&second)
        {
            *chars = ahead;
            return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        }
    }
    Some(char::from_u32(first).unwrap_or('\u{FFFD}'))
}

/// The elements of an array as byte ranges of `text`, which starts with `[`.
pub(crate) struct Elements<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Elements<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Elements<'t> {
        Elements { text, at: 1 }
    }
}

impl Iterator for Elements<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let mut at = skip_blank(self.text, self.at);
        if self.text.get(at) == Some(&b',') {
            at = skip_blank(self.text, at + 1);
        }
        if self.text.get(at)? == &b']' {
            return None;
        }
        let end = skip_value(self.text, at)?;
        self.at = end;
        Some((at, end))
    }
}

/// The entries of an object: key token and value as byte ranges of `text`, which starts with `{`.
pub(crate) struct Entries<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Entries<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Entries<'t> {
        Entries { text, at: 1 }
    }

    /// The position after the value at `value`, from where the next key is read.
    pub(crate) fn pass(&mut self, value: usize) -> Option<usize> {
        let end = skip_value(self.text, value)?;
        self.at = end;
        Some(end)
    }

    /// The next key token; the value is at the returned position.
    pub(crate) fn next_key(&mut self) -> Option<((usize, usize), usize)> {
        let mut at = skip_blank(self.text, self.at);
        if self.text.get(at) == Some(&b',') {
            at = skip_blank(self.text, at + 1);
        }
        if self.text.get(at)? != &b'"' {
            return None;
        }
        let key_end = skip_string(self.text, at)?;
        let colon = skip_blank(self.text, key_end);
        if self.text.get(colon)? != &b':' {
            return None;
        }
        Some(((at, key_end), skip_blank(self.text, colon + 1)))
    }
}

impl Iterator for Entries<'_> {
    type Item = ((usize, usize), (usize, usize));

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.next_key()?;
        let end = self.pass(value)?;
        Some((key, (value, end)))
    }
}

/// The value of a key in an object, as a byte range. Of a key that occurs twice the first one counts.
pub(crate) fn find(text: &[u8], key: &str) -> Option<(usize, usize)> {
    let mut entries = Entries::new(text);
    loop {
        let ((start, end), value) = entries.next_key()?;
        let value_end = entries.pass(value)?;
        if is_key(&text[start..end], key) {
            return Some((value, value_end));
        }
    }
}

/// Whether a key token (quotes included) is a key.
pub(crate) fn is_key(token: &[u8], key: &str) -> bool {
    if memchr::memchr(b'\\', token).is_none() {
        &token[1..token.len() - 1] == key.as_bytes()
    } else {
        unescape(token).is_some_and(|k| k == key)
    }
}

/// Whether a text is one well-formed JSON value and nothing else.
pub(crate) fn is_valid(text: &[u8]) -> bool {
    let start = skip_blank(text, 0);
    match check_value(text, start, 0) {
        Some(end) => skip_blank(text, end) == text.len(),
        None => false,
    }
}

/// The first well-formed value of a text, without the blanks around it; what follows is ignored.
pub(crate) fn first_value(text: &[u8]) -> Option<&[u8]> {
    let start = skip_blank(text, 0);
    check_value(text, start, 0).map(|end| &text[start..end])
}

/// Checks the value at `at`; recursion is bounded by `JSON_DEPTH_MAX`.
fn check_value(text: &[u8], at: usize, depth: u32) -> Option<usize> {
    if depth > JSON_DEPTH_MAX / 4 {
        return None;
    }
    match text.get(at)? {
        b'"' => {
            let end = skip_string(text, at)?;
            let body = &text[at + 1..end - 1];
            unescape(&text[at..end])?;
            body.iter().all(|b| *b >= 0x20).then_some(end)
        }
        b'{' => check_members(text, at + 1, depth, b'}'),
        b'[' => check_members(text, at + 1, depth, b']'),
        _ => {
            let end = skip_value(text, at)?;
            let token = &text[at..end];
            (matches!(token, b"null" | b"true" | b"false") || is_number(token)).then_some(end)
        }
    }
}

fn check_members(text: &[u8], at: usize, depth: u32, close: u8) -> Option<usize> {
    let mut at = skip_blank(text, at);
    if text.get(at)? == &close {
        return Some(at + 1);
    }
    loop {
        if close == b'}' {
            if text.get(at)? != &b'"' {
                return None;
            }
            at = skip_blank(text, check_value(text, at, depth)?);
            if text.get(at)? != &b':' {
                return None;
            }
            at = skip_blank(text, at + 1);
        }
        at = skip_blank(text, check_value(text, at, depth + 1)?);
        match text.get(at)? {
            b',' => at = skip_blank(text, at + 1),
            b if *b == close => return Some(at + 1),
            _ => return None,
        }
    }
}

/// The grammar of JSON numbers.
fn is_number(token: &[u8]) -> bool {
    let body = token.strip_prefix(b"-").unwrap_or(token);
    let digits = |t: &[u8]| t.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(body);
    if whole == 0 || (whole > 1 && body[0] == b'0') {
        return false;
    }
    let mut rest = &body[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n = digits(fraction);
        if n == 0 {
            return false;
        }
        rest = &fraction[n..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-")).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}
