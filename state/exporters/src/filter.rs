//! Which records an exporter wants.

use ringbolt_record::{RecordHeader, RecordType, ValueType};

/// A type that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no {what}; known are {known}")]
pub struct UnknownType {
    what: &'static str,
    name: String,
    known: String,
}

/// Which records an exporter wants: all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    value_types: Vec<ValueType>,
    record_types: Vec<RecordType>,
}

fn named<T: Copy>(
    what: &'static str,
    names: &[String],
    all: &[T],
    name_of: impl Fn(T) -> &'static str,
) -> Result<Vec<T>, UnknownType> {
    let find = |name: &String| {
        let found = all.iter().copied().find(|kind| name_of(*kind).eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|kind| name_of(*kind)).collect();
            UnknownType { what, name: name.clone(), known: known.join(", ") }
        })
    };
    names.iter().map(find).collect()
}

impl Filter {
    /// A filter by the names of value types (`JOB`) and record types (`EVENT`), in any case; no names mean all.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn new(value_types: &[String], record_types: &[String]) -> Result<Self, UnknownType> {
        Ok(Self {
            value_types: named("value type", value_types, ValueType::ALL, ValueType::name)?,
            record_types: named("record type", record_types, RecordType::ALL, RecordType::name)?,
        })
    }

    /// Whether a record is wanted.
    pub fn admits(&self, header: &RecordHeader) -> bool {
        let value_type = header.intent.value_type();
        (self.value_types.is_empty() || self.value_types.contains(&value_type))
            && (self.record_types.is_empty() || self.record_types.contains(&header.record_type))
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn names_are_checked() {
        let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert!(Filter::new(&names("job,PROCESS_INSTANCE"), &names("event")).is_ok());
        let error = Filter::new(&names("jobs"), &[]).expect_err("no such type").to_string();
        assert!(error.contains("\"jobs\"") && error.contains("JOB_BATCH"), "{error}");
    }
}
