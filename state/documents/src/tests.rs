//! The store over a real directory.

use super::{Limits, Store};
use crate::error::Error;
use crate::file::Header;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const LIMITS: Limits = Limits { document_bytes_max: 100, documents_max: 3, total_bytes_max: 700 };

fn open(directory: &Path) -> Store {
    Store::open(directory, LIMITS).expect("a store")
}

fn header(id: &str) -> Header {
    Header {
        id: id.to_owned(),
        content_type: "text/html".to_owned(),
        metadata: "{}".to_owned(),
        ..Header::default()
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn documents_are_kept_over_starts_and_no_id_is_part_of_a_path() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    for id in ["../../etc/passwd", "a/b\0c"] {
        let created = store.create(header(id), id.as_bytes(), 0).expect("kept");
        assert_eq!(created.id, id);
    }
    let made = store.create(header(""), b"", 0).expect("kept");
    assert_eq!((made.id.len(), &made.id[14..15]), (36, "4"));
    assert_eq!(made.hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let files = names(dir.path());
    assert!(files.iter().all(|name| name == "KEY" || name.len() == 64), "{files:?}");
    let held = store.held();
    drop(store);
    // What a crash left of a document that was being written.
    fs::write(dir.path().join("new-7"), b"half").expect("a file");
    let store = open(dir.path());
    assert_eq!((store.held(), names(dir.path())), (held, files));
    let (found, content) = store.get("../../etc/passwd", None, 0).expect("a document");
    assert_eq!((found.content_type.as_str(), &content[..]), ("text/html", &b"../../etc/passwd"[..]));
    store.delete("a/b\0c").expect("deleted");
    assert!(matches!(store.get("a/b\0c", None, 0), Err(Error::NotFound(_))));
    assert!(matches!(store.delete("a/b\0c"), Err(Error::NotFound(_))));
}

#[test]
fn limits_hold_and_what_is_over_makes_room() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    assert!(matches!(store.create(header("a"), &[0; 101], 0), Err(Error::TooLarge { bytes: 101, max: 100 })));
    store.create(header("a"), &[0; 100], 0).expect("kept");
    assert!(matches!(store.create(header("a"), b"b", 0), Err(Error::AlreadyExists(_))));
    store.create(Header { expires_at_ms: Some(50), ..header("b") }, &[0; 100], 0).expect("kept");
    store.create(header("c"), &[0; 100], 0).expect("kept");
    assert!(matches!(store.create(header("d"), b"", 49), Err(Error::TooMany(3))));
    assert!(matches!(store.get("b", None, 50), Err(Error::NotFound(_))), "its time is over");
    store.create(header("d"), b"", 50).expect("there is room");
    store.delete("d").expect("deleted");
    let long = Header { metadata: " ".repeat(300), ..header("e") };
    assert!(matches!(store.create(long, b"", 50), Err(Error::Full(700))));
    assert_eq!(store.held().0, 2);
}

#[test]
fn what_is_over_goes_first_come_first_and_only_as_much_as_makes_room() {
    let dir = tempfile::tempdir().expect("a directory");
    let limits = Limits { documents_max: 100, total_bytes_max: 1 << 20, ..LIMITS };
    let store = Store::open(dir.path(), limits).expect("a store");
    for number in 0..100 {
        let ends = Header { expires_at_ms: Some(number % 50), ..header(&number.to_string()) };
        store.create(ends, b"", -1).expect("kept");
    }
    store.create(header("new"), b"", 10).expect("there is room");
    assert_eq!(store.held().0, 100, "one made room");
    assert!(matches!(store.get("0", None, -1), Err(Error::NotFound(_))), "one of those that ended first");
    let again = Header { expires_at_ms: Some(600), ..header("7") };
    assert!(matches!(store.create(again.clone(), b"", 6), Err(Error::AlreadyExists(_))));
    store.create(again, b"", 7).expect("its own time is over");
    assert_eq!(store.sweep(5, 10).expect("swept"), 5);
    // The books are those that the files give.
    let store = Store::open(dir.path(), limits).expect("a store");
    let left = store.held().0;
    assert_eq!(store.sweep(200, 49).expect("swept") as u64, left - 2);
    assert_eq!((store.held().0, names(dir.path()).len()), (2, 3));
    assert_eq!(store.sweep(1, 599).expect("swept"), 0);
}

#[test]
fn what_was_not_kept_is_not_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    store.fails.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(store.create(header("a"), b"first", 0), Err(Error::NoSpace)));
    assert_eq!((names(dir.path()), store.held()), (vec!["KEY".to_owned()], (0, 0)));
    store.create(header("a"), b"second", 0).expect("its name is free");
    let long = Header { metadata: " ".repeat(1 << 20), ..header("b") };
    assert!(matches!(store.create(long, b"", 0), Err(Error::TextsTooLarge { max: 1_048_576, .. })));
}

/// Nobody is told that a document is not there while a loss of power could bring it back.
#[test]
fn what_was_not_deleted_for_good_is_deleted_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    store.create(header("a"), b"first", 0).expect("kept");
    for _ in 0..2 {
        store.fails.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(matches!(store.delete("a"), Err(Error::NoSpace)));
    }
    assert!(matches!(store.delete("a"), Err(Error::NotFound(_))));
    store.fails.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(store.delete("a"), Err(Error::NotFound(_))), "nothing is owed");
}

#[test]
fn a_closed_store_is_not_written_to() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    store.create(Header { expires_at_ms: Some(5), ..header("a") }, b"", 0).expect("kept");
    store.close();
    assert!(matches!(store.create(header("b"), b"", 0), Err(Error::Closed)));
    assert!(matches!(store.delete("a"), Err(Error::Closed)));
    assert_eq!((store.sweep(9, 9).expect("nothing"), names(dir.path()).len()), (0, 2));
}

#[test]
fn a_link_is_of_one_document_for_a_time() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let created = store.create(header("a"), b"content", 0).expect("kept");
    let signature = store.link("a", Some(&created.hash), 1_000, 0).expect("a link");
    assert!(matches!(store.link("a", Some("00"), 1_000, 0), Err(Error::OtherContent { .. })));
    let store = open(dir.path());
    assert_eq!(&store.follow("a", 1_000, &signature, 999).expect("a document").1[..], b"content");
    for (id, until_ms, signature, now_ms) in [
        ("a", 1_000, signature.as_str(), 1_000),
        ("a", 1_001, signature.as_str(), 0),
        ("b", 1_000, signature.as_str(), 0),
        ("a", 1_000, &signature[2..], 0),
        ("a", 1_000, "", 0),
        ("a", 1_000, "no digits", 0),
    ] {
        assert!(
            matches!(store.follow(id, until_ms, signature, now_ms), Err(Error::BadLink(_))),
            "{id} {signature}"
        );
    }
    store.delete("a").expect("deleted");
    store.create(header("a"), b"content", 0).expect("kept");
    let again = store.follow("a", 1_000, &signature, 0);
    assert!(matches!(again, Err(Error::BadLink(_))), "it died with its document");
}

#[test]
fn the_key_is_its_owners_alone_and_damage_is_seen() {
    let dir = tempfile::tempdir().expect("a directory");
    let mode = || fs::metadata(dir.path().join("KEY")).expect("a key").permissions().mode() & 0o777;
    open(dir.path()).create(header("a"), b"content", 0).expect("kept");
    assert_eq!(mode(), 0o600);
    fs::set_permissions(dir.path().join("KEY"), fs::Permissions::from_mode(0o644)).expect("changed");
    let store = open(dir.path());
    assert_eq!(mode(), 0o600, "it was open to others");
    let file = dir.path().join(names(dir.path()).into_iter().find(|name| name.len() == 64).expect("a file"));
    let bytes = fs::read(&file).expect("bytes");
    for at in [0, 20, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        fs::write(&file, damaged).expect("written");
        assert!(matches!(store.get("a", None, 0), Err(Error::Damaged { .. })), "byte {at}");
    }
    fs::write(&file, &bytes[..bytes.len() - 1]).expect("written");
    assert!(matches!(store.get("a", None, 0), Err(Error::Damaged { .. })));
    fs::write(dir.path().join("KEY"), b"short").expect("written");
    assert!(Store::open(dir.path(), LIMITS).is_err());
}
