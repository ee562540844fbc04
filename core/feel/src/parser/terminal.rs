//! Terminals: literals, names, calls, lists, contexts and function definitions.

use super::lexical::unescape;
use super::{Parsed, Parser};
use crate::ast::{Arguments, Exp, ExpId, Name};
use crate::number::Decimal;
use crate::temporal::parse;
use crate::temporal::{LocalDateTime, LocalTime};
use crate::value::{Val, Value};
use std::sync::Arc;

/// Reads the text of a temporal literal.
type ReadLiteral = fn(&str) -> Exp;

/// Built-in functions whose names contain a reserved word.
const RESERVED_FUNCTIONS: [&str; 5] =
    ["and", "or", "date and time", "years and months duration", "get or else"];

impl Parser<'_> {
    pub(super) fn terminal(&mut self, at: usize) -> Parsed {
        let found = self
            .temporal(at)
            .or_else(|| self.call(at))
            .or_else(|| self.reference(at))
            .or_else(|| self.simple_literal(at))
            .or_else(|| self.list(at))
            .or_else(|| self.context(at))
            .or_else(|| self.input(at))
            .or_else(|| self.function_definition(at))
            .or_else(|| self.parentheses(at));
        if found.is_none() {
            self.missing(at, "a value");
        }
        found
    }

    fn parentheses(&mut self, at: usize) -> Parsed {
        if self.text.as_bytes().get(at) != Some(&b'(') {
            return None;
        }
        let (inner, at) = self.next_expression(at + 1)?;
        let at = self.then(at, ")", "\")\"")?;
        Some((inner, at))
    }

    fn input(&mut self, at: usize) -> Parsed {
        if self.text.as_bytes().get(at) != Some(&b'?') {
            return None;
        }
        Some((self.add(Exp::Input), at + 1))
    }

    fn simple_literal(&mut self, at: usize) -> Parsed {
        for (word, value) in [("null", Val::Null), ("true", Val::Bool(true)), ("false", Val::Bool(false))] {
            if self.text[at..].starts_with(word) {
                return Some((self.add(Exp::Constant(value)), at + word.len()));
            }
        }
        if let Some((raw, end)) = self.quoted(at) {
            let text = unescape(raw);
            return Some((self.add(Exp::Constant(Val::string(text))), end));
        }
        self.number(at)
    }

    fn number(&mut self, at: usize) -> Parsed {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let start = at + (bytes.get(at) == Some(&b'-')) as usize;
        let mut end = start + digits(start);
        let whole = end > start;
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction > 0 {
                end += 1 + fraction;
            }
        }
        if !whole && end == start {
            return None;
        }
        let number = Decimal::parse(&bytes[at..end])?;
        Some((self.add(Exp::Number(number)), end))
    }

    fn temporal(&mut self, at: usize) -> Parsed {
        if self.text.as_bytes().get(at) == Some(&b'@') {
            let at = self.blank(at + 1);
            let (text, end) = self.quoted(at)?;
            let node = at_literal(text);
            return Some((self.add(node), end));
        }
        const KINDS: [(&str, ReadLiteral); 4] = [
            ("duration", duration_literal),
            ("date and time", date_time_literal),
            ("date", date_literal),
            ("time", time_literal),
        ];
        for (word, read) in KINDS {
            if !self.text[at..].starts_with(word) {
                continue;
            }
            let next = self.blank(at + word.len());
            if self.text.as_bytes().get(next) != Some(&b'(') {
                return None;
            }
            let next = self.blank(next + 1);
            let (node, next) = {
                let (text, next) = self.quoted(next)?;
                (read(text), next)
            };
            let end = self.then(next, ")", "\")\"")?;
            return Some((self.add(node), end));
        }
        None
    }

    /// A name or the one property whose name has a blank.
    pub(super) fn property(&mut self, at: usize) -> Option<(Name, usize)> {
        const TIME_OFFSET: &str = "time offset";
        if self.text[at..].starts_with(TIME_OFFSET) {
            return Some((TIME_OFFSET.into(), at + TIME_OFFSET.len()));
        }
        self.name(at)
    }

    pub(super) fn qualified_name(&mut self, at: usize) -> Option<(Vec<Name>, usize)> {
        let (first, mut end) = self.property(at)?;
        let mut names = vec![first];
        loop {
            let at = self.blank(end);
            if self.text.as_bytes().get(at) != Some(&b'.') || self.text.as_bytes().get(at + 1) == Some(&b'.')
            {
                break;
            }
            let at = self.blank(at + 1);
            let Some((name, after)) = self.property(at) else { break };
            names.push(name);
            end = after;
        }
        Some((names, end))
    }

    fn reference(&mut self, at: usize) -> Parsed {
        let (names, end) = self.qualified_name(at)?;
        Some((self.add(Exp::Reference(names)), end))
    }

    fn call(&mut self, at: usize) -> Parsed {
        let (mut names, end) = match self.function_name(at) {
            Some((name, end)) => (vec![name], end),
            None => self.qualified_name(at)?,
        };
        let open = self.blank(end);
        if self.text.as_bytes().get(open) != Some(&b'(') {
            return None;
        }
        let (arguments, end) = self.arguments(open + 1);
        let end = self.then(end, ")", "\")\"")?;
        let name = names.pop()?;
        let node = if names.is_empty() {
            Exp::Call(name, arguments)
        } else {
            Exp::QualifiedCall(names, name, arguments)
        };
        Some((self.add(node), end))
    }

    /// A function name with blanks, or one that contains a reserved word, where `(` follows.
    fn function_name(&mut self, at: usize) -> Option<(Name, usize)> {
        if let Some(spaced) = self.spaced_name(at) {
            return Some(spaced);
        }
        for name in RESERVED_FUNCTIONS {
            if self.text[at..].starts_with(name) {
                let end = at + name.len();
                let open = self.blank(end);
                if self.text.as_bytes().get(open) == Some(&b'(') {
                    return Some((name.into(), end));
                }
            }
        }
        None
    }

    fn arguments(&mut self, at: usize) -> (Arguments, usize) {
        if let Some((named, end)) = self.named_arguments(at) {
            return (Arguments::Named(named), end);
        }
        let mut values = Vec::new();
        let mut end = at;
        let mut next = self.blank(at);
        while let Some((value, after)) = self.argument(next) {
            values.push(value);
            end = after;
            let Some(comma) = self.then(end, ",", "\",\"") else { break };
            next = self.blank(comma);
        }
        (Arguments::Positional(values), end)
    }

    /// A range or an expression.
    fn argument(&mut self, at: usize) -> Parsed {
        self.range(at).or_else(|| self.expression(at))
    }

    fn named_arguments(&mut self, at: usize) -> Option<(Vec<(Name, ExpId)>, usize)> {
        let mut named: Vec<(Name, ExpId)> = Vec::new();
        let mut end = None;
        let mut next = self.blank(at);
        while let Some((name, value, after)) = self.named_argument(next) {
            // Of a name that occurs twice the last one counts.
            named.retain(|(n, _)| *n != name);
            named.push((name, value));
            end = Some(after);
            let Some(comma) = self.then(after, ",", "\",\"") else { break };
            next = self.blank(comma);
        }
        end.map(|end| (named, end))
    }

    fn named_argument(&mut self, at: usize) -> Option<(Name, ExpId, usize)> {
        let (name, at) = match self.spaced_name(at) {
            Some(spaced) => spaced,
            None => self.plain_name(at)?,
        };
        let at = self.blank(at);
        if self.text.as_bytes().get(at) != Some(&b':') {
            return None;
        }
        let at = self.blank(at + 1);
        let (value, at) = self.argument(at)?;
        Some((name, value, at))
    }

    /// A name whose absence is nothing to report.
    fn plain_name(&mut self, at: usize) -> Option<(Name, usize)> {
        let starts = self.char_at(at).is_some_and(|c| c == '`' || super::lexical::is_name_start(c));
        if starts { self.name(at) } else { None }
    }

    fn list(&mut self, at: usize) -> Parsed {
        if self.text.as_bytes().get(at) != Some(&b'[') {
            return None;
        }
        let mut items = Vec::new();
        let mut end = at + 1;
        let mut next = self.blank(end);
        while let Some((item, after)) = self.expression(next) {
            items.push(item);
            end = after;
            let Some(comma) = self.then(end, ",", "\",\"") else { break };
            next = self.blank(comma);
        }
        let end = self.then(end, "]", "\"]\"")?;
        Some((self.add(Exp::List(items)), end))
    }

    fn context(&mut self, at: usize) -> Parsed {
        if self.text.as_bytes().get(at) != Some(&b'{') {
            return None;
        }
        let mut entries = Vec::new();
        let mut end = at + 1;
        let mut next = self.blank(end);
        while let Some((entry, after)) = self.context_entry(next) {
            entries.push(entry);
            end = after;
            let Some(comma) = self.then(end, ",", "\",\"") else { break };
            next = self.blank(comma);
        }
        let end = self.then(end, "}", "\"}\"")?;
        Some((self.add(Exp::Context(entries)), end))
    }

    fn context_entry(&mut self, at: usize) -> Option<((Name, ExpId), usize)> {
        let (name, at) = self.context_key(at)?;
        let at = self.then(at, ":", "\":\"")?;
        let (value, at) = self.next_expression(at)?;
        Some(((name, value), at))
    }

    /// Anything without one of `" { } : , [ ]` and backtick, a name in backticks, or a string.
    fn context_key(&mut self, at: usize) -> Option<(Name, usize)> {
        let mut end = at;
        let mut next = at;
        while let Some(c) = self.char_at(next) {
            if matches!(c, '"' | '{' | '}' | ':' | ',' | '[' | ']' | '`') {
                break;
            }
            end = next + c.len_utf8();
            next = self.blank(end);
        }
        if end > at {
            return Some((self.text[at..end].into(), end));
        }
        if let Some((raw, end)) = self.quoted(at) {
            return Some((raw.into(), end));
        }
        let key = self.plain_name(at);
        if key.is_none() {
            self.missing(at, "a context key");
        }
        key
    }

    fn function_definition(&mut self, at: usize) -> Parsed {
        if !self.text[at..].starts_with("function") {
            return None;
        }
        let at = self.then(at + "function".len(), "(", "\"(\"")?;
        let mut params = Vec::new();
        let mut end = at;
        let mut next = self.blank(at);
        while let Some((name, after)) = self.parameter(next) {
            params.push(name);
            end = after;
            let Some(comma) = self.then(end, ",", "\",\"") else { break };
            next = self.blank(comma);
        }
        let at = self.then(end, ")", "\")\"")?;
        let at = self.blank(at);
        if let Some(rest) = self.text[at..].strip_prefix("external") {
            let open = self.blank(self.text.len() - rest.len());
            if self.text[open..].starts_with('{') {
                self.fail(at, "external functions are not supported".to_owned());
                return None;
            }
        }
        let (body, at) = self.expression(at)?;
        Some((self.add(Exp::Function(params, body)), at))
    }

    fn parameter(&mut self, at: usize) -> Option<(Name, usize)> {
        match self.spaced_name(at) {
            Some(spaced) => Some(spaced),
            None => self.plain_name(at),
        }
    }
}

fn constant(value: Option<Value>) -> Exp {
    Exp::Constant(value.unwrap_or(Val::Null))
}

fn date_literal(text: &str) -> Exp {
    constant(parse::date(text).map(Val::Date))
}

fn time_literal(text: &str) -> Exp {
    if !parse::is_offset_time(text) {
        return constant(parse::local_time(text).map(Val::LocalTime));
    }
    if parse::names_zone(text) {
        return Exp::ZonedTime(text.into());
    }
    constant(parse::time(text, 0).map(Val::Time))
}

fn date_time_literal(text: &str) -> Exp {
    if parse::is_date(text) {
        let value = parse::date(text).map(|date| LocalDateTime { date, time: LocalTime::MIDNIGHT });
        return constant(value.map(Val::LocalDateTime));
    }
    if parse::is_offset_date_time(text) {
        return constant(parse::date_time(text).map(|v| Val::DateTime(Arc::new(v))));
    }
    constant(parse::local_date_time(text).map(Val::LocalDateTime))
}

fn duration_literal(text: &str) -> Exp {
    if parse::is_year_month(text) {
        return constant(parse::year_month(text).map(Val::YearMonth));
    }
    constant(parse::day_time(text).map(Val::DayTime))
}

/// `@"..."`: the kind follows from the text's shape.
fn at_literal(text: &str) -> Exp {
    if parse::is_date(text) {
        date_literal(text)
    } else if parse::is_offset_time(text) {
        time_literal(text)
    } else if parse::is_offset_date_time(text) || parse::is_local_date_time(text) {
        date_time_literal(text)
    } else if parse::is_year_month(text) || parse::is_day_time(text) {
        duration_literal(text)
    } else {
        time_literal(text)
    }
}
