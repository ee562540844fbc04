//! Strings. Positions and lengths count UTF-16 units, as the reference counts them.

use super::regex::pattern;
use super::{Builtin, fixed, illegal};
use crate::budget::cost;
use crate::display::head;
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::value::Val;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("substring", &["string", "start position"], substring),
    fixed("substring", &["string", "start position", "length"], substring),
    fixed("string length", &["string"], string_length).copying(),
    fixed("upper case", &["string"], |eval, args| change_case(eval, args, str::to_uppercase)),
    fixed("lower case", &["string"], |eval, args| change_case(eval, args, str::to_lowercase)),
    fixed("trim", &["string"], |eval, args| map(eval, args, |s| s.trim_matches(|c| c <= ' ').to_owned()))
        .reading(),
    fixed("substring before", &["string", "match"], substring_before).scanning(),
    fixed("substring after", &["string", "match"], substring_after).scanning(),
    fixed("replace", &["input", "pattern", "replacement"], replace),
    fixed("replace", &["input", "pattern", "replacement", "flags"], replace),
    fixed("contains", &["string", "match"], |_, args| test(args, |s, m| find(s, m).is_some())).scanning(),
    fixed("starts with", &["string", "match"], |_, args| test(args, |s, m| s.starts_with(m))).copying(),
    fixed("ends with", &["string", "match"], |_, args| test(args, |s, m| s.ends_with(m))).copying(),
    fixed("matches", &["input", "pattern"], matches),
    fixed("matches", &["input", "pattern", "flags"], matches),
    fixed("split", &["string", "delimiter"], split),
    fixed("extract", &["input", "pattern"], extract),
    fixed("uuid", &[], uuid).costing(cost::TRANSCENDENTAL),
    fixed("to base64", &["value"], |eval, args| map(eval, args, to_base64)).reading(),
    fixed("is blank", &["string"], is_blank).reading(),
];

fn map<'v>(eval: &mut Eval<'v>, args: &[Val<'v>], f: impl Fn(&str) -> String) -> Outcome<'v> {
    match args {
        [Val::Str(text)] => eval.new_string(f(text.as_str())),
        _ => illegal(args),
    }
}

/// Letters beyond ASCII are looked up one by one.
fn change_case<'v>(eval: &mut Eval<'v>, args: &[Val<'v>], f: impl Fn(&str) -> String) -> Outcome<'v> {
    if let [Val::Str(text)] = args {
        let text = text.as_str();
        let each = if text.is_ascii() { 1 } else { 8 };
        eval.charge(text.len() as u64 * each)?;
    }
    map(eval, args, f)
}

/// Where a text begins inside another.
fn find(text: &str, wanted: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), wanted.as_bytes())
}

fn test<'v>(args: &[Val<'v>], f: impl Fn(&str, &str) -> bool) -> Outcome<'v> {
    match args {
        [Val::Str(text), Val::Str(other)] => Ok(Val::Bool(f(text.as_str(), other.as_str()))),
        _ => illegal(args),
    }
}

/// The length in UTF-16 units: two for what takes four bytes, one for everything else.
fn length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    // In chunks whose count fits a byte, so that many bytes are looked at with one instruction.
    let units =
        |chunk: &[u8]| chunk.iter().map(|b| ((*b as i8) >= -0x40) as u8 + (*b >= 0xf0) as u8).sum::<u8>();
    text.as_bytes().chunks(127).map(|chunk| units(chunk) as usize).sum()
}

/// The part between two UTF-16 positions; half of a pair becomes `?`.
fn slice(text: &str, start: usize, end: usize) -> String {
    if text.is_ascii() {
        return text[start..end].to_owned();
    }
    let units = text.encode_utf16().skip(start).take(end - start);
    char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect()
}

fn substring<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (text, start, count) = match args {
        [Val::Str(text), Val::Number(start)] => (text.as_str(), start, None),
        [Val::Str(text), Val::Number(start), Val::Number(count)] => (text.as_str(), start, Some(count)),
        _ => return illegal(args),
    };
    eval.charge(cost::copied(text.len()))?;
    let len = length(text) as i64;
    let start = match start.int_value() as i64 {
        index if index > 0 => index - 1,
        index => len + index,
    };
    let end = count.map_or(len, |count| (start + count.int_value() as i64).min(len));
    if start < 0 || start > end {
        return Err(Stop::abort(format!(
            "the part from {start} to {end} of a string of length {len} does not exist"
        )));
    }
    if !text.is_ascii() {
        eval.charge(2 * cost::read(text.len()))?;
    }
    eval.new_string(slice(text, start as usize, end as usize))
}

fn string_length<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text)] => {
            eval.charge(if text.as_str().is_ascii() { 0 } else { text.as_str().len() as u64 })?;
            Ok(Val::integer(length(text.as_str()) as i64))
        }
        _ => illegal(args),
    }
}

fn substring_before<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text), Val::Str(other)] => {
            let text = text.as_str();
            let before = find(text, other.as_str()).map_or("", |at| &text[..at]);
            eval.new_string(before.to_owned())
        }
        _ => illegal(args),
    }
}

fn substring_after<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text), Val::Str(other)] => {
            let (text, other) = (text.as_str(), other.as_str());
            let after = find(text, other).map_or("", |at| &text[at + other.len()..]);
            eval.new_string(after.to_owned())
        }
        _ => illegal(args),
    }
}

fn matches<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (input, text, flags) = match args {
        [Val::Str(input), Val::Str(text)] => (input, text, ""),
        [Val::Str(input), Val::Str(text), Val::Str(flags)] => (input, text, flags.as_str()),
        _ => return illegal(args),
    };
    let pattern = pattern(eval, text.as_str(), flags)?;
    Ok(Val::Bool(pattern.is_match(eval, input.as_str())?))
}

fn replace<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (input, text, replacement, flags) = match args {
        [Val::Str(input), Val::Str(text), Val::Str(replacement)] => (input, text, replacement, ""),
        [Val::Str(input), Val::Str(text), Val::Str(replacement), Val::Str(flags)] => {
            (input, text, replacement, flags.as_str())
        }
        _ => return illegal(args),
    };
    let pattern = pattern(eval, text.as_str(), flags)?;
    eval.charge(cost::read(replacement.as_str().len()) + cost::copied(input.as_str().len()))?;
    match pattern.replace_all(eval, input.as_str(), replacement.as_str())? {
        Some(result) => eval.new_string(result),
        None => Err(Stop::error(format!("Invalid pattern '{}'", head(text.as_str())))),
    }
}

/// The parts between matches. An empty match at the start separates nothing.
fn split<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Str(input), Val::Str(delimiter)] = args else { return illegal(args) };
    let (input, mut parts, mut from) = (input.as_str(), Vec::new(), 0);
    let pattern = pattern(eval, delimiter.as_str(), "")?;
    pattern.for_each(eval, input, |eval, (start, end)| {
        if from == 0 && end == 0 {
            return Ok(());
        }
        parts.push(eval.part(&input[from..start], parts.len())?);
        from = end;
        Ok(())
    })?;
    parts.push(eval.part(&input[from..], parts.len())?);
    eval.new_list(parts)
}

fn extract<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Str(input), Val::Str(text)] = args else { return illegal(args) };
    let (input, mut found) = (input.as_str(), Vec::new());
    let pattern = pattern(eval, text.as_str(), "")?;
    pattern.for_each(eval, input, |eval, (start, end)| {
        found.push(eval.part(&input[start..end], found.len())?);
        Ok(())
    })?;
    eval.new_list(found)
}

impl<'v> Eval<'v> {
    /// A part of a text as one more item of a list.
    fn part(&mut self, text: &str, items: usize) -> Outcome<'v> {
        self.check_count(items + 1)?;
        self.check_string(text.len())?;
        Ok(Val::string(text))
    }
}

/// A version 7 UUID of the environment's time and seed.
fn uuid<'v>(eval: &mut Eval<'v>, _: &[Val<'v>]) -> Outcome<'v> {
    let high =
        (eval.env.now_ms as u64 & 0xffff_ffff_ffff) << 16 | 0x7000 | (super::next_random(eval) & 0xfff);
    let low = 1 << 63 | (super::next_random(eval) >> 2);
    let text = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    );
    eval.new_string(text)
}

fn to_base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let n = (0..3).fold(0u32, |n, i| n << 8 | chunk.get(i).copied().unwrap_or(0) as u32);
        for i in 0..4 {
            let digit = DIGITS[(n >> (18 - 6 * i) & 63) as usize];
            out.push(if i > chunk.len() { b'=' } else { digit });
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

fn is_blank<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    // Blank means white space without the non-breaking kinds, plus the four information separators.
    let blank = |c: char| {
        (c.is_whitespace() && !matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}'))
            || matches!(c, '\u{1c}'..='\u{1f}')
    };
    match args {
        [Val::Str(text)] => Ok(Val::Bool(text.as_str().chars().all(blank))),
        _ => illegal(args),
    }
}
