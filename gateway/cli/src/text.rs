//! Text from outside, made safe for a terminal.
//!
//! Invariant: what leaves here moves no cursor, changes no color, and turns no direction.

use std::fmt::Write as _;

/// Whether a character does something on a terminal besides standing there, or changes how others stand.
fn is_unsafe(c: char) -> bool {
    let is_bidi =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    // Line separators and what shows nothing but splits words in two, or says something that nobody sees.
    let is_invisible = matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || is_bidi || is_invisible
}

/// JSON that steers no terminal either: what JSON lets stand as it is, and a terminal does not, as JSON's own escapes. It means the same.
pub fn safe_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        // Between its tokens JSON has blanks and line breaks; within texts they are escaped already.
        if c.is_ascii_whitespace() || !is_unsafe(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut units) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// A message that may have several lines, each of them safe.
pub fn safe_lines(text: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join("\n")
}

/// On one line; unsafe characters are written as escapes.
pub fn safe(text: &str) -> String {
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
    use super::{safe, safe_json};

    #[test]
    fn json_is_safe_and_means_the_same() {
        let text = serde_json::json!({ "a\u{202e}": "\u{1b}[2J\u{9b}x\u{2028}\n", "b": ["größe 数量", "\u{e0041}"] });
        let json = serde_json::to_string_pretty(&text).expect("JSON");
        let shown = safe_json(&json);
        assert!(shown.contains("\"a\\u202e\": \"\\u001b[2J\\u009bx\\u2028\\n\""), "{shown}");
        assert!(
            shown.contains("größe 数量") && shown.contains("\\udb40\\udc41") && shown.contains('\n'),
            "{shown}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), text);
    }

    #[test]
    fn what_would_steer_a_terminal_is_shown_instead() {
        assert_eq!(safe("a\u{1b}[31mb\u{7}"), "a\\u{1b}[31mb\\u{7}");
        assert_eq!(safe("one\ntwo\tthree\r"), "one\\ntwo\\tthree\\r");
        assert_eq!(safe("exe\u{202e}txt\u{2066}\u{200b}"), "exe\\u{202e}txt\\u{2066}\\u{200b}");
        assert_eq!(safe("\u{9b}2J"), "\\u{9b}2J");
        assert_eq!(safe("größe 数量 ✓"), "größe 数量 ✓");
    }
}
