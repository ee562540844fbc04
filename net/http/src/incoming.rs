//! The body of a request, or of a response that a client gets: of HTTP/1.1 from hyper, of HTTP/2 from this crate's own connections.
//!
//! What a connection of HTTP/2 reads of a body waits in an inbox until somebody takes it; only then the client may send as much again. Small
//! pieces are put together there, so that what waits holds no more than its bytes and a little.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use ringbolt_http2::{Code, Key, Payload};

/// Pieces below this size are put together, in bytes, ...
const SMALL_BYTES: usize = 2 * 1024;
/// ... into pieces of up to this.
const MERGED_BYTES_MAX: usize = 16 * 1024;

/// A body that arrives.
#[derive(Debug)]
pub struct Incoming {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Empty,
    Hyper(hyper::body::Incoming),
    Stream(Reading),
}

/// Why a body came to no end.
#[derive(Debug)]
pub enum BodyError {
    /// The connection broke, or its framing is wrong.
    Hyper(hyper::Error),
    /// The stream was reset.
    Reset(Code),
    /// The connection ended.
    Ended,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::Hyper(error) => write!(f, "{error}"),
            BodyError::Reset(code) => write!(f, "the stream was reset ({code})"),
            BodyError::Ended => f.write_str("the connection ended"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BodyError::Hyper(error) => Some(error),
            BodyError::Reset(_) | BodyError::Ended => None,
        }
    }
}

impl From<hyper::body::Incoming> for Incoming {
    fn from(body: hyper::body::Incoming) -> Incoming {
        Incoming { kind: Kind::Hyper(body) }
    }
}

impl Incoming {
    /// Of a request without a body.
    pub(crate) fn empty() -> Incoming {
        Incoming { kind: Kind::Empty }
    }

    /// What comes into an inbox.
    pub(crate) fn of(inbox: &Rc<Inbox>) -> Incoming {
        Incoming { kind: Kind::Stream(Reading(inbox.clone())) }
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.kind {
            Kind::Empty => Poll::Ready(None),
            Kind::Hyper(body) => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(BodyError::Hyper)))
            }
            Kind::Stream(Reading(inbox)) => inbox.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Hyper(body) => body.is_end_stream(),
            Kind::Stream(Reading(inbox)) => inbox.is_at_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Hyper(body) => body.size_hint(),
            Kind::Stream(Reading(inbox)) => {
                inbox.content.borrow().announced.map_or_else(SizeHint::default, SizeHint::with_exact)
            }
        }
    }
}

/// Whoever takes what comes into an inbox. When nobody does any more, what comes is dropped.
#[derive(Debug)]
struct Reading(Rc<Inbox>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Bytes that were taken out of the inboxes of one connection, for its client to send as many again.
pub(crate) struct Returns {
    bytes: Cell<u32>,
    /// By stream.
    taken: RefCell<Vec<(Key, u32)>>,
    /// When it is this much the connection is told.
    enough: u32,
    tell: Waker,
}

impl Returns {
    pub(crate) fn new(enough: u32, tell: Waker) -> Rc<Returns> {
        Rc::new(Returns { bytes: Cell::new(0), taken: RefCell::default(), enough: enough.max(1), tell })
    }

    fn note(&self, key: Key, bytes: usize) {
        // A piece is no larger than a frame.
        let bytes = bytes as u32;
        if bytes == 0 {
            return;
        }
        let before = self.bytes.replace(self.bytes.get().saturating_add(bytes));
        let mut taken = self.taken.borrow_mut();
        match taken.last_mut().filter(|(last, _)| *last == key) {
            Some((_, sum)) => *sum += bytes,
            None => taken.push((key, bytes)),
        }
        if before < self.enough && self.bytes.get() >= self.enough {
            self.tell.wake_by_ref();
        }
    }

    /// What was taken since the last call.
    pub(crate) fn take(&self, mut each: impl FnMut(Key, u32)) {
        if self.bytes.replace(0) > 0 {
            self.taken.borrow_mut().drain(..).for_each(|(key, bytes)| each(key, bytes));
        }
    }
}

/// What came of the body of one stream and was not taken.
pub(crate) struct Inbox {
    key: Key,
    returns: Rc<Returns>,
    content: RefCell<Content>,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the inbox of stream {}", self.key.id())
    }
}

struct Content {
    /// Most bodies come in one piece.
    first: Option<Piece>,
    more: VecDeque<Piece>,
    /// What is still to be taken of the length that was announced.
    announced: Option<u64>,
    trailers: Option<HeaderMap>,
    end: Option<End>,
    /// Nobody takes it.
    is_closed: bool,
    waker: Option<Waker>,
}

enum End {
    Whole,
    Broken(Option<Code>),
}

enum Piece {
    Whole(Bytes),
    Merged(Vec<u8>),
}

impl Piece {
    fn into_bytes(self) -> Bytes {
        match self {
            Piece::Whole(bytes) => bytes,
            Piece::Merged(bytes) => bytes.into(),
        }
    }
}

impl Content {
    fn push(&mut self, data: Payload<'_>) {
        if self.first.is_none() {
            self.first = Some(Piece::Whole(data.into_bytes()));
            return;
        }
        if data.len() >= SMALL_BYTES {
            self.more.push_back(Piece::Whole(data.into_bytes()));
            return;
        }
        match self.more.back_mut() {
            Some(Piece::Merged(merged)) if merged.len() + data.len() <= MERGED_BYTES_MAX => {
                merged.extend_from_slice(data.as_slice());
            }
            Some(_) | None => self.more.push_back(Piece::Merged(data.as_slice().to_vec())),
        }
    }

    fn pop(&mut self) -> Option<Bytes> {
        let piece = self.first.take()?;
        self.first = self.more.pop_front();
        Some(piece.into_bytes())
    }
}

impl Inbox {
    pub(crate) fn new(key: Key, announced: Option<u64>, returns: Rc<Returns>) -> Rc<Inbox> {
        let content = Content {
            first: None,
            more: VecDeque::new(),
            announced,
            trailers: None,
            end: None,
            is_closed: false,
            waker: None,
        };
        Rc::new(Inbox { key, returns, content: RefCell::new(content) })
    }

    /// A piece came; `false` when nobody will take it.
    pub(crate) fn push(&self, data: Payload<'_>, is_last: bool) -> bool {
        let waker = {
            let mut content = self.content.borrow_mut();
            if is_last {
                content.end.get_or_insert(End::Whole);
            }
            if content.is_closed {
                return false;
            }
            if !data.is_empty() {
                content.push(data);
            }
            content.waker.take()
        };
        wake(waker);
        true
    }

    /// The body ended, with trailers.
    pub(crate) fn end(&self, trailers: HeaderMap) {
        let waker = {
            let mut content = self.content.borrow_mut();
            content.trailers = Some(trailers).filter(|trailers| !trailers.is_empty());
            content.end.get_or_insert(End::Whole);
            content.waker.take()
        };
        wake(waker);
    }

    /// Nothing more comes, although it was not all: the stream was reset, or the connection ended.
    pub(crate) fn break_off(&self, code: Option<Code>) {
        let waker = {
            let mut content = self.content.borrow_mut();
            content.end.get_or_insert(End::Broken(code));
            content.waker.take()
        };
        wake(waker);
    }

    fn poll_frame(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut content = self.content.borrow_mut();
        if let Some(bytes) = content.pop() {
            content.announced = content.announced.map(|left| left.saturating_sub(bytes.len() as u64));
            drop(content);
            self.returns.note(self.key, bytes.len());
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &content.end {
            Some(End::Broken(code)) => {
                let error = code.map_or(BodyError::Ended, BodyError::Reset);
                Poll::Ready(Some(Err(error)))
            }
            Some(End::Whole) => {
                Poll::Ready(content.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
            }
            None => {
                match &mut content.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    None => content.waker = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        }
    }

    fn is_at_end(&self) -> bool {
        let content = self.content.borrow();
        content.first.is_none() && content.trailers.is_none() && matches!(content.end, Some(End::Whole))
    }

    fn close(&self) {
        let unread = {
            let mut content = self.content.borrow_mut();
            content.is_closed = true;
            std::iter::from_fn(|| content.pop()).map(|bytes| bytes.len()).sum()
        };
        self.returns.note(self.key, unread);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
