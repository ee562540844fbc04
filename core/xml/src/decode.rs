//! Bytes of a document -> text, by byte order mark, by how its first character stands, and by its XML declaration.
//!
//! What a browser reads is read: UTF-8, UTF-16 with or without a byte order mark, and the single-byte and East Asian
//! encodings under their usual names. Every other encoding (UTF-32, EBCDIC, code pages of DOS) is refused by name.
//! Bytes that their encoding does not have are refused, never replaced. Lengths stay bounded by the input: no byte
//! becomes more than three.

use encoding_rs::Encoding;
use std::borrow::Cow;

/// How far into the document the XML declaration is looked for.
const DECLARATION_BYTES_MAX: usize = 200;

/// The document as text, without a byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => return utf8(rest),
        [0xFE, 0xFF, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        // A document begins with `<`, and no other encoding has a zero byte beside it.
        [0, b'<', ..] => return utf16(bytes, u16::from_be_bytes),
        [b'<', 0, ..] => return utf16(bytes, u16::from_le_bytes),
        _ => {}
    }
    let Some(name) = declared_encoding(bytes) else { return utf8(bytes) };
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => utf8(bytes),
        // The label means windows-1252 to a browser; in a document it means what it says.
        "iso-8859-1" | "latin1" => Ok(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into()),
        _ => declared(bytes, name),
    }
}

/// A document in the encoding that it names. One that names UTF-16 is none: its declaration could not be read as bytes.
fn declared<'b>(bytes: &'b [u8], name: &str) -> Result<Cow<'b, str>, String> {
    let unknown =
        [encoding_rs::UTF_16BE, encoding_rs::UTF_16LE, encoding_rs::REPLACEMENT, encoding_rs::X_USER_DEFINED];
    match Encoding::for_label(name.as_bytes()).filter(|encoding| !unknown.contains(encoding)) {
        Some(encoding) => encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| format!("The document is not valid {}", encoding.name())),
        None => Err(format!("The encoding '{name}' is not supported; use UTF-8")),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => Err(format!("The document is not valid UTF-8 at byte {}", error.valid_up_to())),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("The document ends within a UTF-16 character".into());
    }
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    text.map(Cow::Owned).map_err(|_| "The document is not valid UTF-16".into())
}

/// The value of `encoding` in the XML declaration, if there is one.
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let head = head.strip_prefix(b"<?xml")?;
    let head = std::str::from_utf8(&head[..memchr::memchr(b'>', head)?]).ok()?;
    let value = head.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name)
}
