//! The state of a connection, and what comes of a client's bytes.

use std::{fmt, io::IoSlice, rc::Rc};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Version};
use httparse::Status;

use crate::{
    decoder::{Decoder, Piece},
    fields::{Fields, HEADERS_MAX, RequestBody},
    heads::Heads,
    line::{Line, MALFORMED},
    output::Output,
};

const TOO_LARGE: Error = Error::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "The request's header has more bytes or more fields than are read (100 fields)",
);
/// A buffer for the beginning of a head that has grown beyond this is given back when it is empty.
const KEPT_BYTES_MAX: usize = 1024;

/// What a connection does not survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What the client is answered, if its request has no answer yet.
    pub status: StatusCode,
    /// What was wrong.
    pub text: &'static str,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl std::error::Error for Error {}

impl Error {
    pub(crate) const fn new(status: StatusCode, text: &'static str) -> Error {
        Error { status, text }
    }

    pub(crate) const fn malformed(text: &'static str) -> Error {
        Error::new(StatusCode::BAD_REQUEST, text)
    }
}

/// What came of a client's bytes.
#[derive(Debug)]
pub enum Event<'i> {
    /// A request's head.
    Request {
        /// Its method, target and header.
        request: Request<()>,
        /// How its body comes.
        body: RequestBody,
    },
    /// A part of the request's body.
    Data {
        /// Where it was read; never empty.
        data: &'i [u8],
        /// The request is whole.
        is_last: bool,
    },
    /// The end of a body in chunks: the request is whole.
    End(HeaderMap),
}

/// What is read.
#[derive(Debug)]
enum Reading {
    Head,
    Body(Decoder),
    /// The request is there; what follows waits until it is answered.
    Whole,
    /// Nothing more.
    Nothing,
}

/// The request that is answered.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) version: Version,
    pub(crate) is_head: bool,
    /// The client waits for a word before it sends the body.
    expects_continue: bool,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    header_bytes_max: usize,
    heads: Heads,
    /// The beginning of a head whose rest has not come.
    pub(crate) part: Vec<u8>,
    /// It has come to the end of a line.
    has_line: bool,
    reading: Reading,
    pub(crate) asked: Option<Asked>,
    /// No request follows the one that is answered, or comes next.
    pub(crate) is_last: bool,
    /// The body of the answer is sent in chunks.
    pub(crate) is_chunked: bool,
    pub(crate) output: Output,
}

impl Connection {
    /// A fresh connection. A head may have so many bytes, and so may trailers.
    pub fn new(header_bytes_max: usize, heads: Heads) -> Connection {
        Connection {
            header_bytes_max: header_bytes_max.max(1),
            heads,
            part: Vec::new(),
            has_line: false,
            reading: Reading::Head,
            asked: None,
            is_last: false,
            is_chunked: false,
            output: Output::default(),
        }
    }

    /// What came of the beginning of `bytes`, which is taken; `None` when nothing more comes of the rest, which stays where it is if a
    /// request is to be answered first.
    ///
    /// # Errors
    /// When the client made a mistake: nothing more is read then, and the answer to its last request says that it is the last.
    pub fn receive<'i>(&mut self, bytes: &mut &'i [u8]) -> Result<Option<Event<'i>>, Error> {
        let received = match &mut self.reading {
            Reading::Head => self.receive_head(bytes),
            Reading::Body(decoder) => {
                let decoded = if bytes.is_empty() { Ok(None) } else { decoder.decode(bytes) };
                decoded.map(|piece| piece.map(|piece| self.on_piece(piece)))
            }
            Reading::Whole | Reading::Nothing => Ok(None),
        };
        if received.is_err() {
            self.stop();
        }
        received
    }

    fn on_piece<'i>(&mut self, piece: Piece<'i>) -> Event<'i> {
        if let Some(asked) = &mut self.asked {
            asked.expects_continue = false;
        }
        match piece {
            Piece::Data(data, is_last) => {
                if is_last {
                    self.reading = Reading::Whole;
                }
                Event::Data { data, is_last }
            }
            Piece::End(trailers) => {
                self.reading = Reading::Whole;
                Event::End(trailers)
            }
        }
    }

    fn receive_head<'i>(&mut self, bytes: &mut &'i [u8]) -> Result<Option<Event<'i>>, Error> {
        let before = self.part.len();
        let count = bytes.len().min(self.header_bytes_max - before);
        let (piece, rest) = bytes.split_at(count);
        if piece.is_empty() {
            return Ok(None);
        }
        let has_line = memchr::memchr(b'\n', piece).is_some();
        let parsed = if before == 0 {
            parse(&self.heads, piece)?
        } else {
            self.part.extend_from_slice(piece);
            // Only the end of a line brings anything new.
            if has_line { parse(&self.heads, &self.part)? } else { None }
        };
        let Some(Parsed { line, fields, length }) = parsed else {
            self.has_line |= has_line;
            // Nobody waits for the end of a line that is none.
            if !self.has_line && piece.iter().any(is_control) {
                return Err(MALFORMED);
            }
            if before + count == self.header_bytes_max {
                return Err(TOO_LARGE);
            }
            if before == 0 {
                self.part.extend_from_slice(piece);
            }
            *bytes = rest;
            return Ok(None);
        };
        *bytes = &bytes[length - before..];
        self.has_line = false;
        self.part.clear();
        if self.part.capacity() > KEPT_BYTES_MAX {
            self.part = Vec::new();
        }
        self.on_request(line, fields).map(Some)
    }

    fn on_request<'i>(&mut self, line: Line, fields: Rc<Fields>) -> Result<Event<'i>, Error> {
        let version = line.version;
        fields.check(version)?;
        self.is_last |= !fields.keeps_alive(version);
        let body = fields.body;
        self.reading = Decoder::of(body, self.header_bytes_max).map_or(Reading::Whole, Reading::Body);
        let expects_continue =
            fields.expects_continue && version == Version::HTTP_11 && body != RequestBody::Empty;
        let mut request = line.into_request();
        *request.headers_mut() = match Rc::try_unwrap(fields) {
            Ok(fields) => fields.headers,
            Err(known) => known.headers.clone(),
        };
        let is_head = *request.method() == Method::HEAD;
        self.asked = Some(Asked { version, is_head, expects_continue });
        Ok(Event::Request { request, body })
    }

    /// Whether a head has come in part.
    pub fn owes(&self) -> bool {
        // Empty lines before a request are none yet (section 2.2).
        self.part.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))
    }

    /// Whether [`Connection::receive`] takes bytes.
    pub fn is_reading(&self) -> bool {
        matches!(self.reading, Reading::Head | Reading::Body(_))
    }

    /// Whether a request is there, in part or whole, that has not got its answer.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether some of the request's body is still to come.
    pub fn is_in_body(&self) -> bool {
        matches!(self.reading, Reading::Body(_))
    }

    /// Whether the connection is at its end: nothing is asked, and nothing more is read.
    pub fn is_over(&self) -> bool {
        self.asked.is_none() && matches!(self.reading, Reading::Nothing)
    }

    /// Whether the client waits for a word before it sends the body, and none of that has come.
    pub fn expects_continue(&self) -> bool {
        self.is_in_body() && self.asked.as_ref().is_some_and(|asked| asked.expects_continue)
    }

    /// Asks the client for the body.
    pub fn send_continue(&mut self) {
        if let Some(asked) = &mut self.asked {
            asked.expects_continue = false;
            self.output.text().extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// The request that is answered, or the next one, is the last.
    pub fn set_last(&mut self) {
        self.is_last = true;
    }

    /// Nothing more is read.
    pub fn stop(&mut self) {
        self.is_last = true;
        self.reading = Reading::Nothing;
        self.part = Vec::new();
    }

    /// The answer is whole; whether another request may follow. A body that has not come to its end cannot be told from one.
    pub fn finish(&mut self) -> bool {
        self.asked = None;
        self.is_chunked = false;
        let goes_on = !self.is_last && matches!(self.reading, Reading::Whole);
        self.reading = if goes_on { Reading::Head } else { Reading::Nothing };
        goes_on
    }

    /// Sends a part of the body of an answer that is streamed. What was sent before is written.
    pub fn send_data(&mut self, data: Bytes) {
        crate::respond::send_data(self, data);
    }

    /// Ends the body of an answer that is streamed.
    pub fn send_end(&mut self) {
        if self.is_chunked {
            self.output.text().extend_from_slice(b"0\r\n\r\n");
        }
    }

    /// Bytes that wait to be written.
    pub fn unwritten(&self) -> usize {
        self.output.len()
    }

    /// What is written next; how many slices of it there are.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; 3]) -> usize {
        self.output.slices(slices)
    }

    /// So many bytes were written.
    pub fn written(&mut self, bytes: usize) {
        self.output.advance(bytes);
    }
}

/// A head that is there.
struct Parsed {
    line: Line,
    fields: Rc<Fields>,
    length: usize,
}

/// Looks for a head in the lines that `bytes` begin with.
fn parse(heads: &Heads, bytes: &[u8]) -> Result<Option<Parsed>, Error> {
    // What stands behind the last end of a line is not looked at: so it does not matter where bytes were cut.
    let Some(last) = memchr::memrchr(b'\n', bytes) else { return Ok(None) };
    let bytes = &bytes[..=last];
    let line_end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    if let Some((fields, length)) = heads.get(&bytes[line_end..])
        && let Some(line) = Line::read(&bytes[..line_end])?
    {
        return Ok(Some(Parsed { line, fields, length: line_end + length }));
    }
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    let length = match parsed.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(TOO_LARGE),
        Err(_) => return Err(MALFORMED),
    };
    let line = Line::of(&parsed)?.ok_or(MALFORMED)?;
    let fields = Rc::new(Fields::of(&bytes[line_end..length], parsed.headers)?);
    // Empty lines before the first one are passed over; then the header begins elsewhere.
    if !matches!(bytes[0], b'\r' | b'\n') {
        heads.note(&bytes[line_end..length], &fields);
    }
    Ok(Some(Parsed { line, fields, length }))
}

fn is_control(byte: &u8) -> bool {
    byte.is_ascii_control() && *byte != b'\r'
}
