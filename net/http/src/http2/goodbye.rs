//! How a connection ends: asked to, by an error of its client's, or because its client has gone.
//!
//! One that is asked says so first, and once more when its client has heard that: what the client asked until then is answered. A client that
//! does not say that it heard is not waited for for long.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::Write;
use ringbolt_http2::{Code, Error};
use ringbolt_ring::{sleep, time::Sleep};

use super::Http2;
use crate::server::Service;

/// A client has so much time to say that it heard that the connection ends.
const HEARD_MAX: Duration = Duration::from_secs(1);
/// By this it says so.
const PING: [u8; 8] = *b"goodbye!";

#[derive(Default)]
pub(super) struct Goodbye {
    phase: Phase,
    /// The client opens no more streams.
    is_left: bool,
}

#[derive(Default)]
enum Phase {
    /// The connection is served.
    #[default]
    None,
    /// Its client was told that it will end.
    Announced(Pin<Box<Sleep>>),
    Heard,
    /// Its client was told the last that is served.
    Said,
    /// It ends when what waits is written.
    Over,
    /// It is over.
    Broken,
}

impl Goodbye {
    pub(super) fn on_pong(&mut self, payload: [u8; 8]) {
        if payload == PING && matches!(self.phase, Phase::Announced(_)) {
            self.phase = Phase::Heard;
        }
    }

    pub(super) fn on_leaving(&mut self) {
        self.is_left = true;
    }

    pub(super) fn set_broken(&mut self) {
        self.phase = Phase::Broken;
    }

    /// Nothing more is read.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over | Phase::Broken)
    }
}

impl<S: Service> Http2<S> {
    pub(super) fn announce_end(&mut self) {
        if matches!(self.goodbye.phase, Phase::None) {
            self.protocol.announce_end();
            self.protocol.ping(PING);
            self.goodbye.phase = Phase::Announced(Box::pin(sleep(HEARD_MAX)));
        }
    }

    /// The client did what a connection does not survive: all that it asked is dropped.
    pub(super) fn end_for(&mut self, error: Error) {
        self.protocol.go_away(error.code, error.text);
        self.protocol.abandon();
        self.waiting.clear();
        self.goodbye.phase = Phase::Over;
    }

    /// Whether the connection is over.
    pub(super) fn poll_goodbye(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_heard = match &mut self.goodbye.phase {
            Phase::None => self.goodbye.is_left && self.protocol.streams() == 0,
            Phase::Announced(sleep) => sleep.as_mut().poll(cx).is_ready(),
            Phase::Heard => true,
            Phase::Said | Phase::Over | Phase::Broken => false,
        };
        if is_heard {
            self.protocol.go_away(Code::NO_ERROR, "");
            self.goodbye.phase = Phase::Said;
            self.write(cx);
        }
        match self.goodbye.phase {
            Phase::None | Phase::Announced(_) | Phase::Heard => return Poll::Pending,
            Phase::Said if self.protocol.unanswered() > 0 => return Poll::Pending,
            Phase::Broken => return Poll::Ready(()),
            Phase::Said | Phase::Over => {}
        }
        if self.protocol.unwritten() > 0 || self.is_blocked {
            return Poll::Pending;
        }
        Pin::new(&mut self.transport).poll_shutdown(cx).map(drop)
    }
}
