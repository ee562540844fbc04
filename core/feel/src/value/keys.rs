//! An index over the keys of a large context: their hashes in order, so that a key is found in a few steps, and no
//! choice of keys makes building it or looking something up slow.

use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// Contexts with so many entries are indexed, smaller ones searched.
pub(crate) const INDEXED_MIN: usize = 16;

/// Positions of keys, in the order of their hashes; of equal keys in the order of their positions.
#[derive(Clone, Debug)]
pub(crate) struct KeyIndex(Box<[(u64, u32)]>);

fn hash(key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

impl KeyIndex {
    /// Indexes `count` keys.
    pub(crate) fn build<'k>(count: usize, key: impl Fn(usize) -> &'k str) -> KeyIndex {
        let mut places: Box<[(u64, u32)]> = (0..count).map(|at| (hash(key(at)), at as u32)).collect();
        places.sort_unstable_by(|(x, a), (y, b)| {
            x.cmp(y).then_with(|| key(*a as usize).cmp(key(*b as usize))).then(a.cmp(b))
        });
        KeyIndex(places)
    }

    /// The first position of a key.
    pub(crate) fn find<'k>(&self, wanted: &str, key: impl Fn(usize) -> &'k str) -> Option<usize> {
        let wanted_hash = hash(wanted);
        let order = |(hash, at): &(u64, u32)| {
            hash.cmp(&wanted_hash).then_with(|| key(*at as usize).cmp(wanted)).is_lt()
        };
        let place = self.0.partition_point(order);
        let (hash, at) = self.0.get(place)?;
        (*hash == wanted_hash && key(*at as usize) == wanted).then_some(*at as usize)
    }

    /// The positions of each key, keys in no particular order.
    pub(crate) fn groups<'a, 'k: 'a>(
        &'a self,
        key: impl Fn(usize) -> &'k str + 'a,
    ) -> impl Iterator<Item = &'a [(u64, u32)]> {
        self.0.chunk_by(move |(x, a), (y, b)| x == y && key(*a as usize) == key(*b as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::KeyIndex;

    #[test]
    fn finds_the_first_of_equal_keys() {
        let keys: Vec<String> = (0..1_000).map(|n| format!("k{}", n % 700)).collect();
        let index = KeyIndex::build(keys.len(), |at| keys[at].as_str());
        for n in 0..700 {
            assert_eq!(index.find(&format!("k{n}"), |at| keys[at].as_str()), Some(n));
        }
        assert_eq!(index.find("k700", |at| keys[at].as_str()), None);
        let groups: Vec<usize> = index.groups(|at| keys[at].as_str()).map(<[_]>::len).collect();
        assert_eq!((groups.len(), groups.iter().sum::<usize>()), (700, 1_000));
        assert_eq!(KeyIndex::build(0, |_| "").find("", |_| ""), None);
    }
}
