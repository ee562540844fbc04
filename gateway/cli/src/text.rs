//! Text from outside, made safe for a terminal.
//!
//! Invariant: what leaves here moves no cursor, changes no color, and turns no direction.

use std::fmt::Write as _;

/// Whether a character does something on a terminal besides standing there, or changes how others stand.
fn is_unsafe(c: char) -> bool {
    let is_bidi =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // Line separators and what shows nothing but splits words in two.
    let is_invisible = matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{ad}');
    c.is_control() || is_bidi || is_invisible
}

/// On one line; unsafe characters are written as escapes.
pub(crate) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn what_would_steer_a_terminal_is_shown_instead() {
        assert_eq!(safe("a\u{1b}[31mb\u{7}"), "a\\u{1b}[31mb\\u{7}");
        assert_eq!(safe("one\ntwo\tthree\r"), "one\\ntwo\\tthree\\r");
        assert_eq!(safe("exe\u{202e}txt\u{2066}\u{200b}"), "exe\\u{202e}txt\\u{2066}\\u{200b}");
        assert_eq!(safe("\u{9b}2J"), "\\u{9b}2J");
        assert_eq!(safe("größe 数量 ✓"), "größe 数量 ✓");
    }
}
