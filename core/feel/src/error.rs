//! What can go wrong: texts that do not parse, evaluations that fail, and warnings, which accompany a result (mostly
//! `null`) and carry the same kinds as the reference.

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
    /// What happened, with the values involved.
    pub message: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// Why an evaluation has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub message: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

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

impl Stop {
    pub(crate) fn abort(message: impl Into<String>) -> Stop {
        Stop::Abort(message.into().into_boxed_str())
    }

    pub(crate) fn error(message: impl Into<String>) -> Stop {
        Stop::Error(message.into().into_boxed_str())
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
