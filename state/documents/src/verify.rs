//! Verifies the documents of a data directory that nobody uses: every byte of every file. It changes nothing.

use crate::links::{KEY_FILE, key_in};
use crate::store::{FRESH, hash_of, hex, name_of, read_header};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Which.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// What it is, or what is wrong with it.
    pub what: Result<&'static str, String>,
}

/// Reads all files of a directory of documents, in the order of their names; of none where there is no such directory.
///
/// # Errors
/// When the directory cannot be listed, or a file cannot be opened.
pub fn verify_documents(directory: &Path) -> io::Result<Vec<Verified>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    paths.into_iter().map(verified).collect()
}

fn verified(path: PathBuf) -> io::Result<Verified> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = fs::metadata(&path)?.len();
    let what = match &*name {
        KEY_FILE => key_in(&fs::read(&path)?).map(|_| "the key of links").map_err(str::to_owned),
        name if name.starts_with(FRESH) || name == "KEY.new" => Ok("half-made"),
        name => document(File::open(&path)?, name).map(|()| "a document"),
    };
    Ok(Verified { path, bytes, what })
}

fn document(mut file: File, name: &str) -> Result<(), String> {
    let header = read_header(&mut file)?;
    let mut content = Vec::new();
    file.read_to_end(&mut content).map_err(|error| format!("it cannot be read: {error}"))?;
    if content.len() as u64 != header.content_bytes || hash_of(&content) != header.hash {
        return Err("its content does not match its hash".to_owned());
    }
    if hex(&name_of(&header.id)) != name {
        return Err("it is another document's".to_owned());
    }
    Ok(())
}
