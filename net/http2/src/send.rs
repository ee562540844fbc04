//! What a server sends: answers, as far as the client's windows have room, and the end.

use std::io::IoSlice;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{
    code::Code,
    connection::Connection,
    frame::{Head, flag, kind},
    stream::{Key, Request, Response},
};

/// The highest number of a stream.
const LAST_STREAM: u32 = 0x7fff_ffff;

impl<T: Default> Connection<T> {
    /// Begins the response of a request. Without a body or trailers (`is_whole`) that is all of it: see [`Connection::close`].
    ///
    /// # Panics
    /// When it has begun before. A stream that is over is passed over.
    pub fn respond(&mut self, key: Key, status: StatusCode, headers: &HeaderMap, is_whole: bool) {
        let Some(stream) = self.streams.get_mut(key) else { return };
        assert!(stream.response == Response::Awaited, "a request is answered twice");
        stream.response = Response::Begun;
        self.write_head(key.id, status, headers, if is_whole { flag::END_STREAM } else { 0 });
    }

    /// Bytes of a body that the client takes now, on this stream.
    pub fn room(&self, key: Key) -> usize {
        let stream = self.streams.get(key).map_or(0, |stream| stream.send_window);
        usize::try_from(stream.min(self.send_window)).unwrap_or(0)
    }

    /// Sends what there is room for of `data`, at most one frame, and takes it off; whether nothing is left of it. With `is_last` that ends the
    /// response: see [`Connection::close`].
    pub fn send_data(&mut self, key: Key, data: &mut Bytes, is_last: bool) -> bool {
        let room = self.room(key).min(self.peer.frame_bytes_max as usize);
        let Some(stream) = self.streams.get_mut(key) else { return true };
        if room == 0 && !data.is_empty() {
            return false;
        }
        let part = if data.len() <= room { std::mem::take(data) } else { data.split_to(room) };
        stream.send_window -= part.len() as i64;
        self.send_window -= part.len() as i64;
        let flags = if is_last && data.is_empty() { flag::END_STREAM } else { 0 };
        self.output.data(flags, key.id, part);
        data.is_empty()
    }

    /// Ends a response with trailers: see [`Connection::close`].
    pub fn send_trailers(&mut self, key: Key, trailers: &HeaderMap) {
        if self.streams.get(key).is_none() {
            return;
        }
        let flags = flag::END_HEADERS | flag::END_STREAM;
        let (encoder, id) = (&mut self.encoder, key.id);
        let length = self.output.block(kind::HEADERS, flags, id, |block| encoder.trailers(trailers, block));
        self.split_block(id, flags, length);
    }

    pub(crate) fn write_head(&mut self, id: u32, status: StatusCode, headers: &HeaderMap, flags: u8) {
        let (encoder, flags) = (&mut self.encoder, flags | flag::END_HEADERS);
        let length =
            self.output.block(kind::HEADERS, flags, id, |block| encoder.head(status, headers, block));
        self.split_block(id, flags, length);
    }

    /// A block that is larger than a frame of the client's is cut into several.
    fn split_block(&mut self, id: u32, flags: u8, length: usize) {
        let frame_bytes_max = self.peer.frame_bytes_max as usize;
        if length <= frame_bytes_max {
            return;
        }
        let block = self.output.take_block(length);
        let last = (length - 1) / frame_bytes_max;
        for (number, part) in block.chunks(frame_bytes_max).enumerate() {
            let (kind, mut flags) = if number == 0 {
                (kind::HEADERS, flags & !flag::END_HEADERS)
            } else {
                (kind::CONTINUATION, 0)
            };
            if number == last {
                flags |= flag::END_HEADERS;
            }
            self.output.frame(Head { length: part.len() as u32, kind, flags, stream: id }, part);
        }
    }

    /// The response is whole: what the stream carries comes back. A client that still sends its request is asked to stop, but for one that is
    /// [skipped](Connection::skip).
    pub fn close(&mut self, key: Key) -> Option<T> {
        let stream = self.streams.get_mut(key)?;
        if stream.response != Response::Whole {
            stream.response = Response::Whole;
            self.unanswered -= 1;
        }
        let data = std::mem::take(&mut stream.data);
        self.close_answered(key);
        Some(data)
    }

    /// Ends a stream whose response is whole, unless its request is let come to its end.
    pub(crate) fn close_answered(&mut self, key: Key) {
        let Some(stream) = self.streams.get(key).filter(|stream| stream.response == Response::Whole) else {
            return;
        };
        match stream.request {
            Request::Skipped(_) => return,
            Request::Whole => {}
            Request::Open => {
                self.output.reset(key.id, Code::NO_ERROR);
                self.streams.note_reset(key.id);
            }
        }
        self.streams.remove(key);
    }

    /// What follows of a request is let come, up to so many bytes, and dropped here.
    pub fn skip(&mut self, key: Key, bytes_max: u64) {
        if let Some(stream) = self.streams.get_mut(key).filter(|stream| stream.request == Request::Open) {
            stream.request = Request::Skipped(bytes_max);
        }
    }

    /// Ends a stream whose response cannot be finished; what it carries comes back.
    pub fn reset(&mut self, key: Key, code: Code) -> Option<T> {
        let stream = self.streams.remove(key)?;
        if stream.response != Response::Whole {
            self.unanswered -= 1;
        }
        self.output.reset(key.id, code);
        self.streams.note_reset(key.id);
        Some(stream.data)
    }

    /// Asks the client whether it lives.
    pub fn ping(&mut self, payload: [u8; 8]) {
        self.output.frame(Head { length: 8, kind: kind::PING, flags: 0, stream: 0 }, &payload);
    }

    /// Says that the connection will end: what the client sends until it hears that is still served.
    pub fn announce_end(&mut self) {
        self.goaway_frame(LAST_STREAM, Code::NO_ERROR, "");
    }

    /// Says that the connection ends: what was not opened by now is not served.
    pub fn go_away(&mut self, code: Code, text: &str) {
        self.last_served = Some(self.streams.last_id);
        self.goaway_frame(self.streams.last_id, code, text);
    }

    fn goaway_frame(&mut self, last: u32, code: Code, text: &str) {
        let payload = [&last.to_be_bytes()[..], &code.0.to_be_bytes(), text.as_bytes()].concat();
        let length = payload.len() as u32;
        self.output.frame(Head { length, kind: kind::GOAWAY, flags: 0, stream: 0 }, &payload);
    }

    /// Bytes that wait to be written.
    pub fn unwritten(&self) -> usize {
        self.output.len()
    }

    /// The next of them, as far as there is room in `slices`; how many of those are used.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.output.slices(slices)
    }

    /// So many bytes are written.
    pub fn written(&mut self, bytes: usize) {
        self.output.advance(bytes);
    }
}
