//! Length-prefixed messages: one byte that says whether it is compressed, four bytes of length, the message.

use std::{
    fmt::Display,
    future::poll_fn,
    io::{Read, Write},
    pin::Pin,
};

use bytes::{BufMut, Bytes, BytesMut};
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use http::{HeaderMap, HeaderName};
use http_body::{Body, Frame};
use prost::Message;
use ringbolt_http::{ArrivingBytes, Incoming};

use crate::status::{Code, Status};

pub(crate) const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
pub(crate) const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// What this side reads.
pub(crate) const ACCEPTED: &str = "identity,gzip";

pub(crate) const PREFIX_BYTES: usize = 5;
/// No more than this is allocated on the word of a length prefix alone.
const TRUSTED_BYTES: usize = 256 * 1024;

/// How messages marked as compressed are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all; a message marked as compressed is then an error.
    #[default]
    Identity,
    /// gzip.
    Gzip,
}

impl Encoding {
    /// By the `grpc-encoding` header; `Err` with the name of one that is not supported.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Encoding, String> {
        match headers.get(GRPC_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"identity") => Ok(Encoding::Identity),
            Some(b"gzip") => Ok(Encoding::Gzip),
            Some(other) => Err(String::from_utf8_lossy(other).into_owned()),
        }
    }
}

/// A message with its prefix, in one allocation.
pub(crate) fn encode(message: &impl Message) -> Bytes {
    let len = message.encoded_len();
    let mut buf = BytesMut::with_capacity(PREFIX_BYTES + len);
    put_prefix(&mut buf, Encoding::Identity, len);
    message.encode_raw(&mut buf);
    buf.freeze()
}

/// The same, compressed: for clients.
pub(crate) fn encode_with(encoding: Encoding, message: &impl Message) -> Bytes {
    match encoding {
        Encoding::Identity => encode(message),
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&message.encode_to_vec()).expect("writing to memory cannot fail");
            let compressed = encoder.finish().expect("writing to memory cannot fail");
            let mut buf = BytesMut::with_capacity(PREFIX_BYTES + compressed.len());
            put_prefix(&mut buf, Encoding::Gzip, compressed.len());
            buf.extend_from_slice(&compressed);
            buf.freeze()
        }
    }
}

fn put_prefix(buf: &mut BytesMut, encoding: Encoding, len: usize) {
    buf.put_u8(match encoding {
        Encoding::Identity => 0,
        Encoding::Gzip => 1,
    });
    buf.put_u32(u32::try_from(len).expect("a message is under 4 GiB"));
}

/// Decodes a message. The code is that of grpc-java's server, for which a message that it cannot decode is an error of the
/// application; the text names the field.
pub(crate) fn decode<M: Message + Default>(bytes: Bytes) -> Result<M, Status> {
    M::decode(bytes)
        .map_err(|error| Status::of_client(Code::Unknown, format!("the message cannot be decoded: {error}")))
}

/// Messages out of a body's data frames. One that lies in one frame is not copied.
pub(crate) struct Reader {
    body: Incoming,
    encoding: Encoding,
    bytes_max: usize,
    arriving: ArrivingBytes,
    buffered: Bytes,
    trailers: Option<HeaderMap>,
}

impl Reader {
    pub(crate) fn new(
        body: Incoming,
        encoding: Encoding,
        bytes_max: usize,
        arriving: ArrivingBytes,
    ) -> Reader {
        Reader { body, encoding, bytes_max, arriving, buffered: Bytes::new(), trailers: None }
    }

    /// The trailers, once the body ended.
    pub(crate) fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// The one message of a unary request.
    pub(crate) async fn only(&mut self) -> Result<Bytes, Status> {
        let Some(message) = self.next().await? else {
            return Err(Status::of_client(Code::Internal, "the request has no message"));
        };
        if self.buffered.is_empty() && self.body.is_end_stream() {
            return Ok(message);
        }
        match self.next().await? {
            None => Ok(message),
            Some(_) => Err(Status::of_client(Code::Internal, "the request has more than one message")),
        }
    }

    /// The next message; `None` at the end of the body.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Status> {
        if !self.fill(PREFIX_BYTES).await? {
            return Ok(None);
        }
        let prefix = self.buffered.split_to(PREFIX_BYTES);
        let len = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]) as usize;
        if len > self.bytes_max {
            return Err(too_large("", self.bytes_max, len));
        }
        if len > 0 && !self.fill(len).await? {
            return Err(Status::of_client(Code::Internal, "the stream ended inside a message"));
        }
        let message = self.buffered.split_to(len);
        match (prefix[0], self.encoding) {
            (0, _) => Ok(Some(message)),
            (1, Encoding::Gzip) => gunzip(&message, self.bytes_max).map(Some),
            (1, Encoding::Identity) => {
                Err(Status::of_client(Code::Internal, "a compressed message without a grpc-encoding"))
            }
            (flag, _) => Err(Status::of_client(
                Code::Internal,
                format!("a message's first byte is {flag}, not 0 or 1"),
            )),
        }
    }

    /// Buffers at least `len` bytes; `false` when the body ended before the first of them.
    async fn fill(&mut self, len: usize) -> Result<bool, Status> {
        if self.buffered.len() >= len {
            return Ok(true);
        }
        if self.buffered.is_empty() {
            match self.next_data().await? {
                Some(data) => self.buffered = data,
                None => return Ok(false),
            }
            if self.buffered.len() >= len {
                return Ok(true);
            }
        }
        let mut all =
            BytesMut::with_capacity(len.clamp(self.buffered.len(), TRUSTED_BYTES.max(self.buffered.len())));
        all.extend_from_slice(&self.buffered);
        let mut share = self.arriving.share();
        if !share.add(all.len()) {
            return Err(crowded());
        }
        while all.len() < len {
            match self.next_data().await? {
                Some(data) if share.add(data.len()) => all.extend_from_slice(&data),
                Some(_) => return Err(crowded()),
                None => return Err(Status::of_client(Code::Internal, "the stream ended inside a message")),
            }
        }
        self.buffered = all.freeze();
        Ok(true)
    }

    async fn next_data(&mut self) -> Result<Option<Bytes>, Status> {
        loop {
            match poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx)).await {
                None => return Ok(None),
                Some(Err(error)) => return Err(broken(&error)),
                Some(Ok(frame)) => match frame.into_data().map_err(Frame::into_trailers) {
                    Ok(data) if !data.is_empty() => return Ok(Some(data)),
                    Ok(_) | Err(Err(_)) => {}
                    Err(Ok(trailers)) => self.trailers = Some(trailers),
                },
            }
        }
    }
}

fn broken(error: &impl Display) -> Status {
    Status::of_client(Code::Unavailable, format!("the stream broke: {error}"))
}

fn crowded() -> Status {
    Status::new(Code::ResourceExhausted, "the server holds too many requests that are still arriving")
}

fn too_large(what: &str, bytes_max: usize, len: usize) -> Status {
    Status::of_client(
        Code::ResourceExhausted,
        format!("{what}gRPC message exceeds maximum size {bytes_max}: {len}"),
    )
}

/// At most `bytes_max` bytes come out, whatever the input promises. A message is one member of gzip: each one has its own tables to set up,
/// so that a message of many empty ones would hold the core for long.
fn gunzip(compressed: &[u8], bytes_max: usize) -> Result<Bytes, Status> {
    let mut message = Vec::new();
    let mut member = GzDecoder::new(compressed).take(bytes_max as u64 + 1);
    match member.read_to_end(&mut message) {
        Ok(len) if len > bytes_max => Err(too_large("decompressed ", bytes_max, len)),
        Ok(_) if !member.into_inner().into_inner().is_empty() => {
            Err(Status::of_client(Code::Internal, "something follows the end of the gzip message"))
        }
        Ok(_) => Ok(Bytes::from(message)),
        Err(error) => Err(Status::of_client(
            Code::Internal,
            format!("the gzip message cannot be decompressed: {error}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_bomb_is_cut_off() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 10_000_000]).expect("written");
        let bomb = encoder.finish().expect("finished");
        assert!(bomb.len() < 20_000);
        let status = gunzip(&bomb, 1_000).expect_err("too large");
        assert_eq!(status.code, Code::ResourceExhausted);
        assert_eq!(gunzip(&bomb, 10_000_000).expect("fits").len(), 10_000_000);
        assert_eq!(gunzip(&bomb[..100], 10_000_000).expect_err("cut").code, Code::Internal);
        assert_eq!(gunzip(b"not gzip at all", 100).expect_err("garbage").code, Code::Internal);
    }

    #[test]
    fn a_message_is_one_member() {
        let member = |content: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(content).expect("written");
            encoder.finish().expect("finished")
        };
        assert_eq!(&gunzip(&member(b"message"), 7).expect("one")[..], b"message");
        for tail in [member(b""), member(b"more"), b"x".to_vec()] {
            let status = gunzip(&[member(b"message"), tail].concat(), 100).expect_err("something follows");
            assert_eq!(status.code, Code::Internal);
        }
    }
}
