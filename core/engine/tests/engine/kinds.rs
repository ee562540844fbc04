//! Kinds of elements are listed once in the model and once where the engine has their hooks. Everything else asks an element for a part or a
//! flag, so that a new kind has no list to be forgotten in.

use std::path::{Path, PathBuf};

/// Files that may list the kinds.
const LISTS: [&str; 2] = ["engine/src/elements/mod.rs", "model/src/kinds.rs"];
/// Kinds that a file may name in patterns before it counts as a list of them.
const NAMED_MAX: usize = 3;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The most kinds that one match of a text names in its patterns.
fn kinds_of_a_match(text: &str) -> usize {
    let mut most = 0;
    let mut named = 0;
    for line in text.lines().map(str::trim) {
        let pattern = line.split("=>").next().unwrap_or_default();
        if line.contains("match ") || line.starts_with("matches!") {
            named = 0;
        }
        if line.starts_with("| ") || line.contains("=>") || line.starts_with("ElementKind::") {
            let is_kind = |part: &str| part.starts_with("ElementKind::") || part.starts_with("Self::");
            named += pattern.split([' ', '|', '(']).filter(|part| is_kind(part)).count();
        }
        most = most.max(named);
    }
    most
}

#[test]
fn kinds_are_listed_in_one_table_and_beside_their_hooks() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for part in ["engine/src", "model/src"] {
        sources(&core.join(part), &mut found);
    }
    let mut lists: Vec<String> = Vec::new();
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("ElementKind") && kinds_of_a_match(&text) > NAMED_MAX {
            lists.push(path.strip_prefix(core).unwrap().to_string_lossy().into_owned());
        }
    }
    lists.sort();
    assert_eq!(lists, LISTS);
}
