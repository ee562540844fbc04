//! A request's header: its fields, and what they say of its body and its connection.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};

use crate::{connection::Error, line::MALFORMED};

/// The most header fields of a request. The parser keeps this many on its stack.
pub const HEADERS_MAX: usize = 100;

/// How a request's body comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// There is none.
    Empty,
    /// So many bytes, at least one.
    Length(u64),
    /// In chunks, until one is empty.
    Chunked,
}

/// What a request says of its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Nothing: the version decides.
    None,
    KeepAlive,
    Close,
}

/// A header that is right by itself; whether it is right for a request's version is for [`Fields::check`] to say.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    wish: Wish,
    pub(crate) expects_continue: bool,
    /// It says who asks: nothing of that is remembered.
    pub(crate) is_secret: bool,
}

impl Fields {
    /// Of what the parser found in `head`.
    pub(crate) fn of(head: &[u8], parsed: &[httparse::Header<'_>]) -> Result<Fields, Error> {
        let mut reading = Reading {
            length: None,
            coding: None,
            wish: Wish::None,
            expects_continue: false,
            is_secret: false,
        };
        let mut headers = HeaderMap::with_capacity(parsed.len());
        // One copy for all values, which are parts of it.
        let all = Bytes::copy_from_slice(head);
        for field in parsed {
            let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| MALFORMED)?;
            let from = field.value.as_ptr() as usize - head.as_ptr() as usize;
            let value = all.slice(from..from + field.value.len());
            let value = HeaderValue::from_maybe_shared(value).map_err(|_| MALFORMED)?;
            reading.note(&name, value.as_bytes())?;
            headers.try_append(name, value).map_err(|_| MALFORMED)?;
        }
        let Reading { length, coding, wish, expects_continue, is_secret } = reading;
        let body = match (length, coding) {
            (Some(_), Some(_)) => {
                return Err(Error::malformed(
                    "The request has both 'content-length' and 'transfer-encoding'",
                ));
            }
            (None | Some(0), None) => RequestBody::Empty,
            (Some(length), None) => RequestBody::Length(length),
            (None, Some(coding)) => coding.body()?,
        };
        Ok(Fields { headers, body, wish, expects_continue, is_secret })
    }

    /// Whether it is right for a version.
    pub(crate) fn check(&self, version: Version) -> Result<(), Error> {
        if version == Version::HTTP_10 && self.body == RequestBody::Chunked {
            return Err(Error::malformed(
                "The request has 'transfer-encoding', which HTTP/1.0 does not know",
            ));
        }
        Ok(())
    }

    /// Whether the connection goes on after this request.
    pub(crate) fn keeps_alive(&self, version: Version) -> bool {
        match self.wish {
            Wish::Close => false,
            Wish::KeepAlive => true,
            Wish::None => version == Version::HTTP_11,
        }
    }
}

/// What fields say, while they are read.
struct Reading {
    length: Option<u64>,
    coding: Option<Coding>,
    wish: Wish,
    expects_continue: bool,
    is_secret: bool,
}

impl Reading {
    fn note(&mut self, name: &HeaderName, value: &[u8]) -> Result<(), Error> {
        if *name == header::CONTENT_LENGTH {
            let length = content_length(value)
                .ok_or(Error::malformed("The request's 'content-length' is no number of bytes"))?;
            // Two that are equal are one to some readers and none to others.
            if self.length.replace(length).is_some() {
                return Err(Error::malformed("The request has more than one 'content-length'"));
            }
        } else if *name == header::TRANSFER_ENCODING {
            let coding = self.coding.get_or_insert_default();
            tokens(value).for_each(|token| coding.note(token));
        } else if *name == header::CONNECTION {
            for token in tokens(value) {
                if token.eq_ignore_ascii_case(b"close") {
                    self.wish = Wish::Close;
                } else if token.eq_ignore_ascii_case(b"keep-alive") && self.wish == Wish::None {
                    self.wish = Wish::KeepAlive;
                }
            }
        } else if *name == header::EXPECT {
            self.expects_continue |= value.eq_ignore_ascii_case(b"100-continue");
        } else if *name == header::AUTHORIZATION || *name == header::COOKIE {
            self.is_secret = true;
        }
        Ok(())
    }
}

/// What a body was coded with, in the order in which that was done.
#[derive(Default)]
struct Coding {
    others: usize,
    chunked: usize,
    is_chunked_last: bool,
}

impl Coding {
    fn note(&mut self, token: &[u8]) {
        self.is_chunked_last = token.eq_ignore_ascii_case(b"chunked");
        if self.is_chunked_last {
            self.chunked += 1;
        } else {
            self.others += 1;
        }
    }

    fn body(self) -> Result<RequestBody, Error> {
        if self.chunked != 1 || !self.is_chunked_last {
            // Nobody can say where such a body ends (section 6.3).
            return Err(Error::malformed("The request's 'transfer-encoding' does not end with 'chunked'"));
        }
        if self.others > 0 {
            let text = "The request's 'transfer-encoding' has other codings than 'chunked'";
            return Err(Error::new(StatusCode::NOT_IMPLEMENTED, text));
        }
        Ok(RequestBody::Chunked)
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

/// Digits and nothing else: no sign, no list.
fn content_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0u64, |length, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        length.checked_mul(10)?.checked_add(digit)
    })
}
