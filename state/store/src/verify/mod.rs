//! Verifies a base offline: every page of `data.mdb`, every row's checksum, without LMDB and without a map.
//!
//! What is compared: both meta pages; each tree's account of itself with its pages; each page's own number, kind and
//! bounds; the order of keys within and over pages; each row's checksum, which covers table and key; and that every page is
//! used once or free once. `docs/formats/store.md` says which bytes mean nothing and are passed over.
//!
//! Invariants: it changes nothing; no damage makes it panic or read without end. It reads with `pread`, so that an
//! unreadable page is a finding and no signal.

mod pages;
mod walk;

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::TableId;
use crate::lmdb::{DATA_FILE_NAME, FORMAT_KEY, FORMAT_VERSION, MARK_KEY, META_NAME};
use crate::mark::Mark;
use crate::row;
use pages::Meta;
use walk::Walk;

/// Findings that are kept in words; further ones are counted.
const FINDINGS_MAX: usize = 64;
/// The smallest page size; a meta page says the real one within that.
const META_PROBE_BYTES: usize = 512;
/// Bytes read at once when only readability is in question.
const READ_BYTES: usize = 1 << 20;

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, in bytes from the file's beginning.
    pub offset: u64,
    /// What.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{DATA_FILE_NAME} at offset {}: {}", self.offset, self.what)
    }
}

/// What a look at a base found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseReport {
    /// Bytes of the file; all of them were read.
    pub bytes: u64,
    /// Pages that hold rows or lead to them.
    pub pages_used: u64,
    /// Pages that are free.
    pub pages_free: u64,
    /// Rows of tables.
    pub rows: u64,
    /// What the base contains, if it says so intact.
    pub mark: Option<Mark>,
    /// What is wrong, at most 64 of it.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those.
    pub more_findings: u64,
}

impl BaseReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, offset: u64, what: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { offset, what });
        } else {
            self.more_findings += 1;
        }
    }
}

/// Verifies the base in this directory. Nobody may use it meanwhile. Reads the whole file twice, blocks.
///
/// # Errors
/// When the file cannot be opened.
pub fn verify_base(directory: &Path) -> io::Result<BaseReport> {
    let file = File::open(directory.join(DATA_FILE_NAME))?;
    let mut report = BaseReport { bytes: file.metadata()?.len(), ..BaseReport::default() };
    read_all(&file, &mut report);
    if let Some((meta, page_bytes)) = newest_meta(&file, &mut report) {
        let mut walk = Walk::new(&file, meta, page_bytes, &mut report);
        let databases = walk.databases();
        for (name, tree) in &databases {
            if name == META_NAME.as_bytes() {
                verify_description(&mut walk, tree);
            } else if let Some(table) = table_of(name) {
                walk.tree(tree, &mut |walk, key, value, at| {
                    walk.report.rows += 1;
                    if let Err(why) = row::decode(table, key, value) {
                        walk.report.add(at, format!("table {} key {}: {why}", table.0, hex(key)));
                    }
                });
            } else {
                walk.report.add(0, format!("there is a database {:?}", String::from_utf8_lossy(name)));
            }
        }
        let expected = crate::TABLES_MAX + 1;
        if databases.len() != expected {
            walk.report.add(0, format!("it has {} databases instead of {expected}", databases.len()));
        }
        walk.account_for_all_pages();
    }
    Ok(report)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// The table whose database has this name.
fn table_of(name: &[u8]) -> Option<TableId> {
    let digits = std::str::from_utf8(name).ok()?.strip_prefix('t')?;
    let number = u8::from_str_radix(digits, 16).ok()?;
    (format!("{number:02x}") == digits).then_some(TableId(number))
}

fn verify_description(walk: &mut Walk<'_>, tree: &pages::Tree) {
    let mut has_format = false;
    walk.tree(tree, &mut |walk, key, value, at| match key {
        FORMAT_KEY => {
            has_format = true;
            if value != FORMAT_VERSION.to_le_bytes() {
                walk.report
                    .add(at, format!("the layout version is {} instead of {FORMAT_VERSION}", hex(value)));
            }
        }
        MARK_KEY => match Mark::decode(value) {
            Ok(mark) => walk.report.mark = Some(mark),
            Err(why) => walk.report.add(at, format!("the checkpoint's mark: {why}")),
        },
        _ => walk.report.add(at, format!("the description has a key {}", hex(key))),
    });
    if !has_format {
        walk.report.add(0, "it does not say its layout version".to_owned());
    }
}

/// Reads everything once, free pages too: whatever the device cannot read is named.
fn read_all(file: &File, report: &mut BaseReport) {
    let mut buffer = vec![0; READ_BYTES];
    let mut at = 0;
    while at < report.bytes {
        let chunk = READ_BYTES.min(usize::try_from(report.bytes - at).unwrap_or(READ_BYTES));
        if file.read_exact_at(&mut buffer[..chunk], at).is_err() {
            for within in (0..chunk).step_by(META_PROBE_BYTES) {
                let end = chunk.min(within + META_PROBE_BYTES);
                let offset = at + within as u64;
                if let Err(cause) = file.read_exact_at(&mut buffer[within..end], offset) {
                    report.add(offset, format!("cannot be read: {cause}"));
                }
            }
        }
        at += chunk as u64;
    }
}

/// The newer of the two meta pages, and the size of a page.
fn newest_meta(file: &File, report: &mut BaseReport) -> Option<(Meta, usize)> {
    let mut probe = [0; META_PROBE_BYTES];
    let first = file.read_exact_at(&mut probe, 0).map_err(|cause| cause.to_string());
    let first = first.and_then(|()| Meta::decode(0, &probe));
    // Without the first, the usual size is tried for where the second begins.
    let page_bytes = first.as_ref().map_or(4096, Meta::page_bytes);
    let mut metas = Vec::new();
    for number in 0..2 {
        let (mut page, offset) = (vec![0; page_bytes], number * page_bytes as u64);
        let read = file.read_exact_at(&mut page, offset).map_err(|cause| format!("cannot be read: {cause}"));
        match read.and_then(|()| Meta::decode(number, &page)) {
            Ok(meta) => {
                if !Meta::has_clean_rest(&page) {
                    report.add(offset, "the rest of the meta page is not zero".to_owned());
                }
                metas.push(meta);
            }
            Err(what) => report.add(offset, what),
        }
    }
    let [first, second] = metas[..] else { return metas.pop().map(|meta| (meta, page_bytes)) };
    if first.transaction.abs_diff(second.transaction) != 1 || first.page_bytes() != second.page_bytes() {
        let (first, second) = (first.transaction, second.transaction);
        report.add(0, format!("the meta pages hold transactions {first} and {second}, which do not follow"));
    }
    Some((if first.transaction > second.transaction { first } else { second }, page_bytes))
}
