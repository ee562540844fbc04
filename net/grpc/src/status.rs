//! How a call ends, and how that travels: `grpc-status` and a percent-encoded `grpc-message`.

use std::fmt::{self, Write};

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
pub(crate) const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// A message is cut to this many bytes before it is encoded (at most three times that on the wire): clients bound their
/// headers, often to 8 KiB.
const MESSAGE_BYTES_MAX: usize = 2048;

/// The status codes of gRPC, with their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the protocol's
pub enum Code {
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

const CODES: [Code; 17] = [
    Code::Ok,
    Code::Cancelled,
    Code::Unknown,
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::NotFound,
    Code::AlreadyExists,
    Code::PermissionDenied,
    Code::ResourceExhausted,
    Code::FailedPrecondition,
    Code::Aborted,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::Internal,
    Code::Unavailable,
    Code::DataLoss,
    Code::Unauthenticated,
];

const NUMBERS: [&str; 17] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];

impl Code {
    /// The code with this number; [`Code::Unknown`] for any other.
    pub fn from_number(number: usize) -> Code {
        CODES.get(number).copied().unwrap_or(Code::Unknown)
    }
}

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What kind of failure.
    pub code: Code,
    /// For people; any text.
    pub message: String,
    /// What the client sent is no call that could be handled: nothing of ours failed or was refused.
    pub is_clients: bool,
}

impl Status {
    /// A failure.
    pub fn new(code: Code, message: impl Into<String>) -> Status {
        Status { code, message: message.into(), is_clients: false }
    }

    /// A failure that lies in what the client sent.
    pub(crate) fn of_client(code: Code, message: impl Into<String>) -> Status {
        Status { is_clients: true, ..Status::new(code, message) }
    }

    /// The status of `result`, written into trailers (or the header of a response without a body).
    pub(crate) fn write(result: Result<(), &Status>, headers: &mut HeaderMap) {
        let code = result.map_or_else(|status| status.code, |()| Code::Ok);
        headers.insert(GRPC_STATUS, HeaderValue::from_static(NUMBERS[code as usize]));
        if let Err(status) = result
            && !status.message.is_empty()
        {
            let message = HeaderValue::try_from(encode(cut(&status.message)));
            headers.insert(GRPC_MESSAGE, message.expect("percent-encoded text is a valid header"));
        }
    }

    /// Reads what [`Status::write`] wrote; `None` when there is no status.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Result<(), Status>> {
        let code = headers.get(GRPC_STATUS)?.to_str().ok().and_then(|text| text.parse().ok());
        let code = code.map_or(Code::Unknown, Code::from_number);
        if code == Code::Ok {
            return Some(Ok(()));
        }
        let message = headers.get(GRPC_MESSAGE).map(|value| decode(value.as_bytes())).unwrap_or_default();
        Some(Err(Status::new(code, message)))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.message)
    }
}

impl std::error::Error for Status {}

/// At most [`MESSAGE_BYTES_MAX`] bytes, at a character's boundary.
fn cut(message: &str) -> &str {
    let mut end = message.len().min(MESSAGE_BYTES_MAX);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    &message[..end]
}

/// Everything but printable ASCII, and the percent sign, becomes `%XX`.
fn encode(message: &str) -> String {
    let mut encoded = String::with_capacity(message.len());
    for byte in message.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            other => write!(encoded, "%{other:02X}").expect("writing to a string cannot fail"),
        }
    }
    encoded
}

/// What cannot be decoded stays as it is: a message is never worth an error.
fn decode(encoded: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(message: &str) -> (String, String) {
        let status = Status::new(Code::NotFound, message);
        let mut headers = HeaderMap::new();
        Status::write(Err(&status), &mut headers);
        let wire = headers.get(GRPC_MESSAGE).map(|value| value.to_str().expect("ASCII").to_owned());
        let back = Status::read(&headers).expect("a status").expect_err("a failure");
        assert_eq!(back.code, Code::NotFound);
        (wire.unwrap_or_default(), back.message)
    }

    #[test]
    fn messages_survive_the_wire() {
        assert_eq!(there_and_back("plain text"), ("plain text".to_owned(), "plain text".to_owned()));
        assert_eq!(
            there_and_back("100 % ü\n\0"),
            ("100 %25 %C3%BC%0A%00".to_owned(), "100 % ü\n\0".to_owned())
        );
        assert_eq!(there_and_back(""), (String::new(), String::new()));
        assert_eq!(decode(b"50% off, %4, %zz, %"), "50% off, %4, %zz, %");
        assert_eq!(there_and_back(&"é".repeat(3_000)).1, "é".repeat(1_024));
    }

    #[test]
    fn numbers_match_their_codes() {
        for (number, code) in CODES.iter().enumerate() {
            assert_eq!((*code as usize, NUMBERS[number]), (number, number.to_string().as_str()));
        }
        assert_eq!(Code::from_number(17), Code::Unknown);
    }
}
