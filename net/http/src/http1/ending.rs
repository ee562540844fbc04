//! How a connection ends: asked to, after its last answer, for a mistake of its client's, or because its client has gone.
//!
//! What a client still sends is read and dropped for a while: a socket that is closed with bytes unread is reset, and the client might never
//! see what it was told.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBuf, Write};

use super::{Http1, State};
use crate::{buffer, conn::Stage, incoming::Broken, server::Service};

/// Bytes that are read and dropped from a client that still sends when its connection ends.
const DRAIN_BYTES_MAX: usize = 1024 * 1024;

#[derive(Default)]
pub(super) enum Ending {
    /// The sending direction is open.
    #[default]
    None,
    /// It ended, and so many bytes were dropped since.
    Drains(usize),
    /// The connection broke: there is nothing to be said.
    Broken,
}

impl<S: Service> Http1<S> {
    /// Whether nothing more is read or answered.
    pub(super) fn is_over(&self) -> bool {
        match self.ending {
            Ending::Broken | Ending::Drains(_) => true,
            Ending::None => {
                self.protocol.is_over()
                    && matches!(self.state, State::Rests)
                    && self.protocol.unwritten() == 0
                    && !self.is_blocked
            }
        }
    }

    /// The client ended its half.
    pub(super) fn on_end_of_client(&mut self) {
        self.has_ended = true;
        self.may_go_on = true;
        if self.connection.in_flight() > 0 {
            self.connection.end();
        }
    }

    /// A client that ended its half has what it asked answered, and nothing comes after that.
    pub(super) fn look_for_end(&mut self) {
        if !self.has_ended || !self.ahead.is_empty() {
            return;
        }
        if !self.protocol.is_asked() {
            self.protocol.stop();
        } else if self.protocol.is_in_body() {
            self.protocol.stop();
            self.may_go_on = true;
            if let Some(inbox) = &self.inbox {
                inbox.break_off(Broken::Ended);
            }
        }
    }

    /// What is not written never will be.
    pub(super) fn set_broken(&mut self) {
        self.ending = Ending::Broken;
        self.state = State::Rests;
    }

    /// Ends the sending direction, and waits a while for a client that still sends.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self.ending, Ending::None) {
            match Pin::new(&mut self.transport).poll_shutdown(cx) {
                Poll::Ready(Ok(())) => self.ending = Ending::Drains(0),
                Poll::Ready(Err(_)) => self.ending = Ending::Broken,
                Poll::Pending => return Poll::Pending,
            }
        }
        match self.ending {
            Ending::Drains(dropped) if !self.has_ended => self.poll_drain(cx, dropped),
            Ending::Drains(_) | Ending::Broken | Ending::None => Poll::Ready(()),
        }
    }

    /// The time of a client that still sends is that of a handshake.
    fn poll_drain(&mut self, cx: &mut Context<'_>, mut dropped: usize) -> Poll<()> {
        let mut buffer = buffer::take();
        let mut polled = Poll::Ready(());
        while dropped < DRAIN_BYTES_MAX {
            let mut read = ReadBuf::new(&mut buffer);
            match Pin::new(&mut self.transport).poll_read(cx, read.unfilled()) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    if dropped == 0 {
                        self.connection.enter(Stage::Refused);
                    }
                    dropped += read.filled().len();
                    self.ending = Ending::Drains(dropped);
                }
                // A client that sent nothing more is not waited for.
                Poll::Pending if dropped > 0 => {
                    polled = Poll::Pending;
                    break;
                }
                Poll::Pending | Poll::Ready(_) => break,
            }
        }
        buffer::give_back(buffer);
        polled
    }
}
