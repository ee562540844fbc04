//! The samples of elements in `docs/samples/elements`, each played to its end with the variables that its page names.

use crate::budget::variables;
use crate::rig::Rig;
use ringbolt_record::command::{BroadcastSignal, CreateDeployment, PublishMessage, Resource};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Reply, UserTaskCommand, VariableDocument};
use std::collections::BTreeSet;
use std::path::Path;

/// File, process, variables, and what must have been worked on: types of jobs, or nothing where there is none.
const PLAYS: [(&str, &str, &str, &[&str]); 14] = [
    ("ad-hoc", "sample_ad_hoc", r#"{"steps":["clean","paint"]}"#, &["clean", "paint"]),
    (
        "compensation",
        "sample_compensation",
        r#"{"ill":true}"#,
        &["book-hotel", "book-flight", "cancel-hotel", "cancel-flight"],
    ),
    ("compensation", "sample_compensation", r#"{"ill":false}"#, &["book-hotel", "book-flight"]),
    ("errors", "sample_errors", "{}", &["order", "inform"]),
    ("first-of-several", "sample_first_of_several", r#"{"request":"k"}"#, &[]),
    (
        "gateways",
        "sample_gateways",
        r#"{"amount":120,"gift":true}"#,
        &["approve", "pack", "bill", "wrap", "insure"],
    ),
    ("gateways", "sample_gateways", r#"{"amount":1,"gift":false}"#, &["pack", "bill"]),
    ("listeners", "sample_listeners", "{}", &["note-start", "note-end", "allow-completion"]),
    ("messages", "", "{}", &["ask-for-payment", "deliver"]),
    ("multi-instance", "sample_multi_instance", r#"{"items":[1,2,3]}"#, &["price", "place"]),
    ("signals-conditions-links", "sample_signals", r#"{"money":1}"#, &[]),
    ("sub-processes", "sample_sub_processes", r#"{"customer":"k"}"#, &["cook", "reply", "collect"]),
    ("tasks", "sample_tasks", "{}", &["charge", "rate", "tell"]),
    ("timers", "sample_timers", "{}", &["answer", "tidy-up"]),
];

/// Messages of the samples: their correlation keys are `k`.
const MESSAGES: [&str; 4] = ["order-placed", "answered", "question", "order-paid"];
const SIGNALS: [&str; 2] = ["closing", "shop-open"];
const HOUR: DurationMs = DurationMs(3_600_000);

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples/elements")
}

fn publish(rig: &mut Rig, name: &str) {
    let correlation_key = if name == "order-placed" { String::new() } else { "k".to_owned() };
    rig.send(&Command::PublishMessage(PublishMessage {
        name: name.to_owned(),
        correlation_key,
        time_to_live: DurationMs(0),
        message_id: String::new(),
        business_id: String::new(),
        variables: variables(r#"{"order":"k"}"#.to_owned()),
        tenant_id: DEFAULT_TENANT.to_owned(),
    }));
    rig.run_due();
}

/// Does all the work that there is; the types of its jobs.
fn work(rig: &mut Rig) -> BTreeSet<String> {
    let mut done = BTreeSet::new();
    for job_key in std::mem::take(&mut rig.names.jobs) {
        if let Some(job) = rig.tables.job(job_key) {
            done.insert(job.job_type().to_owned());
            rig.finish(job_key, VariableDocument::default()).expect("it waits for that");
            rig.run_due();
        }
    }
    for user_task_key in std::mem::take(&mut rig.names.user_tasks) {
        let operation = UserTaskOperation::Complete { variables: VariableDocument::default() };
        let command = UserTaskCommand { user_task_key, action: String::new(), operation };
        // Listeners may be asked first.
        rig.send(&Command::UserTask(command));
        rig.run_due();
    }
    done
}

#[test]
fn every_sample_of_elements_runs_to_its_end() {
    let played: BTreeSet<String> = PLAYS.iter().map(|(file, ..)| format!("{file}.bpmn")).collect();
    let there = std::fs::read_dir(folder()).unwrap();
    let there: BTreeSet<String> =
        there.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(played, there, "each sample has its play");
    for (file, id, given, wanted) in PLAYS {
        let mut rig = Rig::default();
        let content = std::fs::read(folder().join(format!("{file}.bpmn"))).unwrap();
        let resources = vec![Resource { name: format!("{file}.bpmn"), content: content.into() }];
        let tenant_id = DEFAULT_TENANT.to_owned();
        let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
        assert!(matches!(rig.answer(request), Some(Ok(Reply::Deployed(_)))), "{file}");
        if id.is_empty() {
            publish(&mut rig, MESSAGES[0]);
        } else {
            rig.start(id, variables(given.to_owned())).expect("it begins");
        }
        rig.run_due();
        let mut done = BTreeSet::new();
        for round in 0..30 {
            MESSAGES[1..].iter().for_each(|name| publish(&mut rig, name));
            done.append(&mut work(&mut rig));
            if round > 0 {
                for name in SIGNALS {
                    let (name, tenant_id) = (name.to_owned(), DEFAULT_TENANT.to_owned());
                    let variables = VariableDocument::default();
                    rig.send(&Command::BroadcastSignal(BroadcastSignal { name, variables, tenant_id }));
                    rig.run_due();
                }
            }
            rig.now = rig.now.plus(HOUR);
            rig.run_due();
        }
        let missing: Vec<&&str> = wanted.iter().filter(|of| !done.contains(**of)).collect();
        assert!(missing.is_empty(), "{file} {given}: {missing:?} of {done:?}");
        let alive = |(table, _, _): &&(u8, Vec<u8>, Vec<u8>)| *table == 4;
        assert_eq!(rig.dump().iter().filter(alive).count(), 0, "{file} {given} has ended");
    }
}
