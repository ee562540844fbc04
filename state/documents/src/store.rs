//! The store: what there is in memory, what is kept on disk.

use crate::error::{Error, io};
use crate::file::{FIXED_BYTES, Header};
use crate::links::{KEY_FILE, LinkKey, random};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use ring::digest::{SHA256, digest};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Files that are being written; what is left of them at a start goes.
pub(crate) const FRESH: &str = "new-";
/// Documents are their owner's alone.
const FILE_MODE: u32 = 0o600;

/// How much a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Content of one document, bytes.
    pub document_bytes_max: u64,
    /// Documents.
    pub documents_max: u64,
    /// Files of all documents, bytes.
    pub total_bytes_max: u64,
}

/// What became of a new document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: String,
    /// SHA-256 of its content, in hexadecimal digits.
    pub hash: String,
}

/// A file's name: the hash of its document's id.
type Name = [u8; 32];

#[derive(Clone, Copy)]
struct Entry {
    bytes: u64,
    expires_at_ms: Option<i64>,
}

#[derive(Default)]
struct Books {
    documents: BTreeMap<Name, Entry>,
    /// Those that end, by when.
    ends: BTreeSet<(i64, Name)>,
    bytes: u64,
    /// Documents that are being written, and their bytes: they count as if they were there.
    coming: (u64, u64),
}

impl Books {
    fn enter(&mut self, name: Name, entry: Entry) {
        self.ends.extend(entry.expires_at_ms.map(|at_ms| (at_ms, name)));
        self.bytes += entry.bytes;
        self.documents.insert(name, entry);
    }

    fn strike(&mut self, name: &Name) {
        if let Some(entry) = self.documents.remove(name) {
            self.bytes -= entry.bytes;
            entry.expires_at_ms.map(|at_ms| self.ends.remove(&(at_ms, *name)));
        }
    }

    /// The document that ended first.
    fn over(&self, now_ms: i64) -> Option<Name> {
        self.ends.first().filter(|(at_ms, _)| *at_ms <= now_ms).map(|(_, name)| *name)
    }
}

/// A directory of documents.
pub struct Store {
    directory: PathBuf,
    limits: Limits,
    key: LinkKey,
    books: Mutex<Books>,
    fresh: AtomicU64,
    /// Held by whoever changes something; true when nothing may be changed any more.
    is_closed: RwLock<bool>,
    /// Something was taken away, and may come back by a loss of power.
    is_unsynced: AtomicBool,
    /// Lets the next sync of the directory fail.
    #[cfg(test)]
    fails: AtomicBool,
}

pub(crate) fn name_of(id: &str) -> Name {
    hash_of(id.as_bytes())
}

pub(crate) fn hash_of(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// An open file's header.
pub(crate) fn read_header(file: &mut File) -> Result<Header, &'static str> {
    let mut fixed = [0; FIXED_BYTES];
    file.read_exact(&mut fixed).map_err(|_| "it ends early")?;
    let mut texts = vec![0; Header::texts_bytes(&fixed)?];
    file.read_exact(&mut texts).map_err(|_| "it ends early")?;
    Header::decode(&fixed, &texts)
}

impl Store {
    /// Opens a directory, and makes it if it is not there. Files that are no documents are left alone, and not served.
    ///
    /// # Errors
    /// When the operating system refuses, or the links' key is none.
    pub fn open(directory: &Path, limits: Limits) -> Result<Store, Error> {
        fs::create_dir_all(directory).map_err(io("make the directory"))?;
        let key = LinkKey::open(directory)?;
        let mut books = Books::default();
        for entry in fs::read_dir(directory).map_err(io("list the directory"))? {
            let entry = entry.map_err(io("list the directory"))?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| *name != KEY_FILE) else { continue };
            if name.starts_with(FRESH) {
                fs::remove_file(entry.path()).map_err(io("remove an unfinished document"))?;
                continue;
            }
            let Some(Ok(name)) = unhex(name).map(Name::try_from) else { continue };
            let mut file = File::open(entry.path()).map_err(io("open a document"))?;
            let bytes = file.metadata().map_err(io("open a document"))?.len();
            // A damaged one says so when it is asked for; it takes its place until it is deleted.
            let expires_at_ms = read_header(&mut file).ok().and_then(|header| header.expires_at_ms);
            books.enter(name, Entry { bytes, expires_at_ms });
        }
        Ok(Store {
            directory: directory.to_owned(),
            limits,
            key,
            books: Mutex::new(books),
            fresh: AtomicU64::new(0),
            is_closed: RwLock::new(false),
            is_unsynced: AtomicBool::new(false),
            #[cfg(test)]
            fails: AtomicBool::new(false),
        })
    }

    /// Waits for whoever changes something; nothing is changed after.
    pub fn close(&self) {
        *self.is_closed.write() = true;
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.directory.join(hex(name))
    }

    /// Keeps a document; `header` says everything but hash, nonce and size, and no id to have one made.
    ///
    /// # Errors
    /// When there is one of that id, there is no room, or the disk does not take it.
    pub fn create(&self, mut header: Header, content: &[u8], now_ms: i64) -> Result<Created, Error> {
        if header.id.is_empty() {
            header.id = uuid(random::<16>()?);
        }
        header.hash = hash_of(content);
        header.nonce = random()?;
        header.content_bytes = content.len() as u64;
        let (bytes, max) = (header.content_bytes, self.limits.document_bytes_max);
        if bytes > max {
            return Err(Error::TooLarge { bytes, max });
        }
        header.check()?;
        let is_closed = self.is_closed.read();
        if *is_closed {
            return Err(Error::Closed);
        }
        let head = header.encode();
        let (name, bytes) = (name_of(&header.id), head.len() as u64 + bytes);
        self.reserve(&name, &header.id, bytes, now_ms)?;
        let written = self.write(&name, &header.id, &[&head, content]);
        let mut books = self.books.lock();
        books.coming = (books.coming.0 - 1, books.coming.1 - bytes);
        written?;
        books.enter(name, Entry { bytes, expires_at_ms: header.expires_at_ms });
        Ok(Created { hash: hex(&header.hash), id: header.id })
    }

    /// Room for one more document. Those whose time is over make room.
    fn reserve(&self, name: &Name, id: &str, bytes: u64, now_ms: i64) -> Result<(), Error> {
        let Limits { documents_max, total_bytes_max, .. } = self.limits;
        let is_room = |books: &Books| {
            let (documents, all) =
                (books.documents.len() as u64 + books.coming.0, books.bytes + books.coming.1);
            (documents < documents_max, all.saturating_add(bytes) <= total_bytes_max)
        };
        let mut books = self.books.lock();
        let own_end = books.documents.get(name).and_then(|entry| entry.expires_at_ms);
        if own_end.is_some_and(|at_ms| at_ms <= now_ms) {
            self.remove(&mut books, name)?;
        }
        while is_room(&books) != (true, true)
            && let Some(over) = books.over(now_ms)
        {
            self.remove(&mut books, &over)?;
        }
        if books.documents.contains_key(name) {
            return Err(Error::AlreadyExists(id.to_owned()));
        }
        match is_room(&books) {
            (false, _) => Err(Error::TooMany(documents_max)),
            (_, false) => Err(Error::Full(total_bytes_max)),
            (true, true) => {
                books.coming = (books.coming.0 + 1, books.coming.1 + bytes);
                Ok(())
            }
        }
    }

    /// Writes a file, durable under its name or not there at all.
    fn write(&self, name: &Name, id: &str, parts: &[&[u8]]) -> Result<(), Error> {
        let fresh = self.directory.join(format!("{FRESH}{}", self.fresh.fetch_add(1, Ordering::Relaxed)));
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&fresh)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            file.sync_all()?;
            // Unlike a rename it does not replace what another request has kept meanwhile.
            fs::hard_link(&fresh, self.path(name))
        };
        let written = write();
        // What is left of it goes with the next start.
        let _ = fs::remove_file(&fresh);
        match written {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Error::AlreadyExists(id.to_owned()))
            }
            written => written.map_err(io("keep a document")),
        }?;
        // Who is told that it was not kept must not find it, nor its name taken.
        self.sync().inspect_err(|_| drop(fs::remove_file(self.path(name))))
    }

    fn sync(&self) -> Result<(), Error> {
        #[cfg(test)]
        if self.fails.swap(false, Ordering::Relaxed) {
            return Err(Error::NoSpace);
        }
        // Set again by whoever takes something away meanwhile.
        let was_unsynced = self.is_unsynced.swap(false, Ordering::Relaxed);
        let synced = File::open(&self.directory).and_then(|directory| directory.sync_all());
        if synced.is_err() && was_unsynced {
            self.is_unsynced.store(true, Ordering::Relaxed);
        }
        synced.map_err(io("sync the directory"))
    }

    /// Takes a file away.
    fn remove(&self, books: &mut Books, name: &Name) -> Result<(), Error> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io("delete a document")(error)),
            Ok(()) | Err(_) => {}
        }
        books.strike(name);
        Ok(())
    }

    /// An open document, in time, of the content that is asked for.
    fn open_document(&self, id: &str, hash: Option<&str>, now_ms: i64) -> Result<(File, Header), Error> {
        let damaged = |why| Error::Damaged { id: id.to_owned(), why };
        let mut file = match File::open(self.path(&name_of(id))) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::NotFound(id.to_owned())),
            opened => opened.map_err(io("open a document"))?,
        };
        let header = read_header(&mut file).map_err(damaged)?;
        if header.id != id {
            return Err(damaged("it is another document's"));
        }
        if header.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms) {
            return Err(Error::NotFound(id.to_owned()));
        }
        match hash {
            Some(hash) if !hash.eq_ignore_ascii_case(&hex(&header.hash)) => {
                Err(Error::OtherContent { id: id.to_owned(), hash: hash.to_owned() })
            }
            Some(_) | None => Ok((file, header)),
        }
    }

    /// Reads a document; with a hash, only that content.
    ///
    /// # Errors
    /// When it is not there, is another one, or is damaged.
    pub fn get(&self, id: &str, hash: Option<&str>, now_ms: i64) -> Result<(Header, Bytes), Error> {
        let (file, header) = self.open_document(id, hash, now_ms)?;
        self.read(file, header)
    }

    fn read(&self, mut file: File, header: Header) -> Result<(Header, Bytes), Error> {
        let damaged = |why| Error::Damaged { id: header.id.clone(), why };
        let bytes = usize::try_from(header.content_bytes).map_err(|_| damaged("it is too large"))?;
        let in_file = file.metadata().map_err(io("read a document"))?.len();
        if in_file < header.content_bytes {
            return Err(damaged("it ends early"));
        }
        let mut content = Vec::with_capacity(bytes);
        file.read_to_end(&mut content).map_err(io("read a document"))?;
        if hash_of(&content) != header.hash {
            return Err(damaged("its content does not match its hash"));
        }
        Ok((header, content.into()))
    }

    /// Deletes a document; its links are dead from then on.
    ///
    /// # Errors
    /// When it is not there, or the operating system refuses.
    pub fn delete(&self, id: &str) -> Result<(), Error> {
        let name = name_of(id);
        let is_closed = self.is_closed.read();
        if *is_closed {
            return Err(Error::Closed);
        }
        let is_there = {
            let mut books = self.books.lock();
            let is_there = books.documents.contains_key(&name);
            if !is_there && !self.is_unsynced.load(Ordering::Relaxed) {
                return Err(Error::NotFound(id.to_owned()));
            }
            if is_there {
                self.remove(&mut books, &name)?;
            }
            // Whoever is told that it is not there must not see it come back.
            self.is_unsynced.store(true, Ordering::Relaxed);
            is_there
        };
        self.sync()?;
        if is_there { Ok(()) } else { Err(Error::NotFound(id.to_owned())) }
    }

    /// Deletes up to `documents_max` documents whose time is over; how many there were. Whoever wants to have others served meanwhile asks
    /// for few.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn sweep(&self, documents_max: usize, now_ms: i64) -> Result<usize, Error> {
        let is_closed = self.is_closed.read();
        let mut removed = 0;
        while removed < documents_max && !*is_closed {
            let mut books = self.books.lock();
            let Some(over) = books.over(now_ms) else { break };
            self.remove(&mut books, &over)?;
            removed += 1;
        }
        Ok(removed)
    }

    /// The signature of a link that ends at `until_ms`, in hexadecimal digits.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn link(&self, id: &str, hash: Option<&str>, until_ms: i64, now_ms: i64) -> Result<String, Error> {
        let (_, header) = self.open_document(id, hash, now_ms)?;
        Ok(hex(&self.key.sign(&header, until_ms)))
    }

    /// Reads a document through a link.
    ///
    /// # Errors
    /// When the link is not ours, its time is over, or its document is no longer there.
    pub fn follow(
        &self,
        id: &str,
        until_ms: i64,
        signature: &str,
        now_ms: i64,
    ) -> Result<(Header, Bytes), Error> {
        let bad = || Error::BadLink(id.to_owned());
        let opened = self.open_document(id, None, now_ms);
        // Who has no link learns nothing of what there is.
        let Ok((file, header)) = opened else { return Err(bad()) };
        let signature = unhex(signature).ok_or_else(bad)?;
        if !self.key.verifies(&header, until_ms, &signature) || until_ms <= now_ms {
            return Err(bad());
        }
        self.read(file, header)
    }

    /// Documents, and bytes of their files.
    pub fn held(&self) -> (u64, u64) {
        let books = self.books.lock();
        (books.documents.len() as u64, books.bytes)
    }
}

/// Random bytes as a UUID of version 4.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
