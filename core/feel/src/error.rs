//! What can go wrong: texts that do not parse, evaluations that fail, and warnings, which accompany a result (mostly
//! `null`) and carry the same kinds as the reference.

use crate::limits::{Limits, MESSAGE_BYTES_MAX, WARNINGS_BYTES_MAX};
use crate::number::ArithmeticError;
use crate::temporal::TemporalOverflow;

/// A text that is not an expression, with the place and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What was expected and what was found.
    pub message: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (line {}, column {})", self.message, self.line, self.column)
    }
}

impl std::error::Error for ParseError {}

/// The kinds of warnings, named as users of the reference know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WarningKind {
    /// Anything without a kind of its own.
    Unknown,
    /// A variable that does not exist.
    NoVariableFound,
    /// A context without the entry asked for.
    NoContextEntryFound,
    /// A value without the property asked for.
    NoPropertyFound,
    /// Values that have no order or equality between them.
    NotComparable,
    /// An operand of the wrong type.
    InvalidType,
    /// A function that does not exist with these arguments.
    NoFunctionFound,
    /// A function that could not work with its arguments.
    FunctionInvocationFailure,
    /// An assertion that did not hold; the evaluation fails with it.
    AssertFailure,
}

impl WarningKind {
    /// The name on the wire, such as `NO_VARIABLE_FOUND`.
    pub fn name(self) -> &'static str {
        match self {
            WarningKind::Unknown => "UNKNOWN",
            WarningKind::NoVariableFound => "NO_VARIABLE_FOUND",
            WarningKind::NoContextEntryFound => "NO_CONTEXT_ENTRY_FOUND",
            WarningKind::NoPropertyFound => "NO_PROPERTY_FOUND",
            WarningKind::NotComparable => "NOT_COMPARABLE",
            WarningKind::InvalidType => "INVALID_TYPE",
            WarningKind::NoFunctionFound => "NO_FUNCTION_FOUND",
            WarningKind::FunctionInvocationFailure => "FUNCTION_INVOCATION_FAILURE",
            WarningKind::AssertFailure => "ASSERT_FAILURE",
        }
    }
}

impl std::fmt::Display for WarningKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that went wrong without failing the evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The kind.
    pub kind: WarningKind,
    /// What happened, with the values involved; at most [`MESSAGE_BYTES_MAX`].
    pub message: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// The warnings of an evaluation, or of several: a bounded number of bounded texts, and how many more there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    kept: Vec<Warning>,
    bytes: usize,
    left_out: u64,
}

impl Warnings {
    /// Adds a warning if there is room for it, else counts it.
    pub(crate) fn push(&mut self, warning: Warning, count_max: usize) {
        let bytes = self.bytes + warning.message.len();
        if self.kept.len() >= count_max || bytes > WARNINGS_BYTES_MAX {
            self.left_out += 1;
            return;
        }
        self.bytes = bytes;
        self.kept.push(warning);
    }

    /// Adds the warnings of another evaluation, as far as there is room.
    pub fn absorb(&mut self, other: Warnings) {
        self.left_out += other.left_out;
        for warning in other.kept {
            self.push(warning, Limits::DEFAULT.warnings);
        }
    }

    /// How many warnings are not among those kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What to say of the warnings that are not among those kept, if there are any.
    pub fn remark(&self) -> Option<String> {
        match self.left_out {
            0 => None,
            1 => Some("1 more warning was left out".to_owned()),
            more => Some(format!("{more} more warnings were left out")),
        }
    }
}

impl std::ops::Deref for Warnings {
    type Target = [Warning];

    fn deref(&self) -> &[Warning] {
        &self.kept
    }
}

impl<'a> IntoIterator for &'a Warnings {
    type Item = &'a Warning;
    type IntoIter = std::slice::Iter<'a, Warning>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.iter()
    }
}

/// Why an evaluation has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened; at most a few bytes more than [`MESSAGE_BYTES_MAX`].
    pub message: String,
    /// Whether only this expression failed.
    pub kind: FailureKind,
}

/// How far a failure reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The expression failed; a host's function that needed it may give null.
    Failed,
    /// A bound was hit, or a computation had no result: whatever is around the expression ends too.
    Aborted,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Shortens a text that is longer than `bytes_max`, at least 16: what is left out stood before its last quarter, where
/// messages name the reason.
pub(crate) fn cut(text: &mut String, bytes_max: usize) {
    const MARK: &str = "...";
    if text.len() <= bytes_max {
        return;
    }
    let tail = bytes_max / 4;
    let from = text.ceil_char_boundary(text.len() - tail);
    let to = text.floor_char_boundary(bytes_max - tail - MARK.len());
    text.replace_range(to..from, MARK);
}

/// Why nothing more can be taken from a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhausted {
    pub(crate) message: String,
}

impl std::fmt::Display for Exhausted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Exhausted {}

/// How an evaluation step ends without a value. Boxed, so that results stay small.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// An error value: operators and function calls turn it into null.
    Error(Box<str>),
    /// The input value `?` was used where there is none: passes through operators.
    NoInput,
    /// The whole evaluation ends: a bound was hit or a computation had no result.
    Abort(Box<str>),
}

fn bounded(message: impl Into<String>) -> Box<str> {
    let mut message = message.into();
    cut(&mut message, MESSAGE_BYTES_MAX);
    message.into_boxed_str()
}

impl Stop {
    pub(crate) fn abort(message: impl Into<String>) -> Stop {
        Stop::Abort(bounded(message))
    }

    pub(crate) fn error(message: impl Into<String>) -> Stop {
        Stop::Error(bounded(message))
    }
}

impl From<ArithmeticError> for Stop {
    fn from(error: ArithmeticError) -> Stop {
        Stop::abort(error.to_string())
    }
}

impl From<TemporalOverflow> for Stop {
    fn from(error: TemporalOverflow) -> Stop {
        Stop::abort(error.to_string())
    }
}

impl From<Exhausted> for Stop {
    fn from(exhausted: Exhausted) -> Stop {
        Stop::abort(exhausted.to_string())
    }
}
