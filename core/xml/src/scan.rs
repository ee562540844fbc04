//! One pass over the text before the tree is built: depth, counts, namespaces, and no document type declaration.
//!
//! It only enforces limits. Whatever is not well-formed it leaves to the tree builder, which stops at the first
//! error; up to there both read a document the same way, so nothing gets past the limits.

use crate::limits::DocumentLimits;

/// Why a document was refused, and the byte offset where.
pub(crate) struct Refusal {
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// Counts while scanning.
#[derive(Default)]
struct Counts {
    nodes: usize,
    attributes: usize,
    namespaces: usize,
    namespaces_in_scope: usize,
    /// Namespaces declared by each open element.
    open: Vec<usize>,
}

/// Checks `text` against `limits`.
pub(crate) fn scan(text: &str, limits: &DocumentLimits) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let mut counts = Counts::default();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        let start = at + found;
        // The text before the tag is a node too.
        counts.nodes += 1 + usize::from(found > 0);
        if counts.nodes > limits.nodes_max {
            return refuse(start, format!("The document has more than {} XML nodes", limits.nodes_max));
        }
        let rest = &bytes[start..];
        let end = if rest.starts_with(b"<!--") {
            skip(rest, 4, b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            skip(rest, 9, b"]]>")
        } else if rest.starts_with(b"<?") {
            skip(rest, 2, b"?>")
        } else if rest.starts_with(b"<!") {
            return refuse(start, "Document type declarations are not allowed".into());
        } else if rest.starts_with(b"</") {
            counts.namespaces_in_scope -= counts.open.pop().unwrap_or(0);
            skip(rest, 2, b">")
        } else {
            scan_start_tag(text, start, limits, &mut counts)?
        };
        let Some(end) = end else { return Ok(()) };
        at = start + end;
    }
    Ok(())
}

fn refuse<T>(at: usize, message: String) -> Result<T, Refusal> {
    Err(Refusal { at, message })
}

/// Where `rest` goes on after the next `close`, looked for from `from`.
fn skip(rest: &[u8], from: usize, close: &[u8]) -> Option<usize> {
    memchr::memmem::find(&rest[from..], close).map(|found| from + found + close.len())
}

/// Reads one start tag, which begins at `start`; returns its length, or `None` if it has no end.
fn scan_start_tag(
    text: &str,
    start: usize,
    limits: &DocumentLimits,
    counts: &mut Counts,
) -> Result<Option<usize>, Refusal> {
    let bytes = &text.as_bytes()[start..];
    let (mut at, mut attributes, mut namespaces) = (1, 0, 0);
    let empty = loop {
        let Some(found) = memchr::memchr3(b'"', b'\'', b'>', &bytes[at..]) else { return Ok(None) };
        if bytes[at + found] == b'>' {
            at += found + 1;
            break bytes[at - 2] == b'/';
        }
        attributes += 1;
        let name = attribute_name(&bytes[at..at + found]);
        namespaces += usize::from(name == b"xmlns" || name.starts_with(b"xmlns:"));
        let value = at + found + 1;
        let Some(end) = memchr::memchr(bytes[at + found], &bytes[value..]) else { return Ok(None) };
        at = value + end + 1;
        if attributes > limits.attributes_per_element_max {
            let message =
                format!("An element has more than {} attributes", limits.attributes_per_element_max);
            return refuse(start, message);
        }
    };
    counts.attributes += attributes;
    counts.namespaces += namespaces;
    counts.namespaces_in_scope += namespaces;
    counts.open.push(namespaces);
    check(start, counts, limits)?;
    if empty {
        counts.namespaces_in_scope -= counts.open.pop().unwrap_or(0);
    }
    Ok(Some(at))
}

/// The name in `name = `, which stands before a quote.
fn attribute_name(before_quote: &[u8]) -> &[u8] {
    let name = before_quote.trim_ascii_end();
    let name = name.strip_suffix(b"=").unwrap_or(name).trim_ascii_end();
    let from = name.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
    &name[from..]
}

fn check(start: usize, counts: &Counts, limits: &DocumentLimits) -> Result<(), Refusal> {
    let bounds = [
        (counts.open.len(), limits.depth_max, "levels of nested XML elements"),
        (counts.attributes, limits.attributes_max, "attributes"),
        (counts.namespaces, limits.namespaces_max, "namespace declarations"),
        (counts.namespaces_in_scope, limits.namespaces_in_scope_max, "namespace declarations at one element"),
    ];
    for (count, max, what) in bounds {
        if count > max {
            return refuse(start, format!("The document has more than {max} {what}"));
        }
    }
    Ok(())
}
