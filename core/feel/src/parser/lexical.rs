//! Blanks, comments, words and strings.

use super::Parser;
use crate::ast::Name;

/// Words that are no names.
const RESERVED: [&str; 11] =
    ["null", "true", "false", "function", "in", "return", "then", "else", "satisfies", "and", "or"];

/// FEEL's blanks: more than ASCII's.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{9}'..='\u{d}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200b}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
}

/// Letters, currency signs and connecting punctuation of the basic plane start a name.
pub(super) fn is_name_start(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic() || c == '_' || c == '$';
    }
    (c as u32) < 0x1_0000
        && (c.is_alphabetic()
            || is_currency(c)
            || matches!(c, '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{ff3f}'))
}

fn is_currency(c: char) -> bool {
    matches!(c, '\u{a2}'..='\u{a5}' | '\u{58f}' | '\u{60b}' | '\u{9f2}' | '\u{9f3}' | '\u{e3f}' | '\u{20a0}'..='\u{20c0}')
}

/// What may follow in a name: also digits and combining marks.
pub(super) fn is_name_part(c: char) -> bool {
    if c.is_ascii() {
        // Control characters other than blanks are ignorable parts of names.
        return c.is_ascii_alphanumeric()
            || c == '_'
            || c == '$'
            || matches!(c, '\0'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}');
    }
    if is_name_start(c) {
        return true;
    }
    // Of the numbers only decimal digits; superscripts, fractions and circled numbers are none.
    let other_number = matches!(c as u32,
        0xb2 | 0xb3 | 0xb9 | 0xbc..=0xbe | 0x2070..=0x218b | 0x2460..=0x249b | 0x24ea..=0x24ff | 0x2776..=0x2793
        | 0x3192..=0x3195 | 0x3220..=0x32bf);
    let mark = matches!(c as u32,
        0x300..=0x36f | 0x483..=0x487 | 0x591..=0x5c7 | 0x610..=0x61a | 0x64b..=0x65f | 0x93c..=0x94d | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff | 0x20d0..=0x20f0 | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f);
    let ignorable = matches!(c as u32, 0x80..=0x84 | 0x86..=0x9f | 0xad | 0x200c..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064);
    (c as u32) < 0x1_0000 && ((c.is_numeric() && !other_number) || mark || ignorable)
}

impl Parser<'_> {
    /// The position after blanks and comments. An unclosed comment ends parsing.
    pub(super) fn blank(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = at;
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => at += 1,
                Some(b'/') if bytes.get(at + 1) == Some(&b'/') => {
                    at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n + 1);
                }
                Some(b'/') if bytes.get(at + 1) == Some(&b'*') => match self.text[at + 2..].find("*/") {
                    Some(n) => at += n + 4,
                    None => {
                        self.fail(at, "a comment is not closed: expected \"*/\"".to_owned());
                        return bytes.len();
                    }
                },
                Some(b) if !b.is_ascii() || *b < b' ' => match self.char_at(at) {
                    Some(c) if is_blank(c) => at += c.len_utf8(),
                    Some(_) | None => return at,
                },
                Some(_) | None => return at,
            }
        }
    }

    pub(super) fn char_at(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// The position after a literal text at `at`.
    pub(super) fn literal(&mut self, at: usize, text: &'static str, what: &'static str) -> Option<usize> {
        if self.text[at..].starts_with(text) {
            return Some(at + text.len());
        }
        self.missing(at, what);
        None
    }

    /// A literal after blanks.
    pub(super) fn then(&mut self, at: usize, text: &'static str, what: &'static str) -> Option<usize> {
        let at = self.blank(at);
        self.literal(at, text, what)
    }

    /// A name that is no reserved word.
    pub(super) fn identifier(&mut self, at: usize) -> Option<usize> {
        let mut end = at;
        for c in self.text[at..].chars() {
            let fits = if end == at { is_name_start(c) } else { is_name_part(c) && !is_blank(c) };
            if !fits {
                break;
            }
            end += c.len_utf8();
        }
        (end > at && !RESERVED.contains(&&self.text[at..end])).then_some(end)
    }

    /// A name, perhaps in backticks.
    pub(super) fn name(&mut self, at: usize) -> Option<(Name, usize)> {
        if let Some(end) = self.identifier(at) {
            return Some((self.text[at..end].into(), end));
        }
        if let Some(rest) = self.text[at..].strip_prefix('`')
            && let Some(len) = rest.find('`').filter(|len| *len > 0)
        {
            return Some((rest[..len].into(), at + len + 2));
        }
        self.missing(at, "a name");
        None
    }

    /// Two or more names with blanks between them; only where `(` or `:` ends it.
    pub(super) fn spaced_name(&mut self, at: usize) -> Option<(Name, usize)> {
        let mut end = self.identifier(at)?;
        let first = end;
        loop {
            let spaces = self.text[end..].bytes().take_while(|b| *b == b' ').count();
            if spaces == 0 {
                break;
            }
            match self.identifier(end + spaces) {
                Some(next) => end = next,
                None => break,
            }
        }
        (end > first).then(|| (self.text[at..end].into(), end))
    }

    /// A string in quotes; the content as written, escapes not resolved.
    pub(super) fn quoted(&mut self, at: usize) -> Option<(&str, usize)> {
        let bytes = self.text.as_bytes();
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let mut end = at + 1;
        loop {
            match memchr::memchr2(b'"', b'\\', &bytes[end..]).map(|n| end + n) {
                Some(hit) if bytes[hit] == b'"' => return Some((&self.text[at + 1..hit], hit + 1)),
                Some(hit) => {
                    let Some(c) = self.char_at(hit + 1) else {
                        break;
                    };
                    end = hit + 1 + c.len_utf8();
                }
                None => break,
            }
        }
        self.missing(self.text.len(), "a closing quote");
        None
    }
}

/// Resolves the escapes of a string literal. A backslash before one of `n r t b f ' "` is an escape only where no
/// other backslash stands before it; two backslashes become one.
pub(super) fn unescape(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let chars: Vec<char> = raw.chars().collect();
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        let next = chars.get(i + 1).copied();
        if c != '\\' {
            out.push(c);
            i += 1;
            continue;
        }
        let after_backslash = i > 0 && chars[i - 1] == '\\';
        let escaped = match next {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('\'') => Some('\''),
            Some('"') => Some('"'),
            _ => None,
        };
        match (escaped, next) {
            (Some(escaped), _) if !after_backslash => {
                out.push(escaped);
                i += 2;
            }
            (_, Some('\\')) => {
                out.push('\\');
                i += 2;
            }
            _ => {
                out.push('\\');
                i += 1;
            }
        }
    }
    out
}
