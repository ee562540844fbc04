//! `Content-Disposition` of a form's part, read as Spring's parser reads it, because that is what clients were tried against.
//!
//! A file's name comes as raw UTF-8, as `filename*` (RFC 5987, also in quotes, as Apache's client sends it), as encoded words
//! (RFC 2047) or with quoted pairs. `filename*` wins, wherever it stands. Names of parameters count in any case.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
use encoding_rs::{Encoding, UTF_8};
use std::borrow::Cow;

/// What a part says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disposition {
    /// The field's name.
    pub(crate) name: Option<String>,
    /// The file's name.
    pub(crate) file_name: Option<String>,
}

/// Reads a header's value. Bytes that are no UTF-8 become replacement characters, as in Java.
///
/// # Errors
/// What is wrong with it: an encoding that nobody knows, a broken escape.
pub(crate) fn parse(value: &[u8]) -> Result<Disposition, String> {
    let value = String::from_utf8_lossy(value);
    let mut found = Disposition::default();
    let mut is_extended = false;
    for parameter in parameters(&value).skip(1) {
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(format!("the parameter '{parameter}' has no value"));
        };
        let (name, value) = (name.trim_end(), unquoted(value.trim_start()));
        if name.eq_ignore_ascii_case("name") {
            found.name = Some(quoted_pairs(value));
        } else if name.eq_ignore_ascii_case("filename*") {
            found.file_name = Some(extended(value)?);
            is_extended = true;
        } else if name.eq_ignore_ascii_case("filename") && !is_extended && found.file_name.is_none() {
            found.file_name = Some(match encoded_words(value)? {
                Some(decoded) => decoded,
                None => quoted_pairs(value),
            });
        }
    }
    Ok(found)
}

/// The parts between semicolons that stand in no quotes, without blanks around them and without empty ones.
fn parameters(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = text.bytes().position(|byte| {
            let ends = byte == b';' && !is_quoted;
            is_quoted ^= byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        rest = end.map(|end| &text[end + 1..]);
        Some(text[..end.unwrap_or(text.len())].trim())
    })
    .filter(|part| !part.is_empty())
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

/// A backslash before a quote or a backslash is dropped; any other one belongs to the name, as in paths of Windows.
fn quoted_pairs(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&next @ ('"' | '\\')) if c == '\\' => {
                chars.next();
                out.push(next);
            }
            _ => out.push(c),
        }
    }
    out
}

/// `charset'language'percent-encoded`; without a charset it is ASCII.
fn extended(value: &str) -> Result<String, String> {
    let mut parts = value.splitn(3, '\'');
    let (encoded, charset) = match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_), Some(encoded)) => (encoded, charset.trim()),
        _ => (value, "UTF-8"),
    };
    let bytes = percent_decoded(encoded).ok_or("a file name is not encoded as RFC 5987 says")?;
    decoded(&bytes, charset)
}

/// A text whose bytes may stand as `%` and two hexadecimal digits; `None` when they do not.
pub(crate) fn percent_decoded(text: &str) -> Option<Cow<'_, [u8]>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            out.push(byte);
            rest = after;
            continue;
        }
        let [high, low, after @ ..] = after else { return None };
        out.push(hex(*high)? << 4 | hex(*low)?);
        rest = after;
    }
    Some(Cow::Owned(out))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn decoded(bytes: &[u8], charset: &str) -> Result<String, String> {
    let shown: String = charset.chars().take(40).collect();
    let encoding = if charset.eq_ignore_ascii_case("utf-8") {
        Some(UTF_8)
    } else {
        Encoding::for_label_no_replacement(charset.as_bytes())
    };
    let encoding = encoding.ok_or_else(|| format!("the encoding '{shown}' of a file name is not known"))?;
    Ok(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

/// The text of all `=?charset?B?base64?=`, or if there is none of all `=?charset?Q?quoted-printable?=`. `None` when the value does not
/// begin like one, or has none.
fn encoded_words(value: &str) -> Result<Option<String>, String> {
    if !value.starts_with("=?") {
        return Ok(None);
    }
    for (kind, decode) in [("b", base64 as fn(&str) -> Option<Vec<u8>>), ("q", quoted_printable)] {
        let (mut text, mut rest, mut is_any) = (String::new(), value, false);
        while let Some(at) = rest.find("=?") {
            rest = &rest[at + 2..];
            let mut parts = rest.splitn(3, '?');
            let (Some(charset), Some(this_kind), Some(tail)) = (parts.next(), parts.next(), parts.next())
            else {
                break;
            };
            if !this_kind.eq_ignore_ascii_case(kind) {
                continue;
            }
            // Where none ends, none that begins later ends either.
            let Some(end) = tail.find("?=") else { break };
            let bytes = decode(&tail[..end]).ok_or("a file name is not encoded as RFC 2047 says")?;
            text.push_str(&decoded(&bytes, charset)?);
            (rest, is_any) = (&tail[end + 2..], true);
        }
        if is_any {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// Signs at the end may be left out, as Java reads it.
const BASE_64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE_64.decode(text).ok()
}

/// As in headers: an underscore is a blank, `=` and two digits are a byte.
fn quoted_printable(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'_', _) => out.push(b' '),
            (b'=', [high, low, after @ ..]) => {
                out.push(hex(*high)? << 4 | hex(*low)?);
                rest = after;
            }
            _ => out.push(byte),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn file_name(parameters: &str) -> String {
        let value = format!("form-data; name=\"resources\"; {parameters}");
        match parse(value.as_bytes()) {
            Ok(found) => {
                assert_eq!(found.name.as_deref(), Some("resources"), "{parameters}");
                found.file_name.unwrap_or_else(|| "none".to_owned())
            }
            Err(why) => format!("error: {why}"),
        }
    }

    #[test]
    fn file_names_come_in_every_form_that_clients_send() {
        for (parameters, name) in [
            ("filename=\"a.bpmn\"", "a.bpmn"),
            ("filename=a.bpmn", "a.bpmn"),
            ("FileName = \"a.bpmn\"", "a.bpmn"),
            ("filename=\"übung.bpmn\"", "übung.bpmn"),
            ("filename=\"プロセス;1.bpmn\"", "プロセス;1.bpmn"),
            ("filename*=UTF-8''%C3%BCbung.bpmn", "übung.bpmn"),
            ("filename*=\"UTF-8''%C3%BCbung.bpmn\"", "übung.bpmn"),
            ("filename=\"?bung.bpmn\"; filename*=\"UTF-8''%C3%BCbung.bpmn\"", "übung.bpmn"),
            ("FILENAME*=utf-8'de'%c3%bcbung.bpmn; filename=x", "übung.bpmn"),
            ("filename*=ISO-8859-1''%FCbung.bpmn", "übung.bpmn"),
            ("filename*=plain.bpmn", "plain.bpmn"),
            ("filename=\"=?UTF-8?B?w7xidW5nLmJwbW4=?=\"", "übung.bpmn"),
            ("filename=\"=?UTF-8?B?w7w=?= =?utf-8?b?YnVuZw==?=\"", "übung"),
            ("filename=\"=?UTF-8?B?w7w?= =?utf-8?b?YnVuZw?=\"", "übung"),
            ("filename=\"=?UTF-8?Q?=C3=BCbung_1.bpmn?=\"", "übung 1.bpmn"),
            ("filename=\"=?ISO-8859-1?q?=FCbung?=\"", "übung"),
            ("filename=\"=?not one\"", "=?not one"),
            ("filename=\"a\\\"b\\\\c.bpmn\"", "a\"b\\c.bpmn"),
            ("filename=\"C:\\models\\a.bpmn\"", "C:\\models\\a.bpmn"),
            ("filename=\"\"", ""),
            ("other=x", "none"),
            ("filename=\"first\"; filename=\"second\"", "first"),
        ] {
            assert_eq!(file_name(parameters), name, "{parameters}");
        }
        let latin = [b"form-data; name=resources; filename=\"".as_slice(), &[0xfc], b".bpmn\""].concat();
        assert_eq!(parse(&latin).expect("read").file_name.as_deref(), Some("\u{fffd}.bpmn"));
    }

    /// A value is gone over a bounded number of times, however many words begin in it.
    #[test]
    fn words_that_never_end_are_looked_at_once() {
        let value = "=?a?q? ".repeat(100_000);
        let begun = std::time::Instant::now();
        assert_eq!(file_name(&format!("filename=\"{value}\"")), value);
        // Each one to its end would be a minute and more.
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (parameters, why) in [
            ("filename*=UTF-8''%C", "RFC 5987"),
            ("filename*=UTF-8''%zz", "RFC 5987"),
            ("filename*=nothing''a", "'nothing'"),
            ("filename=\"=?UTF-8?B?*?=\"", "RFC 2047"),
            ("filename=\"=?UTF-8?B?w7w==?=\"", "RFC 2047"),
            ("filename=\"=?UTF-8?B?w?=\"", "RFC 2047"),
            ("filename=\"=?UTF-8?Q?=zz?=\"", "RFC 2047"),
            ("filename", "has no value"),
        ] {
            let said = file_name(parameters);
            assert!(said.starts_with("error: ") && said.contains(why), "{parameters}: {said}");
        }
    }
}
