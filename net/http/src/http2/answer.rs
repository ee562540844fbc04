//! Answers, from a service's response to frames.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use ringbolt_http2::{Code, Key};

use super::{Http2, State, UNWRITTEN_MAX};
use crate::{
    body::{Body, Next, Whole},
    conn::InFlight,
    date, serve,
    server::Service,
};
use std::task::Context;

/// A response that is not whole yet.
#[derive(Default)]
pub(crate) struct Sending {
    /// What was taken of its body and had no room yet.
    data: Bytes,
    /// Of a body that is there: what follows `data`. Of a streamed one: its sender's end.
    trailers: Option<HeaderMap>,
    /// The body that the rest comes from; `None` when `data` and `trailers` are all of it.
    body: Option<Body>,
    /// It waits in `Http2::sending`.
    is_queued: bool,
    /// It waits in `Http2::starved`.
    is_starved: bool,
    /// It sent something since it last waited for room: others go first then.
    had_room: bool,
    /// What was taken last is not in the socket yet.
    is_unconfirmed: bool,
    /// Counts its request until all is sent.
    _in_flight: Option<InFlight>,
}

/// How far a stream got.
enum Sent {
    /// To its end.
    Whole,
    /// It had its share of this round.
    Some,
    /// It waits for room, for its sender, or for the socket.
    Waits,
}

impl<S: Service> Http2<S> {
    /// Sends a response, as far as there is room; what is left of it stays with its stream.
    pub(super) fn answer(
        &mut self,
        key: Key,
        mut response: Response<Body>,
        is_head: bool,
        in_flight: InFlight,
    ) {
        serve::protect(&mut response);
        if is_head {
            serve::take_body(&mut response);
        }
        let (mut head, mut body) = response.into_parts();
        if self.is_dated && !head.headers.contains_key(header::DATE) {
            head.headers.insert(header::DATE, date::now());
        }
        let sending = match body.take_whole(&in_flight) {
            Some(Whole { data, trailers }) => {
                let is_whole = data.is_empty() && trailers.is_none();
                let has_length = head.headers.contains_key(header::CONTENT_LENGTH);
                if trailers.is_none() && !is_whole && !has_length {
                    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(data.len()));
                }
                self.protocol.respond(key, head.status, &head.headers, is_whole);
                if is_whole {
                    return self.close(key);
                }
                Sending { data, trailers, _in_flight: Some(in_flight), ..Sending::default() }
            }
            None => {
                self.protocol.respond(key, head.status, &head.headers, false);
                body.track(in_flight);
                Sending { body: Some(body), ..Sending::default() }
            }
        };
        self.send(key, sending);
    }

    /// The response is whole.
    fn close(&mut self, key: Key) {
        drop(self.protocol.close(key));
    }

    fn send(&mut self, key: Key, mut sending: Sending) {
        match self.send_some(key, &mut sending) {
            Sent::Whole => return self.close(key),
            Sent::Some => {
                sending.is_queued = true;
                self.sending.push_back(key);
            }
            Sent::Waits => {}
        }
        if let Some(call) = self.protocol.get_mut(key) {
            call.state = State::Sends(Box::new(sending));
        }
    }

    /// A stream may have something to send.
    pub(super) fn wants_to_send(&mut self, key: Key) {
        if let Some(call) = self.protocol.get_mut(key)
            && let State::Sends(sending) = &mut call.state
            && !std::mem::replace(&mut sending.is_queued, true)
        {
            self.sending.push_back(key);
        }
    }

    /// The connection has room again. Who got the last of it comes after those who got nothing.
    pub(super) fn starved_want_to_send(&mut self) {
        let mut starved = std::mem::take(&mut self.starved);
        starved.sort_by_cached_key(|key| self.had_room(*key));
        for key in starved {
            if let Some(call) = self.protocol.get_mut(key)
                && let State::Sends(sending) = &mut call.state
            {
                (sending.is_starved, sending.had_room) = (false, false);
                self.wants_to_send(key);
            }
        }
    }

    fn had_room(&mut self, key: Key) -> bool {
        let call = self.protocol.get_mut(key);
        call.is_some_and(|call| matches!(&call.state, State::Sends(sending) if sending.had_room))
    }

    fn starves(&mut self, key: Key, sending: &mut Sending) -> Sent {
        if !std::mem::replace(&mut sending.is_starved, true) {
            self.starved.push(key);
        }
        Sent::Waits
    }

    /// Streams send in turns, each its share, for as long as the socket takes something.
    pub(super) fn send_bodies(&mut self) -> bool {
        let mut turns = self.sending.len();
        let mut sent = false;
        while turns > 0
            && !self.is_blocked
            && self.protocol.unwritten() < UNWRITTEN_MAX
            && let Some(key) = self.sending.pop_front()
        {
            turns -= 1;
            let Some(call) = self.protocol.get_mut(key) else { continue };
            let State::Sends(mut sending) = std::mem::take(&mut call.state) else { continue };
            sending.is_queued = false;
            let before = self.protocol.unwritten();
            match self.send_some(key, &mut sending) {
                Sent::Whole => {
                    sent = true;
                    self.close(key);
                    continue;
                }
                Sent::Some => {
                    sending.is_queued = true;
                    self.sending.push_back(key);
                }
                Sent::Waits => {}
            }
            sent |= self.protocol.unwritten() > before;
            if let Some(call) = self.protocol.get_mut(key) {
                call.state = State::Sends(sending);
            }
        }
        sent
    }

    fn send_some(&mut self, key: Key, sending: &mut Sending) -> Sent {
        let mut share = self.send_bytes_max;
        loop {
            let is_last = sending.body.is_none() && sending.trailers.is_none();
            while !sending.data.is_empty() {
                let before = sending.data.len();
                if self.protocol.send_data(key, &mut sending.data, is_last) {
                    break;
                }
                let sent = before - sending.data.len();
                sending.had_room |= sent > 0;
                if sent == 0 {
                    return self.starves(key, sending);
                }
                share = share.saturating_sub(sent);
                if share == 0 {
                    return Sent::Some;
                }
            }
            let Some(body) = &mut sending.body else {
                if let Some(trailers) = &sending.trailers {
                    self.protocol.send_trailers(key, trailers);
                }
                return Sent::Whole;
            };
            if sending.is_unconfirmed {
                return Sent::Waits;
            }
            if self.is_blocked {
                return Sent::Some;
            }
            // Frames stay with their sender until there is room; an end needs none.
            let may_take = self.protocol.room(key) > 0;
            let waker = self.wakers.of_place(key.index());
            match body.next(&mut Context::from_waker(waker), may_take) {
                Next::Data(data) => {
                    sending.data = data;
                    sending.is_unconfirmed = true;
                    self.unconfirmed.push(key);
                }
                Next::Waits => return Sent::Waits,
                Next::WantsRoom => return self.starves(key, sending),
                Next::End(trailers) => {
                    if let Some(trailers) = &trailers {
                        self.protocol.send_trailers(key, trailers);
                    } else {
                        self.protocol.send_data(key, &mut Bytes::new(), true);
                    }
                    return Sent::Whole;
                }
                Next::Aborted => {
                    drop(self.protocol.reset(key, Code::INTERNAL_ERROR));
                    return Sent::Waits;
                }
            }
        }
    }

    /// All that was sent is in the socket: what was taken of streamed bodies is handed over, but for what still waits for room.
    pub(super) fn confirm(&mut self) {
        for key in std::mem::take(&mut self.unconfirmed) {
            let Some(call) = self.protocol.get_mut(key) else { continue };
            let State::Sends(sending) = &mut call.state else { continue };
            if !sending.data.is_empty() {
                self.unconfirmed.push(key);
                continue;
            }
            sending.is_unconfirmed = false;
            if let Some(body) = &sending.body {
                body.note_written();
            }
            self.wants_to_send(key);
        }
    }
}
