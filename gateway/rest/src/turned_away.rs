//! Answers to requests that are turned away: thousands a second get the same, so it is made once.

use crate::answer::PROBLEM;
use crate::problem::Problem;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use ringbolt_api::ApiError;
use ringbolt_http::Body;

/// Headers that there are, with those that come later: the request's name, what protects a browser, the date, the length.
const HEADERS: usize = 7;

/// The last such answer, and what it answers.
pub(crate) struct Prepared {
    error: ApiError,
    path: String,
    status: StatusCode,
    headers: HeaderMap,
    document: Bytes,
}

impl Prepared {
    /// The answer to a request of this path that is refused for this reason.
    pub(crate) fn answer(last: &mut Option<Self>, error: ApiError, path: &str) -> Response<Body> {
        let made = match last.take() {
            Some(made) if made.error == error && made.path == path => made,
            Some(_) | None => Self::make(error, path),
        };
        let mut response = Response::new(Body::full(made.document.clone()));
        *response.status_mut() = made.status;
        response.headers_mut().clone_from(&made.headers);
        *last = Some(made);
        response
    }

    fn make(error: ApiError, path: &str) -> Self {
        let problem = Problem::from(error.clone());
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        if let Some((name, value)) = &problem.extra
            && let Ok(value) = HeaderValue::try_from(value)
        {
            headers.insert(HeaderName::from_static(name), value);
        }
        let status = StatusCode::from_u16(problem.status).expect("statuses here are constants");
        Self { error, path: path.to_owned(), status, headers, document: problem.document(path) }
    }
}

#[cfg(test)]
mod tests {
    use super::Prepared;
    use crate::problem::Problem;
    use http_body::Body as _;
    use ringbolt_api::{ApiError, ErrorKind};
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    #[test]
    fn each_is_told_its_own_reason_and_path() {
        let error = |after| ApiError {
            kind: ErrorKind::ResourceExhausted,
            message: format!("try again in {after} ms"),
            retry_after: Some(Duration::from_millis(after)),
        };
        let mut last = None;
        for (after, path) in [(200, "/a"), (200, "/a"), (3_200, "/a"), (200, "/b"), (200, "/a")] {
            let mut response = Prepared::answer(&mut last, error(after), path);
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            assert_eq!(response.headers()["retry-after"], after.div_ceil(1000).to_string().as_str());
            let mut cx = Context::from_waker(Waker::noop());
            let Poll::Ready(Some(Ok(frame))) = Pin::new(response.body_mut()).poll_frame(&mut cx) else {
                panic!("it has a body")
            };
            assert_eq!(frame.into_data().expect("bytes"), Problem::from(error(after)).document(path));
        }
    }
}
