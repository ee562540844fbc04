//! Where the columns of a record stand, found as far as they are asked for.

use crate::record::{take_varint, value_len, value_of};
use rusqlite::types::ValueRef;

/// A column: its type, and where its value ends, which is where the next one begins.
#[derive(Clone, Copy, Debug)]
struct Field {
    kind: u64,
    end: usize,
}

/// The columns of one record after the other. Its memory is used again.
#[derive(Debug, Default)]
pub(super) struct Fields {
    fields: Vec<Field>,
    /// Where the next column's type stands; 0 before the header was looked at.
    at: usize,
    /// Where the types end, and the values begin.
    values: usize,
}

impl Fields {
    /// The next record is another one.
    pub(super) fn forget(&mut self) {
        self.fields.clear();
        self.at = 0;
    }

    /// The value of a column; none where the record is damaged.
    pub(super) fn get<'r>(&mut self, record: &'r [u8], column: usize) -> Option<ValueRef<'r>> {
        if self.at == 0 {
            let mut rest = record;
            self.values = usize::try_from(take_varint(&mut rest)?).ok()?;
            self.at = record.len() - rest.len();
        }
        if self.fields.len() <= column {
            self.find(record, column)?;
        }
        let field = self.fields[column];
        let start = column.checked_sub(1).map_or(self.values, |before| self.fields[before].end);
        value_of(field.kind, record.get(start..field.end)?)
    }

    /// Goes on to a column.
    fn find(&mut self, record: &[u8], column: usize) -> Option<()> {
        let mut types = record.get(self.at..self.values)?;
        let mut end = self.fields.last().map_or(self.values, |field| field.end);
        for _ in self.fields.len()..=column {
            let kind = match types.split_first()? {
                // Most are of one byte.
                (&byte, rest) if byte < 0x80 => {
                    types = rest;
                    u64::from(byte)
                }
                _ => take_varint(&mut types)?,
            };
            end = end.checked_add(value_len(kind)?)?;
            self.fields.push(Field { kind, end });
            self.at = self.values - types.len();
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::record::RecordWriter;
    use rusqlite::types::ValueRef;

    #[test]
    fn columns_are_found_in_any_order_and_what_is_cut_is_none() {
        let values = [
            ValueRef::Null,
            ValueRef::Integer(-70_000),
            ValueRef::Text(b"some text"),
            ValueRef::Integer(1),
            ValueRef::Blob(&[1, 2]),
            ValueRef::Real(0.5),
        ];
        let mut writer = RecordWriter::default();
        let mut record = Vec::new();
        values.iter().for_each(|value| writer.put(*value));
        writer.finish(&mut record);
        let mut fields = Fields::default();
        for order in [[0, 1, 2, 3, 4, 5], [5, 0, 4, 1, 1, 2], [2, 5, 2, 5, 0, 3]] {
            fields.forget();
            for column in order {
                assert_eq!(fields.get(&record, column), Some(values[column]));
            }
            assert_eq!(fields.get(&record, values.len()), None);
        }
        for cut in 0..record.len() {
            fields.forget();
            assert_eq!(fields.get(&record[..cut], values.len() - 1), None, "{cut}");
        }
        for record in [&[0][..], &[200, 1], &[9, 1], &[0xff; 12]] {
            fields.forget();
            assert_eq!(fields.get(record, 0), None);
        }
    }
}
