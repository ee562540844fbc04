//! Rewriting a pattern from the reference's dialect (Java) into that of the engine: the two differ in what `\d`, `.`, `\<`,
//! `\p{..}` and quotes mean. What needs backtracking is refused with a reason.

use std::fmt::Write as _;

/// Nesting of groups in a pattern.
pub(super) const PATTERN_NESTING_MAX: u32 = 100;

/// A pattern in the engine's dialect.
pub(super) struct Translated {
    pub(super) text: String,
    /// The text that the pattern is, if it is nothing but a text.
    pub(super) literal: Option<String>,
}

/// Translates a pattern with flags out of `s`, `m`, `i`, `x`; other flags are ignored.
pub(super) fn translate(pattern: &str, flags: &str) -> Result<Translated, String> {
    let comments = flags.contains('x');
    let literal = !pattern.is_empty()
        && !comments
        && !flags.contains('i')
        && !pattern.contains(['\\', '[', ']', '(', ')', '{', '}', '.', '*', '+', '?', '^', '$', '|']);
    let translator = Translator {
        chars: pattern.chars().collect(),
        at: 0,
        out: String::new(),
        dotall: flags.contains('s'),
        comments,
        groups: 0,
    };
    let text = translator.run()?;
    Ok(Translated { text, literal: literal.then(|| pattern.to_owned()) })
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    dotall: bool,
    comments: bool,
    /// Capturing groups opened so far.
    groups: u32,
}

impl Translator {
    fn run(mut self) -> Result<String, String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '.' if self.dotall => self.out.push('.'),
                '.' => self.out.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
                '(' => self.group()?,
                '*' | '+' | '?' | '}' => self.quantifier_end(c)?,
                other => self.out.push(other),
            }
        }
        Ok(self.out)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += 1;
        c
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn quantifier_end(&mut self, c: char) -> Result<(), String> {
        self.out.push(c);
        if self.peek(0) == Some('+') {
            return Err("possessive quantifiers are not supported".to_owned());
        }
        // A reluctant mark belongs to this quantifier, so that it is not taken for one of its own.
        if self.peek(0) == Some('?') {
            self.at += 1;
            self.out.push('?');
        }
        // Only a count may follow a quantifier.
        if let Some(mark @ ('*' | '+' | '?')) = self.peek(0) {
            return Err(format!("dangling quantifier '{mark}'"));
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.peek(0) != Some('?') {
            self.groups += 1;
            return Ok(());
        }
        match (self.peek(1), self.peek(2)) {
            (Some('=' | '!'), _) | (Some('<'), Some('=' | '!')) => {
                Err("look-around is not supported".to_owned())
            }
            (Some('>'), _) => Err("atomic groups are not supported".to_owned()),
            (Some(':'), _) => Ok(()),
            (Some('<'), _) => {
                self.groups += 1;
                Ok(())
            }
            _ => {
                // Inline flags: keep those that both dialects share.
                self.at += 1;
                self.out.push('?');
                let mut negative = false;
                let mut flags = (String::new(), String::new());
                while let Some(c) = self.next() {
                    match c {
                        ')' | ':' => {
                            let _ = write!(self.out, "{}", flags.0);
                            if !flags.1.is_empty() {
                                let _ = write!(self.out, "-{}", flags.1);
                            }
                            if flags.0.is_empty() && flags.1.is_empty() && c == ')' {
                                // Nothing is left of `(?u)`: an empty group.
                                self.out.push(':');
                            }
                            self.out.push(c);
                            return Ok(());
                        }
                        '-' => negative = true,
                        's' => self.dotall = !negative,
                        'i' | 'm' | 'x' => (if negative { &mut flags.1 } else { &mut flags.0 }).push(c),
                        'd' | 'u' | 'U' => {}
                        _ => return Err("unknown flag".to_owned()),
                    }
                }
                Err("unclosed group".to_owned())
            }
        }
    }

    /// A class from after its `[`; classes nest.
    fn class(&mut self) -> Result<(), String> {
        let mut depth = 1u32;
        self.out.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape(true)?,
                '[' => {
                    depth += 1;
                    if depth > PATTERN_NESTING_MAX {
                        return Err("nested too deeply".to_owned());
                    }
                    self.out.push('[');
                    if self.peek(0) == Some('^') {
                        self.at += 1;
                        self.out.push('^');
                    }
                }
                ']' => {
                    depth -= 1;
                    self.out.push(']');
                    if depth == 0 {
                        return Ok(());
                    }
                }
                // These double up to operators in the engine's dialect but not in the reference's.
                '~' => self.out.push_str(r"\~"),
                '-' if self.peek(0) == Some('-') => self.out.push_str(r"\-"),
                ' ' if !self.comments => self.out.push(' '),
                other => self.out.push(other),
            }
        }
        Err("unclosed character class".to_owned())
    }

    fn literal(&mut self, c: char) {
        let _ = write!(self.out, "\\x{{{:x}}}", c as u32);
    }

    fn hex(&mut self, digits: usize) -> Result<u32, String> {
        let text: String = self.chars.iter().skip(self.at).take(digits).collect();
        if text.len() != digits || !text.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err("invalid hexadecimal escape".to_owned());
        }
        self.at += digits;
        u32::from_str_radix(&text, 16).map_err(|e| e.to_string())
    }

    fn code_point(&mut self, code: u32) -> Result<(), String> {
        let c = char::from_u32(code).ok_or_else(|| "invalid character code".to_owned())?;
        self.literal(c);
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(c) = self.next() else { return Err("a backslash at the end".to_owned()) };
        let text = match c {
            'd' => "[0-9]",
            'D' => "[^0-9]",
            'w' => "[a-zA-Z_0-9]",
            'W' => "[^a-zA-Z_0-9]",
            's' => r"[\t\n\x0B\f\r\x20]",
            'S' => r"[^\t\n\x0B\f\r\x20]",
            'h' => r"[\x20\t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]",
            'v' => r"[\n\x0B\f\r\x{85}\x{2028}\x{2029}]",
            'n' => r"\n",
            't' => r"\t",
            'r' => r"\r",
            'f' => r"\f",
            'a' => r"\x07",
            'e' => r"\x1B",
            'b' if !in_class => r"(?-u:\b)",
            'B' if !in_class => r"(?-u:\B)",
            'A' if !in_class => r"\A",
            'z' if !in_class => r"\z",
            'Z' if !in_class => r"(?:\r?\n)?\z",
            'R' if !in_class => r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])",
            'p' | 'P' => return self.property(c == 'P'),
            'Q' => return self.quote(),
            '0' => return self.octal(),
            'x' if self.peek(0) == Some('{') => {
                let end = self.chars[self.at..].iter().position(|c| *c == '}').ok_or("unclosed escape")?;
                let digits: String = self.chars[self.at + 1..self.at + end].iter().collect();
                self.at += end + 1;
                let code = u32::from_str_radix(&digits, 16).map_err(|_| "invalid hexadecimal escape")?;
                return self.code_point(code);
            }
            'x' => {
                let code = self.hex(2)?;
                return self.code_point(code);
            }
            'u' => {
                let code = self.hex(4)?;
                return self.code_point(code);
            }
            'c' => {
                let code = self.next().map(|c| c as u32 ^ 64).ok_or("incomplete control escape")?;
                return self.code_point(code);
            }
            // A reference to a group that does not exist never matches.
            '1'..='9' if !in_class && c.to_digit(10).is_some_and(|n| n > self.groups) => r"[^\s\S]",
            '1'..='9' | 'k' => return Err("back references are not supported".to_owned()),
            c if c.is_ascii_alphabetic() => return Err(format!("unknown escape '\\{c}'")),
            c => {
                self.literal(c);
                return Ok(());
            }
        };
        self.out.push_str(text);
        Ok(())
    }

    fn octal(&mut self) -> Result<(), String> {
        let mut code = None;
        while let Some(digit) = self.peek(0).and_then(|c| c.to_digit(8)) {
            let next = code.unwrap_or(0) * 8 + digit;
            if next > 0o377 {
                break;
            }
            code = Some(next);
            self.at += 1;
        }
        let code = code.ok_or("invalid octal escape")?;
        self.code_point(code)
    }

    /// Everything up to `\E` as it is.
    fn quote(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            if c == '\\' && self.peek(0) == Some('E') {
                self.at += 1;
                return Ok(());
            }
            self.literal(c);
        }
        Ok(())
    }

    /// `\p{..}`: the POSIX classes mean ASCII, `Is` and `general_category=` are prefixes.
    fn property(&mut self, negated: bool) -> Result<(), String> {
        let name: String = match self.next() {
            Some('{') => {
                let end = self.chars[self.at..].iter().position(|c| *c == '}').ok_or("unclosed property")?;
                let name = self.chars[self.at..self.at + end].iter().collect();
                self.at += end + 1;
                name
            }
            Some(c) => c.to_string(),
            None => return Err("incomplete property".to_owned()),
        };
        let class = match name.as_str() {
            "Lower" => "a-z",
            "Upper" => "A-Z",
            "ASCII" => r"\x00-\x7F",
            "Alpha" => "a-zA-Z",
            "Digit" => "0-9",
            "Alnum" => "a-zA-Z0-9",
            "Punct" => r"!-/:-@\[-`\{-~",
            "Graph" => "!-~",
            "Print" => r"\x20-~",
            "Blank" => r"\x20\t",
            "Cntrl" => r"\x00-\x1F\x7F",
            "XDigit" => "0-9a-fA-F",
            "Space" => r"\x20\t\n\x0B\f\r",
            "InBasicLatin" | "InBASIC_LATIN" => r"\x00-\x7F",
            "InGreek" => r"\x{370}-\x{3FF}",
            "InCyrillic" => r"\x{400}-\x{4FF}",
            "javaLowerCase" => r"\p{Lowercase}",
            "javaUpperCase" => r"\p{Uppercase}",
            "javaWhitespace" => r"\s",
            _ => "",
        };
        if !class.is_empty() {
            let _ = write!(self.out, "[{}{class}]", if negated { "^" } else { "" });
            return Ok(());
        }
        let plain = name.strip_prefix("Is").unwrap_or(&name);
        if plain.is_empty() || !plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '=') {
            return Err(format!("unknown property '{name}'"));
        }
        let _ = write!(self.out, "\\{}{{{plain}}}", if negated { 'P' } else { 'p' });
        Ok(())
    }
}
