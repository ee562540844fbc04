//! How a connection takes a body.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;

use super::{Body, Kind};
use crate::conn::InFlight;

/// A body that is there.
pub(crate) struct Whole {
    pub(crate) data: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
}

/// What a streamed body has.
pub(crate) enum Next {
    Data(Bytes),
    /// Something for which there has to be room.
    WantsRoom,
    /// Nothing yet: the task is woken when there is.
    Waits,
    End(Option<HeaderMap>),
    Aborted,
}

impl Body {
    /// All of a body that is there; `None` for one that is streamed.
    pub(crate) fn take_whole(&mut self, in_flight: &InFlight) -> Option<Whole> {
        let (data, trailers) = match std::mem::replace(&mut self.kind, Kind::Empty) {
            Kind::Empty => (Bytes::new(), None),
            Kind::Full(data) => (data, None),
            Kind::WithTrailers { data, trailers } => (data.unwrap_or_default(), trailers),
            streamed @ Kind::Channel(_) => {
                self.kind = streamed;
                return None;
            }
        };
        if let Some(receipt) = self.receipt.take() {
            in_flight.keep_receipt(receipt);
        }
        Some(Whole { data: in_flight.count_unsent(data), trailers })
    }

    /// The next of a streamed body. Without room for data nothing is taken of it but its end.
    pub(crate) fn next(&mut self, cx: &mut Context<'_>, has_room: bool) -> Next {
        let Kind::Channel(channel) = &self.kind else { return Next::End(None) };
        let mut channel = channel.borrow_mut();
        if !has_room && !channel.is_over() && !channel.frames.is_empty() {
            return Next::WantsRoom;
        }
        if channel.is_at_end() {
            return Next::End(None);
        }
        match channel.poll_frame(cx) {
            Poll::Pending => Next::Waits,
            Poll::Ready(None) => Next::End(None),
            Poll::Ready(Some(Err(_))) => Next::Aborted,
            Poll::Ready(Some(Ok(frame))) => {
                drop(channel);
                match frame.into_data() {
                    Ok(data) => Next::Data(match &self.in_flight {
                        Some(in_flight) => in_flight.count_unsent(data),
                        None => data,
                    }),
                    Err(frame) => Next::End(frame.into_trailers().ok()),
                }
            }
        }
    }

    /// What was taken of a streamed body is in the socket.
    pub(crate) fn note_written(&self) {
        if let Kind::Channel(channel) = &self.kind {
            channel.borrow_mut().hand_over();
        }
    }
}
