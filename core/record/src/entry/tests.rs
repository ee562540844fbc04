//! Entries as they are built and read.

use super::{EntryBuilder, EntryError, EntryMeta, EntryRef};
use crate::ids::{Key, PartitionId, Position, TimestampMs};
use crate::values::{InstanceRef, JobRecord, VariableRecord};
use crate::wire_enums::{JobIntent, RecordType, VariableIntent};

fn sample() -> Vec<u8> {
    let meta = EntryMeta {
        timestamp: TimestampMs(1_700_000_000_000),
        first_position: Position(41),
        operation_reference: 7,
        claims: b"{}".to_vec(),
        ..EntryMeta::default()
    };
    let key = |counter| Key::new(PartitionId(1), counter);
    let instance = InstanceRef {
        process_definition_key: key(1),
        process_instance_key: key(2),
        root_process_instance_key: key(2),
    };
    let mut builder = EntryBuilder::default();
    builder.begin(&meta);
    builder.push_command(JobIntent::Complete.into(), key(9));
    let value = VariableRecord { instance, scope_key: key(2), name: "total", value: b"12.50", tenant_id: "" };
    let archived = builder.push(RecordType::Event, VariableIntent::Created.into(), key(10), &value);
    assert_eq!((&*archived.name, &*archived.value), ("total", &b"12.50"[..]));
    builder.finish(10).to_vec()
}

#[test]
fn reads_back_what_was_built() {
    let bytes = sample();
    let entry = EntryRef::parse(&bytes).unwrap();
    assert_eq!(entry.meta().operation_reference, 7);
    assert_eq!((entry.key_counter(), entry.first_position()), (10, Position(41)));
    let records: Vec<_> = entry.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 2);
    assert_eq!((records[1].position, records[1].header.source), (Position(42), 0));
    let value = records[1].value::<VariableRecord<'_>>().unwrap();
    assert_eq!(&*value.name, "total");
    assert!(matches!(records[1].value::<JobRecord<'_>>(), Err(EntryError::Value { .. })));
}

#[test]
fn damaged_bytes_are_errors_never_panics() {
    let bytes = sample();
    for cut in 0..bytes.len() {
        let walked = EntryRef::parse(&bytes[..cut])
            .and_then(|entry| entry.records().collect::<Result<Vec<_>, _>>().map(drop));
        assert!(walked.is_err(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        let Ok(entry) = EntryRef::parse(&damaged) else { continue };
        for record in entry.records().flatten() {
            let _ = record.value::<VariableRecord<'_>>();
        }
    }
}

#[test]
fn records_behind_the_last_position_are_an_error() {
    let mut bytes = sample();
    bytes[24..32].copy_from_slice(&u64::MAX.to_le_bytes());
    let refused = EntryRef::parse(&bytes).map(drop);
    assert_eq!(refused, Err(EntryError::Positions { first: u64::MAX, count: 2 }));
}

#[test]
fn the_memory_of_a_large_entry_is_given_back() {
    let mut builder = EntryBuilder::default();
    builder.begin(&EntryMeta::default());
    let value = vec![b'1'; 3 * super::KEPT_BYTES_MAX];
    let instance = InstanceRef::default();
    let value = VariableRecord { instance, scope_key: Key(2), name: "x", value: &value, tenant_id: "" };
    builder.push(RecordType::Event, VariableIntent::Created.into(), Key(3), &value);
    assert!(builder.bytes.capacity() > super::KEPT_BYTES_MAX);
    builder.begin(&EntryMeta::default());
    assert!(builder.bytes.capacity() <= super::KEPT_BYTES_MAX);
}

#[test]
fn truncating_to_a_mark_forgets_later_records() {
    let mut builder = EntryBuilder::default();
    builder.begin(&EntryMeta::default());
    let mark = builder.mark();
    builder.push_command(JobIntent::Complete.into(), Key(1));
    builder.truncate(mark);
    let bytes = builder.finish(0).to_vec();
    assert_eq!(EntryRef::parse(&bytes).unwrap().records().count(), 0);
}
