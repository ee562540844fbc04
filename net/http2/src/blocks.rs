//! Header blocks: put together of HEADERS and CONTINUATION frames, read, and made requests or trailers.

use std::rc::Rc;

use http::{HeaderMap, StatusCode};

use crate::{
    code::{Code, Error},
    connection::{Connection, Event, Outcome, content},
    frame::{Head, flag},
    hpack::{DecodeError, Decoder},
    memo::Memo,
    request::{Builder, Built, RequestHead},
    settings::Bounds,
    stream::{Key, Request, Response, Stream},
};

/// A list of fields that counts so many times its limit is not even read to its end.
const ABUSE: usize = 8;
/// CONTINUATION frames that a block may have at least.
const CONTINUATIONS_MIN: u32 = 5;

/// Reads the header blocks of one connection.
#[derive(Debug)]
pub(crate) struct Blocks {
    decoder: Decoder,
    memo: Memo,
    /// One whose end has not come.
    open: Option<Open>,
    /// What a list of fields may count, in bytes.
    list_bytes_max: usize,
    continuations_max: u32,
}

#[derive(Debug)]
struct Open {
    opening: Opening,
    block: Vec<u8>,
    continuations: u32,
}

/// What the first frame of a block said.
#[derive(Clone, Copy, Debug)]
struct Opening {
    stream: u32,
    is_last: bool,
    depends_on_itself: bool,
}

impl Blocks {
    pub(crate) fn new(bounds: &Bounds) -> Blocks {
        let frames = bounds.header_bytes_max / bounds.frame_bytes_max;
        Blocks {
            decoder: Decoder::new(),
            memo: Memo::default(),
            open: None,
            list_bytes_max: bounds.header_bytes_max as usize,
            continuations_max: (frames + frames / 4).max(CONTINUATIONS_MIN),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(crate) fn limit_table(&mut self, bytes: usize) {
        self.decoder.limit_table(bytes);
    }

    fn request(&mut self, block: &[u8]) -> Result<Built<Rc<RequestHead>>, Error> {
        let changes = self.decoder.changes();
        if let Some(head) = self.memo.get(block, changes) {
            return Ok(Built::Good(head));
        }
        Ok(match self.build(block)?.request() {
            Built::Good(head) => {
                let head = Rc::new(head);
                if self.decoder.changes() == changes {
                    self.memo.note(block, &head);
                }
                Built::Good(head)
            }
            Built::Malformed => Built::Malformed,
            Built::TooLarge => Built::TooLarge,
        })
    }

    fn trailers(&mut self, block: &[u8]) -> Result<Built<HeaderMap>, Error> {
        Ok(self.build(block)?.trailers())
    }

    fn build(&mut self, block: &[u8]) -> Result<Builder, Error> {
        let mut builder = Builder::new(self.list_bytes_max);
        let abuse = self.list_bytes_max.saturating_mul(ABUSE);
        let read = self.decoder.decode(block, |field, bytes| {
            builder.add(field, bytes);
            builder.bytes() <= abuse
        });
        match read {
            Ok(()) => Ok(builder),
            Err(DecodeError) if builder.bytes() > abuse => Err(too_much()),
            Err(DecodeError) => {
                Err(Error::new(Code::COMPRESSION_ERROR, "a header block that cannot be read"))
            }
        }
    }
}

fn too_much() -> Error {
    Error::new(Code::ENHANCE_YOUR_CALM, "a header that is much too large")
}

impl<T: Default> Connection<T> {
    pub(crate) fn on_headers<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        if head.stream == 0 || head.stream.is_multiple_of(2) {
            return Err(Error::protocol("HEADERS of a stream that is no client's"));
        }
        let has_priority = head.has(flag::PRIORITY);
        let (from, to) = content(head, payload, if has_priority { 5 } else { 0 })?;
        let dependency = payload[..from].last_chunk::<5>().and_then(|bytes| bytes.first_chunk::<4>());
        let depends_on_itself = has_priority
            && dependency.is_some_and(|bytes| u32::from_be_bytes(*bytes) & 0x7fff_ffff == head.stream);
        let opening = Opening { stream: head.stream, is_last: head.has(flag::END_STREAM), depends_on_itself };
        let block = &payload[from..to];
        if head.has(flag::END_HEADERS) {
            return self.on_block(opening, block);
        }
        self.blocks.open = Some(Open { opening, block: block.to_vec(), continuations: 0 });
        Ok(None)
    }

    pub(crate) fn on_continuation<'i>(&mut self, head: Head, payload: &[u8]) -> Outcome<'i, T> {
        let Some(mut open) = self.blocks.open.take().filter(|open| open.opening.stream == head.stream) else {
            return Err(Error::protocol("a CONTINUATION of nothing"));
        };
        open.block.extend_from_slice(payload);
        if head.has(flag::END_HEADERS) {
            return self.on_block(open.opening, &open.block);
        }
        open.continuations += 1;
        // No coding makes a list that is in order so much larger.
        let is_abuse = open.block.len() > 2 * self.blocks.list_bytes_max;
        if open.continuations > self.blocks.continuations_max || is_abuse {
            return Err(too_much());
        }
        self.blocks.open = Some(open);
        Ok(None)
    }

    fn on_block<'i>(&mut self, opening: Opening, block: &[u8]) -> Outcome<'i, T> {
        if let Some(key) = self.streams.find(opening.stream) {
            return self.on_trailers(key, opening, block);
        }
        if opening.stream > self.streams.last_id {
            return self.on_request(opening, block);
        }
        if self.streams.was_reset(opening.stream) {
            // Their fields are nobody's, but the table has to follow them.
            self.blocks.trailers(block)?;
            return Ok(None);
        }
        let code =
            if self.streams.has_ended(opening.stream) { Code::STREAM_CLOSED } else { Code::PROTOCOL_ERROR };
        Err(Error::new(code, "HEADERS of a stream that is over"))
    }

    fn on_trailers<'i>(&mut self, key: Key, opening: Opening, block: &[u8]) -> Outcome<'i, T> {
        let trailers = self.blocks.trailers(block)?;
        let stream = self.streams.get_mut(key).expect("it was found");
        if stream.request == Request::Whole {
            return self.fail(key, Code::STREAM_CLOSED);
        }
        let is_short = stream.body_left.is_some_and(|left| left > 0);
        match trailers {
            Built::Good(trailers) if opening.is_last && !is_short => {
                let was_skipped = matches!(stream.request, Request::Skipped(_));
                stream.request = Request::Whole;
                if was_skipped {
                    self.close_answered(key);
                    return Ok(None);
                }
                Ok(Some(Event::Trailers { key, trailers }))
            }
            Built::Good(_) | Built::Malformed | Built::TooLarge => self.fail(key, Code::PROTOCOL_ERROR),
        }
    }

    fn on_request<'i>(&mut self, opening: Opening, block: &[u8]) -> Outcome<'i, T> {
        let Opening { stream: id, is_last, depends_on_itself } = opening;
        let built = self.blocks.request(block)?;
        if self.last_served.is_some_and(|last| id > last) {
            // The client knows by now, or will soon.
            return Ok(None);
        }
        self.streams.last_id = id;
        let head = match built {
            Built::Good(head) => head,
            Built::Malformed => return self.refuse(id, Code::PROTOCOL_ERROR),
            Built::TooLarge => return self.answer_too_large(id, is_last),
        };
        let is_short = is_last && head.content_length.is_some_and(|length| length > 0);
        if is_short || depends_on_itself {
            return self.refuse(id, Code::PROTOCOL_ERROR);
        }
        if self.streams.len() >= self.bounds.streams_max as usize {
            self.output.reset(id, Code::REFUSED_STREAM);
            self.streams.note_reset(id);
            return Ok(None);
        }
        let key = self.streams.add(Stream {
            id,
            request: if is_last { Request::Whole } else { Request::Open },
            response: Response::Awaited,
            receive_window: i64::from(self.bounds.stream_window),
            unreturned: 0,
            send_window: i64::from(self.peer.stream_window),
            body_left: head.content_length,
            data: T::default(),
        });
        self.unanswered += 1;
        Ok(Some(Event::Request { key, head, is_whole: is_last }))
    }

    fn refuse<'i>(&mut self, id: u32, code: Code) -> Outcome<'i, T> {
        self.reset_for_error(id, code)?;
        Ok(None)
    }

    /// A header that is too large is answered by its status alone; what follows of it is not wanted.
    fn answer_too_large<'i>(&mut self, id: u32, is_last: bool) -> Outcome<'i, T> {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        self.write_head(id, status, &HeaderMap::new(), flag::END_STREAM);
        if !is_last {
            self.output.reset(id, Code::NO_ERROR);
        }
        self.streams.note_reset(id);
        Ok(None)
    }
}
