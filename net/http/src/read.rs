//! Reading a request's body within a size and a time.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use crate::{
    arriving::ArrivingBytes,
    incoming::{BodyError, Incoming},
};
use bytes::{Bytes, BytesMut};
use http_body::Body;
use ringbolt_ring::timeout;

/// Why a body was not read; what was read of it is gone.
#[derive(Debug)]
pub enum ReadError {
    /// It is, or says it is, larger than this many bytes (413).
    TooLarge(usize),
    /// It did not arrive in time (408).
    TimedOut(Duration),
    /// The bodies that are arriving at this core have no room for more of it (503).
    Crowded,
    /// The connection or stream broke, or its framing is wrong (400).
    Broken(BodyError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::TooLarge(max) => write!(f, "the request body is larger than {max} bytes"),
            ReadError::TimedOut(limit) => {
                write!(f, "the request body did not arrive within {} ms", limit.as_millis())
            }
            ReadError::Crowded => {
                f.write_str("the server holds too many request bodies that are still arriving")
            }
            ReadError::Broken(error) => write!(f, "the request body could not be read: {error}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Broken(error) => Some(error),
            ReadError::TooLarge(_) | ReadError::TimedOut(_) | ReadError::Crowded => None,
        }
    }
}

/// The first allocation for a body whose length was not announced, in bytes.
const FIRST_BYTES: usize = 8 * 1024;
/// No more than this is allocated on the word of a content-length alone.
const TRUSTED_BYTES: usize = 256 * 1024;

/// The whole body, at most `bytes_max` bytes of it, within `limit`. A body that came in one piece is not copied.
pub async fn read_body(body: Incoming, bytes_max: usize, limit: Duration) -> Result<Bytes, ReadError> {
    read_arriving_body(body, bytes_max, limit, &ArrivingBytes::default()).await
}

/// The same, where what is there of bodies in several pieces is counted among those that are `arriving`.
pub async fn read_arriving_body(
    mut body: Incoming,
    bytes_max: usize,
    limit: Duration,
    arriving: &ArrivingBytes,
) -> Result<Bytes, ReadError> {
    let announced = body.size_hint().lower();
    if announced > bytes_max as u64 {
        return Err(ReadError::TooLarge(bytes_max));
    }
    match timeout(limit, collect(&mut body, announced as usize, bytes_max, arriving)).await {
        Ok(result) => result,
        Err(_) => Err(ReadError::TimedOut(limit)),
    }
}

/// Reads a body to its end, at most `bytes_max` bytes of it, within `limit`, and keeps nothing: for a request that is refused
/// whatever its body says. Answered before its end, the rest of it would cost something: on HTTP/1.1 the connection, since it cannot be told
/// from the next request; on HTTP/2 its client is asked to stop, and not every client reads an answer that comes with that.
pub async fn skip_body(mut body: Incoming, bytes_max: usize, limit: Duration) {
    if body.is_end_stream() {
        return;
    }
    let skipping = async {
        let mut skipped = 0;
        while let Ok(Some(data)) = next_data(&mut body).await {
            skipped += data.len();
            if skipped > bytes_max || body.is_end_stream() {
                return;
            }
        }
    };
    // Whoever sends for longer than that is answered all the same.
    let _ = timeout(limit, skipping).await;
}

/// Drops what came of a body already; how many bytes, or `None` where that was all of it. Nobody is woken for what is missing.
pub(crate) fn skip_arrived(body: &mut Incoming) -> Option<usize> {
    let mut context = Context::from_waker(Waker::noop());
    let mut skipped = 0;
    while !body.is_end_stream() {
        match Pin::new(&mut *body).poll_frame(&mut context) {
            Poll::Ready(Some(Ok(frame))) => skipped += frame.data_ref().map_or(0, Bytes::len),
            Poll::Ready(Some(Err(_)) | None) => return None,
            Poll::Pending => return Some(skipped),
        }
    }
    None
}

async fn collect(
    body: &mut Incoming,
    announced: usize,
    bytes_max: usize,
    arriving: &ArrivingBytes,
) -> Result<Bytes, ReadError> {
    let Some(first) = next_data(body).await? else { return Ok(Bytes::new()) };
    if first.len() > bytes_max {
        return Err(ReadError::TooLarge(bytes_max));
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut share = arriving.share();
    if !share.add(first.len()) {
        return Err(ReadError::Crowded);
    }
    let Some(second) = next_data(body).await? else { return Ok(first) };
    let mut all = BytesMut::with_capacity(announced.clamp(FIRST_BYTES, TRUSTED_BYTES).max(first.len()));
    all.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(data) = next {
        if data.len() > bytes_max - all.len() {
            return Err(ReadError::TooLarge(bytes_max));
        }
        if !share.add(data.len()) {
            return Err(ReadError::Crowded);
        }
        all.extend_from_slice(&data);
        next = next_data(body).await?;
    }
    Ok(all.freeze())
}

/// The next data frame that is not empty; trailers are skipped.
async fn next_data(body: &mut Incoming) -> Result<Option<Bytes>, ReadError> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None => return Ok(None),
            Some(Err(error)) => return Err(ReadError::Broken(error)),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Ok(Some(data)),
                Ok(_) | Err(_) => {}
            },
        }
    }
}
