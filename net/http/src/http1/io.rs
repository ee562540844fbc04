//! A connection's socket: what it has is read into a buffer that the connections of a core share, and an answer is written with one system
//! call where the socket takes it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBuf};

use super::Http1;
use crate::{buffer, server::Service};

/// Bytes that are read beyond a request that is answered, to learn whether its client is still there.
const AHEAD_BYTES: usize = 16 * 1024;

/// Bytes that were read and wait for the request before them to be answered.
pub(super) struct Ahead {
    bytes: Vec<u8>,
    /// Of these, so many are taken.
    passed: usize,
}

impl Ahead {
    pub(super) fn of(bytes: Vec<u8>) -> Ahead {
        Ahead { bytes, passed: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl<S: Service> Http1<S> {
    /// Reads what there is, once, as far as there is room for it; whether there was something.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.ahead.is_empty() {
            return self.protocol.is_reading() && self.read_ahead(cx);
        }
        if self.has_ended || self.held >= self.held_max {
            return false;
        }
        let most = if self.protocol.is_reading() { self.held_max } else { AHEAD_BYTES.min(self.held_max) };
        let mut buffer = buffer::take();
        let mut read = ReadBuf::new(&mut buffer[..most]);
        let polled = Pin::new(&mut self.transport).poll_read(cx, read.unfilled());
        let moved = match polled {
            Poll::Ready(Ok(())) => {
                match read.filled() {
                    [] => self.on_end_of_client(),
                    bytes => {
                        let taken = self.receive(cx, bytes);
                        if taken < bytes.len() {
                            self.ahead = Ahead::of(bytes[taken..].to_vec());
                        }
                    }
                }
                true
            }
            Poll::Ready(Err(_)) => {
                self.set_broken();
                true
            }
            Poll::Pending => false,
        };
        buffer::give_back(buffer);
        moved
    }

    fn read_ahead(&mut self, cx: &mut Context<'_>) -> bool {
        let Ahead { bytes, passed } = std::mem::replace(&mut self.ahead, Ahead::of(Vec::new()));
        let taken = passed + self.receive(cx, &bytes[passed..]);
        if taken < bytes.len() {
            self.ahead = Ahead { bytes, passed: taken };
        }
        taken > passed
    }

    /// Writes what there is; whether all of something was written.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> bool {
        if self.protocol.unwritten() == 0 && !self.is_blocked {
            return false;
        }
        let polled = self.poll_write(cx);
        self.is_blocked = polled.is_pending();
        match polled {
            Poll::Ready(Ok(())) => {
                self.on_written();
                true
            }
            Poll::Ready(Err(_)) => {
                self.set_broken();
                true
            }
            Poll::Pending => false,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.protocol.unwritten() > 0 {
            let mut slices = [IoSlice::new(&[]); 3];
            let count = self.protocol.slices(&mut slices);
            let written = ready!(self.transport.poll_write_some(cx, &slices[..count], &self.connection))?;
            self.protocol.written(written);
        }
        self.transport.poll_flush_all(cx, &self.connection)
    }
}
