//! Bytes -> text -> tree. In two steps, since the tree borrows from the text.

use std::borrow::Cow;

use roxmltree::{Document, ParsingOptions};

use crate::decode::decode;
use crate::findings::{Positions, document_violation};
use crate::limits::DocumentLimits;
use crate::scan::scan;
use crate::violation::{Position, Violation};

/// The text of a document within the limits, or the one violation that says why it cannot be read.
pub fn read<'b>(bytes: &'b [u8], limits: &DocumentLimits) -> Result<Cow<'b, str>, Violation> {
    if bytes.len() > limits.document_bytes_max {
        let message = format!("The document is larger than {} bytes", limits.document_bytes_max);
        return Err(document_violation(None, message));
    }
    let text = decode(bytes).map_err(|message| document_violation(None, message))?;
    if let Err(refusal) = scan(&text, limits) {
        let position = Positions::new(&text).at(refusal.at);
        return Err(document_violation(Some(position), refusal.message));
    }
    Ok(text)
}

/// The tree of a text that [`read`] gave.
pub fn parse<'t>(text: &'t str, limits: &DocumentLimits) -> Result<Document<'t>, Violation> {
    let nodes_limit = u32::try_from(limits.nodes_max).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: false, nodes_limit, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let position = Position { line: error.pos().row, column: error.pos().col };
        document_violation(Some(position), describe(&error))
    })
}

/// The parser's message without the position, which a violation has of its own.
pub fn describe(error: &roxmltree::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at ").map_or(&*message, |(message, _)| message);
    format!("The document is not well-formed XML: {message}")
}
