//! The files that pages load, packed.

use bytes::Bytes;
use flate2::read::GzDecoder;
use std::io::Read as _;

/// Names and packed contents, by name.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Content types, by what a name ends in.
const MEDIA: &[(&str, &str)] = &[
    (".js", "text/javascript; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".svg", "image/svg+xml"),
    (".txt", "text/plain; charset=utf-8"),
];

/// A file. Its name changes with its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, also its tag for caches.
    pub name: &'static str,
    /// Its content type.
    pub media: &'static str,
    packed: &'static [u8],
}

impl File {
    /// Its content as gzip.
    pub fn packed(&self) -> Bytes {
        Bytes::from_static(self.packed)
    }

    /// Its content as it is, for the few clients that take nothing packed.
    ///
    /// # Panics
    /// Never: what the build packed can be unpacked.
    pub fn unpacked(&self) -> Bytes {
        let mut bytes = Vec::new();
        GzDecoder::new(self.packed).read_to_end(&mut bytes).expect("the build packed it");
        bytes.into()
    }
}

/// The file of a name.
pub fn file(name: &str) -> Option<File> {
    let at = FILES.binary_search_by_key(&name, |(known, _)| known).ok()?;
    let (name, packed) = FILES[at];
    let media = MEDIA.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, media)| *media)?;
    Some(File { name, media, packed })
}

#[cfg(test)]
mod tests {
    use super::{FILES, file};

    #[test]
    fn every_file_is_found_under_a_name_with_its_hash_and_unpacks() {
        assert!(FILES.len() >= 4);
        for (name, packed) in FILES {
            let found = file(name).expect("it is listed, and its kind is known");
            let stem = name.rsplit_once('.').expect("an ending").0;
            let hash = stem.rsplit_once('-').expect("a hash").1;
            assert!(hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
            assert!(found.unpacked().len() > packed.len() / 4, "{name}");
        }
        assert_eq!(file("app.js"), None);
        assert_eq!(file(""), None);
    }

    /// Compressed, as a browser gets them: the first page, an instance with its diagram, everything.
    #[test]
    fn what_is_loaded_keeps_within_its_bounds() {
        let sum = |wanted: &[&str]| -> usize {
            let is_wanted = |name: &str| wanted.iter().any(|start| name.starts_with(start));
            FILES.iter().filter(|(name, _)| is_wanted(name)).map(|(_, packed)| packed.len()).sum()
        };
        let first = sum(&["app-", "icon-"]);
        let instance = first + sum(&["diagram-"]);
        let all = sum(&[""]);
        println!("compressed bytes: first page {first}, instance {instance}, everything {all}");
        assert!(first <= 60 * 1024, "{first}");
        assert!(instance <= 120 * 1024, "{instance}");
        assert!(all <= 600 * 1024, "{all}");
    }
}
