//! From an answer to bytes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};

use crate::connection::Connection;

/// The body of an answer.
#[derive(Debug)]
pub enum Answer {
    /// It is there.
    Whole(Bytes),
    /// It comes by [`Connection::send_data`], and ends with [`Connection::send_end`].
    Streamed,
}

impl Connection {
    /// Sends an answer, or its head; whether a streamed body is wanted. The length of a body, and how it is coded, is said here and nowhere else.
    /// Without a request it answers what was none, and is the last.
    pub fn respond(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        date: &HeaderValue,
        answer: Answer,
    ) -> bool {
        let (version, is_head) =
            self.asked.as_ref().map_or((Version::HTTP_11, false), |asked| (asked.version, asked.is_head));
        let has_body = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let is_sent = has_body && !is_head;
        let is_streamed = matches!(answer, Answer::Streamed) && is_sent;
        // Over HTTP/1.0 such a body ends with its connection.
        self.is_last |= is_streamed && version == Version::HTTP_10;
        self.is_chunked = is_streamed && version == Version::HTTP_11;
        self.is_last |= headers.get_all(header::CONNECTION).iter().any(is_close);

        let text = self.output.text();
        put_status(text, version, status);
        for (name, value) in headers {
            if !is_own(name) {
                put(text, name.as_str(), value.as_bytes());
            }
        }
        match &answer {
            Answer::Whole(data) if has_body => {
                // What HEAD asks for has the length that it would have.
                let said = headers.get(header::CONTENT_LENGTH).filter(|_| is_head && data.is_empty());
                match said {
                    Some(said) => put(text, "content-length", said.as_bytes()),
                    None => put(text, "content-length", itoa::Buffer::new().format(data.len()).as_bytes()),
                }
            }
            Answer::Streamed if self.is_chunked => put(text, "transfer-encoding", b"chunked"),
            Answer::Whole(_) | Answer::Streamed => {}
        }
        if self.is_last {
            put(text, "connection", b"close");
        } else if version == Version::HTTP_10 {
            put(text, "connection", b"keep-alive");
        }
        if !headers.contains_key(header::DATE) {
            put(text, "date", date.as_bytes());
        }
        text.extend_from_slice(b"\r\n");
        if let Answer::Whole(data) = answer
            && is_sent
        {
            self.output.data(data);
        }
        is_streamed
    }
}

/// Sends a part of a body.
pub(crate) fn send_data(connection: &mut Connection, data: Bytes) {
    if !connection.is_chunked {
        connection.output.data(data);
        return;
    }
    // An empty chunk would be the end.
    if data.is_empty() {
        return;
    }
    put_size(connection.output.text(), data.len());
    connection.output.data(data);
    connection.output.text().extend_from_slice(b"\r\n");
}

fn put_status(text: &mut Vec<u8>, version: Version, status: StatusCode) {
    if version == Version::HTTP_11 && status == StatusCode::OK {
        text.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return;
    }
    text.extend_from_slice(if version == Version::HTTP_10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    text.extend_from_slice(status.as_str().as_bytes());
    text.push(b' ');
    text.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    text.extend_from_slice(b"\r\n");
}

fn put(text: &mut Vec<u8>, name: &str, value: &[u8]) {
    text.reserve(name.len() + value.len() + 4);
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b": ");
    text.extend_from_slice(value);
    text.extend_from_slice(b"\r\n");
}

fn put_size(text: &mut Vec<u8>, size: usize) {
    let digits = (usize::BITS - size.leading_zeros()).div_ceil(4).max(1);
    text.extend((0..digits).rev().map(|at| b"0123456789abcdef"[(size >> (4 * at)) & 15]));
    text.extend_from_slice(b"\r\n");
}

/// Whether a header is the connection's to say.
fn is_own(name: &HeaderName) -> bool {
    *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING || *name == header::CONNECTION
}

fn is_close(value: &HeaderValue) -> bool {
    value
        .as_bytes()
        .split(|byte| *byte == b',')
        .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"close"))
}
