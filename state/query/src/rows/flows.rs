//! The sequence flows that an instance has taken, in its own row.

use super::Name;
use crate::record::{Put, RecordWriter};
use rusqlite::ToSql;
use rusqlite::types::ToSqlOutput;

/// Ids of sequence flows, each once, written as a list in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flows(Vec<Name>);

impl Flows {
    /// Adds one, unless it is there.
    pub(crate) fn add(&mut self, id: Name) {
        if !self.0.contains(&id) {
            self.0.push(id);
        }
    }

    /// All of them.
    pub(crate) fn into_ids(self) -> Vec<Name> {
        self.0
    }

    /// Takes one away, if it is there. Whether there are others.
    pub(crate) fn remove(&mut self, id: &Name) -> bool {
        self.0.retain(|one| one != id);
        !self.0.is_empty()
    }

    /// Has them in the order in which they are written.
    pub(crate) fn sort(&mut self) {
        self.0.sort_unstable();
    }

    fn put_json(&self, out: &mut Vec<u8>) {
        for (number, id) in self.0.iter().enumerate() {
            out.extend_from_slice(if number == 0 { b"[\"" } else { b",\"" });
            let id = id.as_bytes();
            if id.iter().all(|byte| *byte >= b' ' && *byte != b'"' && *byte != b'\\') {
                out.extend_from_slice(id);
                out.push(b'"');
            } else {
                // It has its own quotes.
                out.pop();
                let text = String::from_utf8_lossy(id);
                serde_json::to_writer(&mut *out, &*text).expect("a text is JSON");
            }
        }
        out.push(b']');
    }
}

impl Put for Flows {
    fn put(&self, record: &mut RecordWriter) {
        record.put_text(|out| self.put_json(out));
    }
}

impl ToSql for Flows {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let mut json = Vec::new();
        self.put_json(&mut json);
        Ok(String::from_utf8_lossy(&json).into_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::Flows;

    #[test]
    fn they_are_written_as_json_each_once_and_in_order() {
        let mut flows = Flows::default();
        for id in ["b", "a", "b", "q\"\\\n", "ä"] {
            flows.add(id.into());
        }
        flows.add("c".into());
        assert!(flows.remove(&"c".into()));
        flows.sort();
        let mut json = Vec::new();
        flows.put_json(&mut json);
        let text = String::from_utf8(json).expect("text");
        assert_eq!(text, serde_json::to_string(&["a", "b", "q\"\\\n", "ä"]).expect("JSON"));
        let mut one = Flows::default();
        one.add("a".into());
        assert!(!one.remove(&"a".into()));
    }
}
