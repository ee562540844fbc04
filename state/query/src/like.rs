//! Patterns of `$like`: `*` is any text, `?` one character, a backslash takes the next character as it is.
//!
//! Matching takes time that is bounded by the lengths of pattern and text multiplied, and each call by [`STEPS_MAX`], since SQLite cannot
//! be interrupted in a function.

use std::fmt;

/// Longest pattern, characters.
pub const PATTERN_CHARS_MAX: usize = 1024;
/// Most steps of one match.
const STEPS_MAX: usize = 50_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Char(char),
    One,
    Any,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

/// A pattern is too long, or a match took too many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooCostly;

impl fmt::Display for TooCostly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pattern takes too long to match")
    }
}

impl std::error::Error for TooCostly {}

impl Pattern {
    /// The pattern of a text.
    ///
    /// # Errors
    /// When it has more than [`PATTERN_CHARS_MAX`] characters.
    pub fn new(text: &str) -> Result<Self, TooCostly> {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            match char {
                // Several in a row are as one.
                '*' if parts.last() == Some(&Part::Any) => {}
                '*' => parts.push(Part::Any),
                '?' => parts.push(Part::One),
                '\\' => parts.push(Part::Char(chars.next().unwrap_or('\\'))),
                other => parts.push(Part::Char(other)),
            }
            if parts.len() > PATTERN_CHARS_MAX {
                return Err(TooCostly);
            }
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What every text begins with that it matches.
    pub fn prefix(&self) -> String {
        self.parts
            .iter()
            .map_while(|part| match part {
                Part::Char(char) => Some(*char),
                Part::One | Part::Any => None,
            })
            .collect()
    }

    /// Whether it matches a text as a whole.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn matches(&self, text: &str) -> Result<bool, TooCostly> {
        let (mut at, mut rest) = (0, text.chars());
        // Where to go on when what follows the last star does not fit: that star, and the text behind one character more.
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        for _ in 0..STEPS_MAX {
            let mut behind = rest.clone();
            let next = behind.next();
            match (self.parts.get(at), next) {
                (None, None) => return Ok(true),
                (Some(Part::Any), _) => {
                    again = Some((at, rest.clone()));
                    at += 1;
                }
                (Some(Part::One), Some(_)) => (at, rest) = (at + 1, behind),
                (Some(Part::Char(wanted)), Some(found)) if *wanted == found => (at, rest) = (at + 1, behind),
                _ => {
                    let Some((star, from)) = &mut again else { return Ok(false) };
                    if from.next().is_none() {
                        return Ok(false);
                    }
                    (at, rest) = (*star + 1, from.clone());
                }
            }
        }
        Err(TooCostly)
    }
}

/// The first text behind all that begin with a prefix; none when there is none.
pub(crate) fn behind(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // Surrogates are no characters.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{PATTERN_CHARS_MAX, Pattern, TooCostly, behind};
    use std::time::Instant;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, wanted) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*b*b*", "abcb", true),
            ("**a**", "xay", true),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            (r"a\\?", r"a\x", true),
            (r"a\", r"a\", true),
            ("[a]+.^$(%_", "[a]+.^$(%_", true),
            ("A*", "ab", false),
            ("?", "😀", true),
        ] {
            assert_eq!(Pattern::new(pattern).and_then(|it| it.matches(text)), Ok(wanted), "{pattern} {text}");
        }
        assert_eq!(Pattern::new(r"ab\*c?d*").map(|pattern| pattern.prefix()), Ok("ab*c".to_owned()));
    }

    #[test]
    fn costly_patterns_end() {
        let text = "a".repeat(1_000_000);
        let begun = Instant::now();
        let pattern = Pattern::new(&"*a".repeat(500)).expect("short enough");
        assert_eq!(pattern.matches(&text), Ok(true));
        let nested = Pattern::new(&format!("*{}b", "a".repeat(1000))).expect("short enough");
        assert_eq!(nested.matches(&text), Err(TooCostly));
        assert!(begun.elapsed().as_secs() < 10);
        assert_eq!(Pattern::new(&"a".repeat(PATTERN_CHARS_MAX + 1)), Err(TooCostly));
        assert!(Pattern::new(&"*".repeat(1_000_000)).is_ok());
    }

    #[test]
    fn ranges_end_behind_their_prefix() {
        assert_eq!(behind("ab"), Some("ac".to_owned()));
        assert_eq!(behind("a\u{10ffff}"), Some("b".to_owned()));
        assert_eq!(behind("\u{d7ff}"), Some("\u{e000}".to_owned()));
        assert_eq!(behind("\u{10ffff}"), None);
    }
}
