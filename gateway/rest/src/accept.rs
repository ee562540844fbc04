//! What a client wants to have.

/// Whether one of the ranges of an `accept` header takes what an operation gives. Errors are always problem documents.
pub(crate) fn takes(accept: &[u8], media: &str) -> bool {
    let (kind, subtype) = media.split_once('/').unwrap_or((media, ""));
    // Parameters of ours (a charset) play no part.
    let subtype = subtype.split(';').next().unwrap_or_default().trim();
    accept.split(|&byte| byte == b',').any(|range| {
        let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let whole = parts.next().unwrap_or_default();
        let is_refused = parts.any(refuses);
        let mut sides = whole.splitn(2, |&byte| byte == b'/');
        let (Some(left), Some(right)) = (sides.next(), sides.next()) else {
            // An empty header, or a lone star as some old clients write it, asks for nothing.
            return whole.is_empty() || whole == b"*";
        };
        let is_left = left == b"*" || left.eq_ignore_ascii_case(kind.as_bytes());
        // Versions of JSON, as `application/vnd.camunda.api.keys.string+json`, are JSON.
        let is_json = subtype == "json" && right.to_ascii_lowercase().ends_with(b"+json");
        let is_right = right == b"*" || right.eq_ignore_ascii_case(subtype.as_bytes()) || is_json;
        !is_refused && is_left && is_right
    })
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
        assert!(takes(b"text/html,application/xhtml+xml", "text/html; charset=utf-8"));
        assert!(!takes(b"application/json", "text/html; charset=utf-8"));
    }
}
