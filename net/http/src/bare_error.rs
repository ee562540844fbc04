//! A body for the errors that hyper answers by itself.
//!
//! What hyper cannot read as HTTP/1.1 it answers with a head that has no body, and there is no hook to give it one. So the
//! head is recognized on its way to the socket and a whole response is written in its place. It cannot be mistaken
//! for a service's: an error of a service that has no body gets one before hyper sees it (see `serve`).

use bytes::Bytes;
use http::StatusCode;

use crate::problem;

/// A head is no longer than this: status line, three fields.
const HEAD_BYTES_MAX: usize = 200;
const BEGIN: &[u8] = b"HTTP/1.1 4";
const END: &[u8] = b"\r\n\r\n";
const NO_BODY: &str = "content-length: 0\r\n";

/// What hyper answers by itself, with what a client is told.
const ERRORS: [(StatusCode, &str); 3] = [
    (
        StatusCode::BAD_REQUEST,
        "The request cannot be read: its first line or one of its headers is malformed",
    ),
    (StatusCode::URI_TOO_LONG, "The request's target is too long"),
    (
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The request's header has more bytes or more fields than are read (100 fields)",
    ),
];

/// Whether hyper answers with this status by itself.
pub(crate) fn is_one(status: StatusCode) -> bool {
    ERRORS.iter().any(|(one, _)| *one == status)
}

/// What the client is told with this status.
pub(crate) fn detail(status: StatusCode) -> &'static str {
    ERRORS.iter().find(|(one, _)| *one == status).map_or("", |(_, detail)| detail)
}

/// A response in place of a head.
#[derive(Debug)]
pub(crate) struct Whole {
    /// Bytes before the head, which are written as they are.
    pub(crate) before: usize,
    /// Bytes of the head.
    pub(crate) head: usize,
    /// What is written instead.
    pub(crate) response: Bytes,
}

/// The response in place of the bare head that these bytes end with, if they do.
pub(crate) fn find(bytes: &[u8]) -> Option<Whole> {
    if !bytes.ends_with(END) {
        return None;
    }
    let from = bytes.len().saturating_sub(HEAD_BYTES_MAX);
    let at = bytes[from..].windows(BEGIN.len()).rposition(|window| window == BEGIN)?;
    let before = from + at;
    let head = std::str::from_utf8(&bytes[before..]).ok()?;
    let status = StatusCode::from_bytes(head.get(9..12)?.as_bytes()).ok()?;
    let (begin, end) = head.split_once(NO_BODY).filter(|_| is_one(status))?;
    let document = problem::document(status, detail(status), None);
    let mut response = format!(
        "{begin}content-type: {}\r\nx-content-type-options: {}\r\ncontent-security-policy: {}\r\ncontent-length: {}\r\n{end}",
        problem::CONTENT_TYPE,
        problem::NO_SNIFF,
        problem::POLICY,
        document.len()
    )
    .into_bytes();
    response.extend_from_slice(&document);
    Some(Whole { before, head: head.len(), response: response.into() })
}

#[cfg(test)]
mod tests {
    use super::find;

    const BARE: &str = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\
                        date: Sat, 28 Nov 2026 09:00:00 GMT\r\n\r\n";

    #[test]
    fn a_bare_head_is_found_behind_other_answers_and_gets_its_body() {
        for before in ["", "HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n"] {
            let whole = find(format!("{before}{BARE}").as_bytes()).expect("a bare head");
            assert_eq!((whole.before, whole.head), (before.len(), BARE.len()));
            let response = String::from_utf8(whole.response.to_vec()).expect("text");
            let (head, body) = response.split_once("\r\n\r\n").expect("a head and a body");
            assert!(
                head.contains("\r\nconnection: close\r\n")
                    && head.ends_with("\r\ndate: Sat, 28 Nov 2026 09:00:00 GMT")
            );
            assert!(head.contains(
                "\r\ncontent-type: application/problem+json\r\nx-content-type-options: nosniff\r\n"
            ));
            assert!(head.contains("\r\ncontent-security-policy: default-src 'none'; sandbox"));
            assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())));
            assert!(
                body.starts_with(
                    r#"{"type":"about:blank","title":"Request Header Fields Too Large","status":431,"#
                ),
                "{body}"
            );
        }
    }

    #[test]
    fn nothing_else_is_touched() {
        for other in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 10\r\n\r\n",
            &BARE[..BARE.len() - 1],
            &format!("{BARE}{{}}"),
        ] {
            assert!(find(other.as_bytes()).is_none(), "{other}");
        }
    }
}
