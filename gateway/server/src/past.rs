//! What the log still has of an instance, for pages that replay it.
//!
//! Invariants: it is read beside the cores, within bounds, and no more than a few are read at once; it keeps nothing in the log, and says
//! from where to where it reaches. Variables are left out.

use crate::bounded_side::BoundedSide;
use crate::searches::Searches;
use ringbolt_api::broker::Refusal;
use ringbolt_api::json::{put, put_text};
use ringbolt_api::time::time_text;
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_broker::{Past, PastBounds, PastRecord, Pasts};
use ringbolt_exporters::{Definition, LearnedNames};
use ringbolt_query::views::definitions::PROCESS_DEFINITIONS;
use ringbolt_query::{Cancel, Error, Filter, Page, Query, Searcher, Test, Value};
use ringbolt_record::json::{DefinitionNames, Names};
use ringbolt_record::{Key, Position, TimestampMs};
use ringbolt_ring::side::SideConfig;
use ringbolt_ring::time;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// Looks at once; one more is refused.
const AT_ONCE_MAX: usize = 2;
/// They run when a core does not want their CPU.
const NICE: i32 = 19;
/// Bytes of the log that one reads.
const BYTES_MAX: u64 = 256 << 20;
/// How long one reads.
const TIME_MAX: Duration = Duration::from_secs(2);
/// Records of an instance that one has.
const RECORDS_MAX: usize = 50_000;

/// Where pasts are looked up. Clones share it.
#[derive(Clone)]
pub(crate) struct PastLooks {
    side: BoundedSide,
}

impl PastLooks {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub(crate) fn start() -> io::Result<Self> {
        let config = SideConfig { name: "past", threads: AT_ONCE_MAX, queue_max: AT_ONCE_MAX, nice: NICE };
        Ok(Self { side: BoundedSide::start(config, AT_ONCE_MAX)? })
    }

    /// What the log still has of an instance, as JSON.
    ///
    /// # Errors
    /// What the client is told instead.
    pub(crate) async fn told(
        &self,
        pasts: Pasts,
        searches: &Searches,
        instance: Key,
    ) -> Result<Vec<u8>, ApiError> {
        let bounds =
            PastBounds { bytes_max: BYTES_MAX, records_max: RECORDS_MAX, deadline: time::now() + TIME_MAX };
        let Ok(looking) = self.side.run(1, move || pasts.look(instance, bounds)) else {
            let mut full = ApiError::new(
                ErrorKind::ResourceExhausted,
                format!("The log is looked through for {AT_ONCE_MAX} others already; try again"),
            );
            full.retry_after = Some(TIME_MAX);
            return Err(full);
        };
        let past = looking
            .await
            .map_err(|panicked| ApiError::refused("PAST", Refusal::Internal(panicked.to_string())))?;
        searches
            .find(move |searcher, cancel| {
                let names = names(searcher, cancel, &past)?;
                Ok(document(instance, &past, &names))
            })
            .await
    }
}

/// What the elements of its definitions are called.
fn names(searcher: &Searcher, cancel: &Cancel, past: &Past) -> Result<LearnedNames, ApiError> {
    let definitions: BTreeSet<Key> =
        past.records.iter().map(|record| record.standing.instance.process_definition_key).collect();
    let column = |name| PROCESS_DEFINITIONS.column(name).expect("the view has it");
    let mut names = LearnedNames::default();
    for key in definitions {
        let query = Query {
            view: &PROCESS_DEFINITIONS,
            output: ["processDefinitionId", "version", "resourceName", "xml"].map(column).to_vec(),
            filter: Filter::Is(column("processDefinitionKey"), Test::Eq(Value::Int(key.to_wire()))),
            sort: Vec::new(),
            page: Page::default(),
            is_counted: false,
        };
        searcher
            .search(&query, cancel, |row| {
                let text = |at| row.text(at).unwrap_or_default().to_owned();
                let definition = Definition {
                    bpmn_process_id: text(0),
                    version: row.int(1).and_then(|version| i32::try_from(version).ok()).unwrap_or_default(),
                    resource_name: text(2),
                    resource: row.bytes(3).unwrap_or_default().to_vec(),
                };
                names.learn_definition(key, &definition);
                Ok(())
            })
            .map_err(unreadable)?;
    }
    Ok(names)
}

fn unreadable(error: Error) -> ApiError {
    ApiError::new(ErrorKind::Unavailable, error.to_string())
}

fn document(instance: Key, past: &Past, names: &LearnedNames) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + past.records.len() * 160);
    put(&mut out, &format!("{{\"processInstanceKey\":\"{}\"", instance.to_wire()));
    for (name, place) in [("from", past.from), ("to", past.to)] {
        put(&mut out, &format!(",\"{name}\":"));
        put_place(&mut out, place);
    }
    let (is_from_beginning, is_cut) = (past.is_from_beginning, past.is_cut);
    put(&mut out, &format!(",\"isFromBeginning\":{is_from_beginning},\"isCut\":{is_cut},\"records\":["));
    for (at, record) in past.records.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        put_record(&mut out, record, names.definition(record.standing.instance.process_definition_key));
    }
    put(&mut out, "]}");
    out
}

fn put_place(out: &mut Vec<u8>, place: Option<(Position, TimestampMs)>) {
    match place {
        None => put(out, "null"),
        Some((position, at)) => {
            put(out, &format!("{{\"position\":{},\"at\":", position.0));
            put_text(out, &time_text(at.0).unwrap_or_default());
            out.push(b'}');
        }
    }
}

fn put_record(out: &mut Vec<u8>, record: &PastRecord, names: Option<&DefinitionNames>) {
    let PastRecord { position, at, intent, key, standing } = record;
    let mut head = String::new();
    let (value_type, intent, key) = (intent.value_type().name(), intent.name(), key.to_wire());
    let _ = write!(
        head,
        "{{\"position\":{},\"at\":{},\"valueType\":\"{value_type}\",\"intent\":\"{intent}\",\"key\":\"{key}\"",
        position.0, at.0
    );
    put(out, &head);
    if let Some(at) = standing.at {
        let ids = names.map(|names| if at.is_flow { &names.flow_ids } else { &names.element_ids });
        let id = ids.and_then(|ids| ids.get(at.index.0 as usize));
        put(out, ",\"elementId\":");
        match id {
            Some(id) => put_text(out, id),
            None => put(out, "null"),
        }
        put(out, &format!(",\"elementInstanceKey\":\"{}\"", at.key.to_wire()));
        if at.flow_scope_key.is_some() {
            put(out, &format!(",\"flowScopeKey\":\"{}\"", at.flow_scope_key.to_wire()));
        }
    }
    out.push(b'}');
}
