//! A lean HTTP/1.1 client connection: one prepared request out, one response into a reused buffer.
//!
//! A load tool that shares its core with nothing may still not cost more than the server it measures, so there is no request
//! object, no header map and no body stream here. It reads bodies with a `content-length` or in chunks; bodies that end with
//! the connection, trailers and interim responses other than 100 are errors.

use httparse::{EMPTY_HEADER, Response, Status};
use ringbolt_http::client::Endpoint;
use ringbolt_http::{Offer, Transport};
use std::io;

/// Headers of a response.
const HEADERS_MAX: usize = 64;
/// Bytes of a response.
const RESPONSE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Room that is made before each read.
const READ_BYTES: usize = 16 * 1024;

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

/// What a response's head says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Head {
    status: u16,
    head_bytes: usize,
    body: Framing,
    closes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Framing {
    Length(usize),
    Chunked,
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut response = Response::new(&mut headers);
    let head_bytes = match response.parse(bytes).map_err(|e| broken(&format!("the response's head: {e}")))? {
        Status::Partial => return Ok(None),
        Status::Complete(bytes) => bytes,
    };
    let status = response.code.ok_or_else(|| broken("a response without a status"))?;
    let (mut length, mut chunked, mut closes) = (None, false, false);
    for header in response.headers.iter() {
        let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
        if header.name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse().map_err(|_| broken("a content-length that is no number"))?);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.eq_ignore_ascii_case("chunked");
        } else if header.name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    let body = match (chunked, length) {
        (true, _) => Framing::Chunked,
        (false, Some(length)) => Framing::Length(length),
        (false, None) if status == 204 || status == 304 || status < 200 => Framing::Length(0),
        (false, None) => return Err(broken("a body without a length")),
    };
    Ok(Some(Head { status, head_bytes, body, closes }))
}

/// Takes chunks off the front of `raw`: the bytes used, and whether the last chunk was among them.
fn take_chunks(raw: &[u8], body: &mut Vec<u8>) -> io::Result<(usize, bool)> {
    let mut used = 0;
    loop {
        let (start, size) = match httparse::parse_chunk_size(&raw[used..]) {
            Ok(Status::Partial) => return Ok((used, false)),
            Ok(Status::Complete((start, size))) => {
                (used + start, usize::try_from(size).unwrap_or(usize::MAX))
            }
            Err(_) => return Err(broken("a chunk without a size")),
        };
        let end = start.saturating_add(size);
        if body.len().saturating_add(size) > RESPONSE_BYTES_MAX {
            return Err(broken("a response that is too large"));
        }
        if raw.len() < end.saturating_add(2) {
            return Ok((used, false));
        }
        body.extend_from_slice(&raw[start..end]);
        if &raw[end..end + 2] != b"\r\n" {
            return Err(broken("a chunk without its end"));
        }
        used = end + 2;
        if size == 0 {
            return Ok((used, true));
        }
    }
}

/// One keep-alive connection.
pub(crate) struct H1 {
    stream: Transport,
    buffer: Vec<u8>,
    filled: usize,
    body: Vec<u8>,
    reusable: bool,
}

/// A whole response; its body lies in the connection's buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl H1 {
    pub(crate) async fn connect(to: &Endpoint) -> io::Result<Self> {
        let stream = to.connect(Offer::Http).await?;
        Ok(Self { stream, buffer: Vec::new(), filled: 0, body: Vec::new(), reusable: true })
    }

    /// Whether another request may be sent: the last one was answered and nothing asked for the end.
    pub(crate) fn is_reusable(&self) -> bool {
        self.reusable
    }

    /// Sends a whole request and reads the whole response. A connection whose exchange failed or was dropped
    /// half-way is not reusable.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.reusable = false;
        self.filled = 0;
        self.stream.write_all(request).await?;
        let head = loop {
            if self.filled == 0 {
                self.read_more().await?;
            }
            match parse_head(&self.buffer[..self.filled])? {
                Some(Head { status: 100, head_bytes, .. }) => {
                    self.buffer.copy_within(head_bytes..self.filled, 0);
                    self.filled -= head_bytes;
                }
                Some(head) => break head,
                None => self.read_more().await?,
            }
        };
        let end = match head.body {
            Framing::Length(length) => self.read_length(head.head_bytes, length).await?,
            Framing::Chunked => self.read_chunked(head.head_bytes).await?,
        };
        self.reusable = !head.closes && end == self.filled;
        let body = match head.body {
            Framing::Length(_) => &self.buffer[head.head_bytes..end],
            Framing::Chunked => &self.body,
        };
        Ok(Answer { status: head.status, body })
    }

    async fn read_length(&mut self, start: usize, length: usize) -> io::Result<usize> {
        if length > RESPONSE_BYTES_MAX {
            return Err(broken("a response that is too large"));
        }
        let end = start + length;
        while self.filled < end {
            self.read_more().await?;
        }
        Ok(end)
    }

    async fn read_chunked(&mut self, start: usize) -> io::Result<usize> {
        self.body.clear();
        let mut at = start;
        loop {
            let (used, ended) = take_chunks(&self.buffer[at..self.filled], &mut self.body)?;
            at += used;
            if ended {
                return Ok(at);
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.buffer.len() < self.filled + READ_BYTES {
            self.buffer.resize((self.filled + READ_BYTES).max(self.buffer.len() * 2), 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.filled += read;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, parse_head, take_chunks};

    #[test]
    fn a_head_is_whole_or_not_there() {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 12\r\nConnection: close\r\n\r\n";
        for cut in 0..text.len() {
            assert_eq!(parse_head(&text[..cut]).expect("not wrong"), None, "{cut}");
        }
        let head = parse_head(text).expect("right").expect("whole");
        assert_eq!((head.status, head.body, head.closes), (201, Framing::Length(12), true));
        let empty = parse_head(b"HTTP/1.1 204 No Content\r\n\r\n").expect("right").expect("whole");
        assert_eq!(empty.body, Framing::Length(0));
        assert!(parse_head(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "such a body has no end");
    }

    #[test]
    fn chunks_may_be_cut_anywhere() {
        let raw = b"4\r\nring\r\n5;x=y\r\nbolt!\r\n0\r\n\r\n";
        for cut in 0..=raw.len() {
            let mut body = Vec::new();
            let (used, ended) = take_chunks(&raw[..cut], &mut body).expect("right");
            assert_eq!(ended, cut == raw.len());
            if !ended {
                assert_eq!(take_chunks(&raw[used..], &mut body).expect("right"), (raw.len() - used, true));
            }
            assert_eq!(body, b"ringbolt!");
        }
        assert!(take_chunks(b"zz\r\n", &mut Vec::new()).is_err());
        assert!(take_chunks(b"1\r\nabc", &mut Vec::new()).is_err());
    }
}
