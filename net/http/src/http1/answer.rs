//! Answers, from a service's response to bytes.

use std::task::Context;

use http::{HeaderValue, Response, header};
use ringbolt_http1::{Answer, Error};

use super::{Http1, State};
use crate::{
    body::{Body, Next, Whole},
    conn::InFlight,
    date,
    incoming::Broken,
    problem, serve,
    server::Service,
};

/// A response that is not in the socket yet.
pub(super) struct Sending {
    /// A streamed body, until it is handed over to its end.
    body: Option<Body>,
    /// All of it was sent.
    is_whole: bool,
    /// What was taken last is not in the socket yet.
    is_unconfirmed: bool,
    /// Counts its request until all is sent.
    _in_flight: Option<InFlight>,
}

impl<S: Service> Http1<S> {
    /// Sends a response, or its head and what there is of its body.
    pub(super) fn answer(&mut self, cx: &mut Context<'_>, mut response: Response<Body>, in_flight: InFlight) {
        self.skip_rest(cx);
        serve::protect(&mut response);
        let (head, mut body) = response.into_parts();
        let whole = body.take_whole(&in_flight);
        let answer = match whole {
            // Trailers are HTTP/2's.
            Some(Whole { data, .. }) => Answer::Whole(data),
            None => Answer::Streamed,
        };
        let is_streamed = self.protocol.respond(head.status, &head.headers, &date::now(), answer);
        if !is_streamed {
            self.state = State::Sends(Sending {
                body: None,
                is_whole: true,
                is_unconfirmed: false,
                _in_flight: Some(in_flight),
            });
            return;
        }
        body.track(in_flight);
        let sending = Sending { body: Some(body), is_whole: false, is_unconfirmed: false, _in_flight: None };
        self.send_more(cx, sending);
    }

    /// Of a body that nobody reads, what is there is passed over. If that is not all of it, the client is told that it need not send
    /// the rest: its next request could not be told from that.
    fn skip_rest(&mut self, cx: &mut Context<'_>) {
        let is_read = self.inbox.as_ref().is_some_and(|inbox| !inbox.is_closed());
        if !self.protocol.is_in_body() || is_read {
            return;
        }
        self.take_returns();
        self.read(cx);
        if self.protocol.is_in_body() {
            self.protocol.set_last();
        }
    }

    /// Answers what cannot be read as a request.
    pub(super) fn refuse(&mut self, error: Error) {
        let document = problem::document(error.status, error.text, None);
        let mut response = Response::new(());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(problem::CONTENT_TYPE));
        serve::protect(&mut response);
        self.protocol.respond(error.status, response.headers(), &date::now(), Answer::Whole(document));
    }

    /// Takes more of a streamed body, when all before that is in the socket.
    pub(super) fn send_more(&mut self, cx: &mut Context<'_>, mut sending: Sending) {
        if let Some(body) = &mut sending.body
            && !sending.is_whole
            && !sending.is_unconfirmed
            && !self.is_blocked
        {
            // A stream goes on for as long as its client does: what was not handed over stays with its sender.
            let next = if self.connection.has_ended() { Next::End(None) } else { body.next(cx, true) };
            match next {
                Next::Data(data) => {
                    self.protocol.send_data(data);
                    sending.is_unconfirmed = true;
                    // The end goes along with it, if that is known.
                    if let Next::End(_) = body.next(cx, false) {
                        sending.is_whole = true;
                    }
                }
                Next::End(_) => sending.is_whole = true,
                Next::Waits | Next::WantsRoom => {}
                Next::Aborted => return self.set_broken(),
            }
            if sending.is_whole {
                self.protocol.send_end();
            }
        }
        self.state = State::Sends(sending);
        if self.protocol.unwritten() == 0 && !self.is_blocked {
            // What ends with its connection needs no end.
            self.finish_if_whole();
        }
    }

    /// All that was sent is in the socket: what was taken of a streamed body is handed over.
    pub(super) fn on_written(&mut self) {
        let State::Sends(sending) = &mut self.state else { return };
        if let Some(body) = &sending.body {
            body.note_written();
        }
        sending.is_unconfirmed = false;
        self.may_go_on = true;
        self.finish_if_whole();
    }

    fn finish_if_whole(&mut self) {
        if !matches!(&self.state, State::Sends(sending) if sending.is_whole) {
            return;
        }
        self.connection.on_flushed();
        self.state = State::Rests;
        if let Some(inbox) = self.inbox.take() {
            inbox.break_off(Broken::Ended);
        }
        // Whoever takes what is left of the body makes no room for the next one.
        (self.returns, self.held) = (None, 0);
        self.protocol.finish();
    }
}
