//! Regular expressions in the dialect of the reference (Java), run without backtracking.
//!
//! A pattern becomes an automaton whose states are found while a text is read, each step of which costs the same
//! whatever the pattern; it gets little memory. Where that does not suffice the pattern's machine is simulated, at a
//! cost of the pattern's size for each byte. Both charge what they do: units for bytes read and states made, and before a
//! simulation the units for all of it. Patterns are kept for the evaluation, so that a loop compiles its own once.

mod estimate;
mod machine;
mod translate;

use crate::budget::cost;
use crate::error::Stop;
use crate::eval::Eval;
use machine::{Machine, Slot};
use memchr::memmem::Finder;
use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::hir::translate::TranslatorBuilder;
use std::rc::Rc;
use translate::{PATTERN_NESTING_MAX, translate};

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 10_000;
/// Patterns kept during an evaluation.
const PATTERNS_MAX: usize = 16;
/// Units for reading a pattern, and for each of its bytes.
const PATTERN_UNITS: u64 = 8_000;
const PATTERN_UNITS_PER_BYTE: u64 = 150;
/// Units for compiling a pattern; larger ones are refused at once.
const COMPILE_UNITS_MAX: u64 = 100_000_000;

/// The patterns of an evaluation.
#[derive(Default)]
pub(crate) struct Patterns(Vec<(Box<str>, Box<str>, Rc<Pattern>)>);

/// A compiled pattern.
pub(super) enum Pattern {
    /// Nothing but a text to look for.
    Text(Box<Finder<'static>>),
    Machine(Box<Machine>),
}

/// A pattern with flags out of `s`, `m`, `i`, `x`, from those kept or compiled; else the error value that names it.
pub(super) fn pattern(eval: &mut Eval<'_>, text: &str, flags: &str) -> Result<Rc<Pattern>, Stop> {
    eval.charge(cost::CALL + cost::copied(text.len()))?;
    let kept = &eval.patterns.0;
    if let Some((_, _, known)) = kept.iter().find(|(known, with, _)| **known == *text && **with == *flags) {
        return Ok(known.clone());
    }
    let pattern = Rc::new(compile(eval, text, flags)?);
    if eval.patterns.0.len() == PATTERNS_MAX {
        eval.patterns.0.remove(0);
    }
    eval.patterns.0.push((text.into(), flags.into(), pattern.clone()));
    Ok(pattern)
}

fn invalid(text: &str, reason: &str) -> Stop {
    Stop::error(format!("Invalid pattern '{}': {reason}", crate::display::head(text)))
}

fn compile(eval: &mut Eval<'_>, text: &str, flags: &str) -> Result<Pattern, Stop> {
    if text.len() > PATTERN_BYTES_MAX {
        return Err(invalid(text, &format!("longer than {PATTERN_BYTES_MAX} bytes")));
    }
    eval.charge(PATTERN_UNITS + text.len() as u64 * PATTERN_UNITS_PER_BYTE)?;
    let translated = translate(text, flags).map_err(|reason| invalid(text, &reason))?;
    if let Some(literal) = translated.literal {
        return Ok(Pattern::Text(Box::new(Finder::new(&literal).into_owned())));
    }
    let not_valid = || invalid(text, "not a valid regular expression");
    let mut parser = ParserBuilder::new();
    parser.nest_limit(PATTERN_NESTING_MAX).ignore_whitespace(flags.contains('x'));
    let ast = parser.build().parse(&translated.text).map_err(|_| not_valid())?;
    let units = estimate::units(&ast, flags.contains('i') || has_inline_flag(&translated.text, 'i'));
    if units > COMPILE_UNITS_MAX {
        return Err(invalid(text, "too large"));
    }
    eval.charge(units)?;
    let mut translator = TranslatorBuilder::new();
    translator
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(true);
    let hir = translator.build().translate(&translated.text, &ast).map_err(|_| not_valid())?;
    match Machine::new(hir, units) {
        Ok(machine) => Ok(Pattern::Machine(Box::new(machine))),
        Err(error) if error.size_limit().is_some() => Err(invalid(text, "too large")),
        Err(_) => Err(not_valid()),
    }
}

/// Whether a group of a pattern sets a flag.
fn has_inline_flag(pattern: &str, flag: char) -> bool {
    pattern.match_indices("(?").any(|(at, _)| {
        pattern[at + 2..].chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-').any(|c| c == flag)
    })
}

/// Where a pattern was found, in bytes.
pub(super) type Found = (usize, usize);

impl Pattern {
    fn find(&self, eval: &mut Eval<'_>, input: &str, from: usize) -> Result<Option<Found>, Stop> {
        let text = match self {
            Pattern::Text(text) => text,
            Pattern::Machine(machine) => return machine.find(eval, input, from),
        };
        let found = text.find(&input.as_bytes()[from..]).map(|at| from + at);
        eval.charge(cost::CALL + cost::scanned(found.unwrap_or(input.len()) - from))?;
        Ok(found.map(|at| (at, at + text.needle().len())))
    }

    pub(super) fn is_match(&self, eval: &mut Eval<'_>, input: &str) -> Result<bool, Stop> {
        match self {
            Pattern::Text(_) => Ok(self.find(eval, input, 0)?.is_some()),
            Pattern::Machine(machine) => machine.is_match(eval, input),
        }
    }

    /// Runs `each` for every match. An empty one may follow right after another match, as in the reference.
    pub(super) fn for_each<'v>(
        &self,
        eval: &mut Eval<'v>,
        input: &str,
        mut each: impl FnMut(&mut Eval<'v>, Found) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut from = Some(0);
        while let Some(at) = from {
            let Some((start, end)) = self.find(eval, input, at)? else { break };
            each(eval, (start, end))?;
            from = after(input, start, end);
        }
        Ok(())
    }

    /// The input with every match replaced; `None` where the replacement names a group that does not exist.
    pub(super) fn replace_all(
        &self,
        eval: &mut Eval<'_>,
        input: &str,
        replacement: &str,
    ) -> Result<Option<String>, Stop> {
        let Some(parts) = self.parts(replacement) else {
            // Only a match makes the replacement count.
            return Ok((!self.is_match(eval, input)?).then(|| input.to_owned()));
        };
        let grouped = parts.iter().any(|part| matches!(part, Part::Group(group) if *group > 0));
        let mut out = String::new();
        let mut copied = 0;
        self.for_each(eval, input, |eval, (start, end)| {
            out.push_str(&input[copied..start]);
            copied = end;
            let slots = if grouped { self.groups(eval, input, (start, end))? } else { Vec::new() };
            let before = out.len();
            for part in &parts {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Group(0) => out.push_str(&input[start..end]),
                    Part::Group(group) => {
                        if let (Some(Some(from)), Some(Some(to))) =
                            (slots.get(2 * group), slots.get(2 * group + 1))
                        {
                            out.push_str(&input[from.get()..to.get()]);
                        }
                    }
                }
            }
            let parts = parts.len() as u64 * cost::ITEM;
            eval.check_string(out.len() - before)?;
            eval.charge(parts)?;
            if out.len() > eval.env.limits.string_bytes {
                eval.check_string(out.len())?;
            }
            Ok(())
        })?;
        out.push_str(&input[copied..]);
        Ok(Some(out))
    }

    /// Where the groups of a match lie.
    fn groups(&self, eval: &mut Eval<'_>, input: &str, found: Found) -> Result<Vec<Slot>, Stop> {
        match self {
            Pattern::Text(_) => Ok(Vec::new()),
            Pattern::Machine(machine) => machine.groups(eval, input, found),
        }
    }

    /// Reads a replacement: `$1` and `${name}` stand for groups, a backslash takes the next character as it is.
    fn parts(&self, replacement: &str) -> Option<Vec<Part>> {
        let info = match self {
            Pattern::Text(_) => None,
            Pattern::Machine(machine) => Some(machine.group_info()),
        };
        let groups = info.map_or(1, |info| info.group_len(Default::default()));
        let chars: Vec<char> = replacement.chars().collect();
        let mut parts = vec![Part::Text(String::new())];
        let mut i = 0;
        while let Some(&c) = chars.get(i) {
            i += 1;
            match c {
                '\\' => {
                    push(&mut parts, *chars.get(i)?);
                    i += 1;
                }
                '$' if chars.get(i) == Some(&'{') => {
                    let end = i + chars[i..].iter().position(|c| *c == '}')?;
                    let name: String = chars[i + 1..end].iter().collect();
                    parts.push(Part::Group(info?.to_index(Default::default(), &name)?));
                    i = end + 1;
                }
                '$' => {
                    let mut group = chars.get(i)?.to_digit(10)? as usize;
                    if group >= groups {
                        return None;
                    }
                    i += 1;
                    // More digits belong to the number as long as there is such a group.
                    while let Some(digit) = chars.get(i).and_then(|c| c.to_digit(10)) {
                        let longer = group * 10 + digit as usize;
                        if longer >= groups {
                            break;
                        }
                        group = longer;
                        i += 1;
                    }
                    parts.push(Part::Group(group));
                }
                other => push(&mut parts, other),
            }
        }
        Some(parts)
    }
}

/// A part of a replacement.
enum Part {
    Text(String),
    Group(usize),
}

fn push(parts: &mut Vec<Part>, c: char) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.push(c),
        _ => parts.push(Part::Text(c.to_string())),
    }
}

/// Where to look for the next match after one from `start` to `end`; nowhere after an empty one at the very end.
fn after(input: &str, start: usize, end: usize) -> Option<usize> {
    if start < end {
        return Some(end);
    }
    input[end..].chars().next().map(|c| end + c.len_utf8())
}
