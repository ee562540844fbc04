//! The layout of what a repeated activity works through, and the list of its items.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::InstanceRef;
use crate::ids::ElementIndex;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// What happens to a multi-instance body; the record's key is the body's.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MultiInstanceRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The body's element.
    pub element_index: ElementIndex,
    /// Of a result the number of its item, from 0; of results that are forgotten the last one's.
    pub number: u32,
    /// The items as [`ItemList`] has them, or the JSON text of a result.
    #[rkyv(with = InlineAsBox)]
    pub value: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// Bytes of a number in an [`ItemList`].
const NUMBER: usize = size_of::<u32>();

/// Items that are found by their number: how many there are, where each ends, and their JSON texts without anything between.
#[derive(Clone, Copy, Debug)]
pub struct ItemList<'a>(&'a [u8]);

impl<'a> ItemList<'a> {
    /// A list in the bytes that [`ItemListBuilder::finish`] gave; of other bytes there are no items, or wrong ones.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn number(self, at: usize) -> usize {
        let bytes = self.0.get(at * NUMBER..(at + 1) * NUMBER);
        bytes.map_or(0, |bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")) as usize)
    }

    /// How many items there are.
    pub fn len(self) -> u32 {
        self.number(0) as u32
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The JSON text of an item, counted from 0.
    pub fn get(self, number: u32) -> Option<&'a [u8]> {
        if number >= self.len() {
            return None;
        }
        let texts = self.0.get((1 + self.len() as usize) * NUMBER..)?;
        let start = if number == 0 { 0 } else { self.number(number as usize) };
        texts.get(start..self.number(number as usize + 1))
    }
}

/// Puts an [`ItemList`] together.
#[derive(Debug, Default)]
pub struct ItemListBuilder {
    ends: Vec<u8>,
    texts: Vec<u8>,
}

impl ItemListBuilder {
    /// Adds an item, whose JSON text `write` appends.
    pub fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.texts);
        let end = u32::try_from(self.texts.len()).expect("a value is far below 4 GiB");
        self.ends.extend_from_slice(&end.to_le_bytes());
    }

    /// The list's bytes.
    pub fn finish(self) -> Vec<u8> {
        let count = (self.ends.len() / NUMBER) as u32;
        [&count.to_le_bytes()[..], &self.ends, &self.texts].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemList, ItemListBuilder};

    #[test]
    fn items_are_found_by_their_number() {
        let mut builder = ItemListBuilder::default();
        for text in ["1", "", r#"{"a":[2]}"#] {
            builder.add(|out| out.extend_from_slice(text.as_bytes()));
        }
        let bytes = builder.finish();
        let list = ItemList::new(&bytes);
        let items: Vec<Option<&[u8]>> = (0..4).map(|number| list.get(number)).collect();
        assert_eq!(items, [Some(&b"1"[..]), Some(b""), Some(br#"{"a":[2]}"#), None]);
        assert_eq!((list.len(), list.is_empty()), (3, false));
        let empty = ItemListBuilder::default().finish();
        let foreign = [255, 255, 255, 255, 1];
        assert!((0..5).all(|len| ItemList::new(&foreign[..len]).get(7).is_none()));
        assert!(ItemList::new(&empty).is_empty() && ItemList::new(&empty).get(0).is_none());
    }
}
