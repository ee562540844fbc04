//! [`Rest`] as a service of an HTTP server: reads the body within its bounds, writes the answer.

use crate::accept::takes;
use crate::answer::{Answer, AnswerBody, Attachment};
use crate::documents::encoded;
use crate::live;
use crate::packing::{PACKED_BYTES_MIN, gzip, takes_gzip};
use crate::problem::Problem;
use crate::rest::{Browser, Head, Rest};
use crate::route::{Route, route};
use crate::stream;
use crate::turned_away::Prepared;
use crate::wanted::{OF_A_SEARCH, THERE_ALREADY, while_wanted};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use ringbolt_api::position::{INCOMPLETE, POSITION};
use ringbolt_api::{ApiError, Broker, ErrorKind, Failed, Failure};
use ringbolt_http::request_id::{self, REQUEST_ID};
use ringbolt_http::{
    Answering, Body, Connection, Incoming, ReadError, Service, TurnedAway, read_arriving_body, skip_body,
};
use ringbolt_ring::time;
use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

/// Why a request is refused before it is looked at.
const BUSY: &str = "The server holds too much for clients that do not read what they asked for; try again";
/// When to try again: clients that do not read are cut each second.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// Bytes of which nobody says what they are.
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// Pages load their own parts and ask this server; what is no page has the server's own policy. `data:` is for pictures that forms hold.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'",
);

impl<B: Broker> Service for Rest<B> {
    fn call(self: Rc<Self>, request: Request<Incoming>, connection: Rc<Connection>) -> Answering {
        Box::pin(self.serve(request, connection))
    }

    fn turn_away(&self, request: &Request<()>) -> Option<TurnedAway> {
        if !self.gateway.sheds_new_work() {
            return None;
        }
        let path = request.uri().path();
        let route = route(request.method().as_str(), path);
        let error = self.gateway.shed_new_work(route.new_work()?).err()?;
        let mut response = Prepared::answer(&mut self.turned_away.borrow_mut(), error, path);
        self.name(request.method(), request.uri(), request.headers(), None, &mut response);
        Some(TurnedAway {
            response,
            body_bytes_max: self.body_bytes_max(&route),
            body_time_max: self.limits().body_timeout,
        })
    }

    fn busy(&self, request: &Request<()>, _: Response<Body>) -> Response<Body> {
        self.respond(crowded(BUSY).answer(request.uri().path()))
    }
}

/// With the title by which clients know that they may come again.
fn crowded(why: &str) -> Problem {
    let mut error = ApiError::new(ErrorKind::ResourceExhausted, why);
    error.retry_after = Some(BUSY_RETRY);
    Problem::from(error)
}

impl<B: Broker> Rest<B> {
    async fn serve(self: Rc<Self>, request: Request<Incoming>, connection: Rc<Connection>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let (method, path) = (head.method.as_str(), head.uri.path());
        let route = route(method, path);
        let is_page = route.is_page();
        let mut response = self.serve_route(&head, route, body, &connection).await;
        self.name(&head.method, &head.uri, &head.headers, Some(&connection), &mut response);
        if is_page {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
        }
        response
    }

    async fn serve_route(
        &self,
        head: &Parts,
        route: Route<'_>,
        body: Incoming,
        connection: &Connection,
    ) -> Response<Body> {
        let (method, path) = (head.method.as_str(), head.uri.path());
        let bytes_max = self.body_bytes_max(&route);
        let lists = Lists::of(&head.headers);
        if route.needs_no_body() {
            // Nothing in its body could change that.
            let from = connection.peer().map(|peer| peer.ip());
            let head = Head { from, ..said(head, &lists, connection) };
            let answer = self.answer(method, route, head, Bytes::new()).await;
            // A client that is still sending would not read the answer of a connection that is closed under it.
            skip_body(body, bytes_max, self.limits().body_timeout).await;
            return self.packed(&lists, answer).await;
        }
        if let Some(problem) = self.unacceptable(&lists, &route) {
            skip_body(body, bytes_max, self.limits().body_timeout).await;
            return self.respond(problem.answer(path));
        }
        if let Some(intent) = route.new_work()
            && let Err(error) = self.gateway.admit_new_work(intent)
        {
            skip_body(body, bytes_max, self.limits().body_timeout).await;
            return self.respond(Problem::from(error).answer(path));
        }
        if let Some(problem) = packed_body(head) {
            skip_body(body, bytes_max, self.limits().body_timeout).await;
            return self.respond(problem.answer(path));
        }
        let body = match read_arriving_body(body, bytes_max, self.limits().body_timeout, &self.arriving).await
        {
            Ok(body) => body,
            Err(error) => return self.respond(unread(&error).answer(path)),
        };
        if let Some(intent) = route.new_work()
            && let Err(error) = self.gateway.new_work_turn(intent).await
        {
            return self.respond(Problem::from(error).answer(path));
        }
        self.request_received();
        let is_poll = route.is_poll();
        // Only of a poll it matters how long it has waited.
        let begun = is_poll.then(time::now);
        let when_ended = when_ended::<B::JobStream>(&route);
        let answer = self.answer(method, route, said(head, &lists, connection), body);
        let answer = match when_ended {
            // In a box: other requests need not have room for it.
            Some((otherwise, ended_max)) => {
                let answer = Box::pin(while_wanted(answer, connection, ended_max)).await;
                answer.unwrap_or_else(|| otherwise(path))
            }
            None => answer.await,
        };
        if let Some(begun) = begun {
            // Jobs go out as they are, to a client that has not given them up.
            connection.settle(begun).await;
            return self.respond(answer);
        }
        self.packed(&lists, answer).await
    }

    /// An answer, packed where that is worth it.
    async fn packed(&self, lists: &Lists<'_>, mut answer: Answer<B::JobStream>) -> Response<Body> {
        let is_packed = self.pack(lists, &mut answer).await;
        let mut response = self.respond(answer);
        if is_packed {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }

    /// Tells a client that names its request that name again. One that is refused or fails has a name in any case, and what is no fault
    /// of its client's is noted under it; that somebody who left has waited in vain is no news.
    fn name(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        connection: Option<&Connection>,
        response: &mut Response<Body>,
    ) {
        let status = response.status();
        let id = match request_id::given(headers) {
            Some(id) => id.clone(),
            None if status.is_client_error() || status.is_server_error() => request_id::made(),
            None => return,
        };
        let has_left = connection.is_some_and(Connection::has_ended);
        if let Some(failure) = Failure::of_http(status.as_u16())
            && !(has_left && failure == Failure::Late)
        {
            let id = request_id::text(&id);
            self.gateway.failed(&Failed { failure, method: method.as_str(), path: uri.path(), id });
        }
        response.headers_mut().insert(REQUEST_ID, id);
    }

    /// Packs a large document beside the core, if its client takes that and somebody has time for it.
    async fn pack(&self, lists: &Lists<'_>, answer: &mut Answer<B::JobStream>) -> bool {
        let AnswerBody::Document(document) = &answer.body else { return false };
        if document.len() < PACKED_BYTES_MIN {
            return false;
        }
        if !lists.accept_encoding.as_deref().is_some_and(takes_gzip) {
            return false;
        }
        let document = document.clone();
        match self.gateway.aside(move || gzip(&document)).await.flatten() {
            Some(packed) => {
                answer.body = AnswerBody::Document(packed.into());
                true
            }
            None => false,
        }
    }
}

/// What a request at this path is answered that was given up.
type Otherwise<S> = fn(&str) -> Answer<S>;

/// Whether a request is given up when its client has ended its half, how long after its begin, and what who still reads is told.
fn when_ended<S>(route: &Route<'_>) -> Option<(Otherwise<S>, Duration)> {
    if route.is_poll() {
        return Some((no_jobs, THERE_ALREADY));
    }
    if route.is_evaluation() {
        return Some((not_evaluated, THERE_ALREADY));
    }
    route.is_search().then_some((not_searched, OF_A_SEARCH))
}

/// The jobs of a poll that is over went back; who still reads hears that there are none.
fn no_jobs<S>(_: &str) -> Answer<S> {
    Answer::json(br#"{"jobs":[]}"#.to_vec())
}

fn not_evaluated<S>(path: &str) -> Answer<S> {
    let text = "The client ended its half of the connection before the expression was evaluated";
    Problem::from(ApiError::new(ErrorKind::DeadlineExceeded, text)).answer(path)
}

fn not_searched<S>(path: &str) -> Answer<S> {
    let text = "The client ended its half of the connection before the search was done";
    Problem::from(ApiError::new(ErrorKind::DeadlineExceeded, text)).answer(path)
}

impl<B: Broker> Rest<B> {
    /// The refusal of a request that wants to have what there is not.
    fn unacceptable(&self, lists: &Lists<'_>, route: &Route<'_>) -> Option<Problem> {
        let accept = lists.accept.as_deref()?;
        let media = route.media(self.limits().level);
        if media.is_empty() || takes(accept, media) {
            return None;
        }
        Some(Problem::new(406, "Not Acceptable", format!("Acceptable representations: [{media}].")))
    }

    fn respond(&self, answer: Answer<B::JobStream>) -> Response<Body> {
        let body = match answer.body {
            AnswerBody::Empty => Body::empty(),
            AnswerBody::Document(document) => Body::full(document),
            AnswerBody::Once(document, receipt) => Body::full(document).with_receipt(receipt),
            AnswerBody::Attachment(attachment) => return attached(attachment),
            AnswerBody::Page(content, headers) => return shown(answer.status, content, headers),
            AnswerBody::Live(watching) => {
                let (sender, body) = Body::channel(live::FRAMES_MAX);
                ringbolt_ring::spawn(live::run(watching, sender));
                return live::head(body);
            }
            AnswerBody::Jobs(jobs) => {
                let (sender, body) = Body::channel(self.limits().stream_frames_max);
                ringbolt_ring::spawn(stream::run(jobs, sender, self.limits().level));
                body
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(answer.status).expect("statuses here are constants");
        if let Some(content_type) = answer.content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let incomplete = answer.incomplete.map(|partitions| (INCOMPLETE, partitions.into_string()));
        for (name, value) in answer.extra.into_iter().chain(incomplete) {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// A page or a part of one.
fn shown(status: u16, content: Bytes, headers: Vec<(&'static str, String)>) -> Response<Body> {
    let mut response = Response::new(Body::full(content));
    *response.status_mut() = StatusCode::from_u16(status).expect("statuses here are constants");
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Headers that are lists: several lines of one are as one with commas.
struct Lists<'a> {
    accept: Option<Cow<'a, [u8]>>,
    accept_encoding: Option<Cow<'a, [u8]>>,
    if_none_match: Option<Cow<'a, [u8]>>,
    position: Option<Cow<'a, [u8]>>,
}

impl<'a> Lists<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        Self {
            accept: joined(headers, &header::ACCEPT),
            accept_encoding: joined(headers, &header::ACCEPT_ENCODING),
            if_none_match: joined(headers, &header::IF_NONE_MATCH),
            position: joined(headers, &HeaderName::from_static(POSITION)),
        }
    }
}

fn joined<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, [u8]>> {
    let mut lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let mut all = Cow::Borrowed(lines.next()?);
    for line in lines {
        let all = all.to_mut();
        all.push(b',');
        all.extend_from_slice(line);
    }
    Some(all)
}

/// What of a request's head plays a part.
fn said<'a>(head: &'a Parts, lists: &'a Lists<'_>, connection: &'a Connection) -> Head<'a> {
    let header = |name: HeaderName| head.headers.get(name).map(HeaderValue::as_bytes);
    Head {
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        authority: authority(head),
        content_type: header(header::CONTENT_TYPE),
        traceparent: header(HeaderName::from_static("traceparent")),
        position: lists.position.as_deref(),
        from: None,
        connection: Some(connection),
        browser: Browser {
            accept: lists.accept.as_deref(),
            accept_encoding: lists.accept_encoding.as_deref(),
            if_none_match: lists.if_none_match.as_deref(),
            origin: header(header::ORIGIN),
            last_event: header(HeaderName::from_static("last-event-id")),
        },
    }
}

/// By which name and port a client calls this server.
fn authority(head: &Parts) -> &str {
    let of_uri = head.uri.authority().map(Authority::as_str);
    of_uri.or_else(|| head.headers.get(header::HOST)?.to_str().ok()).unwrap_or_default()
}

/// A document of a client's own. It is to be saved, under its name, and never shown as a page of this server.
fn attached(attachment: Attachment) -> Response<Body> {
    let Attachment { content, content_type, file_name } = attachment;
    let mut response = Response::new(Body::full(content));
    let is_type =
        content_type.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    let value = HeaderValue::try_from(content_type).ok().filter(|_| is_type);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, value.unwrap_or(OCTETS));
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(&file_name));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The refusal of a body that would have to be unpacked: what it holds then is nobody's to bound.
fn packed_body(head: &Parts) -> Option<Problem> {
    let encoding = head.headers.get(header::CONTENT_ENCODING)?.as_bytes();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity") {
        return None;
    }
    let shown: String = String::from_utf8_lossy(encoding).chars().take(40).collect();
    Some(Problem::new(415, "Unsupported Media Type", format!("Content-Encoding '{shown}' is not supported.")))
}

fn unread(error: &ReadError) -> Problem {
    let (status, title) = match error {
        ReadError::Crowded => return crowded(&error.to_string()),
        ReadError::TooLarge(_) => (413, "Payload Too Large"),
        ReadError::TimedOut(_) => (408, "Request Timeout"),
        ReadError::Broken(_) => (400, "Bad Request"),
    };
    Problem::new(status, title, error.to_string())
}
