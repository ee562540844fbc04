//! The sending side of a server stream.

use std::{fmt, marker::PhantomData, rc::Rc};

use bytes::Bytes;
use prost::Message;
use ringbolt_http::{BodySender, TrySendError};

use crate::frame;

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamError {
    /// The stream has no room now; wait for [`StreamSender::changed`] or [`StreamSender::ready`].
    Full,
    /// The client went away, or the handler ended.
    Closed,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StreamError::Full => "the stream has no room",
            StreamError::Closed => "the stream is closed",
        })
    }
}

impl std::error::Error for StreamError {}

/// Sends the messages of one server stream; cloneable inside its core. Messages are numbered from 1; each is one body frame, and is
/// *handed over* when the connection took it. See [`BodySender`] for who may wait.
pub struct StreamSender<M> {
    body: Rc<BodySender>,
    message: PhantomData<fn(M)>,
}

impl<M> Clone for StreamSender<M> {
    fn clone(&self) -> StreamSender<M> {
        StreamSender { body: self.body.clone(), message: PhantomData }
    }
}

impl<M> StreamSender<M> {
    pub(crate) fn new(body: Rc<BodySender>) -> StreamSender<M> {
        StreamSender { body, message: PhantomData }
    }

    /// The same stream for messages of another type: the router does not know the handler's.
    pub(crate) fn typed<N>(self) -> StreamSender<N> {
        StreamSender { body: self.body, message: PhantomData }
    }

    /// From now on the stream is closed when its client takes nothing of what waits for it during the server's write timeout.
    pub fn watch(&self) {
        self.body.watch();
    }

    /// The number of the last message that the connection has written; 0 before the first.
    pub fn handed_over(&self) -> u64 {
        self.body.handed_over()
    }

    /// Messages that can be sent now.
    pub fn room(&self) -> usize {
        self.body.room()
    }

    /// Messages that wait.
    pub fn queued(&self) -> usize {
        self.body.queued()
    }

    /// Whether nothing can be handed over any more.
    pub fn is_closed(&self) -> bool {
        self.body.is_closed()
    }

    /// The number of the last message that the connection has written, or may write yet.
    pub fn held(&self) -> u64 {
        self.body.held()
    }

    /// Waits until the connection has written what it holds, or never will.
    pub async fn let_go(&self) {
        self.body.let_go().await;
    }

    /// Waits until more than `seen` messages were handed over, or the stream is closed; the new number.
    pub async fn changed(&self, seen: u64) -> u64 {
        self.body.changed(seen).await
    }

    /// Waits until a message can be sent; `false` when the stream is closed.
    pub async fn ready(&self) -> bool {
        self.body.ready().await
    }

    /// Takes the messages back that were not handed over, and returns how many: the last of those sent.
    pub fn take_back(&self) -> u64 {
        self.body.take_back()
    }

    /// Sends a message that is already encoded, prefix included; its number.
    pub fn try_send_encoded(&self, frame: Bytes) -> Result<u64, StreamError> {
        self.body.try_send(frame).map_err(|error| match error {
            TrySendError::Full(_) => StreamError::Full,
            TrySendError::Closed(_) => StreamError::Closed,
        })
    }
}

impl<M: Message> StreamSender<M> {
    /// Sends a message; its number. It is encoded only if there is room.
    pub fn try_send(&self, message: &M) -> Result<u64, StreamError> {
        if self.room() == 0 {
            return Err(if self.is_closed() { StreamError::Closed } else { StreamError::Full });
        }
        self.try_send_encoded(frame::encode(message))
    }
}
