//! Pages for people: the built files of `dist`, packed into the binary, and where they are found.
//!
//! Invariants
//! - A file's name holds the hash of its content, so that it may be kept for good.
//! - A page's addresses are relative, written for the depth of its own path: whatever a proxy puts before the path, they hold.
//! - Nothing of a request's path gets into a page or, but for digits, into a redirect.
//!
//! Deliberately absent: HTTP (`ringbolt-rest`), what the pages do (`pages`, built by `build.sh`).

mod files;
mod places;

pub use files::{File, file};
pub use places::{Place, Shell, place};

/// What the pages may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// There are no pages.
    Off,
    /// They show, and change nothing.
    ReadOnly,
    /// They do what the API can.
    #[default]
    On,
}

impl Mode {
    /// Its name in settings and pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::ReadOnly => "read-only",
            Self::On => "on",
        }
    }
}

/// Changes with every change of any file or page.
pub const BUILD: &str = include_str!("../dist/build");
