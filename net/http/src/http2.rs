//! A connection of HTTP/2: read, answered and written in turns.
//!
//! A turn reads what the socket has, begins the requests that came, goes on with those that can go on, and writes all answers together. No
//! request has a task of its own: its service's future is polled on sight, and kept with its stream where it is not ready then.
//!
//! Invariants
//! - A body's frames are taken only when its stream, the connection and the socket have room, and are handed over when they are in the socket.
//! - A request whose client gave it up, or whose connection ended, is dropped before anything else is done.
//! - What is read is bounded: nothing more is read while much waits to be written, or requests wait to begin.
//!
//! Deliberately absent: the protocol (`ringbolt_http2`), and what a request gets (`serve`).

mod answer;
mod goodbye;
mod io;
mod wakers;

use std::{
    collections::VecDeque,
    rc::Rc,
    task::{Context, Poll},
};

use http::{HeaderValue, Method, Response};
use ringbolt_http2::{By, Code, Event, Key, RequestHead};

use crate::{
    body::Body,
    conn::{Command, Connection, InFlight},
    frames::FloodWatch,
    guard::Guard,
    http2::{answer::Sending, goodbye::Goodbye, wakers::Wakers},
    incoming::{Broken, Inbox, Incoming, Returns},
    limits::Limits,
    serve::{self, Verdict},
    server::{Answering, Service},
    transport::Transport,
};

/// Rounds of reading, answering and writing in one turn; then the core's other tasks go first.
const ROUNDS_MAX: usize = 16;
/// Requests that are begun and streams that go on in one turn, after which it is over too. Those that are turned away at their head do not
/// count: they cost little, and a client that sends many of them has others waiting behind.
const WORK_MAX: usize = 512;
/// Requests that are begun, and streams that go on, in one round.
const STREAMS_MAX: usize = 256;
/// While so many bytes wait to be written, nothing more is read and no body is asked for more.
const UNWRITTEN_MAX: usize = 64 * 1024;
/// Bytes that were taken out of inboxes before the connection is woken to tell the client.
const RETURNED_BYTES: u32 = 64 * 1024;

/// What a stream carries.
#[derive(Default)]
pub(crate) struct Call {
    state: State,
    /// Where its body goes, if it has one.
    inbox: Option<Rc<Inbox>>,
}

#[derive(Default)]
enum State {
    /// Nothing is to be done for it any more.
    #[default]
    Over,
    /// Its turn has not come.
    Waits(Rc<RequestHead>, Option<HeaderValue>),
    Runs(Answering, Asked),
    Sends(Box<Sending>),
}

/// What of a request its response needs.
struct Asked {
    is_head: bool,
    /// The origin that the response is for.
    origin: Option<HeaderValue>,
    in_flight: InFlight,
}

impl Drop for Call {
    fn drop(&mut self) {
        // Whoever still reads its body learns that nothing more comes, if that was not all.
        if let Some(inbox) = &self.inbox {
            inbox.break_off(Broken::Ended);
        }
    }
}

/// One connection.
pub(crate) struct Http2<S> {
    protocol: ringbolt_http2::Connection<Call>,
    transport: Transport,
    connection: Rc<Connection>,
    service: Rc<S>,
    guard: Rc<Guard>,
    is_dated: bool,
    /// What was read to learn the protocol.
    ahead: Vec<u8>,
    wakers: Wakers,
    returns: Rc<Returns>,
    /// Requests that wait for their turn.
    waiting: VecDeque<Key>,
    /// Of those, how many their clients gave up since one was begun.
    given_up: usize,
    pending_resets_max: usize,
    /// Streams that may have something to send.
    sending: VecDeque<Key>,
    /// Streams that wait for room.
    starved: Vec<Key>,
    /// Bodies whose frames are on their way into the socket.
    unconfirmed: Vec<Key>,
    send_bytes_max: usize,
    /// The socket takes nothing.
    is_blocked: bool,
    /// Requests begun and streams that went on in this turn.
    worked: usize,
    floods: FloodWatch,
    goodbye: Goodbye,
}

impl<S: Service> Http2<S> {
    pub(crate) fn new(
        transport: Transport,
        ahead: Vec<u8>,
        connection: Rc<Connection>,
        (service, guard): (Rc<S>, Rc<Guard>),
        limits: &Limits,
    ) -> Http2<S> {
        let wakers = Wakers::new();
        let window = limits.h2_stream_window_bytes.min(limits.h2_connection_window_bytes);
        Http2 {
            protocol: ringbolt_http2::Connection::new(limits.h2_bounds()),
            transport,
            is_dated: service.dates_answers(),
            service,
            guard,
            connection,
            ahead,
            returns: Returns::new(RETURNED_BYTES.min(window / 2), wakers.of_task()),
            wakers,
            waiting: VecDeque::new(),
            given_up: 0,
            pending_resets_max: limits.h2_pending_resets_max,
            sending: VecDeque::new(),
            starved: Vec::new(),
            unconfirmed: Vec::new(),
            send_bytes_max: limits.h2_send_buffer_bytes.max(1),
            is_blocked: false,
            worked: 0,
            floods: FloodWatch::default(),
            goodbye: Goodbye::default(),
        }
    }

    /// A turn. Ready when the connection is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, command: Command) -> Poll<()> {
        if command == Command::Finish {
            self.announce_end();
        }
        self.wakers.begin(cx);
        self.worked = 0;
        for _ in 0..ROUNDS_MAX {
            let moved = self.round(cx);
            if self.poll_goodbye(cx).is_ready() {
                return Poll::Ready(());
            }
            if !moved {
                if self.wakers.end() {
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
            if self.worked >= WORK_MAX {
                break;
            }
        }
        self.wakers.end();
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether there may be more to do at once.
    fn round(&mut self, cx: &mut Context<'_>) -> bool {
        if self.goodbye.is_over() {
            return self.write(cx);
        }
        if self.connection.take_ask() {
            self.protocol.ping(*b"ringbolt");
        }
        let may_read = self.may_read();
        let read = may_read && self.read(cx);
        self.begin_waiting();
        self.run_woken();
        self.returns.take(|key, bytes| self.protocol.return_bytes(key, bytes));
        let sent = self.send_bodies();
        let wrote = self.write(cx);
        if self.protocol.streams() == 0 {
            self.wakers.trim();
        }
        let may_send = !self.sending.is_empty() && !self.is_blocked && (sent || wrote);
        // Who was not read has nobody who wakes this task for what it sends.
        let may_read_again = !may_read && self.may_read();
        read || may_read_again || may_send || !self.waiting.is_empty() || self.wakers.has_woken()
    }

    /// Whether there is room for more of what the client sends.
    fn may_read(&self) -> bool {
        self.waiting.is_empty() && self.protocol.unwritten() < UNWRITTEN_MAX
    }

    /// What came of a client's bytes.
    fn on_event(&mut self, event: Event<'_, Call>) -> Result<(), Code> {
        match event {
            Event::Request { key, head, is_whole } => self.on_request(key, head, is_whole),
            Event::Data { key, data, is_last } => {
                let bytes = data.len() as u32;
                let inbox = self.protocol.get_mut(key).and_then(|call| call.inbox.as_ref());
                let is_taken = inbox.is_some_and(|inbox| inbox.push(data, is_last));
                if !is_taken {
                    self.protocol.return_bytes(None, bytes);
                }
            }
            Event::Trailers { key, trailers } => {
                if let Some(inbox) = self.protocol.get_mut(key).and_then(|call| call.inbox.as_ref()) {
                    inbox.end(trailers);
                }
            }
            Event::Gone { data: call, by, .. } => return self.on_gone(call, by),
            Event::Room(Some(key)) => self.wants_to_send(key),
            Event::Room(None) => self.starved_want_to_send(),
            Event::Pong(payload) => self.goodbye.on_pong(payload),
            Event::Leaving => self.goodbye.on_leaving(),
        }
        Ok(())
    }

    /// A request is looked at as soon as its head is there. One that is turned away costs nothing more.
    fn on_request(&mut self, key: Key, head: Rc<RequestHead>, is_whole: bool) {
        match serve::judge(&head.request, &*self.service, &self.guard, &self.connection) {
            Verdict::Serve(origin) => {
                let inbox =
                    (!is_whole).then(|| Inbox::new(Some(key), head.content_length, self.returns.clone()));
                let call = self.protocol.get_mut(key).expect("its request came");
                (call.state, call.inbox) = (State::Waits(head, origin), inbox);
                self.waiting.push_back(key);
            }
            Verdict::TurnAway(turned) => {
                self.protocol.skip(key, turned.body_bytes_max as u64);
                self.answer_on_sight(key, &head, turned.response);
            }
            Verdict::Answer(response) => self.answer_on_sight(key, &head, response),
        }
    }

    fn answer_on_sight(&mut self, key: Key, head: &RequestHead, response: Response<Body>) {
        let in_flight = self.connection.begin_request();
        let is_head = head.request.method() == Method::HEAD;
        self.answer(key, response, is_head, in_flight);
    }

    fn on_gone(&mut self, call: Call, by: By) -> Result<(), Code> {
        let (By::Client(code) | By::Error(code)) = by;
        if let Some(inbox) = &call.inbox {
            inbox.break_off(Broken::Reset(code));
        }
        if matches!(call.state, State::Waits(..)) {
            self.given_up += 1;
            if self.given_up > self.pending_resets_max {
                self.connection.note_flood();
                return Err(Code::ENHANCE_YOUR_CALM);
            }
        }
        Ok(())
    }

    fn begin_waiting(&mut self) {
        let mut begun = 0;
        while begun < STREAMS_MAX
            && let Some(key) = self.waiting.pop_front()
        {
            begun += 1;
            self.given_up = 0;
            self.begin(key);
        }
        self.worked += begun;
    }

    fn begin(&mut self, key: Key) {
        let Some(call) = self.protocol.get_mut(key) else { return };
        let State::Waits(head, origin) = std::mem::take(&mut call.state) else { return };
        let body = call.inbox.as_ref().map_or_else(Incoming::empty, Incoming::of);
        let in_flight = self.connection.begin_request();
        let asked = Asked { is_head: head.request.method() == Method::HEAD, origin, in_flight };
        let request = head.into_request().map(|()| body);
        let answer = self.service.clone().call(request, self.connection.clone());
        self.run(key, answer, asked);
    }

    /// Streams that were woken go on.
    fn run_woken(&mut self) {
        let mut ran = 0;
        while ran < STREAMS_MAX
            && let Some(index) = self.wakers.next()
        {
            ran += 1;
            let Some(key) = self.protocol.at(index) else { continue };
            let Some(call) = self.protocol.get_mut(key) else { continue };
            match std::mem::take(&mut call.state) {
                State::Runs(answer, asked) => self.run(key, answer, asked),
                other => {
                    call.state = other;
                    self.wants_to_send(key);
                }
            }
        }
        self.worked += ran;
    }

    fn run(&mut self, key: Key, mut answer: Answering, asked: Asked) {
        let waker = self.wakers.of_place(key.index());
        match answer.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Ready(mut response) => {
                drop(answer);
                let Asked { is_head, origin, in_flight } = asked;
                self.guard.mark(&mut response, origin);
                self.answer(key, response, is_head, in_flight);
            }
            Poll::Pending => {
                if let Some(call) = self.protocol.get_mut(key) {
                    call.state = State::Runs(answer, asked);
                }
            }
        }
    }
}
