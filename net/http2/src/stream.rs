//! The streams of a connection (RFC 9113, section 5.1): those that are open, and what is remembered of others.

use rustc_hash::FxHashMap;

/// A stream of a connection, for as long as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub(crate) index: u32,
    pub(crate) id: u32,
}

impl Key {
    /// Its place among the streams of its connection: small, and used again by others later.
    pub fn index(self) -> usize {
        self.index as usize
    }

    /// Its number on the wire.
    pub fn id(self) -> u32 {
        self.id
    }
}

/// How far the request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// More of its body comes.
    Open,
    /// More comes, and nobody wants it: so many bytes yet are let come before the client is asked to stop.
    Skipped(u64),
    Whole,
}

/// How far the response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    Awaited,
    Begun,
    Whole,
}

#[derive(Debug)]
pub(crate) struct Stream<T> {
    pub(crate) id: u32,
    pub(crate) request: Request,
    pub(crate) response: Response,
    /// Bytes that the client may send.
    pub(crate) receive_window: i64,
    /// Of what it sent, what was read and not given back to it.
    pub(crate) unreturned: u32,
    /// Bytes that the client takes; below zero when it has changed its mind.
    pub(crate) send_window: i64,
    /// What its body still has to have, if it said so.
    pub(crate) body_left: Option<u64>,
    pub(crate) data: T,
}

/// The places of more streams than these are given back when none is left.
const KEPT_SLOTS_MAX: usize = 256;

#[derive(Debug)]
pub(crate) struct Streams<T> {
    slots: Vec<Option<Stream<T>>>,
    free: Vec<u32>,
    by_id: FxHashMap<u32, u32>,
    /// The last that the client has opened.
    pub(crate) last_id: u32,
    /// Streams that ended lately, ...
    ended: Recent,
    /// ... and those that were reset here: what the client had under way for them is nothing to complain about.
    reset: Recent,
}

impl<T> Streams<T> {
    pub(crate) fn new() -> Streams<T> {
        Streams {
            slots: Vec::new(),
            free: Vec::new(),
            by_id: FxHashMap::default(),
            last_id: 0,
            ended: Recent::default(),
            reset: Recent::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn add(&mut self, stream: Stream<T>) -> Key {
        let id = stream.id;
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.slots[index as usize] = Some(stream);
        self.by_id.insert(id, index);
        Key { index, id }
    }

    pub(crate) fn find(&self, id: u32) -> Option<Key> {
        self.by_id.get(&id).map(|index| Key { index: *index, id })
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Stream<T>> {
        self.slots.get(key.index())?.as_ref().filter(|stream| stream.id == key.id)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Stream<T>> {
        self.slots.get_mut(key.index())?.as_mut().filter(|stream| stream.id == key.id)
    }

    pub(crate) fn at(&self, index: usize) -> Option<Key> {
        let stream = self.slots.get(index)?.as_ref()?;
        Some(Key { index: index as u32, id: stream.id })
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stream<T>> {
        self.slots.iter_mut().flatten()
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Stream<T>> {
        let stream = self.slots.get_mut(key.index())?.take_if(|stream| stream.id == key.id)?;
        self.by_id.remove(&key.id);
        if self.by_id.is_empty() && self.slots.len() > KEPT_SLOTS_MAX {
            (self.slots, self.free) = (Vec::new(), Vec::new());
        } else {
            self.free.push(key.index);
        }
        self.ended.note(key.id);
        Some(stream)
    }

    /// What comes for this stream, which is not there any more, is dropped.
    pub(crate) fn note_reset(&mut self, id: u32) {
        self.reset.note(id);
    }

    pub(crate) fn was_reset(&self, id: u32) -> bool {
        self.reset.has(id)
    }

    pub(crate) fn has_ended(&self, id: u32) -> bool {
        self.ended.has(id)
    }
}

/// The last of some numbers.
#[derive(Debug, Default)]
struct Recent {
    ids: Vec<u32>,
    next: usize,
}

const RECENT_MAX: usize = 256;

impl Recent {
    fn note(&mut self, id: u32) {
        match self.ids.get_mut(self.next) {
            Some(place) => *place = id,
            None => self.ids.push(id),
        }
        self.next = (self.next + 1) % RECENT_MAX;
    }

    fn has(&self, id: u32) -> bool {
        self.ids.contains(&id)
    }
}
