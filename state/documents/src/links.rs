//! Signatures of links: an HMAC over what a link is about, with a key that only this directory has.

use crate::error::{Error, io};
use crate::file::Header;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// The longest that a link may live, seconds: a week.
pub const LINK_SECONDS_MAX: i64 = 7 * 24 * 3600;
/// The key's file.
pub(crate) const KEY_FILE: &str = "KEY";
const KEY_BYTES: usize = 32;
/// The key and its CRC-32C.
const FILE_BYTES: usize = KEY_BYTES + 4;
/// Only its owner may read it.
const KEY_MODE: u32 = 0o600;

/// The key of a directory's links.
pub(crate) struct LinkKey(hmac::Key);

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    let refused = |_| io("read random bytes")(ErrorKind::Other.into());
    SystemRandom::new().fill(&mut bytes).map_err(refused)?;
    Ok(bytes)
}

impl LinkKey {
    /// Reads the directory's key, or makes one.
    pub(crate) fn open(directory: &Path) -> Result<LinkKey, Error> {
        let path = directory.join(KEY_FILE);
        let key = match fs::read(&path) {
            Ok(key) => {
                let mode = fs::metadata(&path).map_err(io("read the links' key"))?.permissions().mode();
                if mode & 0o077 != 0 {
                    fs::set_permissions(&path, fs::Permissions::from_mode(KEY_MODE))
                        .map_err(io("protect the links' key"))?;
                }
                key
            }
            Err(error) if error.kind() == ErrorKind::NotFound => make_key(directory, &path)?.to_vec(),
            Err(error) => return Err(io("read the links' key")(error)),
        };
        let key = key_in(&key).map_err(|why| Error::Damaged { id: KEY_FILE.to_owned(), why })?;
        Ok(LinkKey(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// The signature of a link that ends at `until_ms`.
    pub(crate) fn sign(&self, header: &Header, until_ms: i64) -> Vec<u8> {
        hmac::sign(&self.0, &signed(header, until_ms)).as_ref().to_vec()
    }

    /// Whether a signature is of such a link; takes as long whatever is wrong with it.
    pub(crate) fn verifies(&self, header: &Header, until_ms: i64, signature: &[u8]) -> bool {
        hmac::verify(&self.0, &signed(header, until_ms), signature).is_ok()
    }
}

/// The key in its file's bytes.
pub(crate) fn key_in(file: &[u8]) -> Result<&[u8], &'static str> {
    let (key, checksum) = file.split_first_chunk::<KEY_BYTES>().ok_or("it is no key")?;
    if file.len() != FILE_BYTES || crc32c::crc32c(key).to_le_bytes() != *checksum {
        return Err("the key does not match its checksum");
    }
    Ok(key)
}

/// A key's file, whole under its name or not there.
fn make_key(directory: &Path, path: &Path) -> Result<[u8; FILE_BYTES], Error> {
    let mut key = [0; FILE_BYTES];
    key[..KEY_BYTES].copy_from_slice(&random::<KEY_BYTES>()?);
    let checksum = crc32c::crc32c(&key[..KEY_BYTES]);
    key[KEY_BYTES..].copy_from_slice(&checksum.to_le_bytes());
    let fresh = directory.join("KEY.new");
    let make = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(KEY_MODE).open(&fresh)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        File::open(directory)?.sync_all()
    };
    make().map_err(io("make the links' key"))?;
    Ok(key)
}

/// What a signature is over; each part says how long it is.
fn signed(header: &Header, until_ms: i64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + header.id.len());
    bytes.extend_from_slice(&(header.id.len() as u64).to_le_bytes());
    bytes.extend_from_slice(header.id.as_bytes());
    bytes.extend_from_slice(&header.hash);
    bytes.extend_from_slice(&header.nonce);
    bytes.extend_from_slice(&until_ms.to_le_bytes());
    bytes
}
