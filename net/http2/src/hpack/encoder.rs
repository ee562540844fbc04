//! From fields to header blocks (RFC 7541, section 6). Strings are sent as they are.
//!
//! Responses repeat few fields. The first of them are put into the client's table and named by their index from then on; when the
//! table is full it stays as it is, so that an index never moves but by those that came after it.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{
    ENTRY_BYTES, TABLE_BYTES_FIRST,
    field::{FIXED_ENTRIES, fixed_name, fixed_status},
    integer,
};

/// So many fields are kept at most: they are looked for one after the other.
const ENTRIES_MAX: usize = 24;
/// Longer values are not worth their room.
const VALUE_BYTES_MAX: usize = 256;

/// Writes the header blocks of one connection.
#[derive(Debug)]
pub(crate) struct Encoder {
    /// What is in the client's table, the oldest first.
    entries: Vec<(HeaderName, HeaderValue)>,
    bytes: usize,
    bytes_max: usize,
    /// The client has to be told first that its table is smaller now.
    has_shrunk: bool,
}

impl Encoder {
    pub(crate) fn new() -> Encoder {
        Encoder { entries: Vec::new(), bytes: 0, bytes_max: TABLE_BYTES_FIRST, has_shrunk: false }
    }

    /// The client's table has room for so many bytes. Of a larger one than the first nothing more is used.
    pub(crate) fn limit_table(&mut self, bytes: usize) {
        let bytes = bytes.min(TABLE_BYTES_FIRST);
        if bytes < self.bytes_max {
            self.entries.clear();
            (self.bytes, self.bytes_max, self.has_shrunk) = (0, bytes, true);
        }
    }

    /// Appends the block of a response's head.
    pub(crate) fn head(&mut self, status: StatusCode, headers: &HeaderMap, out: &mut Vec<u8>) {
        self.begin(out);
        match fixed_status(status.as_u16()) {
            Some(index) => out.push(0x80 | index),
            None => {
                out.extend_from_slice(&[0x08, 3]);
                out.extend_from_slice(status.as_str().as_bytes());
            }
        }
        self.fields(headers, out);
    }

    /// Appends the block of trailers.
    pub(crate) fn trailers(&mut self, trailers: &HeaderMap, out: &mut Vec<u8>) {
        self.begin(out);
        self.fields(trailers, out);
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.has_shrunk) {
            integer::write(0x20, 5, self.bytes_max, out);
        }
    }

    fn fields(&mut self, headers: &HeaderMap, out: &mut Vec<u8>) {
        for (name, value) in headers {
            if !is_of_connection(name) {
                self.field(name, value, out);
            }
        }
    }

    fn field(&mut self, name: &HeaderName, value: &HeaderValue, out: &mut Vec<u8>) {
        let is_kept = is_repeated(name) && !value.is_sensitive() && value.len() <= VALUE_BYTES_MAX;
        if is_kept {
            if let Some(place) = self.entries.iter().position(|(kept, of)| kept == name && of == value) {
                integer::write(0x80, 7, FIXED_ENTRIES + self.entries.len() - place, out);
                return;
            }
            let bytes = name.as_str().len() + value.len() + ENTRY_BYTES;
            if self.entries.len() < ENTRIES_MAX && self.bytes + bytes <= self.bytes_max {
                self.bytes += bytes;
                literal(0x40, 6, name, value, out);
                self.entries.push((name.clone(), value.clone()));
                return;
            }
        }
        let first = if value.is_sensitive() { 0x10 } else { 0 };
        literal(first, 4, name, value, out);
    }
}

fn literal(first: u8, prefix_bits: u32, name: &HeaderName, value: &HeaderValue, out: &mut Vec<u8>) {
    match fixed_name(name) {
        Some(index) => integer::write(first, prefix_bits, usize::from(index), out),
        None => {
            out.push(first);
            string(name.as_str().as_bytes(), out);
        }
    }
    string(value.as_bytes(), out);
}

fn string(text: &[u8], out: &mut Vec<u8>) {
    integer::write(0, 7, text.len(), out);
    out.extend_from_slice(text);
}

/// Whether a response header has few values that many responses share.
fn is_repeated(name: &HeaderName) -> bool {
    match *name {
        header::CONTENT_TYPE
        | header::X_CONTENT_TYPE_OPTIONS
        | header::CONTENT_SECURITY_POLICY
        | header::CACHE_CONTROL
        | header::VARY
        | header::RETRY_AFTER
        | header::ACCESS_CONTROL_ALLOW_ORIGIN
        | header::ACCESS_CONTROL_EXPOSE_HEADERS => true,
        _ => matches!(name.as_str(), "grpc-status" | "grpc-accept-encoding"),
    }
}

/// Whether a header is HTTP/1.1's own, and an error here (RFC 9113, section 8.2.2).
fn is_of_connection(name: &HeaderName) -> bool {
    match *name {
        header::CONNECTION | header::TRANSFER_ENCODING | header::UPGRADE => true,
        _ => matches!(name.as_str(), "keep-alive" | "proxy-connection"),
    }
}
