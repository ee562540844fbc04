//! The body of a request from this crate's own connections, or of a response that a client gets, from hyper.
//!
//! What a connection reads of a body waits in an inbox until somebody takes it; only then the client may send as much again, over HTTP/1.1
//! beyond what its connection holds. A body of HTTP/1.1 that came together with its head needs no inbox. Small
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
    Whole(Bytes),
    Hyper(hyper::body::Incoming),
    Stream(Reading),
}

/// Why a body came to no end.
#[derive(Debug)]
pub enum BodyError {
    /// The connection to a server broke, or its framing is wrong.
    Hyper(hyper::Error),
    /// A client said wrongly how its body goes on, or where it ends.
    Framing(&'static str),
    /// The stream was reset.
    Reset(Code),
    /// The connection ended.
    Ended,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::Hyper(error) => write!(f, "{error}"),
            BodyError::Framing(what) => f.write_str(what),
            BodyError::Reset(code) => write!(f, "the stream was reset ({code})"),
            BodyError::Ended => f.write_str("the connection ended"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BodyError::Hyper(error) => Some(error),
            BodyError::Framing(_) | BodyError::Reset(_) | BodyError::Ended => None,
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

    /// These bytes, and nothing more.
    pub(crate) fn whole(bytes: Bytes) -> Incoming {
        Incoming { kind: if bytes.is_empty() { Kind::Empty } else { Kind::Whole(bytes) } }
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
            Kind::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                self.kind = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Hyper(body) => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(BodyError::Hyper)))
            }
            Kind::Stream(Reading(inbox)) => inbox.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Whole(_) => false,
            Kind::Hyper(body) => body.is_end_stream(),
            Kind::Stream(Reading(inbox)) => inbox.is_at_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
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
    /// By stream, over HTTP/2.
    taken: RefCell<Vec<(Option<Key>, u32)>>,
    /// When it is this much the connection is told.
    enough: u32,
    tell: Waker,
}

impl Returns {
    pub(crate) fn new(enough: u32, tell: Waker) -> Rc<Returns> {
        Rc::new(Returns { bytes: Cell::new(0), taken: RefCell::default(), enough: enough.max(1), tell })
    }

    fn note(&self, key: Option<Key>, bytes: usize) {
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
    pub(crate) fn take(&self, mut each: impl FnMut(Option<Key>, u32)) {
        if self.bytes.replace(0) > 0 {
            self.taken.borrow_mut().drain(..).for_each(|(key, bytes)| each(key, bytes));
        }
    }
}

/// What came of the body of one request and was not taken.
pub(crate) struct Inbox {
    /// Its stream, over HTTP/2.
    key: Option<Key>,
    returns: Rc<Returns>,
    content: RefCell<Content>,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            Some(key) => write!(f, "the inbox of stream {}", key.id()),
            None => f.write_str("the inbox of a request"),
        }
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
    /// The connection is told when somebody waits for more.
    tells_wait: bool,
}

enum End {
    Whole,
    Broken(Broken),
}

/// Why nothing more comes of a body that is not whole.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Broken {
    /// The stream was reset.
    Reset(Code),
    /// The connection ended.
    Ended,
    /// The client said wrongly how it goes on, or where it ends.
    Framing(&'static str),
}

impl From<Broken> for BodyError {
    fn from(broken: Broken) -> BodyError {
        match broken {
            Broken::Reset(code) => BodyError::Reset(code),
            Broken::Ended => BodyError::Ended,
            Broken::Framing(what) => BodyError::Framing(what),
        }
    }
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
    pub(crate) fn new(key: Option<Key>, announced: Option<u64>, returns: Rc<Returns>) -> Rc<Inbox> {
        let content = Content {
            first: None,
            more: VecDeque::new(),
            announced,
            trailers: None,
            end: None,
            is_closed: false,
            waker: None,
            tells_wait: false,
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

    /// Nothing more comes, although it was not all.
    pub(crate) fn break_off(&self, broken: Broken) {
        let waker = {
            let mut content = self.content.borrow_mut();
            content.end.get_or_insert(End::Broken(broken));
            content.waker.take()
        };
        wake(waker);
    }

    /// Has the connection told when somebody waits for more than there is; whether somebody does already.
    pub(crate) fn tell_wait(&self) -> bool {
        let mut content = self.content.borrow_mut();
        content.tells_wait = content.waker.is_none();
        !content.tells_wait
    }

    /// Whether nobody takes it any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.content.borrow().is_closed
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
            Some(End::Broken(broken)) => Poll::Ready(Some(Err((*broken).into()))),
            Some(End::Whole) => {
                Poll::Ready(content.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
            }
            None => {
                match &mut content.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    None => content.waker = Some(cx.waker().clone()),
                }
                if std::mem::take(&mut content.tells_wait) {
                    self.returns.tell.wake_by_ref();
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
