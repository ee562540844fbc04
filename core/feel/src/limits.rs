//! The bounds of parsing and evaluation. Each is a setting; the defaults leave every sensible expression alone and
//! stop everything that would exhaust time, memory or the stack.

/// Longest expression text in bytes.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;
/// Deepest nesting of brackets, conditions, loops and function bodies in one expression.
pub const NESTING_MAX: u32 = 100;
/// Parser steps per expression; more than any real text needs, even with backtracking.
pub(crate) const PARSE_STEPS_MAX: u32 = 10_000_000;
/// Size of a regular expression's machine in bytes.
pub(crate) const REGEX_BYTES_MAX: usize = 1 << 20;
/// Longest text of one warning, error or failure in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1024;
/// Longest texts of all warnings of one evaluation, together, in bytes.
pub const WARNINGS_BYTES_MAX: usize = 64 * 1024;

/// Bounds of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Units of work (see [`crate::Budget`]) of an evaluation that shares no budget with others.
    pub units: u64,
    /// Nested evaluations: expression nesting times function calls.
    pub depth: u32,
    /// Items of one list and entries of one context.
    pub list_items: usize,
    /// Bytes of one string.
    pub string_bytes: usize,
    /// Bytes one value stands for, with everything inside it.
    pub value_bytes: u64,
    /// Nesting of lists and contexts inside a value.
    pub value_depth: u16,
    /// Warnings kept; further ones are counted.
    pub warnings: usize,
}

impl Limits {
    /// The bounds used where nothing else is set.
    pub const DEFAULT: Limits = Limits {
        units: 1_000_000_000,
        depth: 1_000,
        list_items: 1_000_000,
        string_bytes: 16 << 20,
        value_bytes: 64 << 20,
        value_depth: 256,
        warnings: 100,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}
