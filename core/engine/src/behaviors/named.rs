//! Things by name, in the order in which they came: few are compared one by one, many have an index beside them, so
//! that a list of any length is built and read in linear time.

use std::collections::BTreeMap;

/// Up to this many names are compared one by one.
const LINEAR_NAMES_MAX: usize = 16;

/// See the module. A name comes once.
pub(crate) struct Named<'n, T> {
    items: Vec<(&'n str, T)>,
    /// Empty while there are few. Ordered rather than hashed: names come from outside.
    places: BTreeMap<&'n str, usize>,
}

impl<'n, T> Named<'n, T> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { items: Vec::with_capacity(capacity), places: BTreeMap::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.place(name).map(|place| &self.items[place].1)
    }

    /// What has this name; made where nothing has it yet.
    pub(crate) fn get_or_add(&mut self, name: &'n str, make: impl FnOnce() -> T) -> &mut T {
        let place = match self.place(name) {
            Some(place) => place,
            None => {
                self.add(name, make());
                self.items.len() - 1
            }
        };
        &mut self.items[place].1
    }

    /// Adds what has a name that did not come yet.
    pub(crate) fn add(&mut self, name: &'n str, item: T) {
        let place = self.items.len();
        self.items.push((name, item));
        if place == LINEAR_NAMES_MAX {
            self.places.extend(self.items.iter().enumerate().map(|(place, (name, _))| (*name, place)));
        } else if place > LINEAR_NAMES_MAX {
            self.places.insert(name, place);
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&'n str, &T)> {
        self.items.iter().map(|(name, item)| (*name, item))
    }

    pub(crate) fn into_items(self) -> Vec<(&'n str, T)> {
        self.items
    }

    fn place(&self, name: &str) -> Option<usize> {
        if self.items.len() > LINEAR_NAMES_MAX {
            return self.places.get(name).copied();
        }
        self.items.iter().position(|(other, _)| *other == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{LINEAR_NAMES_MAX, Named};

    #[test]
    fn few_and_many_are_found_alike() {
        let names: Vec<String> = (0..3 * LINEAR_NAMES_MAX).map(|number| format!("n{number}")).collect();
        let mut named = Named::with_capacity(0);
        for (number, name) in names.iter().enumerate() {
            assert_eq!(named.get(name), None);
            named.add(name, number);
            *named.get_or_add(name, || unreachable!("it is there")) += 1;
            for (before, name) in names[..=number].iter().enumerate() {
                assert_eq!(named.get(name), Some(&(before + 1)));
            }
        }
        assert_eq!(*named.get_or_add("other", || 7), 7);
        assert!(named.iter().map(|(name, _)| name).eq(names.iter().map(String::as_str).chain(["other"])));
    }
}
