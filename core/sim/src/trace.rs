//! What happened, line by line: a hash over all lines to compare runs, and the last lines to read.

use std::collections::VecDeque;
use std::fmt;

use xxhash_rust::xxh3::Xxh3Default;

/// Lines kept for a failure's report.
const TAIL_LINES: usize = 60;

/// The trace of one run.
#[derive(Clone, Default)]
pub struct Trace {
    hash: Xxh3Default,
    lines: VecDeque<String>,
    count: u64,
    keeps_all: bool,
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({} lines, {:016x})", self.count, self.hash())
    }
}

impl Trace {
    /// A trace that keeps its last lines only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A trace that keeps all its lines.
    #[must_use]
    pub fn keeping_all() -> Self {
        Self { keeps_all: true, ..Self::default() }
    }

    pub(crate) fn note(&mut self, line: String) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.count += 1;
        if !self.keeps_all && self.lines.len() == TAIL_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Over all lines so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash.digest()
    }

    /// How many lines there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The lines that were kept.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// The lines that were kept, as one text.
    #[must_use]
    pub fn tail(&self) -> String {
        self.lines().map(|line| format!("  {line}\n")).collect()
    }
}
