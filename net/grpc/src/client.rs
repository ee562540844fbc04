//! The calling side: unary and server-streaming calls that share an HTTP/2 connection.

use std::{marker::PhantomData, time::Duration};

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{self, HeaderName},
    uri::{Authority, PathAndQuery, Scheme},
};
use prost::Message;
use ringbolt_http::{
    ArrivingBytes, Body, Incoming,
    client::{ClientError, Endpoint, Http2Client},
};
use ringbolt_ring::time::Elapsed;

use crate::{
    frame::{self, ACCEPTED, Encoding, GRPC_ACCEPT_ENCODING, GRPC_ENCODING, Reader},
    status::{Code, Status},
    timeout,
};

/// Bytes of a response message that this client takes.
const RESPONSE_BYTES_MAX: usize = 64 * 1024 * 1024;

const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// What a call may be given beside its request.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// Told to the server, and enforced here too.
    pub timeout: Option<Duration>,
    /// How the request is compressed.
    pub encoding: Encoding,
    /// More request headers.
    pub metadata: HeaderMap,
}

/// A connection to a server; cloneable inside its core.
#[derive(Clone)]
pub struct Channel {
    http: Http2Client,
    scheme: Scheme,
    authority: Authority,
}

impl Channel {
    /// Connects from this core.
    pub async fn connect(to: impl Into<Endpoint>) -> Result<Channel, ClientError> {
        let to = to.into();
        let authority = Authority::try_from(to.addr().to_string()).expect("a socket address is an authority");
        let scheme = to.scheme();
        Ok(Channel { http: Http2Client::connect(to).await?, scheme, authority })
    }

    /// Whether the connection is gone.
    pub fn is_closed(&self) -> bool {
        self.http.is_closed()
    }

    /// A call with one response. Dropping the future cancels it.
    pub async fn unary<Q: Message, A: Message + Default>(
        &self,
        path: &'static str,
        request: &Q,
        options: &CallOptions,
    ) -> Result<A, Status> {
        let call = async {
            let mut stream = self.streaming(path, request, options).await?;
            let Some(answer) = stream.message().await? else {
                return Err(Status::new(Code::Internal, "the call succeeded without a message"));
            };
            match stream.message().await? {
                None => Ok(answer),
                Some(_) => Err(Status::new(Code::Internal, "the call returned more than one message")),
            }
        };
        match options.timeout {
            None => call.await,
            Some(limit) => match ringbolt_ring::timeout(limit, call).await {
                Ok(result) => result,
                Err(Elapsed) => Err(Status::new(Code::DeadlineExceeded, "the deadline passed at the client")),
            },
        }
    }

    /// A call with a stream of responses; it returns when the header came. Dropping the stream cancels the call.
    pub async fn streaming<Q: Message, A: Message + Default>(
        &self,
        path: &'static str,
        request: &Q,
        options: &CallOptions,
    ) -> Result<Streaming<A>, Status> {
        let body = Body::full(frame::encode_with(options.encoding, request));
        let mut http_request = Request::new(body);
        *http_request.method_mut() = Method::POST;
        *http_request.uri_mut() = self.uri(path);
        let headers = http_request.headers_mut();
        headers.extend(options.metadata.clone());
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(GRPC_ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
        if options.encoding == Encoding::Gzip {
            headers.insert(GRPC_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(limit) = options.timeout {
            let value = HeaderValue::try_from(timeout::format(limit));
            headers.insert(GRPC_TIMEOUT, value.expect("digits and a letter"));
        }
        let response = self
            .http
            .send(http_request)
            .await
            .map_err(|error| Status::new(Code::Unavailable, error.to_string()))?;
        accept(response)
    }

    fn uri(&self, path: &'static str) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_static(path));
        Uri::from_parts(parts).expect("scheme, authority and path make a URI")
    }
}

fn accept<A>(response: Response<Incoming>) -> Result<Streaming<A>, Status> {
    let (head, body) = response.into_parts();
    if head.status != StatusCode::OK {
        return Err(Status::new(code_of(head.status), format!("HTTP status {}", head.status)));
    }
    let ended = Status::read(&head.headers);
    if let Some(Err(status)) = ended {
        return Err(status);
    }
    let encoding = Encoding::of(&head.headers).map_err(|name| {
        Status::new(Code::Internal, format!("the answer's encoding {name} is not supported"))
    })?;
    Ok(Streaming {
        reader: Reader::new(body, encoding, RESPONSE_BYTES_MAX, ArrivingBytes::default()),
        ended: ended.is_some(),
        message: PhantomData,
    })
}

/// gRPC's table of codes for HTTP statuses.
fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// The responses of a server-streaming call.
pub struct Streaming<A> {
    reader: Reader,
    /// The status came with the header.
    ended: bool,
    message: PhantomData<fn() -> A>,
}

impl<A: Message + Default> Streaming<A> {
    /// The next message; `None` after the last one of a call that succeeded.
    pub async fn message(&mut self) -> Result<Option<A>, Status> {
        if self.ended {
            return Ok(None);
        }
        match self.reader.next().await? {
            Some(bytes) => frame::decode(bytes).map(Some),
            None => {
                self.ended = true;
                match self.reader.trailers().and_then(Status::read) {
                    Some(Ok(())) => Ok(None),
                    Some(Err(status)) => Err(status),
                    None => Err(Status::new(Code::Internal, "the stream ended without a status")),
                }
            }
        }
    }
}
