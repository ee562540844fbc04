//! From a routed request to its answer.

use crate::answer::{Answer, AnswerBody};
use crate::charset;
use crate::live;
use crate::pages;
use crate::parameters::{check_path, read_query};
use crate::problem::Problem;
use crate::route::{Page, Route};
use crate::turned_away::Prepared;
use crate::validate::{self, Read};
use crate::wanted::{THERE_ALREADY, while_wanted};
use bytes::Bytes;
use futures_util::future::Either;
use ringbolt_api::call::{Call, Parameters};
use ringbolt_api::operation::{
    Body, ClockWish, Exporting, Kind, Limit, Operation, Presence, Special, Tell, View, Written,
};
use ringbolt_api::position::POSITION;
use ringbolt_api::request::Request;
use ringbolt_api::table::clock::pinned;
use ringbolt_api::table::cluster::put_topology;
use ringbolt_api::table::exporting::paused;
use ringbolt_api::table::job::{activation, stream};
use ringbolt_api::trace::trace_id;
use ringbolt_api::{ApiError, Broker, ErrorKind, Gateway, Limits, Protocol, RINGBOLT_VERSION};
use ringbolt_http::{ArrivingBytes, Connection, is_of_host};
use ringbolt_record::{Command, Reply};
use ringbolt_web::{Mode, Place};
use std::cell::RefCell;
use std::future::Future;
use std::net::IpAddr;
use std::rc::Rc;

/// The REST API over a broker, for one core.
pub struct Rest<B> {
    pub(crate) gateway: Gateway<B>,
    /// What pages may do.
    pub(crate) web: Mode,
    /// What is held of bodies that are arriving, beside those of other servers of the core.
    pub(crate) arriving: ArrivingBytes,
    /// The last answer to a request that was turned away.
    pub(crate) turned_away: RefCell<Option<Prepared>>,
}

/// What of a request's head plays a part.
#[derive(Clone, Copy, Default)]
pub struct Head<'a> {
    /// The path, as it came.
    pub path: &'a str,
    /// What follows the question mark, as it came; empty for nothing.
    pub query: &'a str,
    /// The name and port by which the client calls this server; empty where it does not say.
    pub authority: &'a str,
    /// `content-type`.
    pub content_type: Option<&'a [u8]>,
    /// `traceparent`.
    pub traceparent: Option<&'a [u8]>,
    /// `ringbolt-position`.
    pub position: Option<&'a [u8]>,
    /// From where it came, as far as that is known.
    pub from: Option<IpAddr>,
    /// By which it came; without one nobody leaves.
    pub connection: Option<&'a Connection>,
    /// What of it plays a part for pages.
    pub browser: Browser<'a>,
}

/// What a browser says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser<'a> {
    /// `accept`.
    pub accept: Option<&'a [u8]>,
    /// `accept-encoding`.
    pub accept_encoding: Option<&'a [u8]>,
    /// `if-none-match`.
    pub if_none_match: Option<&'a [u8]>,
    /// `origin`.
    pub origin: Option<&'a [u8]>,
    /// `last-event-id`.
    pub last_event: Option<&'a [u8]>,
}

impl<B: Broker> Rest<B> {
    /// The API over a broker.
    pub fn new(broker: B, limits: Rc<Limits>) -> Self {
        let gateway = Gateway::new(broker, limits, Protocol::Rest);
        Self {
            gateway,
            web: Mode::default(),
            arriving: ArrivingBytes::default(),
            turned_away: RefCell::default(),
        }
    }

    /// The same with a bound for what is held of bodies that are arriving.
    #[must_use]
    pub fn with_arriving(self, arriving: ArrivingBytes) -> Self {
        Self { arriving, ..self }
    }

    /// The same with what its pages may do.
    #[must_use]
    pub fn with_web(self, web: Mode) -> Self {
        Self { web, ..self }
    }

    /// A request's body has arrived.
    pub(crate) fn request_received(&self) {
        self.gateway.request_received();
    }

    /// Bounds of requests.
    pub fn limits(&self) -> &Limits {
        self.gateway.limits()
    }

    /// Bytes that the body of such a request may have.
    pub fn body_bytes_max(&self, route: &Route<'_>) -> usize {
        match route {
            Route::Operation(Operation { limit: Limit::Deployment, .. }, _) => {
                self.limits().deployment_request_bytes_max()
            }
            Route::Operation(Operation { limit: Limit::Documents, .. }, _) => {
                self.limits().documents_request_bytes_max()
            }
            _ => self.limits().request_bytes_max(),
        }
    }

    /// Answers a request.
    pub async fn answer(
        &self,
        method: &str,
        route: Route<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Answer<B::JobStream> {
        let answered = match head.utf8(body) {
            Ok(body) => self.dispatch(method, route, head, body).await,
            Err(problem) => Err(problem),
        };
        match answered {
            Ok(answer) => answer,
            Err(problem) => problem.answer(head.path),
        }
    }

    async fn dispatch(
        &self,
        method: &str,
        route: Route<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        match route {
            Route::Operation(operation, parameters) => {
                self.check_page_may(operation, head)?;
                self.operate(operation, &parameters, head, body).await
            }
            Route::Page(Page::Web(Place::Live)) if self.web != Mode::Off => {
                Ok(live::answer(self.gateway.watch(live::wish(head)?)?))
            }
            Route::Page(Page::Web(Place::Figures)) if self.web != Mode::Off => {
                Ok(pages::document(self.gateway.figures().await?))
            }
            Route::Page(Page::Web(Place::Past)) if self.web != Mode::Off => {
                Ok(pages::document(self.gateway.past(pages::instance_of(head)?).await?))
            }
            Route::Page(page) => pages::answer(page, method, head, self.limits().level, self.web),
            Route::MethodNotAllowed(allowed) => {
                let detail = format!("Method '{method}' is not supported.");
                let mut problem = Problem::new(405, "Method Not Allowed", detail);
                problem.extra = Some(("allow", allowed));
                Err(problem)
            }
            Route::Malformed(why) => Err(Problem::bad_request(format!("Failed to read request: {why}"))),
            Route::NotFound => {
                Err(Problem::new(404, "Not Found", format!("No endpoint {method} {}.", head.path)))
            }
        }
    }

    /// Pages that only show change nothing, whatever somebody does to them.
    fn check_page_may(&self, operation: &Operation, head: Head<'_>) -> Result<(), Problem> {
        if self.web == Mode::On || operation.is_read_only() || !head.is_from_own_page() {
            return Ok(());
        }
        let detail = format!("The pages of this server only show (see the setting web): {}", operation.id);
        Err(Problem::new(403, "FORBIDDEN", detail))
    }

    async fn operate(
        &self,
        operation: &'static Operation,
        parameters: &Parameters<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        match operation.kind {
            Kind::Later => Err(ApiError::new(
                ErrorKind::Unimplemented,
                format!(
                    "The operation {} ({} {}) is not implemented yet",
                    operation.id,
                    operation.method.name(),
                    head.path
                ),
            )
            .into()),
            Kind::Get(write) => {
                let mut out = Vec::new();
                self.view(|view| write(view, &mut out))?;
                Ok(self.written(operation, out))
            }
            Kind::Answered(write) => {
                let mut out = Vec::new();
                write(&mut self.call(operation, parameters, head, body)?, &mut out)?;
                Ok(self.written(operation, out))
            }
            Kind::Command(command) => {
                let mut call = self.call(operation, parameters, head, body)?;
                let request = (command.request)(&mut call);
                let there = command.of.filter(|_| request.is_ok()).map(|row| row.there(&call)).transpose()?;
                // What was read of the body is not kept while the engine works.
                drop(call);
                if let Some(look) = there {
                    self.look(operation, head, look).await?;
                }
                let (reply, position) = self.submit(head, request).await?;
                let mut out = Vec::new();
                match (command.answer)(&reply, self.limits().level, &mut out) {
                    Written::Yes => Ok(Answer { extra: position, ..self.written(operation, out) }),
                    Written::Unexpected => Err(ApiError::unexpected(&reply).into()),
                    Written::NotAcceptable(why) => Err(Problem::new(406, "Not Acceptable", why)),
                }
            }
            Kind::Search(search) => {
                let look = search.look(&mut self.call(operation, parameters, head, body)?, operation)?;
                self.look(operation, head, look).await
            }
            Kind::Row(row) => {
                let look = row.look(&mut self.call(operation, parameters, head, body)?, operation)?;
                self.look(operation, head, look).await
            }
            Kind::Look(look) => {
                let look = look(&mut self.call(operation, parameters, head, body)?, operation)?;
                self.look(operation, head, look).await
            }
            // In boxes: other requests need not have room for them.
            Kind::Joined(look) => Box::pin(self.joined(look, operation, parameters, head, body)).await,
            Kind::Special(special) => {
                Box::pin(self.special(special, operation, parameters, head, body)).await
            }
        }
    }

    async fn special(
        &self,
        special: Special,
        operation: &'static Operation,
        parameters: &Parameters<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        match special {
            Special::Deploy => self.create_deployment(head, body).await,
            Special::ActivateJobs => {
                let asked = activation(&mut self.call(operation, parameters, head, body)?)?;
                self.activate_jobs(asked).await
            }
            Special::Documents(what) => self.documents(what, operation, parameters, head, body).await,
            Special::Tell(what) => {
                let mut call = self.call(operation, parameters, head, body)?;
                self.tell(what, &mut call)?;
                Ok(Answer::no_content())
            }
            Special::StreamJobs => {
                let spec = stream(&mut self.call(operation, parameters, head, body)?)?;
                Ok(self.stream_jobs(spec)?)
            }
            Special::Topology => {
                let mut out = Vec::with_capacity(512);
                self.view(|view| put_topology(view, &mut out));
                let mut answer = Answer::json(out);
                // Beside the document: some clients refuse documents with members that they do not know.
                answer.extra = Some(("ringbolt-version", RINGBOLT_VERSION.to_owned()));
                Ok(answer)
            }
        }
    }

    fn tell(&self, what: Tell, call: &mut Call<'_>) -> Result<(), ApiError> {
        match what {
            Tell::PinClock => self.gateway.control_clock(pinned(call)?),
            Tell::ResetClock => self.gateway.control_clock(ClockWish::Reset),
            Tell::PauseExporting => self.gateway.tell_exporters(paused(call)?),
            Tell::ResumeExporting => self.gateway.tell_exporters(Exporting::Exporting),
        }
    }

    /// A request, read and held against its operation's schemas.
    pub(crate) fn call<'a>(
        &'a self,
        operation: &'static Operation,
        parameters: &'a Parameters<'a>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Call<'a>, Problem> {
        let mut read = match (operation.body, operation.reads) {
            (Body::Json(_, presence), Some(object)) => {
                head.check_json(&body)?;
                check_path(operation, parameters)?;
                match presence {
                    Presence::Required => validate::required(body, object)?,
                    Presence::Optional => validate::optional(body, object)?,
                }
            }
            (Body::Json(..), None) => {
                head.check_json(&body)?;
                check_path(operation, parameters)?;
                validate::free(body)?
            }
            (Body::None | Body::Form(..), _) => {
                check_path(operation, parameters)?;
                Read::default()
            }
        };
        let query = read_query(operation, head.query, &mut read.violations)?;
        Ok(Call::new(self.gateway.mapper(), parameters, query, read.fields, read.violations))
    }

    /// What the server knows of itself.
    fn view<T>(&self, see: impl FnOnce(&View<'_>) -> T) -> T {
        let exporting = self.gateway.exporting();
        see(&View { topology: &self.gateway.topology(), limits: self.limits(), exporting })
    }

    /// The answer of an operation, with its document if it has one.
    pub(crate) fn written(&self, operation: &'static Operation, document: Vec<u8>) -> Answer<B::JobStream> {
        match operation.answer_at(self.limits().level) {
            Some(answer) if !answer.media.is_empty() => Answer {
                status: answer.status,
                content_type: Some(answer.media),
                extra: None,
                incomplete: None,
                body: AnswerBody::Document(document.into()),
            },
            Some(answer) => Answer { status: answer.status, ..Answer::no_content() },
            None => Answer::no_content(),
        }
    }

    /// Has the engine handle a request; a header says by what position to find what it wrote.
    pub(crate) fn submit<'a>(
        &'a self,
        head: Head<'a>,
        request: Result<Request, ApiError>,
    ) -> impl Future<Output = Result<Placed, Problem>> + use<'a, B> {
        // Before anything is waited for, so that what waits does not hold the request.
        let asked = request.map(|mut request| {
            request.context.trace_id = head.traceparent.map_or(0, trace_id);
            let waiting = head.connection.filter(|_| waits_for_work(&request));
            let answer = self.gateway.call_placed(request);
            match waiting {
                // In a box: other requests need not have room for it.
                Some(connection) => {
                    let wanted = async move {
                        while_wanted(answer, connection, THERE_ALREADY).await.ok_or_else(not_completed)?
                    };
                    Either::Left(Box::pin(wanted))
                }
                None => Either::Right(answer),
            }
        });
        async move {
            let (reply, position) = asked?.await?;
            Ok((reply, position.map(|position| (POSITION, position))))
        }
    }
}

/// A reply, and the header that says by what position to find what was written.
type Placed = (Reply, Option<(&'static str, String)>);

/// Whether its answer is the end of an instance.
fn waits_for_work(request: &Request) -> bool {
    matches!(&request.command, Command::CreateProcessInstance(create) if create.await_result.is_some())
}

/// The instance goes on all the same.
fn not_completed() -> ApiError {
    let text = "The client ended its half of the connection before the process instance was completed";
    ApiError::new(ErrorKind::DeadlineExceeded, text)
}

impl Head<'_> {
    /// The body is JSON, or there is none and nobody says what it is.
    pub(crate) fn check_json(&self, body: &Bytes) -> Result<(), Problem> {
        // As nearly all clients write it.
        if self.content_type == Some(b"application/json") {
            return Ok(());
        }
        let Some(essence) = self.essence() else {
            return if body.is_empty() { Ok(()) } else { Err(self.unsupported()) };
        };
        let subtype = essence.split_at_checked(b"application/".len());
        match subtype {
            Some((kind, subtype))
                if kind.eq_ignore_ascii_case(b"application/")
                    && (subtype.eq_ignore_ascii_case(b"json")
                        || subtype.to_ascii_lowercase().ends_with(b"+json")) =>
            {
                Ok(())
            }
            Some(_) | None => Err(self.unsupported()),
        }
    }

    /// A body of JSON in UTF-8, whatever it came in. Others are left as they are: a form's parts may be anything.
    fn utf8(&self, body: Bytes) -> Result<Bytes, Problem> {
        if self.check_json(&body).is_err() {
            return Ok(body);
        }
        charset::utf8(body, self.content_type.and_then(charset::declared)).map_err(|error| match error {
            charset::Error::Unknown => self.unsupported(),
            charset::Error::Malformed => Problem::bad_request(
                "Failed to read request: the body is not in the encoding that it declares",
            ),
        })
    }

    /// Whether a page of this server sent it. Pages of other origins that are let in are no pages of this server.
    fn is_from_own_page(&self) -> bool {
        self.browser.origin.is_some_and(|origin| is_of_host(origin, self.authority))
    }

    /// The content type without its parameters.
    pub(crate) fn essence(&self) -> Option<&[u8]> {
        let whole = self.content_type?;
        Some(whole.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii())
    }

    pub(crate) fn unsupported(&self) -> Problem {
        let shown = self.content_type.map_or("null".into(), String::from_utf8_lossy);
        Problem::new(415, "Unsupported Media Type", format!("Content-Type '{shown}' is not supported."))
    }
}
