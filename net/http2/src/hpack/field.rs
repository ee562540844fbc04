//! Fields of a request's head, read as what they are once, when they come as text; then they are only counted.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Method, header,
    uri::{Authority, PathAndQuery, Scheme},
};

use super::ENTRY_BYTES;

/// A field of a request or of trailers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Method(Method),
    Scheme(Scheme),
    Authority(Authority),
    Path(PathAndQuery),
    Header(HeaderName, HeaderValue),
    /// None that a request can have.
    Malformed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Method,
    Scheme,
    Authority,
    Path,
    Header(HeaderName),
    Malformed,
}

/// A field as a table keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: Name,
    pub(crate) field: Field,
    pub(crate) name_bytes: usize,
    /// What it counts in a table and in a list of fields (section 4.1).
    pub(crate) bytes: usize,
}

impl Name {
    pub(crate) fn of(text: &[u8]) -> Name {
        match text {
            b":method" => Name::Method,
            b":scheme" => Name::Scheme,
            b":authority" => Name::Authority,
            b":path" => Name::Path,
            // Upper case is no name here, nor is a colon.
            _ => HeaderName::from_lowercase(text).map_or(Name::Malformed, Name::Header),
        }
    }
}

impl Field {
    pub(crate) fn of(name: &Name, value: &[u8]) -> Field {
        let read = match name {
            Name::Method => Method::from_bytes(value).map(Field::Method).ok(),
            Name::Scheme => Scheme::try_from(value).map(Field::Scheme).ok(),
            Name::Authority => Authority::try_from(value).map(Field::Authority).ok(),
            // An empty path is an error (RFC 9113, section 8.3.1).
            Name::Path if value.is_empty() => None,
            Name::Path => {
                PathAndQuery::from_maybe_shared(Bytes::copy_from_slice(value)).map(Field::Path).ok()
            }
            Name::Header(name) => {
                HeaderValue::from_bytes(value).map(|value| Field::Header(name.clone(), value)).ok()
            }
            Name::Malformed => None,
        };
        read.unwrap_or(Field::Malformed)
    }
}

impl Entry {
    pub(crate) fn new(name: Name, name_bytes: usize, value: &[u8]) -> Entry {
        let field = Field::of(&name, value);
        Entry { name, field, name_bytes, bytes: name_bytes + value.len() + ENTRY_BYTES }
    }
}

/// The entries of the static table (appendix A), from 1.
pub(crate) fn fixed(index: usize) -> Option<&'static Entry> {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let entries = FIXED.iter();
        entries
            .map(|(name, value)| Entry::new(Name::of(name.as_bytes()), name.len(), value.as_bytes()))
            .collect()
    });
    ENTRIES.get(index.checked_sub(1)?)
}

/// How many there are.
pub(crate) const FIXED_ENTRIES: usize = FIXED.len();

#[rustfmt::skip]
const FIXED: [(&str, &str); 61] = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
    (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
    ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""),
    ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
    ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
    ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
    ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""),
    ("www-authenticate", ""),
];

/// The static table's index of a status, of those that it has.
pub(crate) fn fixed_status(status: u16) -> Option<u8> {
    let at = [200, 204, 206, 304, 400, 404, 500].iter().position(|one| *one == status)?;
    Some(8 + at as u8)
}

/// The static table's index of a response header's name; of those that answers often have.
pub(crate) fn fixed_name(name: &HeaderName) -> Option<u8> {
    match *name {
        header::CONTENT_TYPE => Some(31),
        header::CONTENT_LENGTH => Some(28),
        header::DATE => Some(33),
        header::CACHE_CONTROL => Some(24),
        header::VARY => Some(59),
        header::RETRY_AFTER => Some(53),
        header::CONTENT_ENCODING => Some(26),
        header::ETAG => Some(34),
        header::LOCATION => Some(46),
        header::ACCESS_CONTROL_ALLOW_ORIGIN => Some(20),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FIXED, fixed, fixed_name, fixed_status};
    use http::HeaderName;

    #[test]
    fn the_shortcuts_name_entries_of_the_table() {
        for (name, _) in FIXED.iter().filter(|(name, _)| !name.starts_with(':')) {
            let name = HeaderName::from_static(name);
            if let Some(index) = fixed_name(&name) {
                assert_eq!(FIXED[usize::from(index) - 1].0, name.as_str());
            }
        }
        for status in [200, 204, 206, 304, 400, 404, 500] {
            let index = usize::from(fixed_status(status).expect("an entry"));
            assert_eq!(FIXED[index - 1], (":status", &*status.to_string()));
        }
        assert_eq!(fixed_status(429), None);
        assert!(fixed(0).is_none() && fixed(61).is_some() && fixed(62).is_none());
    }
}
