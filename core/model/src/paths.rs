//! From where in a process paths lead to which incoming flows of a gateway.

use ringbolt_record::ElementIndex;

/// From which elements of a process paths lead to which incoming flows of a gateway, not by the gateway itself. A bit for each
/// element and flow, those of an element side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    flows: usize,
    bits: Box<[u64]>,
}

impl Paths {
    const WORD: usize = u64::BITS as usize;

    /// None, of so many elements to so many flows.
    pub(crate) fn none_of(elements: usize, flows: usize) -> Self {
        Self { flows, bits: vec![0; (elements * flows).div_ceil(Self::WORD)].into() }
    }

    /// Adds those from an element to a flow, by its place among the gateway's; false where it was there already.
    pub(crate) fn insert(&mut self, element: ElementIndex, flow: usize) -> bool {
        let at = element.0 as usize * self.flows + flow;
        let (word, bit) = (&mut self.bits[at / Self::WORD], 1 << (at % Self::WORD));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// The flows that a path leads to from an element, by their places among the gateway's.
    pub fn from(&self, element: ElementIndex) -> impl Iterator<Item = usize> + '_ {
        let (begin, end) = (element.0 as usize * self.flows, (element.0 as usize + 1) * self.flows);
        let words = begin / Self::WORD..end.div_ceil(Self::WORD).min(self.bits.len());
        words.flat_map(move |number| {
            let first = number * Self::WORD;
            let mut word = self.bits[number];
            if first < begin {
                word &= u64::MAX << (begin - first);
            }
            if first + Self::WORD > end {
                word &= u64::MAX >> (first + Self::WORD - end);
            }
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                word &= word.wrapping_sub(1);
                (bit < Self::WORD).then(|| first + bit - begin)
            })
        })
    }
}
