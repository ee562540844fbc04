//! JSON's grammar: strict, without recursion beyond the depth that was checked before.

use super::{Reader, Stop};
use ringbolt_api::value::unescaped;
use std::borrow::Cow;

/// A text as it is written, without its quotes.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) has_escapes: bool,
}

impl<'a> Raw<'a> {
    /// What it says; `None` where its escapes are no text.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        unescaped(self.bytes)
    }

    /// Whether it says this, compared as bytes.
    pub(super) fn is(self, name: &str) -> bool {
        if self.has_escapes {
            self.text().is_some_and(|text| text == name)
        } else {
            self.bytes == name.as_bytes()
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Stop> {
        if self.peek() != Some(byte) {
            return Err(Stop::Syntax(what, self.at + 1));
        }
        self.at += 1;
        Ok(())
    }

    /// Behind the first byte of a list or an object: whether there is an item in it.
    pub(super) fn has_items(&mut self, end: u8) -> bool {
        self.blanks();
        let has_items = self.peek() != Some(end);
        self.at += usize::from(!has_items);
        has_items
    }

    /// After an item of a list or an object: whether another follows.
    pub(super) fn goes_on(&mut self, end: u8, what: &'static str) -> Result<bool, Stop> {
        self.blanks();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.blanks();
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(Stop::Syntax(what, self.at + 1)),
        }
    }

    /// A text; what is between its quotes.
    pub(super) fn string(&mut self) -> Result<Raw<'a>, Stop> {
        self.expect(b'"', "a name in quotes")?;
        let (begin, mut has_escapes) = (self.at, false);
        loop {
            // Nearly all bytes are none of these: they are looked at without asking each time whether there is one.
            let rest = &self.text[self.at..];
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            self.at += plain.unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => break,
                // That escapes are JSON's was checked before; this only has to find the end.
                Some(b'\\') => {
                    has_escapes = true;
                    self.at = self.text.len().min(self.at + 2);
                }
                Some(_) => return Err(Stop::Syntax("no control character in a text", self.at + 1)),
                None => return Err(Stop::Syntax("the end of a text", self.text.len() + 1)),
            }
        }
        let bytes = &self.text[begin..self.at];
        self.at += 1;
        Ok(Raw { bytes, has_escapes })
    }

    /// A number's text.
    pub(super) fn number(&mut self) -> Result<&'a [u8], Stop> {
        let begin = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(Stop::Syntax("a value", self.at + 1)),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits_at_least_one()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits_at_least_one()?;
        }
        Ok(&self.text[begin..self.at])
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn digits_at_least_one(&mut self) -> Result<(), Stop> {
        let begin = self.at;
        self.digits();
        if self.at == begin { Err(Stop::Syntax("a digit", self.at + 1)) } else { Ok(()) }
    }

    /// Any value, of which only the grammar matters.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'{') => {
                self.at += 1;
                let mut more = self.has_items(b'}');
                while more {
                    self.string()?;
                    self.colon()?;
                    self.skip()?;
                    more = self.goes_on(b'}', "',' or '}'")?;
                }
                Ok(())
            }
            Some(b'[') => {
                self.at += 1;
                let mut more = self.has_items(b']');
                while more {
                    self.skip()?;
                    more = self.goes_on(b']', "',' or ']'")?;
                }
                Ok(())
            }
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => self.number().map(drop),
        }
    }

    pub(super) fn colon(&mut self) -> Result<(), Stop> {
        self.blanks();
        self.expect(b':', "':'")?;
        self.blanks();
        Ok(())
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), Stop> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Stop::Syntax("a value", self.at + 1));
        }
        self.at += word.len();
        Ok(())
    }

    /// What a value is, by its first byte.
    pub(super) fn kind(&self) -> &'static str {
        match self.peek() {
            Some(b'[') => "an array",
            Some(b'{') => "an object",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            _ => "a number",
        }
    }
}
