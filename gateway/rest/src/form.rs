//! Forms of several parts: deployments and documents.
//!
//! The body lies in memory already, within its bound. How many parts a form may have is its reader's to say; one more, and nothing more of
//! it is read.

use crate::disposition::{self, Disposition};
use crate::problem::Problem;
use crate::rest::Head;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use multer::{Constraints, Multipart};
use std::convert::Infallible;
use std::fmt;

/// Bytes of all headers of a part, names and values.
const HEADERS_BYTES_MAX: usize = 8 * 1024;
/// Where old clients of Camunda put a document's metadata.
const METADATA_HEADER: &str = "x-document-metadata";

/// A part of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name; empty without one.
    pub(crate) name: String,
    /// The file's name, if it is a file.
    pub(crate) file_name: Option<String>,
    /// What the client says that it is.
    pub(crate) content_type: Option<String>,
    /// What an old client says of a document.
    pub(crate) metadata: Option<Bytes>,
    /// What it holds.
    pub(crate) content: Bytes,
}

/// All parts of a form, in order.
pub(crate) async fn read(head: Head<'_>, body: Bytes, parts_max: usize) -> Result<Vec<Part>, Problem> {
    let is_form = head.essence().is_some_and(|essence| essence.eq_ignore_ascii_case(b"multipart/form-data"));
    let content_type = head.content_type.and_then(|text| std::str::from_utf8(text).ok());
    let Some(content_type) = content_type.filter(|_| is_form) else { return Err(head.unsupported()) };
    let boundary = multer::parse_boundary(content_type).map_err(|error| malformed(&error))?;
    let whole = stream::iter([Ok::<Bytes, Infallible>(body)]);
    let mut form = Multipart::with_constraints(whole, boundary, Constraints::new());
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.map_err(|error| malformed(&error))? {
        if parts.len() == parts_max {
            return Err(Problem::bad_request(format!("The form has more than {parts_max} parts.")));
        }
        let headers = part.headers();
        if headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>()
            > HEADERS_BYTES_MAX
        {
            let what = format!("The headers of a part have more than {HEADERS_BYTES_MAX} bytes.");
            return Err(Problem::bad_request(what));
        }
        let Disposition { name, file_name } = disposition_of(&part)?;
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        parts.push(Part {
            name: name.unwrap_or_default(),
            file_name,
            content_type: part.headers().get(CONTENT_TYPE).and_then(text),
            metadata: part
                .headers()
                .get(METADATA_HEADER)
                .map(|value| Bytes::copy_from_slice(value.as_bytes())),
            content: part.bytes().await.map_err(|error| malformed(&error))?,
        });
    }
    Ok(parts)
}

/// What a part says of itself. The parser of the form would leave out names that it cannot read.
fn disposition_of(part: &multer::Field<'_>) -> Result<Disposition, Problem> {
    let Some(value) = part.headers().get(CONTENT_DISPOSITION) else { return Ok(Disposition::default()) };
    disposition::parse(value.as_bytes()).map_err(|why| malformed(&why))
}

fn malformed(error: &impl fmt::Display) -> Problem {
    Problem::bad_request(format!("Failed to parse multipart request: {error}"))
}

/// The refusal of a form that lacks a part.
pub(crate) fn absent(name: &str) -> Problem {
    Problem::bad_request(format!("Required part '{name}' is not present."))
}
