//! Records as JSON, one object each: the shape of Zeebe's exported records, so that who knows those reads these.
//!
//! Code map: `writer` builds objects and escapes text; `values` has one function per value type, `ad_hoc` that of ad-hoc sub-processes, `decisions` those
//! of decisions, `partitions` those of what passes between partitions, `resources` those of forms and deletions, `user_tasks` those of user tasks; `derived` fields that follow from others; `standing` of which instance a record is.
//!
//! Invariants
//! - Every object begins with `partitionId` and `position`, in this order; a reader of exported lines relies on it.
//! - Values are written from the entry's bytes; nothing is decoded into owned form first.
//! - Keys are numbers, -1 for none. Names of elements come from their definition (`Names`); where that is not at hand
//!   the index in the definition's arena stands in their place. The shape may grow; it is no stored format.

mod ad_hoc;
mod batch_operations;
mod cluster_variables;
mod compensations;
mod conditions;
mod decisions;
mod derived;
mod messages;
mod modifications;
mod partitions;
mod resources;
mod signals;
mod standing;
mod user_tasks;
mod values;
pub(crate) mod writer;

use crate::entry::{EntryError, EntryRef, NO_SOURCE, RecordRef};
use crate::ids::{Key, Position};
pub use standing::{Standing, StandingAt, definition_of, standing};
use writer::Object;

/// What a definition calls its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionNames {
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// The definition's version.
    pub version: i32,
    /// Ids of the elements, by index.
    pub element_ids: Vec<Box<str>>,
    /// Ids of the sequence flows, by index.
    pub flow_ids: Vec<Box<str>>,
    /// Index of the element around each element; 0 is the process.
    pub parents: Vec<u32>,
    /// Custom headers of job workers' tasks as JSON objects, by element; empty for others.
    pub headers: Vec<Box<str>>,
}

/// Where names come from.
pub trait Names {
    /// The names of a definition, if they are at hand.
    fn definition(&self, key: Key) -> Option<&DefinitionNames>;
}

/// No names: elements are written as their indexes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn definition(&self, _key: Key) -> Option<&DefinitionNames> {
        None
    }
}

/// How resources of definitions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resources {
    /// Whole, as Base64.
    Whole,
    /// Only how many bytes they have.
    Size,
}

/// How records are written.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// Where names come from.
    pub names: &'a dyn Names,
    /// How resources are written.
    pub resources: Resources,
}

/// Writes one record of an entry as an object.
///
/// # Errors
/// When the record's value is not of its layout; what was written before is left in `out`.
pub fn write_record(
    out: &mut Vec<u8>,
    partition_id: u32,
    entry: &EntryRef<'_>,
    record: &RecordRef<'_>,
    style: Style<'_>,
) -> Result<(), EntryError> {
    let header = &record.header;
    let meta = entry.meta();
    let mut object = Object::begin(out);
    object.number("partitionId", partition_id);
    object.number("position", record.position.0);
    let source = match header.source {
        NO_SOURCE => -1,
        index => entry.first_position().plus(u64::from(index)).0 as i64,
    };
    object.number("sourceRecordPosition", source);
    object.key("key", header.key);
    object.number("timestamp", entry.timestamp().0);
    object.name_of("recordType", header.record_type.name());
    object.name_of("valueType", header.intent.value_type().name());
    object.name_of("intent", header.intent.name());
    // A command that is rejected leaves no record, so no record has a reason.
    object.name_of("rejectionType", "NULL_VAL");
    object.name_of("rejectionReason", "");
    object.version("brokerVersion", meta.broker_version);
    object.number("recordVersion", header.value_version.max(1));
    object.number("operationReference", reference(meta.operation_reference));
    object.number("batchOperationReference", reference(meta.batch_operation_reference));
    authorizations(&mut object, &meta.claims);
    object.object("value", |value| match header.value_version {
        // What was asked for stands in the events that follow.
        0 => Ok(()),
        _ => values::write_value(value, derived::Placed { entry: *entry, record: *record }, style),
    })?;
    object.end();
    Ok(())
}

/// What the caller was allowed, as the gateway wrote it.
fn authorizations(out: &mut Object<'_>, claims: &[u8]) {
    match std::str::from_utf8(claims) {
        Ok(json) if json.starts_with('{') => out.raw("authorizations", json),
        Ok(_) | Err(_) => out.raw("authorizations", "{}"),
    }
}

/// References of clients; none is -1.
fn reference(number: u64) -> i64 {
    if number == 0 { -1 } else { number as i64 }
}

/// Writes missing positions as an object in the same shape: its position is the last missing one.
pub fn write_gap(out: &mut Vec<u8>, partition_id: u32, from: Position, to: Position) {
    let mut object = Object::begin(out);
    object.number("partitionId", partition_id);
    object.number("position", to.0);
    object.name_of("recordType", "GAP");
    object.number("fromPosition", from.0);
    object.number("toPosition", to.0);
    object.end();
}

/// Partition and position of a line that `write_record` or `write_gap` began.
#[must_use]
pub fn position_of(line: &[u8]) -> Option<(u32, Position)> {
    fn number<'a>(line: &'a [u8], before: &str) -> Option<(u64, &'a [u8])> {
        let rest = line.strip_prefix(before.as_bytes())?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let value = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        Some((value, &rest[digits..]))
    }
    let (partition, rest) = number(line, "{\"partitionId\":")?;
    let (position, _) = number(rest, ",\"position\":")?;
    Some((u32::try_from(partition).ok()?, Position(position)))
}
