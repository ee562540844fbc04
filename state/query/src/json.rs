//! Values of variables as they are kept and compared: the same value is the same text.
//!
//! Clients send JSON with blanks, escapes and numbers as they like; Camunda keeps values in a form of its own and shows them as one text each.
//! Here too: no blanks between, what need not be escaped stands as it is, a number with a fraction or an exponent is written as Java writes a
//! double. Members keep their order, and whole numbers their digits.

use memchr::memchr2;
use std::borrow::Cow;
use std::fmt::Write;

/// A JSON value as it is kept. What is no JSON is not changed where that is seen: it is compared as it is.
pub fn canonical(text: &str) -> Cow<'_, str> {
    match first_change(text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) if serde_json::from_str::<&serde_json::value::RawValue>(text).is_err() => Cow::Borrowed(text),
        Some(at) => rewritten(text, at).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

/// Where something may be to be written otherwise; at the begin of a string or number.
fn first_change(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => return Some(at),
            b'"' => {
                let inside = bytes.get(at + 1..)?;
                let end = memchr2(b'"', b'\\', inside)?;
                if inside[end] == b'\\' {
                    return Some(at);
                }
                at += end + 2;
            }
            b'-' | b'0'..=b'9' => {
                let end = number_end(bytes, at);
                if !is_plain(&bytes[at..end]) {
                    return Some(at);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    None
}

fn number_end(bytes: &[u8], begin: usize) -> usize {
    let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    begin + bytes[begin..].iter().take_while(is_part).count()
}

/// A whole number, but for the negative zero.
fn is_plain(number: &[u8]) -> bool {
    number != b"-0" && number.iter().all(|byte| !matches!(byte, b'.' | b'e' | b'E'))
}

/// The text from a place on, as it is kept; none for what is no JSON.
fn rewritten(text: &str, from: usize) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..from]);
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'"' => at = put_string(&mut out, text, at)?,
            b'-' | b'0'..=b'9' => {
                let end = number_end(bytes, at);
                put_number(&mut out, &text[at..end])?;
                at = end;
            }
            byte if byte.is_ascii() => {
                out.push(char::from(byte));
                at += 1;
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Writes the string that begins at a place; the place behind it.
fn put_string(out: &mut String, text: &str, begin: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = begin + 1;
    let mut has_escapes = false;
    loop {
        match bytes.get(end)? {
            b'"' => break,
            b'\\' => {
                has_escapes = true;
                end += 2;
            }
            _ => end += 1,
        }
    }
    let string = text.get(begin..=end)?;
    if has_escapes {
        // A half of a pair, which JSON can say and text cannot, stays as it is.
        match serde_json::from_str::<String>(string) {
            Ok(meant) => out.push_str(&serde_json::Value::String(meant).to_string()),
            Err(_) => out.push_str(string),
        }
    } else {
        out.push_str(string);
    }
    Some(end + 1)
}

fn put_number(out: &mut String, number: &str) -> Option<()> {
    if is_plain(number.as_bytes()) {
        out.push_str(number);
        return Some(());
    }
    if number == "-0" {
        out.push('0');
        return Some(());
    }
    let value: f64 = number.parse().ok()?;
    if !value.is_finite() {
        out.push_str(number);
        return Some(());
    }
    put_double(out, value);
    Some(())
}

/// A double as Java's `Double.toString` writes it.
fn put_double(out: &mut String, value: f64) {
    let size = value.abs();
    let is_written = if value == 0.0 {
        write!(out, "{}0.0", if value.is_sign_negative() { "-" } else { "" })
    } else if (1e-3..1e7).contains(&size) {
        let begin = out.len();
        let written = write!(out, "{value}");
        if !out[begin..].contains('.') {
            out.push_str(".0");
        }
        written
    } else {
        let scientific = format!("{value:E}");
        match scientific.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => write!(out, "{digits}.0E{exponent}"),
            _ => write!(out, "{scientific}"),
        }
    };
    is_written.expect("writing into a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use std::borrow::Cow;

    #[test]
    fn one_value_is_one_text() {
        for (sent, kept) in [
            (" { \"a\" : [ 1 , 2.50,\t\"x y\" ] }\n", "{\"a\":[1,2.5,\"x y\"]}"),
            (
                "[1.0,1e3,1E+7,-0.00012,1.5e-7,123456789012345678901234567890,0.0,-0.0,-0,10e22]",
                "[1.0,1000.0,1.0E7,-1.2E-4,1.5E-7,123456789012345678901234567890,0.0,-0.0,0,1.0E23]",
            ),
            ("\"\\u0041\\/\\u00e4\\n\\u0007\\\"\\\\ \\ud83d\\ude00\"", "\"A/ä\\n\\u0007\\\"\\\\ 😀\""),
            ("\"\\ud83d\" ", "\"\\ud83d\""),
            ("true ", "true"),
            ("1e999", "1e999"),
        ] {
            assert_eq!(canonical(sent), kept, "{sent}");
            assert!(matches!(canonical(kept), Cow::Borrowed(_)) || canonical(kept) == kept, "{kept} is kept");
        }
    }

    #[test]
    fn what_is_no_json_or_needs_nothing_stays() {
        for text in ["{\"a\":[1,true,null],\"b\":\"x  y\"}", "\"", "\"\\", "äöü 1.50", "- ", "", "\"a\\\""]
        {
            let kept = canonical(text);
            assert_eq!(kept, text);
        }
    }
}
