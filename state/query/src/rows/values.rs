//! Values of variables, in memory that is used again: one of a kilobyte is more than the allocator keeps at hand.

/// Bytes of values that use such memory.
const BYTES: std::ops::RangeInclusive<usize> = 128..=2 * 1024;
/// How many pieces of it are kept: 2 MiB at most.
const KEPT_MAX: usize = 1024;

/// Memory of values that were written.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<String>);

impl Values {
    /// A text of its own.
    pub(crate) fn own(&mut self, text: &str) -> String {
        let mut own =
            if BYTES.contains(&text.len()) { self.0.pop().unwrap_or_default() } else { String::new() };
        own.reserve_exact(text.len());
        own.push_str(text);
        own
    }

    /// A text is not needed any more.
    pub(crate) fn give_back(&mut self, mut text: String) {
        if BYTES.contains(&text.capacity()) && self.0.len() < KEPT_MAX {
            text.clear();
            self.0.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES, KEPT_MAX, Values};

    #[test]
    fn memory_is_used_again_and_no_more_kept_than_is_said() {
        let mut values = Values::default();
        let text = "x".repeat(1_000);
        let own = values.own(&text);
        let at = own.as_ptr();
        values.give_back(own);
        let shorter = values.own(&text[..500]);
        assert_eq!((shorter.as_str(), shorter.as_ptr()), (&text[..500], at));
        (0..2 * KEPT_MAX).for_each(|_| values.give_back(text.clone()));
        assert_eq!(values.0.len(), KEPT_MAX);
        values.0.clear();
        values.give_back("x".repeat(BYTES.end() + 1));
        values.give_back("x".into());
        assert!(values.0.is_empty());
    }
}
