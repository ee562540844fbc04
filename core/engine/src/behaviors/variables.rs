//! Merging variables into scopes and collecting them from there.
//!
//! A value that is there already with the same text gives no event.

use crate::writers::Processing;
use ringbolt_record::values::{InstanceRef, VariableRecord};
use ringbolt_record::{Key, VariableDocument, VariableIntent};
use ringbolt_tables::{ElementInstanceFlags, Tables};
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::io::Write;

/// Names up to this many are compared one by one; more are kept sorted.
const LINEAR_NAMES_MAX: usize = 16;

/// What the records of variables need to know beside the variable.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) instance: InstanceRef,
    pub(crate) tenant_id: &'a str,
}

/// A variable that was set.
pub(super) struct Change<'v> {
    pub(super) scope_key: Key,
    pub(super) name: &'v str,
    /// Whether it was not there before.
    pub(super) is_new: bool,
}

/// Variables that were set together.
pub(super) type Changes<'v> = SmallVec<[Change<'v>; 4]>;

/// Sets one variable in exactly this scope, where nothing waits for conditions yet.
pub(crate) fn set_local(p: &mut Processing<'_>, owner: Owner<'_>, scope_key: Key, name: &str, value: &[u8]) {
    set(p, owner, scope_key, name, value);
}

/// Sets variables in exactly this scope. `conditions` alone calls it, so that nobody forgets those who wait.
pub(super) fn set_all_local<'v>(
    p: &mut Processing<'_>,
    owner: Owner<'_>,
    scope_key: Key,
    variables: impl Iterator<Item = (&'v str, &'v [u8])>,
) -> Changes<'v> {
    variables.filter_map(|(name, value)| set(p, owner, scope_key, name, value)).collect()
}

fn set<'v>(
    p: &mut Processing<'_>,
    owner: Owner<'_>,
    scope_key: Key,
    name: &'v str,
    value: &[u8],
) -> Option<Change<'v>> {
    let (intent, key) = match p.tables().variable(scope_key, name) {
        Some((_, old)) if old == value => return None,
        Some((key, _)) => (VariableIntent::Updated, key),
        None => (VariableIntent::Created, p.next_key()),
    };
    let record =
        VariableRecord { instance: owner.instance, scope_key, name, value, tenant_id: owner.tenant_id };
    p.append(intent, key, &record);
    Some(Change { scope_key, name, is_new: intent == VariableIntent::Created })
}

/// Sets each variable in the nearest scope that has it, else in the outermost; scope by scope from the inside. A scope that has it
/// with this very value keeps nothing from those further out, as in the reference engine. `conditions` alone calls it.
pub(super) fn propagate<'v>(
    p: &mut Processing<'_>,
    owner: Owner<'_>,
    scope_key: Key,
    variables: impl Iterator<Item = (&'v str, &'v [u8])>,
) -> Changes<'v> {
    let mut changes = Changes::new();
    let mut left: SmallVec<[(&str, &[u8]); 8]> = variables.collect();
    let mut scope_key = scope_key;
    while !left.is_empty() {
        let (outer_key, own) = scope(p.tables(), scope_key);
        if outer_key.is_none() {
            for (name, value) in left {
                changes.extend(set(p, owner, scope_key, name, value));
            }
            return changes;
        }
        if own == Own::None {
            scope_key = outer_key;
            continue;
        }
        left.retain(|(name, value)| {
            let change = match p.tables().variable(scope_key, name) {
                Some(_) => set(p, owner, scope_key, name, value),
                None => None,
            };
            let is_changed = change.is_some();
            changes.extend(change);
            !is_changed
        });
        scope_key = outer_key;
    }
    changes
}

/// Variables found, in the order in which they are shown.
type Found<'t> = SmallVec<[(&'t str, &'t [u8]); LINEAR_NAMES_MAX]>;

/// The variables that a scope sees as a JSON object: the ones asked for, or all when none are named.
pub(crate) fn collect(tables: &Tables, scope_key: Key, names: &[String]) -> Vec<u8> {
    let mut found = Found::new();
    if names.is_empty() {
        collect_all(tables, scope_key, &mut found);
    } else {
        for (number, name) in names.iter().enumerate() {
            if !names[..number].contains(name)
                && let Some(value) = visible(tables, scope_key, name)
            {
                found.push((name.as_str(), value));
            }
        }
    }
    let mut object = ObjectWriter::for_members(&found);
    for (name, value) in found {
        object.member(name, value);
    }
    object.finish()
}

/// Which variables of a scope are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Those that stand in it.
    Own,
    /// These, and those that it sees of the scopes around it.
    All,
}

/// Variables of a scope, to be set in another. Of more than an entry holds only a part, which it does not hold either.
pub(crate) fn copy(p: &Processing<'_>, scope_key: Key, seen: Seen) -> VariableDocument {
    let mut found = Found::new();
    match seen {
        Seen::Own => found.extend(p.tables().variables(scope_key)),
        Seen::All => collect_all(p.tables(), scope_key, &mut found),
    }
    let mut bytes = 0;
    VariableDocument::from_members(found.into_iter().take_while(|(_, value)| {
        let is_wanted = bytes <= p.settings.entry_bytes_max;
        bytes += value.len();
        is_wanted
    }))
}

/// A variable as a scope sees it: its own, or else the one of the nearest scope around it.
pub(crate) fn visible<'t>(tables: &'t Tables, scope_key: Key, name: &str) -> Option<&'t [u8]> {
    let mut scope_key = scope_key;
    while scope_key.is_some() {
        let (outer_key, own) = scope(tables, scope_key);
        if own == Own::Some
            && let Some((_, value)) = tables.variable(scope_key, name)
        {
            return Some(value);
        }
        scope_key = outer_key;
    }
    None
}

/// What expressions see cluster variables as.
pub(crate) const CLUSTER: &str = "camunda";

/// A variable as an expression sees it: of a name that no scope has, cluster variables.
pub(crate) fn seen<'t>(tables: &'t Tables, scope_key: Key, name: &str) -> Option<&'t [u8]> {
    visible(tables, scope_key, name).or_else(|| cluster(tables, name))
}

/// Cluster variables, if the name means them.
pub(crate) fn cluster<'t>(tables: &'t Tables, name: &str) -> Option<&'t [u8]> {
    (name == CLUSTER).then(|| tables.seen_cluster_variables())
}

/// Whether a scope may have variables of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    None,
    Some,
}

/// The scope around another, and whether there is anything to look for in this one.
fn scope(tables: &Tables, scope_key: Key) -> (Key, Own) {
    match tables.element_instance_scope(scope_key) {
        Some((outer_key, flags)) if !flags.has(ElementInstanceFlags::LOCAL_VARIABLES) => {
            (outer_key, Own::None)
        }
        Some((outer_key, _)) => (outer_key, Own::Some),
        // The variables of an instance come before it.
        None => (Key::NONE, Own::Some),
    }
}

fn collect_all<'t>(tables: &'t Tables, scope_key: Key, found: &mut Found<'t>) {
    let mut seen = Names::default();
    let mut scope_key = scope_key;
    while scope_key.is_some() {
        let (outer_key, own) = scope(tables, scope_key);
        if own == Own::None {
            scope_key = outer_key;
            continue;
        }
        for (name, value) in tables.variables(scope_key) {
            if seen.contains(name) {
                continue;
            }
            found.push((name, value));
            // Names of one scope differ from each other, so the outermost need not be remembered.
            if outer_key.is_some() {
                seen.insert(name);
            }
        }
        scope_key = outer_key;
    }
}

/// Names seen in inner scopes.
#[derive(Default)]
struct Names<'t> {
    few: SmallVec<[&'t str; LINEAR_NAMES_MAX]>,
    many: BTreeSet<&'t str>,
}

impl<'t> Names<'t> {
    fn contains(&self, name: &str) -> bool {
        self.few.contains(&name) || self.many.contains(name)
    }

    fn insert(&mut self, name: &'t str) {
        if self.few.len() < LINEAR_NAMES_MAX {
            self.few.push(name);
        } else {
            self.many.insert(name);
        }
    }
}

/// Writes a JSON object from values that are JSON already.
pub(crate) struct ObjectWriter {
    text: Vec<u8>,
}

impl ObjectWriter {
    pub(crate) fn new() -> Self {
        Self { text: vec![b'{'] }
    }

    /// A writer with room for these members, so that a large object is not moved while it grows. Names that need escapes
    /// take more.
    fn for_members(members: &[(&str, &[u8])]) -> Self {
        const AROUND_MEMBER: usize = r#"{"":"#.len();
        let bytes: usize = members.iter().map(|(name, value)| AROUND_MEMBER + name.len() + value.len()).sum();
        let mut text = Vec::with_capacity(bytes.max(1) + 1);
        text.push(b'{');
        Self { text }
    }

    pub(crate) fn member(&mut self, name: &str, value: &[u8]) {
        if self.text.len() > 1 {
            self.text.push(b',');
        }
        write_json_text(&mut self.text, name);
        self.text.push(b':');
        self.text.extend_from_slice(value);
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.text.push(b'}');
        self.text
    }
}

/// Writes text as a JSON string.
pub(crate) fn write_json_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte != b'"' && byte != b'\\' && byte >= 0x20 {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[from..at]);
        from = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            control => write!(out, "\\u{control:04x}").expect("memory takes everything"),
        }
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::ObjectWriter;

    #[test]
    fn names_are_escaped() {
        let mut object = ObjectWriter::new();
        object.member("a\"b\\c\n", b"1");
        object.member("d", b"[2]");
        assert_eq!(object.finish(), br#"{"a\"b\\c\u000a":1,"d":[2]}"#);
        assert_eq!(ObjectWriter::new().finish(), b"{}");
    }

    #[test]
    fn room_is_made_for_all_members_and_no_more() {
        for members in
            [&[][..], &[("a", &b"1"[..])], &[("first", b"\"x\""), ("second", b"{}"), ("", b"null")]]
        {
            let mut object = ObjectWriter::for_members(members);
            let room = object.text.capacity();
            for (name, value) in members {
                object.member(name, value);
            }
            let text = object.finish();
            assert_eq!(text.len(), room, "{}", String::from_utf8_lossy(&text));
        }
    }
}
