//! A connection of HTTP/1.1: read, answered and written in turns.
//!
//! A turn reads what the socket has, begins the request that came, goes on with it, and writes its answer. No request has a task of its own:
//! its service's future is polled on sight, with all of its body that came with the head, and kept in the connection where it is not ready then.
//!
//! Invariants
//! - Requests are answered one after the other: the next one begins when the answer before it is in the socket.
//! - While a request is answered the socket is read, too, for as long as there is room: so it shows when the client has ended its half, or is gone.
//! - What is held of a client's bytes is bounded: of a body by what its service has not taken, of what follows it by one read.
//! - A streamed body's frames are taken when all before them is in the socket, and are handed over when they are.
//!
//! Deliberately absent: the protocol (`ringbolt_http1`), and what a request gets (`serve`).

mod answer;
mod ending;
mod io;

use std::{
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use ringbolt_http1::{Error, Event, Heads, RequestBody};
use ringbolt_http2::Payload;

use crate::{
    buffer::READ_BYTES,
    conn::{Command, Connection, InFlight},
    guard::Guard,
    http1::{answer::Sending, ending::Ending, io::Ahead},
    incoming::{Broken, Inbox, Incoming, Returns},
    limits::Limits,
    read::{skip_arrived, skip_body},
    serve::{self, Verdict},
    server::{Answering, Service, TurnedAway},
    transport::Transport,
};

/// Rounds of reading, answering and writing in one turn; then the core's other tasks go first.
const ROUNDS_MAX: usize = 16;
/// The least that is held of a client's bytes, whatever the limit says.
const HELD_BYTES_MIN: usize = 4 * 1024;

thread_local! {
    /// Headers that the clients of this core repeat.
    static HEADS: Heads = Heads::default();
}

/// A request whose head is there and that has not begun.
struct Arrived {
    request: Request<()>,
    body: RequestBody,
    /// All of the body, if it came at once.
    whole: Bytes,
}

/// How far the answer to a request is.
enum State {
    /// Nothing is asked, or the request has not begun.
    Rests,
    Runs(Answering, Asked),
    Sends(Sending),
}

/// What of a request its response needs.
struct Asked {
    marks: Marks,
    in_flight: InFlight,
}

/// Whether it is still to be said in a response for whom it is.
enum Marks {
    Done,
    For(Option<HeaderValue>),
}

/// One connection.
pub(crate) struct Http1<S> {
    protocol: ringbolt_http1::Connection,
    transport: Transport,
    connection: Rc<Connection>,
    service: Rc<S>,
    guard: Rc<Guard>,
    ahead: Ahead,
    arrived: Option<Arrived>,
    state: State,
    /// Where the body of the request goes that is answered, if it did not come at once.
    inbox: Option<Rc<Inbox>>,
    returns: Option<Rc<Returns>>,
    /// Bytes in the inbox that nobody has taken.
    held: usize,
    held_max: usize,
    /// The future, or the body that is sent, may have something new.
    may_go_on: bool,
    /// The socket takes nothing.
    is_blocked: bool,
    /// The client ended its half.
    has_ended: bool,
    is_finishing: bool,
    ending: Ending,
}

impl<S: Service> Http1<S> {
    pub(crate) fn new(
        transport: Transport,
        ahead: Vec<u8>,
        connection: Rc<Connection>,
        (service, guard): (Rc<S>, Rc<Guard>),
        limits: &Limits,
    ) -> Http1<S> {
        Http1 {
            protocol: ringbolt_http1::Connection::new(
                limits.header_bytes_max as usize,
                HEADS.with(Heads::clone),
            ),
            transport,
            connection,
            service,
            guard,
            ahead: Ahead::of(ahead),
            arrived: None,
            state: State::Rests,
            inbox: None,
            returns: None,
            held: 0,
            // The other half is one read beyond it.
            held_max: (limits.h1_buffer_bytes_max / 2).clamp(HELD_BYTES_MIN, READ_BYTES),
            may_go_on: false,
            is_blocked: false,
            has_ended: false,
            is_finishing: false,
            ending: Ending::default(),
        }
    }

    /// A turn. Ready when the connection is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, command: Command) -> Poll<()> {
        if command == Command::Finish {
            self.is_finishing = true;
            self.protocol.set_last();
        }
        self.may_go_on = true;
        for _ in 0..ROUNDS_MAX {
            let moved = self.round(cx);
            if self.is_over() {
                return self.poll_end(cx);
            }
            if !moved {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether there may be more to do at once.
    fn round(&mut self, cx: &mut Context<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.take_returns();
        let read = self.read(cx);
        if let Some(arrived) = self.arrived.take() {
            self.begin(cx, arrived);
        }
        self.look_for_end();
        if std::mem::take(&mut self.may_go_on) {
            self.go_on(cx);
        }
        let wrote = self.write(cx);
        if self.is_finishing && !read && !wrote && !self.protocol.is_asked() && !self.protocol.owes() {
            self.protocol.stop();
        }
        read || wrote
    }

    /// What of the body was taken makes room for more of it.
    fn take_returns(&mut self) {
        if let Some(returns) = &self.returns {
            returns.take(|_, bytes| self.held = self.held.saturating_sub(bytes as usize));
        }
    }

    /// What comes of a client's bytes; how many of them were taken.
    fn receive(&mut self, cx: &Context<'_>, mut bytes: &[u8]) -> usize {
        let all = bytes.len();
        loop {
            match self.protocol.receive(&mut bytes) {
                Ok(None) => break,
                Ok(Some(Event::Request { request, body })) => {
                    self.arrived = Some(Arrived { request, body, whole: Bytes::new() });
                }
                Ok(Some(Event::Data { data, is_last })) => self.on_data(cx, data, is_last),
                Ok(Some(Event::End(trailers))) => self.on_end(cx, trailers),
                Err(error) => {
                    self.on_error(cx, error);
                    return all;
                }
            }
        }
        if self.protocol.owes() {
            self.connection.on_owing();
        }
        all - bytes.len()
    }

    fn on_data(&mut self, cx: &Context<'_>, data: &[u8], is_last: bool) {
        match &mut self.arrived {
            Some(arrived) if is_last && self.inbox.is_none() => {
                arrived.whole = Bytes::copy_from_slice(data);
            }
            Some(_) | None => {
                if self.inbox(cx).is_some_and(|inbox| inbox.push(Payload::Read(data), is_last)) {
                    self.held += data.len();
                }
                self.may_go_on = true;
            }
        }
    }

    fn on_end(&mut self, cx: &Context<'_>, trailers: HeaderMap) {
        if let Some(inbox) = self.inbox(cx) {
            inbox.end(trailers);
        }
        self.may_go_on = true;
    }

    /// The client made a mistake: in a body its reader is told, otherwise the client.
    fn on_error(&mut self, cx: &Context<'_>, error: Error) {
        if !self.protocol.is_asked() {
            return self.refuse(error);
        }
        if let Some(inbox) = self.inbox(cx) {
            inbox.break_off(Broken::Framing(error.text));
        }
        self.may_go_on = true;
    }

    /// Where the body goes, once some of it came.
    fn inbox(&mut self, cx: &Context<'_>) -> Option<Rc<Inbox>> {
        if self.inbox.is_none() {
            let body = self.arrived.as_ref()?.body;
            self.inbox = Some(self.new_inbox(cx, body));
        }
        self.inbox.clone()
    }

    fn new_inbox(&mut self, cx: &Context<'_>, body: RequestBody) -> Rc<Inbox> {
        let announced = match body {
            RequestBody::Length(length) => Some(length),
            RequestBody::Empty | RequestBody::Chunked => None,
        };
        let enough = (self.held_max / 2) as u32;
        // The waker of a connection's task is the same for as long as that lives.
        let returns = self.returns.get_or_insert_with(|| Returns::new(enough, cx.waker().clone()));
        Inbox::new(None, announced, returns.clone())
    }

    /// A request begins: it is looked at, and handed to its service.
    fn begin(&mut self, cx: &mut Context<'_>, arrived: Arrived) {
        let Arrived { request, body, whole } = arrived;
        if body != RequestBody::Empty && whole.is_empty() && self.inbox.is_none() {
            self.inbox = Some(self.new_inbox(cx, body));
        }
        let mut body = self.inbox.as_ref().map_or_else(|| Incoming::whole(whole), Incoming::of);
        let in_flight = self.connection.begin_request();
        match serve::judge(&request, &*self.service, &self.guard, &self.connection) {
            Verdict::Serve(origin) => {
                let request = request.map(|()| body);
                let answer = self.service.clone().call(request, self.connection.clone());
                self.run(answer, Asked { marks: Marks::For(origin), in_flight });
            }
            Verdict::TurnAway(turned) => {
                let TurnedAway { response, body_bytes_max, body_time_max } = turned;
                let Some(skipped) = skip_arrived(&mut body) else {
                    drop(body);
                    return self.answer(cx, response, in_flight);
                };
                // The rest of its body could not be told from the next request.
                let answer = Box::pin(async move {
                    skip_body(body, body_bytes_max.saturating_sub(skipped), body_time_max).await;
                    response
                });
                self.run(answer, Asked { marks: Marks::Done, in_flight });
            }
            Verdict::Answer(response) => {
                drop(body);
                self.answer(cx, response, in_flight);
            }
        }
    }

    fn run(&mut self, answer: Answering, asked: Asked) {
        self.state = State::Runs(answer, asked);
        self.may_go_on = true;
    }

    /// The request goes on, or its answer.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        match std::mem::replace(&mut self.state, State::Rests) {
            State::Rests => {}
            State::Runs(mut answer, asked) => match answer.as_mut().poll(cx) {
                Poll::Ready(mut response) => {
                    drop(answer);
                    if let Marks::For(origin) = asked.marks {
                        self.guard.mark(&mut response, origin);
                    }
                    self.answer(cx, response, asked.in_flight);
                }
                Poll::Pending => {
                    self.state = State::Runs(answer, asked);
                    self.ask_for_body();
                }
            },
            State::Sends(sending) => self.send_more(cx, sending),
        }
    }

    /// A client that waits for a word gets it when somebody waits for its body.
    fn ask_for_body(&mut self) {
        if self.protocol.expects_continue() && self.inbox.as_ref().is_some_and(|inbox| inbox.tell_wait()) {
            self.protocol.send_continue();
        }
    }
}

impl<S> Drop for Http1<S> {
    fn drop(&mut self) {
        // Whoever still reads the body learns that nothing more comes, if that was not all.
        if let Some(inbox) = &self.inbox {
            inbox.break_off(Broken::Ended);
        }
    }
}
