//! Response (and client request) bodies.
//!
//! A streamed body is a bounded queue of frames. The connection takes them one at a time, or a few small ones together, when there is room for
//! them: on HTTP/1.1 in the socket, on HTTP/2 in the peer's window, too. It says when they are in the socket: then they are *handed over*. Until
//! then a frame belongs to its [`BodySender`], which can take it back once the body is gone. The sender and the body live on one core. hyper, to
//! which only clients give bodies, says nothing, and comes for more.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};

use crate::{conn::InFlight, receipt::Receipt};

mod stuck;
mod taking;
#[cfg(test)]
mod tests;

pub(crate) use stuck::close_stuck;
pub(crate) use taking::{Next, Whole};

/// Bytes of waiting frames that are handed over as one: the least that the largest frame of a client's HTTP/2 may be.
const MERGED_BYTES_MAX: usize = 16 * 1024;

/// The body ended without its end: its sender gave up. The peer sees a reset or a closed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body was given up by its sender")
    }
}

impl std::error::Error for Aborted {}

/// What a message carries after its header.
pub struct Body {
    kind: Kind,
    /// Counts its request as in flight until it is written or dropped.
    in_flight: Option<InFlight>,
    /// Hears whether it arrived.
    receipt: Option<Box<dyn Receipt>>,
}

enum Kind {
    Empty,
    Full(Bytes),
    WithTrailers { data: Option<Bytes>, trailers: Option<HeaderMap> },
    Channel(Rc<RefCell<Channel>>),
}

impl Body {
    /// Nothing.
    pub fn empty() -> Body {
        Body { kind: Kind::Empty, in_flight: None, receipt: None }
    }

    /// These bytes; their length is announced.
    pub fn full(bytes: impl Into<Bytes>) -> Body {
        let bytes = bytes.into();
        if bytes.is_empty() {
            Body::empty()
        } else {
            Body { kind: Kind::Full(bytes), in_flight: None, receipt: None }
        }
    }

    /// One frame of these bytes, then trailers; HTTP/2 only.
    pub fn with_trailers(bytes: Bytes, trailers: HeaderMap) -> Body {
        Body {
            kind: Kind::WithTrailers { data: Some(bytes), trailers: Some(trailers) },
            in_flight: None,
            receipt: None,
        }
    }

    /// Frames from a sender, of which at most `frames_max` wait.
    pub fn channel(frames_max: usize) -> (BodySender, Body) {
        assert!(frames_max > 0, "a streamed body needs room for a frame");
        let channel = Rc::new(RefCell::new(Channel {
            frames: VecDeque::new(),
            frames_max,
            accepted: 0,
            taken: 0,
            handed_over: 0,
            stuck: None,
            gets_nothing: false,
            end: None,
            closed: false,
            body_waker: None,
            progress_waker: None,
            closed_waker: None,
        }));
        let sender = BodySender { channel: channel.clone() };
        (sender, Body { kind: Kind::Channel(channel), in_flight: None, receipt: None })
    }

    /// The same, and `receipt` hears whether it arrived. Only for bodies of some bytes that are there.
    #[must_use]
    pub fn with_receipt(mut self, receipt: Box<dyn Receipt>) -> Body {
        assert!(
            matches!(self.kind, Kind::Full(_)),
            "a receipt for a body that has nothing, or comes in pieces"
        );
        self.receipt = Some(receipt);
        self
    }

    pub(crate) fn track(&mut self, in_flight: InFlight) {
        self.in_flight = Some(in_flight);
    }
}

impl Default for Body {
    fn default() -> Body {
        Body::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Body {
        Body::full(bytes)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let Body { kind, receipt, .. } = &mut *self;
        match kind {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *kind = Kind::Empty;
                if let Some(receipt) = receipt.take() {
                    receipt.delivered();
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::WithTrailers { data, trailers } => match data.take() {
                Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
                None => Poll::Ready(trailers.take().map(|trailers| Ok(Frame::trailers(trailers)))),
            },
            Kind::Channel(channel) => {
                let mut channel = channel.borrow_mut();
                channel.hand_over();
                channel.poll_frame(cx)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Full(_) => false,
            Kind::WithTrailers { data, trailers } => data.is_none() && trailers.is_none(),
            Kind::Channel(channel) => channel.borrow().is_at_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // Exact would announce a length, which says that no trailers follow.
            Kind::WithTrailers { .. } | Kind::Channel(_) => SizeHint::default(),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let Kind::Channel(channel) = &self.kind {
            let (progress, closed) = {
                let mut channel = channel.borrow_mut();
                if channel.is_at_end() {
                    // The connection knew that nothing would follow, and did not come again.
                    channel.hand_over();
                }
                channel.closed = true;
                (channel.progress_waker.take(), channel.closed_waker.take())
            };
            wake(progress);
            wake(closed);
        }
    }
}

struct Channel {
    frames: VecDeque<Bytes>,
    frames_max: usize,
    accepted: u64,
    /// Frames that the connection took last: written, unless it can write nothing and never comes for more.
    taken: u64,
    handed_over: u64,
    /// Since when it has held frames of which none was handed over, and how many had been then.
    stuck: Option<(u64, Instant)>,
    /// It held them for too long: the body ends when the connection comes for more, if it ever does.
    gets_nothing: bool,
    end: Option<End>,
    /// The body is gone: no frame will be handed over any more.
    closed: bool,
    body_waker: Option<Waker>,
    /// Waits for room or a hand-over.
    progress_waker: Option<Waker>,
    /// Waits for the end of the body.
    closed_waker: Option<Waker>,
}

enum End {
    Trailers(Option<HeaderMap>),
    Abort,
}

impl Channel {
    /// The connection has written what it took last.
    fn hand_over(&mut self) {
        if self.taken > 0 {
            self.handed_over += std::mem::take(&mut self.taken);
            wake(self.progress_waker.take());
        }
    }

    fn is_over(&self) -> bool {
        self.closed || self.gets_nothing
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        if self.is_over() {
            return Poll::Ready(Some(Err(Aborted)));
        }
        if let Some(frame) = self.take_frames() {
            wake(self.progress_waker.take());
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        match &mut self.end {
            None => {
                keep(&mut self.body_waker, cx);
                Poll::Pending
            }
            Some(End::Trailers(trailers)) => {
                Poll::Ready(trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
            }
            Some(End::Abort) => Poll::Ready(Some(Err(Aborted))),
        }
    }

    /// What the connection gets next: the oldest frame, with those behind it that fit into one frame of HTTP/2. A connection gives its
    /// streams turns frame by frame, so that a stream of small frames among a thousand answers would get a thousandth.
    fn take_frames(&mut self) -> Option<Bytes> {
        let first = self.frames.pop_front()?;
        let mut bytes = first.len();
        let more = self.frames.iter().take_while(|frame| {
            bytes += frame.len();
            bytes <= MERGED_BYTES_MAX
        });
        let more = more.count();
        self.taken = 1 + more as u64;
        if more == 0 {
            return Some(first);
        }
        let mut merged = Vec::with_capacity(MERGED_BYTES_MAX);
        merged.extend_from_slice(&first);
        self.frames.drain(..more).for_each(|frame| merged.extend_from_slice(&frame));
        Some(merged.into())
    }

    /// Whether its peer has taken nothing of what waits for it during `limit`.
    fn is_stuck(&mut self, now: Instant, limit: Duration) -> bool {
        if self.is_over() || (self.frames.is_empty() && self.taken == 0) {
            self.stuck = None;
            return false;
        }
        match self.stuck {
            Some((handed_over, since)) if handed_over == self.handed_over => {
                now.saturating_duration_since(since) >= limit
            }
            Some(_) | None => {
                self.stuck = Some((self.handed_over, now));
                false
            }
        }
    }

    fn is_at_end(&self) -> bool {
        self.frames.is_empty() && matches!(self.end, Some(End::Trailers(None)))
    }
}

fn keep(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *slot = Some(cx.waker().clone()),
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Why a frame was not taken; it comes back.
#[derive(Debug, PartialEq, Eq)]
pub enum TrySendError {
    /// As many frames as may wait do wait: the sender has no credit.
    Full(Bytes),
    /// The connection, the stream or the body ended.
    Closed(Bytes),
}

/// Feeds a streamed [`Body`]. Frames are numbered from 1. Dropping it before [`BodySender::finish`] aborts the body.
///
/// At a time one task waits for progress ([`BodySender::changed`], [`BodySender::ready`]) and one for the end
/// ([`BodySender::closed`]): a second one would take the first one's place.
pub struct BodySender {
    channel: Rc<RefCell<Channel>>,
}

impl BodySender {
    /// Queues a frame and returns its number. An empty frame is a programming error: it could not be told from nothing.
    pub fn try_send(&self, frame: Bytes) -> Result<u64, TrySendError> {
        assert!(!frame.is_empty(), "an empty frame was sent");
        let mut channel = self.channel.borrow_mut();
        if channel.is_over() || channel.end.is_some() {
            return Err(TrySendError::Closed(frame));
        }
        if channel.frames.len() >= channel.frames_max {
            return Err(TrySendError::Full(frame));
        }
        channel.frames.push_back(frame);
        channel.accepted += 1;
        let number = channel.accepted;
        let waker = channel.body_waker.take();
        drop(channel);
        wake(waker);
        Ok(number)
    }

    /// From now on the body is closed when its peer takes nothing of what waits for it during its server's write timeout, however alive
    /// its connection is: what waits can go to somebody else.
    pub fn watch(&self) {
        stuck::watch(&self.channel);
    }

    /// The number of the last frame that the connection has written; 0 before the first.
    pub fn handed_over(&self) -> u64 {
        self.channel.borrow().handed_over
    }

    /// Frames that wait to be taken.
    pub fn queued(&self) -> usize {
        self.channel.borrow().frames.len()
    }

    /// Frames that can be sent now.
    pub fn room(&self) -> usize {
        let channel = self.channel.borrow();
        if channel.is_over() || channel.end.is_some() { 0 } else { channel.frames_max - channel.frames.len() }
    }

    /// Whether no more frames can be sent: the peer went away, took nothing for too long, or the body ended.
    pub fn is_closed(&self) -> bool {
        self.channel.borrow().is_over()
    }

    /// The number of the last frame that the connection has written, or may write yet.
    pub fn held(&self) -> u64 {
        let channel = self.channel.borrow();
        if channel.closed { channel.handed_over } else { channel.handed_over + channel.taken }
    }

    /// Waits until the connection has written what it holds, or never will.
    pub async fn let_go(&self) {
        poll_fn(|cx| {
            let mut channel = self.channel.borrow_mut();
            if channel.closed || channel.taken == 0 {
                return Poll::Ready(());
            }
            keep(&mut channel.progress_waker, cx);
            Poll::Pending
        })
        .await;
    }

    /// Waits until more than `seen` frames were handed over, or the body is closed; the new number.
    pub async fn changed(&self, seen: u64) -> u64 {
        poll_fn(|cx| {
            let mut channel = self.channel.borrow_mut();
            if channel.handed_over > seen || channel.is_over() {
                return Poll::Ready(channel.handed_over);
            }
            keep(&mut channel.progress_waker, cx);
            Poll::Pending
        })
        .await
    }

    /// Waits until a frame can be sent; `false` when the body is closed.
    pub async fn ready(&self) -> bool {
        poll_fn(|cx| {
            let mut channel = self.channel.borrow_mut();
            if channel.is_over() || channel.end.is_some() {
                return Poll::Ready(false);
            }
            if channel.frames.len() < channel.frames_max {
                return Poll::Ready(true);
            }
            keep(&mut channel.progress_waker, cx);
            Poll::Pending
        })
        .await
    }

    /// Waits until the body is gone.
    pub async fn closed(&self) {
        poll_fn(|cx| self.poll_closed(cx)).await;
    }

    /// As [`BodySender::closed`], for hand-written futures.
    pub fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut channel = self.channel.borrow_mut();
        if channel.closed {
            return Poll::Ready(());
        }
        keep(&mut channel.closed_waker, cx);
        Poll::Pending
    }

    /// Takes back the frames that were not handed over; how many: the last of those that were accepted, whose numbers are not used again.
    /// What a connection that is still there holds counts as handed over from now on: it may be written any time.
    pub fn take_back(&self) -> u64 {
        let mut channel = self.channel.borrow_mut();
        if !channel.closed {
            channel.hand_over();
        }
        let taken = std::mem::take(&mut channel.taken);
        taken + channel.frames.drain(..).count() as u64
    }

    /// Ends the body after its frames, with trailers (HTTP/2) or without.
    pub fn finish(&self, trailers: Option<HeaderMap>) {
        self.end(End::Trailers(trailers));
    }

    /// Ends the body without its end; frames that wait are dropped.
    pub fn abort(&self) {
        self.channel.borrow_mut().frames.clear();
        self.end(End::Abort);
    }

    fn end(&self, end: End) {
        let waker = {
            let mut channel = self.channel.borrow_mut();
            if channel.end.is_some() {
                return;
            }
            channel.end = Some(end);
            channel.body_waker.take()
        };
        wake(waker);
    }
}

impl Drop for BodySender {
    fn drop(&mut self) {
        self.end(End::Abort);
    }
}
