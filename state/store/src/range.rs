//! Reading the three layers as one, in key order.
//!
//! Invariants: of equal keys the newest layer wins; tombstones hide and are not shown; after a fault in the base the
//! range ends (the store's fault says why). Nothing is prefetched beyond one row per layer.

use smallvec::SmallVec;

use crate::TableId;
use crate::base::BaseIter;
use crate::checked::CheckedBase;
use crate::error::FaultCause;
use crate::overlay::OverlayIter;

/// A prefix of up to this many bytes is kept without an allocation.
const INLINE_PREFIX_BYTES: usize = 64;

type Row<'a> = (&'a [u8], Option<&'a [u8]>);

/// Rows of one table with one prefix, ascending by key: see [`crate::Store::range`].
pub struct Range<'a> {
    checked: &'a CheckedBase,
    table: TableId,
    prefix: SmallVec<[u8; INLINE_PREFIX_BYTES]>,
    active: Layer<'a, OverlayIter<'a>>,
    frozen: Layer<'a, OverlayIter<'a>>,
    base: Option<BaseIter<'a>>,
    base_head: Option<(&'a [u8], &'a [u8])>,
}

/// An overlay's iterator with its next row.
struct Layer<'a, I> {
    iter: Option<I>,
    head: Option<Row<'a>>,
}

impl<'a, I: Iterator<Item = Row<'a>>> Layer<'a, I> {
    fn new(iter: Option<I>, prefix: &[u8]) -> Self {
        let mut layer = Layer { iter, head: None };
        layer.advance(prefix);
        layer
    }

    fn advance(&mut self, prefix: &[u8]) {
        self.head = match &mut self.iter {
            Some(iter) => iter.next().filter(|(key, _)| key.starts_with(prefix)),
            None => None,
        };
    }
}

impl<'a> Range<'a> {
    pub(crate) fn new(
        checked: &'a CheckedBase,
        table: TableId,
        prefix: &[u8],
        active: Option<OverlayIter<'a>>,
        frozen: Option<OverlayIter<'a>>,
        base: Option<BaseIter<'a>>,
    ) -> Range<'a> {
        let mut range = Range {
            checked,
            table,
            active: Layer::new(active, prefix),
            frozen: Layer::new(frozen, prefix),
            prefix: SmallVec::from_slice(prefix),
            base,
            base_head: None,
        };
        range.advance_base();
        range
    }

    fn advance_base(&mut self) {
        self.base_head = match self.base.as_mut().and_then(Iterator::next) {
            None => None,
            Some(Ok(row)) => Some(row).filter(|(key, _)| key.starts_with(&self.prefix)),
            Some(Err(reason)) => {
                self.checked.set_fault(self.table, &self.prefix, FaultCause::Read(reason));
                None
            }
        };
    }

    /// The smallest key of the layers' next rows.
    fn next_key(&self) -> Option<&'a [u8]> {
        let active = self.active.head.map(|row| row.0);
        let frozen = self.frozen.head.map(|row| row.0);
        let base = self.base_head.map(|row| row.0);
        [active, frozen, base].into_iter().flatten().min()
    }

    /// Takes the newest row of `key` and moves every layer past it; `None` is a tombstone.
    fn take(&mut self, key: &'a [u8]) -> Option<&'a [u8]> {
        let mut newest: Option<Option<&'a [u8]>> = None;
        for layer in [&mut self.active, &mut self.frozen] {
            if let Some((_, value)) = layer.head.filter(|row| row.0 == key) {
                newest = newest.or(Some(value));
                layer.advance(&self.prefix);
            }
        }
        if let Some((_, stored)) = self.base_head.filter(|row| row.0 == key) {
            self.advance_base();
            if newest.is_none() {
                newest = Some(self.checked.verify(self.table, key, stored));
            }
        }
        newest.flatten()
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.checked.fault().is_none() {
            let key = self.next_key()?;
            if let Some(value) = self.take(key) {
                return Some((key, value));
            }
        }
        None
    }
}
