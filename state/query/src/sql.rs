//! SQL under construction: its text, and the values of its parameters in order.

use crate::schema::{INSTANCE_TABLES, TAKEN_FLOWS};
use rusqlite::types::Value as Bound;

/// A statement, or a part of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<Bound>,
}

impl Sql {
    /// Constant text.
    pub(crate) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds constant text.
    pub(crate) fn put(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a parameter.
    pub(crate) fn bind(&mut self, value: Bound) -> &mut Self {
        self.text.push('?');
        self.values.push(value);
        self
    }

    /// Adds another part.
    pub(crate) fn add(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    /// The same over the tables of one set of `hot.db`, by what their names begin with.
    pub(crate) fn of_set(mut self, prefix: &str) -> Self {
        if !prefix.is_empty() {
            for table in INSTANCE_TABLES.into_iter().chain([TAKEN_FLOWS]) {
                self.text = self.text.replace(&format!("FROM {table} "), &format!("FROM {prefix}{table} "));
            }
        }
        self
    }

    /// A part in parentheses.
    pub(crate) fn enclosed(self, before: &str) -> Self {
        Self { text: format!("{before}({})", self.text), values: self.values }
    }

    /// Parts with a word between, as a balanced tree: SQLite bounds how deep an expression may be. `none` stands for no parts.
    pub(crate) fn joined(mut parts: Vec<Self>, word: &str, none: &str) -> Self {
        match parts.len() {
            0 => Self::of(none),
            1 => parts.remove(0),
            count => {
                let right = Self::joined(parts.split_off(count / 2), word, none);
                let mut both = Self::joined(parts, word, none);
                both.put(word).add(right);
                both.enclosed("")
            }
        }
    }
}
