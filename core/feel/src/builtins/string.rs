//! Strings. Positions and lengths count UTF-16 units, as the reference counts them.

use super::regex::{self, Pattern};
use super::{Builtin, fixed, illegal};
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::value::Val;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("substring", &["string", "start position"], substring),
    fixed("substring", &["string", "start position", "length"], substring),
    fixed("string length", &["string"], string_length),
    fixed("upper case", &["string"], |eval, args| map(eval, args, str::to_uppercase)),
    fixed("lower case", &["string"], |eval, args| map(eval, args, str::to_lowercase)),
    fixed("trim", &["string"], |eval, args| map(eval, args, |s| s.trim_matches(|c| c <= ' ').to_owned())),
    fixed("substring before", &["string", "match"], substring_before),
    fixed("substring after", &["string", "match"], substring_after),
    fixed("replace", &["input", "pattern", "replacement"], replace),
    fixed("replace", &["input", "pattern", "replacement", "flags"], replace),
    fixed("contains", &["string", "match"], |_, args| test(args, |s, m| s.contains(m))),
    fixed("starts with", &["string", "match"], |_, args| test(args, |s, m| s.starts_with(m))),
    fixed("ends with", &["string", "match"], |_, args| test(args, |s, m| s.ends_with(m))),
    fixed("matches", &["input", "pattern"], matches),
    fixed("matches", &["input", "pattern", "flags"], matches),
    fixed("split", &["string", "delimiter"], split),
    fixed("extract", &["input", "pattern"], extract),
    fixed("uuid", &[], uuid),
    fixed("to base64", &["value"], |eval, args| map(eval, args, to_base64)),
    fixed("is blank", &["string"], is_blank),
];

fn map<'v>(eval: &mut Eval<'v>, args: &[Val<'v>], f: impl Fn(&str) -> String) -> Outcome<'v> {
    match args {
        [Val::Str(text)] => {
            eval.charge(text.as_str().len() as u64 / 8)?;
            eval.new_string(f(text.as_str()))
        }
        _ => illegal(args),
    }
}

fn test<'v>(args: &[Val<'v>], f: impl Fn(&str, &str) -> bool) -> Outcome<'v> {
    match args {
        [Val::Str(text), Val::Str(other)] => Ok(Val::Bool(f(text.as_str(), other.as_str()))),
        _ => illegal(args),
    }
}

/// The length in UTF-16 units.
fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The part between two UTF-16 positions; half of a pair becomes `?`.
fn slice(text: &str, start: usize, end: usize) -> String {
    if text.is_ascii() {
        return text[start..end].to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().skip(start).take(end - start).collect();
    char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect()
}

fn substring<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (text, start, count) = match args {
        [Val::Str(text), Val::Number(start)] => (text.as_str(), start, None),
        [Val::Str(text), Val::Number(start), Val::Number(count)] => (text.as_str(), start, Some(count)),
        _ => return illegal(args),
    };
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
    eval.new_string(slice(text, start as usize, end as usize))
}

fn string_length<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text)] => Ok(Val::integer(length(text.as_str()) as i64)),
        _ => illegal(args),
    }
}

fn substring_before<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text), Val::Str(other)] => {
            let text = text.as_str();
            let before = text.find(other.as_str()).map_or("", |at| &text[..at]);
            eval.new_string(before.to_owned())
        }
        _ => illegal(args),
    }
}

fn substring_after<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text), Val::Str(other)] => {
            let after = text.as_str().split_once(other.as_str()).map_or("", |(_, after)| after);
            eval.new_string(after.to_owned())
        }
        _ => illegal(args),
    }
}

/// A compiled pattern, or the error value that names it.
fn pattern(eval: &mut Eval<'_>, text: &str, flags: &str) -> Result<Pattern, Stop> {
    eval.charge(text.len() as u64 + 50)?;
    regex::compile(text, flags).map_err(|reason| Stop::error(format!("Invalid pattern '{text}': {reason}")))
}

/// Matching costs steps in proportion to the input.
fn charge_match(eval: &mut Eval<'_>, pattern: &Pattern, input: &str) -> Result<(), Stop> {
    eval.charge(input.len() as u64 / 4 * (1 + pattern.source_len() as u64 / 64))
}

fn matches<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (input, text, flags) = match args {
        [Val::Str(input), Val::Str(text)] => (input, text, ""),
        [Val::Str(input), Val::Str(text), Val::Str(flags)] => (input, text, flags.as_str()),
        _ => return illegal(args),
    };
    let pattern = pattern(eval, text.as_str(), flags)?;
    charge_match(eval, &pattern, input.as_str())?;
    Ok(Val::Bool(pattern.is_match(input.as_str())))
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
    charge_match(eval, &pattern, input.as_str())?;
    let limit = eval.env.limits.string_bytes;
    match pattern.replace_all(input.as_str(), replacement.as_str(), limit) {
        Some(result) => eval.new_string(result),
        None => Err(Stop::error(format!("Invalid pattern '{}'", text.as_str()))),
    }
}

fn split<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Str(input), Val::Str(delimiter)] = args else { return illegal(args) };
    let pattern = pattern(eval, delimiter.as_str(), "")?;
    charge_match(eval, &pattern, input.as_str())?;
    let parts = pattern.split(input.as_str()).map(Val::string).collect();
    eval.new_list(parts)
}

fn extract<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Str(input), Val::Str(text)] = args else { return illegal(args) };
    let pattern = pattern(eval, text.as_str(), "")?;
    charge_match(eval, &pattern, input.as_str())?;
    let found = pattern.find_all(input.as_str()).map(|found| Val::string(found.as_str())).collect();
    eval.new_list(found)
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
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let n = (0..3).fold(0u32, |n, i| n << 8 | chunk.get(i).copied().unwrap_or(0) as u32);
        for i in 0..4 {
            if i > chunk.len() {
                out.push('=');
            } else {
                out.push(DIGITS[(n >> (18 - 6 * i) & 63) as usize] as char);
            }
        }
    }
    out
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
