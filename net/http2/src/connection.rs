//! What a client sends, frame by frame, and what that means for the connection and its streams.

use std::rc::Rc;

use http::HeaderMap;

use crate::{
    blocks::Blocks,
    code::{Code, Error},
    frame::{Assembler, Frame, Head, Payload, flag, kind},
    hpack::Encoder,
    output::Output,
    request::RequestHead,
    settings::{Bounds, Peer, WINDOW_FIRST, WINDOW_LAST},
    stream::{Key, Request, Response, Streams},
};

/// DATA frames without data and without an end that may follow each other.
const EMPTY_DATA_MAX: u32 = 100;

/// What came of a client's bytes.
#[derive(Debug)]
pub enum Event<'i, T> {
    /// A request; its stream's `T` is a new one.
    Request {
        /// Its stream.
        key: Key,
        /// Its head.
        head: Rc<RequestHead>,
        /// It has no body.
        is_whole: bool,
    },
    /// A piece of a body. It counts against the client's windows until [`Connection::return_bytes`].
    Data {
        /// Of this request.
        key: Key,
        /// The piece; empty where the end comes alone.
        data: Payload<'i>,
        /// Nothing follows.
        is_last: bool,
    },
    /// The end of a body that has trailers.
    Trailers {
        /// Of this request.
        key: Key,
        /// What they say.
        trailers: HeaderMap,
    },
    /// A stream ended before its time.
    Gone {
        /// Its place.
        key: Key,
        /// What it carried.
        data: T,
        /// Whose doing it was.
        by: By,
    },
    /// The client takes more: of this stream, or of all of them.
    Room(Option<Key>),
    /// The client answered a ping that said this.
    Pong([u8; 8]),
    /// The client opens no more streams.
    Leaving,
}

/// Who ended a stream before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The client gave it up.
    Client(Code),
    /// It was reset for an error of the client's.
    Error(Code),
}

/// What a client has sent since the connection began, for limits in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames that carry neither headers nor data, those that nobody knows among them.
    pub control: u64,
    /// Of those, resets of streams.
    pub resets: u64,
}

/// The server's side of a connection whose streams carry a `T` each.
#[derive(Debug)]
pub struct Connection<T> {
    pub(crate) bounds: Bounds,
    pub(crate) peer: Peer,
    assembler: Assembler,
    pub(crate) blocks: Blocks,
    pub(crate) encoder: Encoder,
    pub(crate) streams: Streams<T>,
    pub(crate) output: Output,
    /// Bytes that the client may send on all streams together.
    receive_window: i64,
    /// Of what it sent, what was given back and is not told to it yet.
    unreturned: u32,
    /// Bytes that the client takes on all streams together.
    pub(crate) send_window: i64,
    /// Streams whose response is not whole.
    pub(crate) unanswered: usize,
    /// Streams above this one are not served any more.
    pub(crate) last_served: Option<u32>,
    has_settings: bool,
    counts: Counts,
    error_resets: usize,
    empty_data: u32,
    was_even: bool,
}

pub(crate) type Outcome<'i, T> = Result<Option<Event<'i, T>>, Error>;

impl<T: Default> Connection<T> {
    /// A connection that waits for the client's preface; its own is there to be written.
    pub fn new(bounds: Bounds) -> Connection<T> {
        let mut output = Output::default();
        let settings = bounds.payload();
        output.frame(
            Head { length: settings.len() as u32, kind: kind::SETTINGS, flags: 0, stream: 0 },
            &settings,
        );
        let more = bounds.connection_window.saturating_sub(WINDOW_FIRST);
        if more > 0 {
            output.window_update(0, more);
        }
        Connection {
            bounds,
            peer: Peer::default(),
            assembler: Assembler::new(bounds.frame_bytes_max),
            blocks: Blocks::new(&bounds),
            encoder: Encoder::new(),
            streams: Streams::new(),
            output,
            receive_window: i64::from(bounds.connection_window.max(WINDOW_FIRST)),
            unreturned: 0,
            send_window: i64::from(WINDOW_FIRST),
            unanswered: 0,
            last_served: None,
            has_settings: false,
            counts: Counts::default(),
            error_resets: 0,
            empty_data: 0,
            was_even: false,
        }
    }

    /// The next event of what was read. `None` when `input` is used up, to the last byte.
    ///
    /// # Errors
    /// What the connection does not survive. Its client is to be told by [`Connection::go_away`], and nothing more is to be received.
    pub fn receive<'i>(&mut self, input: &mut &'i [u8]) -> Outcome<'i, T> {
        loop {
            let Some(frame) = self.assembler.next(input)? else {
                self.was_even |= self.assembler.is_in_data();
                return Ok(None);
            };
            let event = self.on_frame(frame)?;
            self.was_even |= self.has_settings && !self.blocks.is_open();
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Whether the client owes the rest of its greeting, of a header block or of a frame other than DATA.
    pub fn owes(&self) -> bool {
        !self.has_settings || self.blocks.is_open() || self.assembler.owes()
    }

    /// Whether the client owed nothing at some moment since this was last asked.
    pub fn take_was_even(&mut self) -> bool {
        std::mem::take(&mut self.was_even)
    }

    /// What the client has sent.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What a stream carries; `None` when it is over.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.streams.get_mut(key).map(|stream| &mut stream.data)
    }

    /// The stream at this place.
    pub fn at(&self, index: usize) -> Option<Key> {
        self.streams.at(index)
    }

    /// Drops all streams: nothing that is asked will be answered.
    pub fn abandon(&mut self) {
        let last_id = self.streams.last_id;
        self.streams = Streams::new();
        self.streams.last_id = last_id;
        self.unanswered = 0;
    }

    /// Streams that are there.
    pub fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Those of them whose response is not whole.
    pub fn unanswered(&self) -> usize {
        self.unanswered
    }

    fn on_frame<'i>(&mut self, frame: Frame<'i>) -> Outcome<'i, T> {
        let Frame { head, payload } = frame;
        match head.kind {
            kind::DATA | kind::HEADERS | kind::CONTINUATION => {}
            kind::RST_STREAM => {
                self.counts.control += 1;
                self.counts.resets += 1;
            }
            _ => self.counts.control += 1,
        }
        if !self.has_settings && (head.kind != kind::SETTINGS || head.has(flag::ACK)) {
            return Err(Error::protocol("the first frame is no SETTINGS"));
        }
        if self.blocks.is_open() && head.kind != kind::CONTINUATION {
            return Err(Error::protocol("a frame within a header block"));
        }
        match head.kind {
            kind::DATA => self.on_data(head, payload),
            kind::HEADERS => self.on_headers(head, payload.as_slice()),
            kind::CONTINUATION => self.on_continuation(head, payload.as_slice()),
            kind::PRIORITY => self.on_priority(head, payload.as_slice()),
            kind::RST_STREAM => self.on_reset(head, payload.as_slice()),
            kind::SETTINGS => self.on_settings(head, payload.as_slice()),
            kind::PUSH_PROMISE => Err(Error::protocol("a client pushes nothing")),
            kind::PING => self.on_ping(head, payload.as_slice()),
            kind::GOAWAY => on_goaway(head, payload.as_slice()),
            kind::WINDOW_UPDATE => self.on_window_update(head, payload.as_slice()),
            _ => Ok(None),
        }
    }

    fn on_data<'i>(&mut self, head: Head, payload: Payload<'i>) -> Outcome<'i, T> {
        let counted = i64::from(head.length);
        let (from, to) = content(head, payload.as_slice(), 0)?;
        if counted > self.receive_window {
            return Err(Error::new(Code::FLOW_CONTROL_ERROR, "the connection's window is exceeded"));
        }
        self.receive_window -= counted;
        let is_last = head.has(flag::END_STREAM);
        self.empty_data = if from == to && !is_last { self.empty_data + 1 } else { 0 };
        if self.empty_data > EMPTY_DATA_MAX {
            return Err(Error::new(Code::ENHANCE_YOUR_CALM, "too many DATA frames without data"));
        }
        let Some(key) = self.streams.find(head.stream) else {
            self.return_to_connection(head.length);
            return self.on_late(head.stream);
        };
        let stream = self.streams.get_mut(key).expect("it was found");
        let length = (to - from) as u64;
        let error = match stream.request {
            Request::Whole => Some(Code::STREAM_CLOSED),
            _ if counted > stream.receive_window => Some(Code::FLOW_CONTROL_ERROR),
            // It says that its body has another length.
            _ if stream.body_left.is_some_and(|left| length > left || (is_last && length < left)) => {
                Some(Code::PROTOCOL_ERROR)
            }
            _ => None,
        };
        if let Some(code) = error {
            self.return_to_connection(head.length);
            return self.fail(key, code);
        }
        stream.receive_window -= counted;
        stream.body_left = stream.body_left.map(|left| left - length);
        if let Request::Skipped(left) = stream.request {
            return self.on_skipped(key, head.length, left, is_last);
        }
        if is_last {
            stream.request = Request::Whole;
        }
        self.return_bytes(Some(key), head.length - length as u32);
        if from == to && !is_last {
            return Ok(None);
        }
        Ok(Some(Event::Data { key, data: payload.between(from, to), is_last }))
    }

    /// Something came for a stream that is not there.
    fn on_late<'i>(&mut self, id: u32) -> Outcome<'i, T> {
        if !self.may_be_opened(id) {
            return Err(Error::protocol("a frame for a stream that was never opened"));
        }
        if id <= self.streams.last_id && !self.streams.was_reset(id) {
            self.reset_for_error(id, Code::STREAM_CLOSED)?;
        }
        Ok(None)
    }

    /// Whether the client may think that it has opened this stream. What it opens after it was told the last that is served is passed over,
    /// with all that belongs to it (section 6.8).
    fn may_be_opened(&self, id: u32) -> bool {
        !id.is_multiple_of(2) && (id <= self.streams.last_id || self.last_served.is_some())
    }

    fn on_skipped<'i>(&mut self, key: Key, bytes: u32, left: u64, is_last: bool) -> Outcome<'i, T> {
        let left = left.checked_sub(u64::from(bytes));
        let stream = self.streams.get_mut(key).expect("its data came");
        match left {
            _ if is_last => {
                stream.request = Request::Whole;
                self.return_to_connection(bytes);
                // One whose response is under way goes when that is whole.
                self.close_answered(key);
            }
            Some(left) => {
                stream.request = Request::Skipped(left);
                self.return_bytes(Some(key), bytes);
            }
            None => {
                stream.request = Request::Open;
                self.return_to_connection(bytes);
                self.close_answered(key);
            }
        }
        Ok(None)
    }

    fn on_priority<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        let Some(first) = payload.first_chunk::<4>().filter(|_| payload.len() == 5) else {
            return Err(Error::frame_size("a PRIORITY frame of a wrong length"));
        };
        if head.stream == 0 || u32::from_be_bytes(*first) & 0x7fff_ffff == head.stream {
            return Err(Error::protocol("a priority of nothing, or by itself"));
        }
        Ok(None)
    }

    fn on_reset<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        let Ok(code) = payload.try_into().map(u32::from_be_bytes) else {
            return Err(Error::frame_size("a RST_STREAM frame of a wrong length"));
        };
        if !self.may_be_opened(head.stream) {
            return Err(Error::protocol("a reset of a stream that was never opened"));
        }
        let key = self.streams.find(head.stream);
        Ok(key.and_then(|key| self.take(key, By::Client(Code(code)))))
    }

    fn on_settings<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        if head.stream != 0 {
            return Err(Error::protocol("SETTINGS of a stream"));
        }
        if head.has(flag::ACK) {
            if !payload.is_empty() {
                return Err(Error::frame_size("SETTINGS that are acknowledged say nothing"));
            }
            self.blocks.limit_table(self.bounds.header_table_bytes as usize);
            return Ok(None);
        }
        let peer = self.peer.changed(payload)?;
        let more = i64::from(peer.stream_window) - i64::from(self.peer.stream_window);
        if more != 0 {
            for stream in self.streams.iter_mut() {
                stream.send_window += more;
                if stream.send_window > WINDOW_LAST {
                    return Err(Error::new(Code::FLOW_CONTROL_ERROR, "a stream's window is too large"));
                }
            }
        }
        self.encoder.limit_table(peer.header_table_bytes as usize);
        self.peer = peer;
        self.has_settings = true;
        self.output.frame(Head { length: 0, kind: kind::SETTINGS, flags: flag::ACK, stream: 0 }, &[]);
        Ok((more > 0).then_some(Event::Room(None)))
    }

    fn on_ping<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        let Ok(payload) = <[u8; 8]>::try_from(payload) else {
            return Err(Error::frame_size("a PING frame of a wrong length"));
        };
        if head.stream != 0 {
            return Err(Error::protocol("a PING of a stream"));
        }
        if head.has(flag::ACK) {
            return Ok(Some(Event::Pong(payload)));
        }
        self.output.frame(Head { length: 8, kind: kind::PING, flags: flag::ACK, stream: 0 }, &payload);
        Ok(None)
    }

    fn on_window_update<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        let Ok(bytes) = payload.try_into().map(u32::from_be_bytes) else {
            return Err(Error::frame_size("a WINDOW_UPDATE frame of a wrong length"));
        };
        let bytes = i64::from(bytes & 0x7fff_ffff);
        if head.stream == 0 {
            if bytes == 0 {
                return Err(Error::protocol("a window that grows by nothing"));
            }
            self.send_window += bytes;
            if self.send_window > WINDOW_LAST {
                return Err(Error::new(Code::FLOW_CONTROL_ERROR, "the connection's window is too large"));
            }
            return Ok(Some(Event::Room(None)));
        }
        if !self.may_be_opened(head.stream) {
            return Err(Error::protocol("a window of a stream that was never opened"));
        }
        let Some(key) = self.streams.find(head.stream) else { return Ok(None) };
        if bytes == 0 {
            return self.fail(key, Code::PROTOCOL_ERROR);
        }
        let stream = self.streams.get_mut(key).expect("it was found");
        stream.send_window += bytes;
        if stream.send_window > WINDOW_LAST {
            return self.fail(key, Code::FLOW_CONTROL_ERROR);
        }
        Ok(Some(Event::Room(Some(key))))
    }

    /// Ends a stream for an error of the client's.
    pub(crate) fn fail<'i>(&mut self, key: Key, code: Code) -> Outcome<'i, T> {
        let gone = self.take(key, By::Error(code));
        self.reset_for_error(key.id, code)?;
        Ok(gone)
    }

    fn take<'i>(&mut self, key: Key, by: By) -> Option<Event<'i, T>> {
        let stream = self.streams.remove(key)?;
        if stream.response != Response::Whole {
            self.unanswered -= 1;
        }
        Some(Event::Gone { key, data: stream.data, by })
    }

    pub(crate) fn reset_for_error(&mut self, id: u32, code: Code) -> Result<(), Error> {
        self.output.reset(id, code);
        self.streams.note_reset(id);
        self.error_resets += 1;
        if self.error_resets > self.bounds.error_resets_max {
            return Err(Error::new(Code::ENHANCE_YOUR_CALM, "too many errors"));
        }
        Ok(())
    }

    /// Gives the client back what it may send for what was read of it, of a stream and of the connection or of that alone.
    pub fn return_bytes(&mut self, key: Option<Key>, bytes: u32) {
        self.return_to_connection(bytes);
        let Some(stream) = key.and_then(|key| self.streams.get_mut(key)) else { return };
        // Nothing more comes.
        if stream.request == Request::Whole {
            return;
        }
        stream.unreturned += bytes;
        if stream.unreturned >= self.bounds.stream_window / 2 {
            let bytes = std::mem::take(&mut stream.unreturned);
            if bytes > 0 {
                stream.receive_window += i64::from(bytes);
                self.output.window_update(stream.id, bytes);
            }
        }
    }

    fn return_to_connection(&mut self, bytes: u32) {
        self.unreturned += bytes;
        if self.unreturned >= self.bounds.connection_window.max(WINDOW_FIRST) / 2 {
            let bytes = std::mem::take(&mut self.unreturned);
            self.receive_window += i64::from(bytes);
            self.output.window_update(0, bytes);
        }
    }
}

/// Where the content of a frame with a padding lies, behind `before` bytes of something else (sections 6.1 and 6.2).
pub(crate) fn content(head: Head, payload: &[u8], before: usize) -> Result<(usize, usize), Error> {
    let short = || Error::frame_size("a frame that is too short");
    if !head.has(flag::PADDED) {
        return if payload.len() < before { Err(short()) } else { Ok((before, payload.len())) };
    }
    let padding = usize::from(*payload.first().ok_or_else(short)?);
    let from = 1 + before;
    match payload.len().checked_sub(padding).filter(|to| *to >= from) {
        Some(to) => Ok((from, to)),
        None => Err(Error::protocol("a padding that is longer than its frame")),
    }
}

fn on_goaway<'i, T>(head: Head, payload: &[u8]) -> Outcome<'i, T> {
    if head.stream != 0 {
        return Err(Error::protocol("a GOAWAY of a stream"));
    }
    if payload.len() < 8 {
        return Err(Error::frame_size("a GOAWAY frame of a wrong length"));
    }
    Ok(Some(Event::Leaving))
}
