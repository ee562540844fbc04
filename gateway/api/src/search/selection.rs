//! Whom a batch operation is for: its filter as a query over what belongs to one partition, a page at a time, by rising keys.
//!
//! What the kind adds to the client's filter is what Camunda adds (`ItemProviderFactory`): only instances that are active, of those to be
//! canceled only those that nobody called, of incidents those of such instances that are active, of jobs those that have not ended.
//! The client's own conditions on these hold beside them. A new kind is an arm in `wanted`.

use super::conditions::Reading;
use super::each;
use crate::error::ApiError;
use crate::objects::decision_instance::{
    DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST_FILTER, DECISION_INSTANCE_GET_QUERY_RESULT,
};
use crate::objects::job_search::{JOB_BATCH_UPDATE_REQUEST_FILTER, JOB_SEARCH_RESULT};
use crate::objects::process_instance::PROCESS_INSTANCE_RESULT;
use crate::objects::process_instance_search::PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER;
use crate::schema::{Level, Object};
use crate::value::Value as Json;
use ringbolt_query::codes::{INCIDENT_STATES, PROCESS_INSTANCE_STATES, code_of};
use ringbolt_query::views::instances::{DECISION_INSTANCES, INCIDENTS_VIEW, PROCESS_INSTANCES};
use ringbolt_query::views::jobs::JOBS;
use ringbolt_query::{Cancel, Column, Filter, Page, Query, Searcher, Start, Test, Value, View};
use ringbolt_record::batch_operation::ITEMS_AT_ONCE_MAX;
use ringbolt_record::{BatchItem, BatchOperationType, Key, PartitionId};

/// Incidents of instances for which a condition holds.
const INCIDENTS_OF: &str =
    "i.process_instance_key IN (SELECT p.process_instance_key FROM process_instances p WHERE ";

/// What is to be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What is done with each.
    pub kind: BatchOperationType,
    /// The client's filter, as JSON.
    pub filter: String,
    /// Only what this partition made.
    pub partition: PartitionId,
    /// Only what has a greater key.
    pub after: Key,
}

/// A page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// In the order of their keys.
    pub items: Vec<BatchItem>,
    /// The last key that was looked at.
    pub cursor: Key,
    /// Whether there are no more.
    pub is_last: bool,
}

/// What a kind of batch operation selects.
struct Wanted {
    view: &'static View,
    /// The column of the items' keys.
    key: &'static str,
    filter: Filter,
    violations: Vec<String>,
}

/// What is wrong with a filter.
pub fn check(kind: BatchOperationType, filter: &str, level: Level) -> Vec<String> {
    wanted(kind, filter, level).violations
}

/// Whether a filter has no criteria: what it was read as holds for everything there is.
fn holds_for_all(filter: &Filter) -> bool {
    match filter {
        Filter::All(all) => all.iter().all(holds_for_all),
        Filter::Any(options) => options.iter().any(holds_for_all),
        Filter::Is(..) | Filter::Has(..) | Filter::Where(..) | Filter::Of(..) => false,
    }
}

fn wanted(kind: BatchOperationType, filter: &str, level: Level) -> Wanted {
    let (view, object, item): (&'static View, &'static Object, &'static Object) = match kind {
        BatchOperationType::DeleteDecisionInstance => (
            &DECISION_INSTANCES,
            &DECISION_INSTANCE_DELETION_BATCH_OPERATION_REQUEST_FILTER,
            &DECISION_INSTANCE_GET_QUERY_RESULT,
        ),
        BatchOperationType::UpdateJob => (&JOBS, &JOB_BATCH_UPDATE_REQUEST_FILTER, &JOB_SEARCH_RESULT),
        _ => (
            &PROCESS_INSTANCES,
            &PROCESS_INSTANCE_CANCELLATION_BATCH_OPERATION_REQUEST_FILTER,
            &PROCESS_INSTANCE_RESULT,
        ),
    };
    let mut reading = Reading::new(view, level, item);
    let mut filters = vec![reading.filter(Json::new(filter.as_bytes()), object)];
    let mut violations = reading.violations;
    if violations.is_empty() && filters.iter().all(holds_for_all) {
        violations.push("At least one of filter criteria is required".to_owned());
    }
    let state = |names: &[&str]| {
        let codes = names.iter().filter_map(|name| code_of(&PROCESS_INSTANCE_STATES, name));
        is(&PROCESS_INSTANCES, "state", Test::In(codes.map(|code| Value::Int(code.into())).collect()))
    };
    let (view, key) = match kind {
        BatchOperationType::CancelProcessInstance => {
            filters.push(state(&["ACTIVE", "SUSPENDED"]));
            filters.push(is(&PROCESS_INSTANCES, "parentProcessInstanceKey", Test::Exists(false)));
            (&PROCESS_INSTANCES, "processInstanceKey")
        }
        BatchOperationType::MigrateProcessInstance
        | BatchOperationType::ModifyProcessInstance
        | BatchOperationType::SuspendProcessInstance => {
            filters.push(state(&["ACTIVE"]));
            (&PROCESS_INSTANCES, "processInstanceKey")
        }
        BatchOperationType::ResumeProcessInstance => {
            filters.push(state(&["SUSPENDED"]));
            (&PROCESS_INSTANCES, "processInstanceKey")
        }
        BatchOperationType::UpdateJob => {
            filters.push(is(&JOBS, "isOver", Test::Exists(false)));
            (&JOBS, "jobKey")
        }
        BatchOperationType::ResolveIncident => {
            filters.push(state(&["ACTIVE"]));
            let active = code_of(&INCIDENT_STATES, "ACTIVE").map_or(-1, i64::from);
            filters = vec![
                Filter::Where(INCIDENTS_OF, Box::new(Filter::All(filters)), ")"),
                is(&INCIDENTS_VIEW, "state", Test::Eq(Value::Int(active))),
            ];
            (&INCIDENTS_VIEW, "incidentKey")
        }
        BatchOperationType::DeleteProcessInstance => (&PROCESS_INSTANCES, "processInstanceKey"),
        BatchOperationType::DeleteDecisionInstance => (&DECISION_INSTANCES, "decisionEvaluationKey"),
    };
    Wanted { view, key, filter: Filter::All(filters), violations }
}

fn column(view: &'static View, name: &str) -> &'static Column {
    view.column(name).expect("the view has the column")
}

fn is(view: &'static View, name: &str, test: Test) -> Filter {
    Filter::Is(column(view, name), test)
}

/// Selects a page.
///
/// # Errors
/// When rows cannot be read, or it takes too long.
pub fn select(
    searcher: &Searcher,
    cancel: &Cancel,
    selection: &Selection,
    level: Level,
) -> Result<Selected, ApiError> {
    let Wanted { view, key, filter, violations } = wanted(selection.kind, &selection.filter, level);
    if let Some(violation) = violations.into_iter().next() {
        return Err(ApiError::invalid(violation));
    }
    let first = Key::new(selection.partition, 0);
    let behind = first.max(selection.after).to_wire();
    let end = Key::new(PartitionId(selection.partition.0 + 1), 0).to_wire();
    let filter = Filter::All(vec![
        is(view, key, Test::Gt(Value::Int(behind))),
        is(view, key, Test::Lt(Value::Int(end))),
        filter,
    ]);
    let output =
        [key, "processInstanceKey", "rootProcessInstanceKey"].map(|name| column(view, name)).to_vec();
    let limit = u32::try_from(ITEMS_AT_ONCE_MAX).unwrap_or(u32::MAX);
    let page = Page { start: Start::From(0), limit };
    let query = Query { view, output, filter, sort: Vec::new(), page, is_counted: false };
    let mut selected = Selected { cursor: selection.after, ..Selected::default() };
    let mut rows = 0;
    each(searcher, cancel, &query, |row| {
        rows += 1;
        let key = |at: usize| row.int(at).map_or(Key::NONE, Key::from_wire);
        let item =
            BatchItem { item_key: key(0), process_instance_key: key(1), root_process_instance_key: key(2) };
        // An evaluation has a row for each decision in it.
        if item.item_key != selected.cursor {
            selected.cursor = item.item_key;
            selected.items.push(item);
        }
    })?;
    selected.is_last = rows < ITEMS_AT_ONCE_MAX;
    Ok(selected)
}
