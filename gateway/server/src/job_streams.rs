//! The streams of jobs that are open, as Camunda's actuator lists them.
//!
//! Invariants: a stream is listed for as long as it is open. Opening and closing one takes a lock that nothing else on a core takes; who
//! lists them holds it for as long as counting references takes. What many streams want stands once.

use parking_lot::Mutex;
use ringbolt_api::JobStreamSpec;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// All streams of this server.
#[derive(Default)]
pub(crate) struct JobStreams {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    streams: BTreeMap<u64, Arc<JobStreamSpec>>,
    /// What they want, with how many want it.
    wanted: BTreeMap<Arc<JobStreamSpec>, usize>,
}

/// A stream that is listed until this is dropped.
pub(crate) struct Listed {
    streams: Arc<JobStreams>,
    id: u64,
}

impl Drop for Listed {
    fn drop(&mut self) {
        let open = &mut *self.streams.open.lock();
        let Some(spec) = open.streams.remove(&self.id) else { return };
        if let Some(count) = open.wanted.get_mut(&spec) {
            *count -= 1;
            if *count == 0 {
                open.wanted.remove(&spec);
            }
        }
    }
}

impl JobStreams {
    /// Lists a stream.
    pub(crate) fn list(self: &Arc<Self>, spec: &JobStreamSpec) -> Listed {
        let open = &mut *self.open.lock();
        open.next += 1;
        let spec = match open.wanted.get_key_value(spec) {
            Some((spec, _)) => spec.clone(),
            None => Arc::new(spec.clone()),
        };
        *open.wanted.entry(spec.clone()).or_default() += 1;
        open.streams.insert(open.next, spec);
        Listed { streams: self.clone(), id: open.next }
    }

    /// As JSON: all, or what is behind the path `/remote` or `/client`; none for another path.
    pub(crate) fn shown(&self, what: &str) -> Option<String> {
        let open: Vec<(u64, Arc<JobStreamSpec>)> =
            self.open.lock().streams.iter().map(|(id, spec)| (*id, spec.clone())).collect();
        let shown = match what {
            "" => json!({ "remote": remote(&open), "client": client(&open) }),
            "/remote" => remote(&open),
            "/client" => client(&open),
            _ => return None,
        };
        Some(shown.to_string())
    }
}

/// A stream's number where a UUID is expected.
fn uuid(id: u64) -> String {
    format!("00000000-0000-4000-8000-{:012x}", id & 0xffff_ffff_ffff)
}

fn duration(span: Duration) -> String {
    match span.subsec_millis() {
        0 => format!("PT{}S", span.as_secs()),
        millis => format!("PT{}.{}S", span.as_secs(), format!("{millis:03}").trim_end_matches('0')),
    }
}

fn metadata(spec: &JobStreamSpec) -> Value {
    json!({
        "worker": spec.worker,
        "timeout": duration(spec.timeout),
        "fetchVariables": spec.fetch_variables,
        "tenantIds": spec.tenant_ids,
        "tenantFilter": "PROVIDED",
    })
}

/// By what they want: who wants the same are consumers of one stream.
fn remote(open: &[(u64, Arc<JobStreamSpec>)]) -> Value {
    let mut streams: BTreeMap<&JobStreamSpec, Vec<Value>> = BTreeMap::new();
    for (id, spec) in open {
        streams.entry(spec).or_default().push(json!({ "id": uuid(*id), "receiver": "0" }));
    }
    let shown = streams.into_iter().map(|(spec, consumers)| {
        json!({ "jobType": spec.job_type, "metadata": metadata(spec), "consumers": consumers })
    });
    shown.collect()
}

fn client(open: &[(u64, Arc<JobStreamSpec>)]) -> Value {
    let shown = open.iter().map(|(id, spec)| {
        json!({ "jobType": spec.job_type, "id": uuid(*id), "metadata": metadata(spec), "connectedTo": [0] })
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::JobStreams;
    use ringbolt_api::JobStreamSpec;
    use serde_json::{Value, json};
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn streams_are_listed_while_they_are_open() {
        let streams = Arc::new(JobStreams::default());
        let spec = |worker: &str| JobStreamSpec {
            job_type: "pay".to_owned(),
            worker: worker.to_owned(),
            timeout: Duration::from_millis(1_500),
            fetch_variables: vec!["a".to_owned()],
            tenant_ids: vec!["<default>".to_owned()],
        };
        let (first, _second, _third) =
            (streams.list(&spec("w")), streams.list(&spec("w")), streams.list(&spec("v")));
        let shown =
            |what: &str| serde_json::from_str::<Value>(&streams.shown(what).expect("known")).expect("JSON");
        let all = shown("");
        assert_eq!(
            (all["remote"].as_array().map(Vec::len), all["client"].as_array().map(Vec::len)),
            (Some(2), Some(3))
        );
        assert_eq!(
            all["remote"][1],
            json!({
                "jobType": "pay",
                "metadata": { "worker": "w", "timeout": "PT1.5S", "fetchVariables": ["a"], "tenantIds": ["<default>"],
                    "tenantFilter": "PROVIDED" },
                "consumers": [
                    { "id": "00000000-0000-4000-8000-000000000001", "receiver": "0" },
                    { "id": "00000000-0000-4000-8000-000000000002", "receiver": "0" },
                ],
            })
        );
        drop(first);
        assert_eq!(shown("/client")[0]["id"], "00000000-0000-4000-8000-000000000002");
        assert_eq!(streams.shown("/other"), None);
        assert_eq!(streams.open.lock().wanted.len(), 2);
        drop((_second, _third));
        assert_eq!(
            (shown("").to_string(), streams.open.lock().wanted.len()),
            (json!({ "remote": [], "client": [] }).to_string(), 0)
        );
    }

    /// All of them, however many, and each looked at once.
    #[test]
    fn many_streams_that_want_different_things_are_listed() {
        const STREAMS: usize = 40_000;
        let streams = Arc::new(JobStreams::default());
        let listed: Vec<_> = (0..STREAMS)
            .map(|number| {
                streams.list(&JobStreamSpec {
                    job_type: format!("type {number}"),
                    worker: String::new(),
                    timeout: Duration::from_secs(1),
                    fetch_variables: Vec::new(),
                    tenant_ids: Vec::new(),
                })
            })
            .collect();
        let begun = std::time::Instant::now();
        let shown = streams.shown("/remote").expect("known");
        assert_eq!(shown.matches("jobType").count(), listed.len());
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
