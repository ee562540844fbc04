//! What is expensive to make and cheap to keep, by key, up to a number of items.
//!
//! Eviction is a clock that stands still on what it brought in last: of more items in rotation than there is room for, all but
//! a few stay, where the oldest would always be thrown out just before it is wanted again. The choice is no state: whatever
//! was evicted is made again, equal.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// See the module.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    slots: Vec<Slot<K, V>>,
    places: FxHashMap<K, usize>,
    hand: usize,
    max: usize,
}

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    value: V,
    /// Asked for since the hand came by, or since it was brought in.
    is_wanted: bool,
}

impl<K: Copy + Eq + Hash, V> Cache<K, V> {
    /// Room for `max` items; at least 1.
    pub(crate) fn new(max: usize) -> Self {
        Self { slots: Vec::new(), places: FxHashMap::default(), hand: 0, max: max.max(1) }
    }

    pub(crate) fn max(&self) -> usize {
        self.max
    }

    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.places.clear();
        self.hand = 0;
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<&V> {
        let slot = &mut self.slots[*self.places.get(key)?];
        slot.is_wanted = true;
        Some(&slot.value)
    }

    /// Brings in what was not there.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let slot = Slot { key, value, is_wanted: false };
        if self.slots.len() < self.max {
            self.places.insert(key, self.slots.len());
            self.slots.push(slot);
            return;
        }
        while std::mem::take(&mut self.slots[self.hand].is_wanted) {
            self.hand = (self.hand + 1) % self.slots.len();
        }
        self.places.remove(&self.slots[self.hand].key);
        self.places.insert(key, self.hand);
        self.slots[self.hand] = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    /// Asks for each of `items` in turn, `turns` times; how often it had to be made.
    fn misses(max: usize, items: u32, turns: u32) -> u32 {
        let mut cache = Cache::new(max);
        let mut misses = 0;
        for number in (0..turns).flat_map(|_| 0..items) {
            match cache.get(&number) {
                Some(value) => assert_eq!(*value, number),
                None => {
                    misses += 1;
                    cache.insert(number, number);
                }
            }
            assert!(cache.slots.len() <= max);
            assert_eq!(cache.slots.len(), cache.places.len());
        }
        misses
    }

    #[test]
    fn more_items_in_rotation_than_there_is_room_for_are_mostly_there() {
        assert_eq!(misses(100, 100, 50), 100);
        let made = misses(100, 101, 50);
        assert!(made < 101 + 50 * 3, "{made} of {} were made", 101 * 50);
        let made = misses(100, 150, 50);
        assert!(made < 150 + 50 * 75, "{made} of {} were made", 150 * 50);
    }

    #[test]
    fn what_is_asked_for_between_others_stays_and_what_no_longer_is_goes() {
        let mut cache = Cache::new(4);
        for number in 0..100 {
            if cache.get(&1000).is_none() {
                assert!(number < 1, "what is always asked for was evicted");
                cache.insert(1000, 0);
            }
            cache.get(&1000);
            cache.insert(number, number);
        }
        for wanted in [200, 201, 202] {
            cache.insert(wanted, wanted);
            cache.get(&wanted);
        }
        assert!([200, 201, 202].iter().all(|wanted| cache.get(wanted).is_some()));
    }
}
