//! The few errors that are answered before a service sees a request, as RFC 9457 documents.
//!
//! Everything else that is wrong with a request is the service's to say, in its own words.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::body::Body;

/// What kind of document it is.
pub(crate) const CONTENT_TYPE: &str = "application/problem+json";
/// What is no page is not shown as one, and does nothing where it is.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// The content type is what it says.
const NO_SNIFF: &str = "nosniff";
/// Answers to gRPC, which no browser shows.
const GRPC: &[u8] = b"application/grpc";

/// Every answer tells a browser what it may do with it, unless its service did: for one that is no page that is nothing.
pub(crate) fn protect<B>(response: &mut Response<B>) {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|content_type| content_type.as_bytes().starts_with(GRPC)) {
        return;
    }
    let headers = response.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static(NO_SNIFF));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
}

/// Of what a client sent, so much is repeated to it, in characters.
const SHOWN_MAX: usize = 100;

/// The document; `instance` is the request's path, where it is known.
pub(crate) fn document(status: StatusCode, detail: &str, instance: Option<&str>) -> Bytes {
    let title = status.canonical_reason().unwrap_or("Error");
    let mut text = format!(r#"{{"type":"about:blank","title":"{title}","status":{},"#, status.as_u16());
    text.push_str(r#""detail":""#);
    put_escaped(&mut text, detail);
    if let Some(instance) = instance {
        text.push_str(r#"","instance":""#);
        put_escaped(&mut text, instance);
    }
    text.push_str("\"}");
    text.into()
}

/// The document as a response.
pub(crate) fn response(status: StatusCode, detail: &str, instance: &str) -> Response<Body> {
    let mut response = Response::new(Body::full(document(status, detail, Some(instance))));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    response
}

/// What a client sent, fit to be repeated in a detail or a log.
pub(crate) fn shown(sent: &[u8]) -> String {
    String::from_utf8_lossy(sent).chars().take(SHOWN_MAX).collect()
}

/// As JSON wants a text between its quotes.
fn put_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{Response, StatusCode};

    #[test]
    fn answers_are_protected_unless_their_service_said_otherwise() {
        let said = |response: &Response<()>| {
            let text = |name: &str| {
                response.headers().get(name).map(|value| value.to_str().expect("text").to_owned())
            };
            (text("x-content-type-options"), text("content-security-policy"))
        };
        let mut plain = Response::new(());
        super::protect(&mut plain);
        assert_eq!(said(&plain), (Some("nosniff".to_owned()), Some(super::POLICY.to_owned())));
        let mut page = Response::builder().header("content-security-policy", "self").body(()).expect("valid");
        super::protect(&mut page);
        assert_eq!(said(&page), (Some("nosniff".to_owned()), Some("self".to_owned())));
        let mut grpc =
            Response::builder().header("content-type", "application/grpc+proto").body(()).expect("valid");
        super::protect(&mut grpc);
        assert_eq!(said(&grpc), (None, None));
    }

    #[test]
    fn what_a_client_sent_cannot_break_out_of_the_document() {
        let document = super::document(StatusCode::FORBIDDEN, "Host 'a\"b\\c\u{1}é'", Some("/x\"y"));
        assert_eq!(
            document,
            r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"Host 'a\"b\\c\u0001é'","instance":"/x\"y"}"#
        );
    }
}
