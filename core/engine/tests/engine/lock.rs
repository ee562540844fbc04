//! A released applier never changes (a `mod.rs` only says which there are): `src/appliers/LOCK` holds a digest of each of its files.
//!
//! `UPDATE_LOCK=1 cargo test -p ringbolt-engine lock` writes the file anew; do so only for appliers that no release has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/appliers")
}

/// Appliers by their path below the folder, with a digest of their text.
fn digests(folder: &Path, below: &str, found: &mut BTreeMap<String, u64>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let name = format!("{below}{file}");
        if path.is_dir() {
            digests(&path, &format!("{name}/"), found);
        } else if file != "mod.rs" && file != "LOCK" {
            found.insert(name, xxh3_64(&std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn released_appliers_are_as_they_were() {
    let mut found = BTreeMap::new();
    digests(&folder(), "", &mut found);
    let lines: Vec<String> = found.iter().map(|(name, digest)| format!("{digest:016x} {name}")).collect();
    let text = format!("{}\n", lines.join("\n"));
    let lock = folder().join("LOCK");
    if std::env::var_os("UPDATE_LOCK").is_some() {
        return std::fs::write(lock, text).unwrap();
    }
    let locked = std::fs::read_to_string(lock).unwrap();
    assert!(lines.len() > 20, "only {} appliers were found", lines.len());
    assert_eq!(text, locked, "an applier changed: write a new version beside it, and lock that");
}
