//! What a client wants to have.

/// How exactly a range means a type: the most exact one decides, whatever the others say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    /// `*/*`.
    Any,
    /// `application/*`.
    Kind,
    /// A version of JSON, as `application/vnd.camunda.api.keys.string+json`, means JSON.
    Version,
    /// The type itself. Parameters, as a charset, play no part.
    Itself,
}

impl Exactness {
    /// How a range means a type; none if it does not.
    fn of(range: &[u8], (kind, subtype): (&str, &str)) -> Option<Self> {
        // A lone star is what some old clients write for all.
        if matches!(range, b"*/*" | b"*") {
            return Some(Self::Any);
        }
        let mut sides = range.splitn(2, |&byte| byte == b'/');
        let (left, right) = (sides.next()?, sides.next()?);
        if !left.eq_ignore_ascii_case(kind.as_bytes()) {
            return None;
        }
        if right.eq_ignore_ascii_case(subtype.as_bytes()) {
            return Some(Self::Itself);
        }
        let is_version = subtype == "json" && right.to_ascii_lowercase().ends_with(b"+json");
        match right {
            b"*" => Some(Self::Kind),
            _ => is_version.then_some(Self::Version),
        }
    }
}

/// Whether an `accept` header takes what an operation gives. Errors are always problem documents.
pub(crate) fn takes(accept: &[u8], media: &str) -> bool {
    // As nearly all clients write it; an empty one asks for nothing.
    if matches!(accept, b"*/*" | b"") || accept == media.as_bytes() {
        return true;
    }
    let (kind, subtype) = media.split_once('/').unwrap_or((media, ""));
    let subtype = subtype.split(';').next().unwrap_or_default().trim();
    let (mut decides, mut is_blank) = (None, true);
    for range in accept.split(|&byte| byte == b',') {
        let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        is_blank &= name.is_empty();
        // Of two that are as exact it is enough that one wants it.
        let said = Exactness::of(name, (kind, subtype)).map(|exactness| (exactness, !parts.any(refuses)));
        decides = decides.max(said);
    }
    decides.map_or(is_blank, |(_, is_wanted)| is_wanted)
}

/// Whether a parameter of a range says that it is not wanted at all.
pub(crate) fn refuses(parameter: &[u8]) -> bool {
    let weight = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="));
    weight.is_some_and(|weight| weight.iter().all(|byte| matches!(byte, b'0' | b'.')))
}

/// Whether an `accept` header names a type itself and wants it, as browsers name pages; a range of types is no name.
pub(crate) fn names(accept: &[u8], media: &str) -> bool {
    accept.split(|&byte| byte == b',').any(|range| {
        let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(media.as_bytes())) && !parts.any(refuses)
    })
}

#[cfg(test)]
mod tests {
    use super::{names, takes};

    #[test]
    fn a_browser_names_pages_and_a_program_does_not() {
        assert!(names(b"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"));
        assert!(names(b"application/json, Text/HTML;q=0.1", "text/html"));
        for accept in [
            "",
            "*/*",
            "text/*",
            "application/json",
            "text/htmlx",
            "text/html;q=0",
            "text/html; Q=0.000, */*",
        ] {
            assert!(!names(accept.as_bytes(), "text/html"), "{accept}");
        }
    }

    #[test]
    fn ranges_are_those_of_http() {
        for accept in [
            "*/*",
            "",
            "application/json",
            "text/html, APPLICATION/*;q=0.1",
            "application/vnd.camunda.api.keys.string+json",
            "application/problem+json",
            "text/plain,*/*;q=0.5",
            "*",
        ] {
            assert!(takes(accept.as_bytes(), "application/json"), "{accept}");
        }
        for accept in ["text/plain", "application/xml", "application/json;q=0", "text/*, image/png"] {
            assert!(!takes(accept.as_bytes(), "application/json"), "{accept}");
        }
        for accept in [
            "application/json;q=0, */*",
            "*/*, application/json; Q=0.000",
            "*/*;q=1, application/*;q=0",
            "application/problem+json;q=0, application/*",
            "text/plain,",
        ] {
            assert!(!takes(accept.as_bytes(), "application/json"), "{accept}");
        }
        for accept in [
            "*/*;q=0, application/json",
            "application/*;q=0, application/json;q=0.1, */*;q=0",
            "application/json;q=0, application/json;charset=utf-8",
            "text/plain, application/json, ",
            " , ",
        ] {
            assert!(takes(accept.as_bytes(), "application/json"), "{accept}");
        }
        assert!(takes(b"text/html,application/xhtml+xml", "text/html; charset=utf-8"));
        assert!(!takes(b"application/json", "text/html; charset=utf-8"));
    }
}
