//! What a request is called, by its client or by this server, so that a line of the log and a client's complaint can be put together.
//!
//! A name is made only for a request that is refused or fails: what is answered well costs nothing.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
};

/// The header in which a client names its request, and gets that name again.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest name that a client may give, bytes; a longer one is passed over, as is one that is not of visible ASCII characters.
const BYTES_MAX: usize = 128;

thread_local! {
    /// By what this thread's names begin, and how many it has made.
    static MADE: (u64, Cell<u64>) = (RandomState::new().hash_one(0), Cell::new(0));
}

/// The name that a client gave its request, if it is one.
pub fn given(headers: &HeaderMap) -> Option<&HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let bytes = id.as_bytes();
    let is_one = (1..=BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    is_one.then_some(id)
}

/// A name that no other request has.
pub fn made() -> HeaderValue {
    MADE.with(|(of_thread, count)| {
        count.set(count.get() + 1);
        let mut name = Vec::with_capacity(32);
        name.extend((0..16).rev().map(|at| b"0123456789abcdef"[(of_thread >> (4 * at)) as usize & 15]));
        name.push(b'-');
        let first = name.len();
        let mut left = count.get();
        while left > 0 {
            name.push(b'0' + (left % 10) as u8);
            left /= 10;
        }
        name[first..].reverse();
        HeaderValue::from_maybe_shared(Bytes::from(name)).expect("digits and a dash are a header's value")
    })
}

/// The name that a client gave, or one that is made.
pub fn given_or_made(headers: &HeaderMap) -> HeaderValue {
    given(headers).cloned().unwrap_or_else(made)
}

/// A name as text; each is one.
pub fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, REQUEST_ID, given, made};
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn a_name_is_taken_only_if_it_is_sane() {
        let taken = |id: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(id).expect("a value"));
            given(&headers).map(|id| id.as_bytes().to_vec())
        };
        let longest = vec![b'a'; BYTES_MAX];
        for id in [&b"7"[..], b"00-4bf92f-01", b"a=\"b\"", &longest] {
            assert_eq!(taken(id).as_deref(), Some(id));
        }
        for id in [&b""[..], b"a b", b"\tx", "\u{e4}".as_bytes(), &[b'a'; BYTES_MAX + 1]] {
            assert_eq!(taken(id), None, "{id:?}");
        }
        assert_eq!(given(&HeaderMap::new()), None);
    }

    #[test]
    fn no_two_made_names_are_equal() {
        let elsewhere = std::thread::spawn(made).join().expect("made");
        assert!(made() != made() && made() != elsewhere);
    }
}
