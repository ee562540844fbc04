//! The first line of a request: method, target, version (RFC 9112, section 3).

use http::{Method, Request, StatusCode, Uri, Version};
use httparse::Status;

use crate::connection::Error;

/// Longer targets cannot be kept, in bytes.
const TARGET_BYTES_MAX: usize = 65_534;

pub(crate) const MALFORMED: Error =
    Error::malformed("The request cannot be read: its first line or one of its headers is malformed");

/// A request's first line.
pub(crate) struct Line {
    method: Method,
    target: Uri,
    pub(crate) version: Version,
}

impl Line {
    /// Of what the parser read. `None` where it has not come to the end of the line.
    pub(crate) fn of(parsed: &httparse::Request<'_, '_>) -> Result<Option<Line>, Error> {
        let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version) else {
            return Ok(None);
        };
        if target.len() > TARGET_BYTES_MAX {
            return Err(Error::new(StatusCode::URI_TOO_LONG, "The request's target is too long"));
        }
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| MALFORMED)?;
        if method == Method::CONNECT {
            let text = "The request is for a tunnel (CONNECT), and there is none to be had here";
            return Err(Error::new(StatusCode::NOT_IMPLEMENTED, text));
        }
        let target = Uri::try_from(target).map_err(|_| MALFORMED)?;
        // An authority alone is what CONNECT asks for (section 3.2.3).
        if target.path().is_empty() {
            return Err(MALFORMED);
        }
        let version = if version == 1 { Version::HTTP_11 } else { Version::HTTP_10 };
        Ok(Some(Line { method, target, version }))
    }

    /// Reads a line that is there to its end. `None` for one that is empty.
    pub(crate) fn read(line: &[u8]) -> Result<Option<Line>, Error> {
        let mut parsed = httparse::Request::new(&mut []);
        match parsed.parse(line) {
            // No header follows, so the parser waits for more.
            Ok(Status::Partial | Status::Complete(_)) => Line::of(&parsed),
            Err(_) => Err(MALFORMED),
        }
    }

    pub(crate) fn into_request(self) -> Request<()> {
        let mut request = Request::new(());
        (*request.method_mut(), *request.uri_mut(), *request.version_mut()) =
            (self.method, self.target, self.version);
        request
    }
}
