//! Text that many rows have: ids, types of jobs, names of workers and variables.

use crate::record::{Put, RecordWriter};
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Bytes of text that need no memory of their own: a row has a dozen such texts, and most are this short.
const SHORT_MAX: usize = 22;

/// Text that is copied with its row where it is short, and shared where it is not.
#[derive(Clone)]
pub(crate) struct Name(Inner);

#[derive(Clone)]
enum Inner {
    Short { len: u8, bytes: [u8; SHORT_MAX] },
    Long(Arc<str>),
}

impl Name {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Inner::Short { len, bytes } => &bytes[..usize::from(*len)],
            Inner::Long(text) => text.as_bytes(),
        }
    }

    /// Has it be another text, if it is not.
    pub(crate) fn set(&mut self, text: &str) {
        if self.as_bytes() != text.as_bytes() {
            *self = text.into();
        }
    }
}

impl From<&str> for Name {
    #[inline]
    fn from(text: &str) -> Self {
        let mut bytes = [0; SHORT_MAX];
        match bytes.get_mut(..text.len()) {
            Some(own) => {
                own.copy_from_slice(text.as_bytes());
                Self(Inner::Short { len: text.len() as u8, bytes })
            }
            None => Self(Inner::Long(text.into())),
        }
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::from("")
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(self.as_bytes()).fmt(formatter)
    }
}

impl Put for Name {
    #[inline]
    fn put(&self, record: &mut RecordWriter) {
        record.put_utf8(self.as_bytes());
    }
}

impl ToSql for Name {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.as_bytes())))
    }
}

impl FromSql for Name {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, SHORT_MAX};

    #[test]
    fn short_and_long_ones_are_what_they_were_made_of_and_in_order() {
        let long = "x".repeat(3 * SHORT_MAX);
        let texts: Vec<&str> = (0..long.len()).map(|len| &long[..len]).chain(["y", "ä"]).collect();
        let names: Vec<Name> = texts.iter().map(|text| (*text).into()).collect();
        for (name, text) in names.iter().zip(&texts) {
            assert_eq!(name.as_bytes(), text.as_bytes());
            assert_eq!(*name, name.clone());
            let mut other = Name::default();
            other.set(text);
            assert_eq!(other, *name);
        }
        assert!(names.is_sorted_by(|a, b| a < b));
        assert!(size_of::<Option<Name>>() <= 24, "it is not much larger than a box");
    }
}
