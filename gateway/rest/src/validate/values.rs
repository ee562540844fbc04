//! Values held against their schemas.

use super::scan::Raw;
use super::{Name, READ_AS, Reader, Slots, Stop};
use ringbolt_api::call::shown;
use ringbolt_api::request::wrong_variables;
use ringbolt_api::schema::{At, Bits, Field, Format, Int, Object, Operator, Schema, Since, Size, Text};
use ringbolt_record::{VariableDocument, VariableDocumentError};

impl Reader<'_> {
    /// An object; notes where its fields lie if it is the body itself.
    pub(super) fn object(
        &mut self,
        object: &'static Object,
        mut slots: Option<&mut Slots>,
    ) -> Result<(), Stop> {
        self.expect(b'{', "an object")?;
        let beside = std::mem::take(&mut self.beside);
        let mut seen = 0u64;
        let mut more = self.has_items(b'}');
        while more {
            let raw = self.string()?;
            self.colon()?;
            match find(object, raw) {
                // `null` is as absent, also where it is a field of another kind of object that this could be.
                None if self.peek() == Some(b'n') && beside.iter().any(|other| knows(other, raw)) => {
                    self.skip()?
                }
                None => self.unknown(raw, beside)?,
                Some((At(at), field)) => {
                    let begin = self.at;
                    if self.peek() == Some(b'n') {
                        self.skip()?;
                        seen &= !(1 << at);
                        if slots.is_some() {
                            self.document.take_if(|(place, _)| place.0 == at);
                        }
                    } else {
                        self.enter(Name::Field(field.name));
                        self.is_required = field.required.holds(READ_AS) && !field.may_be_blank;
                        self.value(&field.schema, slots.is_some().then_some(At(at)))?;
                        self.leave();
                        seen |= 1 << at;
                    }
                    if let Some(slot) = slots.as_deref_mut().and_then(|slots| slots.get_mut(at)) {
                        // A body of 4 GiB was refused.
                        let place = |at: usize| u32::try_from(at).unwrap_or_default();
                        *slot = if seen & (1 << at) == 0 { (0, 0) } else { (place(begin), place(self.at)) };
                    }
                }
            }
            more = self.goes_on(b'}', "',' or '}'")?;
        }
        self.missing(object, seen);
        self.check_enough()
    }

    /// Notes the fields that must be there and are not.
    pub(super) fn missing(&mut self, object: &'static Object, seen: u64) {
        for (at, field) in object.fields.iter().enumerate() {
            if field.required.holds(READ_AS) && seen & (1 << at) == 0 {
                let what = if self.depth == 0 {
                    format!("No {} provided", field.name)
                } else {
                    format!("No {} provided in '{}'", field.name, self.name())
                };
                self.violations.push(what);
            }
        }
    }

    /// A property that is not known here; it may be where an object is of another kind.
    fn unknown(&mut self, raw: Raw<'_>, beside: &'static [Schema]) -> Result<(), Stop> {
        self.unknowns += 1;
        let why = match beside.iter().any(|other| knows(other, raw)) {
            true => "it cannot stand beside the others",
            false => "there is no such property",
        };
        let name = raw.text().unwrap_or_default();
        let shown = shown(&name);
        let parent = self.name();
        let dot = if parent.is_empty() { "" } else { "." };
        self.skip()?;
        self.unreadable(format!("Request property [{parent}{dot}{shown}] cannot be parsed: {why}"))
    }

    /// A value; `at` is its place if it is a field of the body itself.
    fn value(&mut self, schema: &'static Schema, at: Option<At>) -> Result<(), Stop> {
        match schema.at(READ_AS) {
            Schema::Text(text) => self.text(text),
            Schema::Int(int) => self.int(int),
            Schema::Number => match self.peek() {
                Some(b'-' | b'0'..=b'9') => self.number().map(drop),
                _ => self.mistaken("a number"),
            },
            Schema::Flag => match self.peek() {
                Some(b't' | b'f') => self.skip(),
                _ => self.mistaken("true or false"),
            },
            Schema::Any => self.skip(),
            Schema::Given => match self.peek() {
                Some(b'n') => self.mistaken("a value"),
                _ => self.skip(),
            },
            Schema::Document => self.document(at),
            Schema::Map(of) => self.map(of),
            Schema::List(of, size) => self.list(of, *size),
            Schema::Enum(both, newer) => self.one_of_texts(both, newer),
            Schema::Filter(of, operators) => match self.peek() {
                Some(b'{') => self.filter(of, operators),
                _ => self.value(of, None),
            },
            Schema::OneOf(options) => self.one_of(options),
            Schema::Object(object) => match self.peek() {
                Some(b'{') => self.object(object, None),
                _ => self.mistaken("an object"),
            },
            Schema::Levels(..) => self.skip(),
        }
    }

    /// Something else than was expected.
    fn mistaken(&mut self, expected: &str) -> Result<(), Stop> {
        self.skip()?;
        self.wrong(&format!("expected {expected}"))
    }

    fn text(&mut self, text: &Text) -> Result<(), Stop> {
        if self.peek() != Some(b'"') {
            return self.mistaken("a string");
        }
        let raw = self.string()?;
        if text.size == (Size { min: 0, max: 0 }) && text.pattern.is_none() && text.format == Format::Plain {
            // Only the escapes could be wrong; without any there is nothing to look at.
            let is_text = !raw.has_escapes || raw.text().is_some();
            let is_blank = self.is_required && raw.bytes.iter().all(u8::is_ascii_whitespace);
            return match (is_text, is_blank) {
                (false, _) => self.wrong("expected a string"),
                (true, true) => self.nothing(),
                (true, false) => Ok(()),
            };
        }
        match raw.text() {
            None => self.wrong("expected a string"),
            Some(value) => self.constrain(&value, text),
        }
    }

    fn int(&mut self, int: &Int) -> Result<(), Stop> {
        let expected = match int.bits {
            Bits::B32 => "a whole number of 32 bits",
            Bits::B64 | Bits::Unsaid => "a whole number of 64 bits",
        };
        let Some(b'-' | b'0'..=b'9') = self.peek() else { return self.mistaken(expected) };
        let text = self.number()?;
        let value = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
        let value = value.filter(|value| int.bits != Bits::B32 || i32::try_from(*value).is_ok());
        match value {
            None => self.wrong(&format!("expected {expected}")),
            Some(value) => self.constrain_number(value, int),
        }
    }

    /// Names and values of the client's own: variables. The body's own are split into members in this pass.
    fn document(&mut self, at: Option<At>) -> Result<(), Stop> {
        if self.peek() != Some(b'{') {
            let begin = self.at;
            let found = self.kind();
            self.skip()?;
            let error = VariableDocumentError::NotAnObject(found);
            let why = wrong_variables(&error, &self.text[begin..self.at]);
            return self.violated(why.replace("'variables'", &format!("'{}'", self.name())));
        }
        let Some(at) = at else { return self.skip() };
        match VariableDocument::parse_at(self.checked, self.at) {
            Ok((document, end)) => {
                self.at = end;
                self.document = Some((at, document));
                Ok(())
            }
            Err(error @ (VariableDocumentError::TooMany | VariableDocumentError::NameTooLong(_))) => {
                self.skip()?;
                let why = wrong_variables(&error, b"");
                self.violated(why)
            }
            // The grammar is at fault; this finds where.
            Err(error) => {
                self.skip()?;
                let why = wrong_variables(&error, b"");
                self.unreadable(why)
            }
        }
    }

    fn map(&mut self, of: &'static Schema) -> Result<(), Stop> {
        if self.peek() != Some(b'{') {
            return self.mistaken("an object");
        }
        self.at += 1;
        let mut more = self.has_items(b'}');
        while more {
            self.string()?;
            self.colon()?;
            self.value(of, None)?;
            more = self.goes_on(b'}', "',' or '}'")?;
        }
        Ok(())
    }

    fn list(&mut self, of: &'static Schema, size: Size) -> Result<(), Stop> {
        if self.peek() != Some(b'[') {
            return self.mistaken(list_words(of));
        }
        self.at += 1;
        let mut items = 0u32;
        let mut more = self.has_items(b']');
        // An array of texts that has something else in it is reported once, as a whole.
        let is_of_texts = matches!(of.at(READ_AS), Schema::Text(_));
        let mut is_wrong = false;
        while more {
            if is_of_texts && self.peek() != Some(b'"') {
                self.skip()?;
                is_wrong = true;
            } else {
                self.enter(Name::Item(items));
                self.is_required = false;
                self.value(of, None)?;
                self.leave();
            }
            items += 1;
            more = self.goes_on(b']', "',' or ']'")?;
        }
        if is_wrong {
            return self.wrong("expected an array of strings");
        }
        self.constrain_list(items, size, of)
    }

    fn one_of_texts(&mut self, both: &[&str], newer: &[&str]) -> Result<(), Stop> {
        if self.peek() != Some(b'"') {
            return self.mistaken("a string");
        }
        let raw = self.string()?;
        if both.iter().chain(newer).any(|value| raw.is(value)) {
            return Ok(());
        }
        let value = raw.text().unwrap_or_default();
        let shown = shown(&value);
        let mut values = [both, newer].concat();
        values.sort_unstable();
        let name = self.name();
        self.unreadable(format!(
            "Cannot map value '{shown}' for type '{name}'. Use any of the following values: [{}]",
            values.join(", ")
        ))
    }

    fn filter(&mut self, of: &'static Schema, operators: &'static [Operator]) -> Result<(), Stop> {
        self.at += 1;
        let mut more = self.has_items(b'}');
        while more {
            let raw = self.string()?;
            self.colon()?;
            match operators.iter().find(|operator| raw.is(operator.name())) {
                None => self.unknown(raw, &[])?,
                Some(_) if self.peek() == Some(b'n') => self.skip()?,
                Some(operator) => {
                    self.enter(Name::Field(operator.name()));
                    match operator {
                        Operator::Exists => self.value(&Schema::Flag, None)?,
                        Operator::Like => self.value(&ringbolt_api::schema::kinds::TEXT, None)?,
                        Operator::In | Operator::NotIn => self.list(of, Size { min: 0, max: 0 })?,
                        Operator::Eq
                        | Operator::Neq
                        | Operator::Gt
                        | Operator::Gte
                        | Operator::Lt
                        | Operator::Lte => self.value(of, None)?,
                    }
                    self.leave();
                }
            }
            more = self.goes_on(b'}', "',' or '}'")?;
        }
        Ok(())
    }

    /// The first of the options that it can be. If it is none, what is wrong with the one that it comes nearest to: a client that has one
    /// value wrong is not told of names that it did not mean.
    fn one_of(&mut self, options: &'static [Schema]) -> Result<(), Stop> {
        let (begin, byte) = (self.at, self.peek());
        let (unreadable, violations) = (self.unreadable.len(), self.violations.len());
        let mut nearest: Option<((usize, usize), &Schema)> = None;
        for option in options.iter().filter(|option| may_begin(option, byte)) {
            let unknowns = self.unknowns;
            self.beside = options;
            self.value(option, None)?;
            self.beside = &[];
            if (self.unreadable.len(), self.violations.len()) == (unreadable, violations) {
                return Ok(());
            }
            // What it cannot be by its names is farther from it than what has a wrong value.
            let wrong = (self.unknowns - unknowns, self.unreadable.len() - unreadable);
            self.unreadable.truncate(unreadable);
            self.violations.truncate(violations);
            self.at = begin;
            if nearest.is_none_or(|(fewest, _)| wrong < fewest) {
                nearest = Some((wrong, option));
            }
        }
        match nearest {
            Some((_, option)) => {
                self.beside = options;
                self.value(option, None)
            }
            None if options.iter().any(|option| may_begin(option, Some(b'{'))) => self.mistaken("an object"),
            None => self.mistaken("another kind of value"),
        }
    }
}

fn find(object: &'static Object, raw: Raw<'_>) -> Option<(At, &'static Field)> {
    let found = if raw.has_escapes { object.find(raw.text()?.as_bytes()) } else { object.find(raw.bytes) };
    found.filter(|(_, field)| field.span != Since::Never)
}

/// Whether an object of a schema has a field of that name.
fn knows(schema: &'static Schema, raw: Raw<'_>) -> bool {
    matches!(schema.at(READ_AS), Schema::Object(object) if find(object, raw).is_some())
}

fn list_words(of: &Schema) -> &'static str {
    if matches!(of.at(READ_AS), Schema::Text(_)) { "an array of strings" } else { "an array" }
}

/// Whether a value of a schema may begin with this byte.
fn may_begin(schema: &Schema, byte: Option<u8>) -> bool {
    match schema.at(READ_AS) {
        Schema::Text(_) | Schema::Enum(..) => byte == Some(b'"'),
        Schema::Int(_) | Schema::Number => matches!(byte, Some(b'-' | b'0'..=b'9')),
        Schema::Flag => matches!(byte, Some(b't' | b'f')),
        Schema::Document | Schema::Map(_) | Schema::Object(_) => byte == Some(b'{'),
        Schema::List(..) => byte == Some(b'['),
        Schema::Filter(of, _) => byte == Some(b'{') || may_begin(of, byte),
        Schema::OneOf(options) => options.iter().any(|option| may_begin(option, byte)),
        Schema::Any | Schema::Given | Schema::Levels(..) => true,
    }
}
