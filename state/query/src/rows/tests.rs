//! How rows are written and merged.

use super::{ProcessDefinition, ProcessInstance, Row, Rows, SequenceFlow};

#[test]
fn columns_are_written_as_they_are_merged() {
    let live = ProcessInstance::UPSERT;
    assert!(live.starts_with("INSERT INTO live_process_instances (tenant_id, process_instance_key, "));
    assert!(live.contains("(process_instance_key) DO UPDATE"));
    assert!(live.contains(", end_date = COALESCE(excluded.end_date, end_date)"));
    assert!(live.contains(", incident_count = incident_count + excluded.incident_count"));
    assert!(!live.contains("start_date = excluded"));
    assert!(ProcessDefinition::UPSERT.starts_with("INSERT INTO process_definitions ("));
}

#[test]
fn a_later_record_changes_what_it_may() {
    let row = |start_date, end_date: Option<i64>, incident_count| ProcessInstance {
        tenant_id: None,
        process_instance_key: 7,
        process_definition_key: 1,
        state: None,
        start_date,
        end_date,
        suspended_date: None,
        parent_process_instance_key: None,
        parent_element_instance_key: None,
        root_process_instance_key: 7,
        incident_count,
        business_id: None,
        business_id_since: None,
        tags: None,
        flows: None,
    };
    let mut rows = Rows::default();
    rows.put(row(1, None, 1));
    rows.put(row(2, Some(5), 1));
    rows.put(row(3, None, -1));
    assert_eq!(rows.len(), 1);
    let found = rows.get_mut(&(7,)).expect("it is there");
    assert_eq!((found.start_date, found.end_date, found.incident_count), (1, Some(5), 1));
}

/// What could not be written is looked at again when it is tried once more.
#[test]
fn rows_are_found_when_they_have_been_sorted_or_some_were_taken() {
    let flow = |process_instance_key| SequenceFlow {
        tenant_id: None,
        process_instance_key,
        element_id: "f".into(),
        process_definition_key: 1,
        root_process_instance_key: process_instance_key,
    };
    let mut rows = Rows::default();
    for key in [9, 5, 7] {
        rows.put(flow(key));
    }
    let keys: Vec<i64> = rows.sorted().iter().map(|row| row.process_instance_key).collect();
    assert_eq!(keys, [5, 7, 9]);
    let found =
        |rows: &Rows<SequenceFlow>, key| rows.get(&(key, "f".into())).map(|row| row.process_instance_key);
    assert_eq!([5, 7, 9].map(|key| found(&rows, key)), [Some(5), Some(7), Some(9)]);
    assert_eq!(rows.take(|row| row.process_instance_key == 9).len(), 1);
    assert_eq!([5, 7, 9].map(|key| found(&rows, key)), [Some(5), Some(7), None]);
}
