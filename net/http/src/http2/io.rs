//! A connection's socket: what it has is read into a buffer that the connections of a core share, and all that is sent together is written
//! together.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBuf};
use ringbolt_http2::{Code, Error};

use super::Http2;
use crate::{buffer, server::Service};

/// Pieces that are written by one system call.
const SLICES_MAX: usize = 64;

impl<S: Service> Http2<S> {
    /// Reads what there is, once; whether there was something.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.ahead.is_empty() {
            let ahead = std::mem::take(&mut self.ahead);
            self.receive(&ahead);
            return true;
        }
        let mut buffer = buffer::take();
        let mut read = ReadBuf::new(&mut buffer);
        let polled = Pin::new(&mut self.transport).poll_read(cx, read.unfilled());
        let moved = match polled {
            Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                self.receive(read.filled());
                true
            }
            // A client that ends its half has gone.
            Poll::Ready(_) => {
                self.goodbye.set_broken();
                true
            }
            Poll::Pending => {
                if self.protocol.owes() {
                    self.connection.on_owing();
                }
                false
            }
        };
        buffer::give_back(buffer);
        moved
    }

    fn receive(&mut self, mut bytes: &[u8]) {
        let received = loop {
            match self.protocol.receive(&mut bytes) {
                Ok(Some(event)) => {
                    if let Err(code) = self.on_event(event) {
                        break Err(Error { code, text: "requests are given up before they begin" });
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => {
                    if error.code == Code::ENHANCE_YOUR_CALM {
                        self.connection.note_flood();
                    }
                    break Err(error);
                }
            }
        };
        self.connection.on_heard(self.protocol.take_was_even());
        let received = received.and_then(|()| {
            let is_flood = self.connection.is_flood(&mut self.floods, self.protocol.counts());
            if !is_flood {
                return Ok(());
            }
            self.connection.note_flood();
            Err(Error { code: Code::ENHANCE_YOUR_CALM, text: "too many control frames" })
        });
        if let Err(error) = received {
            self.end_for(error);
        }
    }

    /// Writes what there is; whether all of something was written.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> bool {
        let waited = self.protocol.unwritten() > 0;
        let polled = self.poll_write(cx);
        self.is_blocked = polled.is_pending();
        match polled {
            Poll::Ready(Ok(())) => {
                self.confirm();
                waited
            }
            Poll::Ready(Err(_)) => {
                self.goodbye.set_broken();
                true
            }
            Poll::Pending => false,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.protocol.unwritten() > 0 {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let count = self.protocol.slices(&mut slices);
            let written = ready!(self.transport.poll_write_some(cx, &slices[..count], &self.connection))?;
            self.protocol.written(written);
        }
        self.transport.poll_flush_all(cx, &self.connection)
    }
}
