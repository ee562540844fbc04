//! The bounds of a decision model and of its evaluation.

use ringbolt_xml::DocumentLimits;

/// How many records of functions, decisions and matched rules one evaluation may leave: a model that calls a
/// function in a loop writes one record per call.
pub(crate) const RECORDS_MAX: usize = 100_000;
/// How many values a function definition may take from around it.
pub(crate) const CAPTURES_MAX: usize = 1_000;
/// Levels an evaluation spends on each boxed expression and each call, against the depth of FEEL's own limits:
/// they use more of the stack than a node of an expression does.
pub(crate) const LEVELS_PER_CALL: u32 = 8;
/// Units of work (about a nanosecond each) of a step of an evaluation beside its expressions: a decision, an entry, a
/// record.
pub(crate) const STEP_UNITS: u64 = 100;
/// Bytes of an expression that a message shows.
pub(crate) const TEXT_SHOWN_BYTES_MAX: usize = 16 * 1024;
/// Entries of the index over one decision table's rules. Columns beyond it are tested rule by rule.
pub(crate) const INDEX_ROWS_MAX: usize = 8_000_000;

/// Bounds on one DMN resource. [`Limits::default`] holds what the server uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bounds on the XML: size, depth, nodes, attributes, namespaces.
    pub document: DocumentLimits,
    /// Decisions and business knowledge models of one resource.
    pub elements_max: usize,
    /// Length of an id in bytes: ids become parts of keys in the state.
    pub id_bytes_max: usize,
    /// Length of a name in bytes.
    pub name_bytes_max: usize,
    /// Length of one expression in bytes.
    pub expression_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: DocumentLimits::default(),
            elements_max: 10_000,
            id_bytes_max: 255,
            name_bytes_max: 32 * 1024,
            expression_bytes_max: 64 * 1024,
        }
    }
}
