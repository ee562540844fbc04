//! An instance is going to end: nothing is entered in it any more.

use crate::appliers::process_instance::interrupt_v1::interrupt_scope;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{Afterwards, Tables};

pub(super) fn apply_interrupted(tables: &mut Tables, process_instance_key: Key) {
    interrupt_scope(tables, process_instance_key, ElementIndex::PROCESS, Afterwards::Usual);
}
