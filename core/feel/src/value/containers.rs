//! Lists and contexts. Each is either items built during an evaluation or a piece of JSON that is opened on demand,
//! one level at a time.

use super::keys::{INDEXED_MIN, KeyIndex};
use super::{Function, Text, Val};
use crate::error::Stop;
use crate::json;
use crate::limits::Limits;
use std::sync::Arc;

/// A piece of JSON: one value, without blanks around it.
#[derive(Clone, Debug)]
pub enum Raw<'v> {
    /// Part of a variable.
    Borrowed(&'v [u8]),
    /// Part of a shared document.
    Shared(Arc<SharedRaw>),
}

/// A value inside a shared JSON document.
#[derive(Debug)]
pub struct SharedRaw {
    document: Arc<[u8]>,
    start: usize,
    end: usize,
}

impl<'v> Raw<'v> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Raw::Borrowed(bytes) => bytes,
            Raw::Shared(shared) => &shared.document[shared.start..shared.end],
        }
    }

    /// The part of this JSON in a byte range.
    pub(crate) fn part(&self, (start, end): (usize, usize)) -> Raw<'v> {
        match self {
            Raw::Borrowed(bytes) => Raw::Borrowed(&bytes[start..end]),
            Raw::Shared(shared) => Raw::Shared(Arc::new(SharedRaw {
                document: shared.document.clone(),
                start: shared.start + start,
                end: shared.start + end,
            })),
        }
    }

    /// The start of this JSON, enough for a message: reading through it costs little, however long the rest is.
    fn head(&self) -> Raw<'v> {
        const HEAD_BYTES: usize = 2048;
        self.part((0, self.bytes().len().min(HEAD_BYTES)))
    }

    pub(crate) fn value(&self, range: (usize, usize)) -> Val<'v> {
        Val::from_raw(self.part(range)).unwrap_or(Val::Null)
    }

    pub(crate) fn key(&self, range: (usize, usize)) -> Text<'v> {
        match Val::from_raw(self.part(range)) {
            Some(Val::Str(text)) => text,
            _ => Text::Borrowed(""),
        }
    }

    fn into_owned(self) -> Raw<'static> {
        match self {
            Raw::Borrowed(bytes) => {
                Raw::Shared(Arc::new(SharedRaw { document: bytes.into(), start: 0, end: bytes.len() }))
            }
            Raw::Shared(shared) => Raw::Shared(shared),
        }
    }
}

/// Values built during an evaluation, with the size they stand for.
#[derive(Debug)]
pub struct Items<'v> {
    values: Vec<Val<'v>>,
    weight: u64,
    nesting: u16,
}

impl<'v> Items<'v> {
    pub(crate) fn values(&self) -> &[Val<'v>] {
        &self.values
    }

    /// The items of a JSON array of that many bytes.
    pub(crate) fn opened(values: Vec<Val<'v>>, bytes: usize) -> Items<'v> {
        Items { values, weight: bytes as u64, nesting: 1 }
    }
}

impl<'v> std::ops::Deref for Items<'v> {
    type Target = [Val<'v>];

    fn deref(&self) -> &[Val<'v>] {
        &self.values
    }
}

/// A list of values.
#[derive(Clone, Debug)]
pub enum List<'v> {
    /// Values built during an evaluation.
    Items(Arc<Items<'v>>),
    /// A JSON array.
    Json(Raw<'v>),
}

/// The size of values and of what holds them, checked against the limits.
fn measure<'a, 'v: 'a>(
    values: impl Iterator<Item = &'a Val<'v>>,
    keys: u64,
    count: usize,
    limits: &Limits,
) -> Result<(u64, u16), Stop> {
    if count > limits.list_items {
        return Err(Stop::abort(format!("a list has more than {} items", limits.list_items)));
    }
    let (mut weight, mut nesting) = (keys + 16, 0u16);
    for value in values {
        weight = weight.saturating_add(value.weight());
        nesting = nesting.max(value.nesting());
    }
    if weight > limits.value_bytes {
        return Err(Stop::abort(format!("a value is larger than {} bytes", limits.value_bytes)));
    }
    if nesting >= limits.value_depth {
        return Err(Stop::abort(format!("a value is nested deeper than {} levels", limits.value_depth)));
    }
    Ok((weight, nesting + 1))
}

impl<'v> List<'v> {
    /// A list of values, within the limits.
    pub(crate) fn build(values: Vec<Val<'v>>, limits: &Limits) -> Result<List<'v>, Stop> {
        let (weight, nesting) = measure(values.iter(), 0, values.len(), limits)?;
        Ok(List::Items(Arc::new(Items { values, weight, nesting })))
    }

    /// A list of values under the default limits; `None` where they are exceeded.
    pub fn new(values: Vec<Val<'v>>) -> Option<List<'v>> {
        List::build(values, &Limits::DEFAULT).ok()
    }

    /// The number of items; counting a JSON list reads through it.
    pub fn len(&self) -> usize {
        match self {
            List::Items(items) => items.values.len(),
            List::Json(raw) => json::Elements::new(raw.bytes()).count(),
        }
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        match self {
            List::Items(items) => items.values.is_empty(),
            List::Json(raw) => json::Elements::new(raw.bytes()).next().is_none(),
        }
    }

    /// The item at a position, from 0.
    pub fn get(&self, index: usize) -> Option<Val<'v>> {
        match self {
            List::Items(items) => items.values.get(index).cloned(),
            List::Json(raw) => json::Elements::new(raw.bytes()).nth(index).map(|range| raw.value(range)),
        }
    }

    /// All items, opened one level.
    pub fn to_vec(&self) -> Vec<Val<'v>> {
        self.iter().collect()
    }

    /// The list as far as a message shows it.
    pub(crate) fn head(&self) -> List<'v> {
        match self {
            List::Items(items) => List::Items(items.clone()),
            List::Json(raw) => List::Json(raw.head()),
        }
    }

    /// The items one after the other, each opened when its turn comes.
    pub(crate) fn iter<'a>(&'a self) -> impl Iterator<Item = Val<'v>> + use<'a, 'v> {
        let (items, raw) = match self {
            List::Items(items) => (items.values.as_slice(), None),
            List::Json(raw) => (&[][..], Some(raw)),
        };
        let opened = raw
            .into_iter()
            .flat_map(|raw| json::Elements::new(raw.bytes()).map(move |range| raw.value(range)));
        items.iter().cloned().chain(opened)
    }

    pub(crate) fn weight(&self) -> u64 {
        match self {
            List::Items(items) => items.weight,
            List::Json(raw) => raw.bytes().len() as u64,
        }
    }

    pub(crate) fn nesting(&self) -> u16 {
        match self {
            List::Items(items) => items.nesting,
            List::Json(_) => 1,
        }
    }

    pub(crate) fn into_owned(self) -> List<'static> {
        match self {
            List::Json(raw) => List::Json(raw.into_owned()),
            List::Items(items) => List::Items(Arc::new(Items {
                values: items.values.iter().map(|v| v.clone().into_owned()).collect(),
                weight: items.weight,
                nesting: items.nesting,
            })),
        }
    }
}

/// Entries built during an evaluation. Functions live beside the values: they can be called, but they are no
/// entries that could be read.
#[derive(Debug)]
pub struct ContextData<'v> {
    entries: Vec<(Text<'v>, Val<'v>)>,
    functions: Vec<(Text<'v>, Arc<Function>)>,
    weight: u64,
    nesting: u16,
    /// Where each key is, if there are many.
    index: Option<KeyIndex>,
    /// Whether it was written as a literal: membership tests then know it by identity only, as in the reference.
    literal: bool,
}

impl<'v> ContextData<'v> {
    pub(crate) fn is_literal(&self) -> bool {
        self.literal
    }

    pub(crate) fn entries(&self) -> &[(Text<'v>, Val<'v>)] {
        &self.entries
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Val<'v>> {
        let at = match &self.index {
            Some(index) => index.find(key, |at| self.entries[at].0.as_str()),
            None => self.entries.iter().position(|(known, _)| known.as_str() == key),
        };
        at.map(|at| &self.entries[at].1)
    }
}

type Entry<'v> = (Text<'v>, Val<'v>);

/// Entries of which a later one replaces an earlier one of the same key in its place, and their index.
fn distinct<'v>(entries: Vec<Entry<'v>>) -> (Vec<Entry<'v>>, Option<KeyIndex>) {
    if entries.len() < INDEXED_MIN {
        let mut kept: Vec<Entry<'v>> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            match kept.iter_mut().find(|(known, _)| known.as_str() == key.as_str()) {
                Some(entry) => entry.1 = value,
                None => kept.push((key, value)),
            }
        }
        return (kept, None);
    }
    let index = KeyIndex::build(entries.len(), |at| entries[at].0.as_str());
    let mut replaced: Vec<(u32, u32)> = Vec::new();
    for group in index.groups(|at| entries[at].0.as_str()) {
        if let [(_, first), .., (_, last)] = group {
            replaced.push((*first, *last));
            replaced.extend(group[1..].iter().map(|(_, at)| (*at, u32::MAX)));
        }
    }
    if replaced.is_empty() {
        return (entries, Some(index));
    }
    let mut kept: Vec<Option<Entry<'v>>> = entries.into_iter().map(Some).collect();
    replaced.sort_unstable();
    for (at, by) in &replaced {
        if *by != u32::MAX {
            let value = kept[*by as usize].as_ref().map(|(_, value)| value.clone());
            if let (Some(entry), Some(value)) = (&mut kept[*at as usize], value) {
                entry.1 = value;
            }
        }
    }
    for (at, _) in replaced.iter().filter(|(_, by)| *by == u32::MAX) {
        kept[*at as usize] = None;
    }
    let kept: Vec<Entry<'v>> = kept.into_iter().flatten().collect();
    let index = (kept.len() >= INDEXED_MIN).then(|| KeyIndex::build(kept.len(), |at| kept[at].0.as_str()));
    (kept, index)
}

/// Where a context comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Built,
    /// Written in an expression.
    Literal,
    /// Made of boxed expressions.
    Boxed,
}

/// A context: an ordered set of keys with values.
#[derive(Clone, Debug)]
pub enum Context<'v> {
    /// Entries built during an evaluation.
    Entries(Arc<ContextData<'v>>),
    /// A JSON object.
    Json(Raw<'v>),
}

impl<'v> Context<'v> {
    /// A context of entries, within the limits. A later entry replaces an earlier one of the same key in its place;
    /// functions become callable members.
    pub(crate) fn build(
        entries: impl IntoIterator<Item = (Text<'v>, Val<'v>)>,
        limits: &Limits,
    ) -> Result<Context<'v>, Stop> {
        Context::assemble(entries, limits, Origin::Built)
    }

    /// A context written as a literal in an expression.
    pub(crate) fn literal(
        entries: impl IntoIterator<Item = (Text<'v>, Val<'v>)>,
        limits: &Limits,
    ) -> Result<Context<'v>, Stop> {
        Context::assemble(entries, limits, Origin::Literal)
    }

    fn assemble(
        entries: impl IntoIterator<Item = (Text<'v>, Val<'v>)>,
        limits: &Limits,
        origin: Origin,
    ) -> Result<Context<'v>, Stop> {
        let mut functions = Vec::new();
        let mut values = Vec::new();
        for (key, value) in entries {
            if let Val::Function(function) = &value {
                functions.push((key.clone(), function.clone()));
                if origin != Origin::Boxed {
                    continue;
                }
            }
            values.push((key, value));
        }
        let (kept, index) = distinct(values);
        let keys: u64 = kept.iter().map(|(k, _)| k.as_str().len() as u64 + 8).sum();
        let (weight, nesting) = measure(kept.iter().map(|(_, v)| v), keys, kept.len(), limits)?;
        let weight = functions.iter().fold(weight, |w, (_, f)| w.saturating_add(f.weight()));
        let nesting = functions.iter().fold(nesting, |n, (_, f)| n.max(f.nesting().saturating_add(1)));
        if nesting > limits.value_depth {
            return Err(Stop::abort(format!("a value is nested deeper than {} levels", limits.value_depth)));
        }
        Ok(Context::Entries(Arc::new(ContextData {
            entries: kept,
            functions,
            weight,
            nesting,
            index,
            literal: origin == Origin::Literal,
        })))
    }

    /// A context of entries under the default limits; `None` where they are exceeded.
    pub fn new(entries: Vec<(String, Val<'v>)>) -> Option<Context<'v>> {
        Context::build(entries.into_iter().map(|(k, v)| (Text::from(k), v)), &Limits::DEFAULT).ok()
    }

    /// A boxed context of a decision model under the default limits: its functions are entries as well.
    pub fn boxed(entries: Vec<(String, Val<'v>)>) -> Option<Context<'v>> {
        let entries = entries.into_iter().map(|(key, value)| (Text::from(key), value));
        Context::assemble(entries, &Limits::DEFAULT, Origin::Boxed).ok()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Val<'v>> {
        match self {
            Context::Entries(data) => data.get(key).cloned(),
            Context::Json(raw) => json::find(raw.bytes(), key).map(|range| raw.value(range)),
        }
    }

    /// The functions a context carries under a name.
    pub(crate) fn functions<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<Function>> {
        let functions = match self {
            Context::Entries(data) => data.functions.as_slice(),
            Context::Json(_) => &[],
        };
        functions.iter().filter(move |(k, _)| k.as_str() == name).map(|(_, f)| f)
    }

    /// All entries in order, opened one level.
    pub fn to_vec(&self) -> Vec<(Text<'v>, Val<'v>)> {
        self.iter().collect()
    }

    /// The context as far as a message shows it.
    pub(crate) fn head(&self) -> Context<'v> {
        match self {
            Context::Entries(data) => Context::Entries(data.clone()),
            Context::Json(raw) => Context::Json(raw.head()),
        }
    }

    /// The entries one after the other, each opened when its turn comes.
    pub(crate) fn iter<'a>(&'a self) -> impl Iterator<Item = (Text<'v>, Val<'v>)> + use<'a, 'v> {
        let (entries, raw) = match self {
            Context::Entries(data) => (data.entries.as_slice(), None),
            Context::Json(raw) => (&[][..], Some(raw)),
        };
        let opened = raw.into_iter().flat_map(|raw| {
            json::Entries::new(raw.bytes()).map(move |(key, value)| (raw.key(key), raw.value(value)))
        });
        entries.iter().cloned().chain(opened)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match self {
            Context::Entries(data) => data.entries.len(),
            Context::Json(raw) => json::Entries::new(raw.bytes()).count(),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn weight(&self) -> u64 {
        match self {
            Context::Entries(data) => data.weight,
            Context::Json(raw) => raw.bytes().len() as u64,
        }
    }

    pub(crate) fn nesting(&self) -> u16 {
        match self {
            Context::Entries(data) => data.nesting,
            Context::Json(_) => 1,
        }
    }

    pub(crate) fn into_owned(self) -> Context<'static> {
        match self {
            Context::Json(raw) => Context::Json(raw.into_owned()),
            Context::Entries(data) => Context::Entries(Arc::new(ContextData {
                entries: data
                    .entries
                    .iter()
                    .map(|(k, v)| (k.clone().into_owned(), v.clone().into_owned()))
                    .collect(),
                functions: data.functions.iter().map(|(k, f)| (k.clone().into_owned(), f.clone())).collect(),
                weight: data.weight,
                nesting: data.nesting,
                index: data.index.clone(),
                literal: data.literal,
            })),
        }
    }
}
