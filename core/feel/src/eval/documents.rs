//! Reading JSON documents during an evaluation. A large array or object that is read a second time is opened once and
//! kept until the evaluation ends: arrays as their items, objects as an index over their keys. So `m.key` and
//! `list[i]` in a loop cost a look-up, not a walk through the document.
//!
//! Invariant: everything is charged while it is read, item by item.

use super::Eval;
use crate::budget::cost;
use crate::error::Stop;
use crate::json::{self, Elements, Entries};
use crate::value::{Context, INDEXED_MIN, Items, KeyIndex, List, Raw, Text, Val};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Shorter documents are read anew each time.
const KEPT_BYTES_MIN: usize = 256;
/// Documents that are known by their place.
const KNOWN_MAX: usize = 10_000;
/// Items and entries that are kept of all documents together.
const KEPT_ITEMS_MAX: usize = 1_000_000;

/// What is known of a document.
enum Document<'v> {
    /// It was read once.
    Seen,
    Items(Arc<Items<'v>>),
    Keys(Rc<Keys<'v>>),
}

/// An object with an index over its keys.
struct Keys<'v> {
    entries: Vec<(Text<'v>, (usize, usize))>,
    index: KeyIndex,
}

/// The documents that an evaluation has read, by where they lie. Each is held, so that nothing else can come to lie
/// there.
#[derive(Default)]
pub(crate) struct Documents<'v> {
    known: FxHashMap<(usize, usize), (Raw<'v>, Document<'v>)>,
    kept_items: usize,
}

fn place(raw: &Raw<'_>) -> (usize, usize) {
    (raw.bytes().as_ptr() as usize, raw.bytes().len())
}

impl<'v> Documents<'v> {
    fn get(&self, raw: &Raw<'v>) -> Option<&Document<'v>> {
        if raw.bytes().len() < KEPT_BYTES_MIN {
            return None;
        }
        self.known.get(&place(raw)).map(|(_, document)| document)
    }

    /// Whether a document was read before; from now on it was.
    fn read_before(&mut self, raw: &Raw<'v>) -> bool {
        if raw.bytes().len() < KEPT_BYTES_MIN {
            return false;
        }
        if self.known.contains_key(&place(raw)) {
            return true;
        }
        if self.known.len() < KNOWN_MAX {
            self.known.insert(place(raw), (raw.clone(), Document::Seen));
        }
        false
    }

    /// Keeps a document of so many items, if there is room.
    fn keep(&mut self, raw: &Raw<'v>, items: usize, document: Document<'v>) {
        if self.kept_items + items <= KEPT_ITEMS_MAX {
            self.kept_items += items;
            self.known.insert(place(raw), (raw.clone(), document));
        }
    }
}

impl<'v> Eval<'v> {
    /// The value of JSON text without blanks around it; `None` where it is none.
    pub(crate) fn json_value(&mut self, raw: Raw<'v>) -> Result<Option<Val<'v>>, Stop> {
        let bytes = raw.bytes();
        let units = match bytes.first() {
            Some(b'{' | b'[') => 0,
            _ if bytes.len() < 32 => 0,
            Some(b'"') if memchr::memchr(b'\\', bytes).is_none() => cost::copied(bytes.len()),
            _ => cost::read(bytes.len()),
        };
        self.charge(units)?;
        Ok(Val::from_raw(raw))
    }

    fn json_part(&mut self, raw: &Raw<'v>, range: (usize, usize)) -> Result<Val<'v>, Stop> {
        Ok(self.json_value(raw.part(range))?.unwrap_or(Val::Null))
    }

    /// The items of a list. Charges for touching each of them once.
    pub(crate) fn open(&mut self, list: &List<'v>) -> Result<Arc<Items<'v>>, Stop> {
        let raw = match list {
            List::Items(items) => {
                self.charge(items.len() as u64 * cost::ITEM)?;
                return Ok(items.clone());
            }
            List::Json(raw) => raw,
        };
        if let Some(Document::Items(items)) = self.documents.get(raw) {
            let items = items.clone();
            self.charge(items.len() as u64 * cost::ITEM)?;
            return Ok(items);
        }
        let again = self.documents.read_before(raw);
        let mut values = Vec::new();
        let mut before = 0;
        for range in Elements::new(raw.bytes()) {
            self.charge(cost::JSON_ITEM + cost::copied(range.1 - before))?;
            before = range.1;
            self.check_count(values.len() + 1)?;
            values.push(self.json_part(raw, range)?);
        }
        let items = Arc::new(Items::opened(values, raw.bytes().len()));
        if again {
            self.documents.keep(raw, items.len(), Document::Items(items.clone()));
        }
        Ok(items)
    }

    /// Fails where a list or context has more items than the limits allow.
    pub(crate) fn check_count(&self, count: usize) -> Result<(), Stop> {
        let max = self.env.limits.list_items;
        if count > max {
            return Err(Stop::abort(format!("a list has more than {max} items")));
        }
        Ok(())
    }

    /// How many items a list has.
    pub(crate) fn count(&mut self, list: &List<'v>) -> Result<usize, Stop> {
        let raw = match list {
            List::Items(items) => return Ok(items.len()),
            List::Json(raw) => raw,
        };
        if let Some(Document::Items(items)) = self.documents.get(raw) {
            return Ok(items.len());
        }
        if self.documents.read_before(raw) {
            return Ok(self.open(list)?.len());
        }
        let (mut count, mut before) = (0, 0);
        for (_, end) in Elements::new(raw.bytes()) {
            self.charge(cost::JSON_ITEM + cost::copied(end - before))?;
            (count, before) = (count + 1, end);
        }
        Ok(count)
    }

    /// The item at a position from 0.
    pub(crate) fn item(&mut self, list: &List<'v>, at: usize) -> Result<Option<Val<'v>>, Stop> {
        let raw = match list {
            List::Items(items) => return Ok(items.get(at).cloned()),
            List::Json(raw) => raw,
        };
        if let Some(Document::Items(items)) = self.documents.get(raw) {
            return Ok(items.get(at).cloned());
        }
        if self.documents.read_before(raw) {
            return Ok(self.open(list)?.get(at).cloned());
        }
        let mut before = 0;
        for (position, range) in Elements::new(raw.bytes()).enumerate() {
            self.charge(cost::JSON_ITEM + cost::copied(range.1 - before))?;
            before = range.1;
            if position == at {
                return self.json_part(raw, range).map(Some);
            }
        }
        Ok(None)
    }

    /// The value of a key.
    pub(crate) fn entry(&mut self, context: &Context<'v>, key: &str) -> Result<Option<Val<'v>>, Stop> {
        let raw = match context {
            Context::Entries(data) => {
                self.charge(data.entries().len().min(2 * INDEXED_MIN) as u64 * 4)?;
                return Ok(data.get(key).cloned());
            }
            Context::Json(raw) => raw,
        };
        if let Some(Document::Keys(keys)) = self.documents.get(raw) {
            let keys = keys.clone();
            return self.keyed(raw, &keys, key);
        }
        if self.documents.read_before(raw) {
            let keys = self.index_keys(raw)?;
            return self.keyed(raw, &keys, key);
        }
        let mut entries = Entries::new(raw.bytes());
        let mut before = 0;
        while let Some((token, value)) = entries.next_key() {
            let Some(end) = entries.pass(value) else { break };
            let long_key = (token.1 - token.0).saturating_sub(32);
            self.charge(cost::JSON_ITEM + cost::copied(end - before) + cost::read(long_key))?;
            before = end;
            if json::is_key(&raw.bytes()[token.0..token.1], key) {
                return self.json_part(raw, (value, end)).map(Some);
            }
        }
        Ok(None)
    }

    fn keyed(&mut self, raw: &Raw<'v>, keys: &Keys<'v>, key: &str) -> Result<Option<Val<'v>>, Stop> {
        self.charge(2 * cost::JSON_ITEM)?;
        match keys.index.find(key, |at| keys.entries[at].0.as_str()) {
            Some(at) => self.json_part(raw, keys.entries[at].1).map(Some),
            None => Ok(None),
        }
    }

    fn index_keys(&mut self, raw: &Raw<'v>) -> Result<Rc<Keys<'v>>, Stop> {
        let mut entries = Vec::new();
        let mut before = 0;
        for (key, value) in Entries::new(raw.bytes()) {
            // Reading the entry, and sorting it in.
            self.charge(4 * cost::JSON_ITEM + cost::copied(value.1 - before) + cost::read(key.1 - key.0))?;
            before = value.1;
            entries.push((raw.key(key), value));
        }
        let index = KeyIndex::build(entries.len(), |at| entries[at].0.as_str());
        let keys = Rc::new(Keys { entries, index });
        self.documents.keep(raw, keys.entries.len(), Document::Keys(keys.clone()));
        Ok(keys)
    }

    /// All entries of a context. Charges for touching each of them once.
    pub(crate) fn entries(&mut self, context: &Context<'v>) -> Result<Vec<(Text<'v>, Val<'v>)>, Stop> {
        let raw = match context {
            Context::Entries(data) => {
                self.charge(data.entries().len() as u64 * 2 * cost::ITEM)?;
                return Ok(data.entries().to_vec());
            }
            Context::Json(raw) => raw,
        };
        let mut entries = Vec::new();
        let mut before = 0;
        for (key, value) in Entries::new(raw.bytes()) {
            self.charge(2 * cost::JSON_ITEM + cost::copied(value.1 - before) + cost::read(key.1 - key.0))?;
            before = value.1;
            self.check_count(entries.len() + 1)?;
            let item = self.json_part(raw, value)?;
            entries.push((raw.key(key), item));
        }
        Ok(entries)
    }
}
