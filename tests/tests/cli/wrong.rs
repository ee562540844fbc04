//! Lists that are asked of what is not there say so, and what there is.

use crate::caller::{small, write};
use ringbolt_tests::server::ONE_TASK;

const CHOOSES: &str = include_str!("../../scenarios/models/exclusive_no_default.bpmn");

#[test]
fn a_list_of_what_is_not_there_says_what_there_is() {
    let (folder, server, caller) = small();
    let says = |arguments: &[&str], wanted: &str| {
        let (code, said) = caller.fails(arguments);
        assert_eq!((code, said), (1, format!("ringbolt: {wanted}\n")), "{arguments:?}");
    };
    says(&["run", "order"], "no process 'order' is deployed, and no other: ringbolt deploy FILE");
    for n in 0..9 {
        let model = ONE_TASK.replace("id=\"one_task\"", &format!("id=\"p{n}\""));
        caller.ok(&["deploy", &write(folder.path(), "p.bpmn", &model)]);
    }
    let model = write(folder.path(), "choose.bpmn", CHOOSES);
    let deployed = caller.json(&["deploy", &write(folder.path(), "one.bpmn", ONE_TASK), &model]);
    let definition = &deployed["deployments"][0]["processDefinition"]["processDefinitionKey"];
    let definition = definition.as_str().expect("a key");
    let none = "no process 'order' is deployed; there are: \
        exclusive_no_default, one_task, p0, p1, p2, p3, p4, p5, p6, p7 and 1 more";
    for list in ["instances", "incidents", "jobs", "tasks"] {
        says(&[list, "--process", "order"], none);
        says(&[list, "--process", "order", "--json"], none);
    }
    says(&["run", "order"], none);
    says(&["run", "order", "--wait"], none);
    says(&["run", "one_task", "--version", "7"], "the process 'one_task' has no version 7; the latest is 1");
    let id = "version 1 of the process 'one_task': ringbolt run one_task --version 1";
    says(&["run", definition], &format!("{definition} is no id of a process but {id}"));
    says(&["jobs", "--process", definition], &format!("{definition} is no id of a process but {id}"));
    // Keys of something else, and of nothing.
    let key = caller.ok(&["run", "one_task", "--var", "a=1"]).trim().to_owned();
    let job = caller.json(&["jobs"])["items"][0]["jobKey"].as_str().expect("a job").to_owned();
    for list in ["incidents", "jobs", "tasks"] {
        let a_job = format!("a job of type 'work' of instance {key}: ringbolt complete {job}");
        says(&[list, "--instance", &job], &format!("{job} is no instance but {a_job}"));
        says(&[list, "--instance", "7"], "no instance has the key 7: ringbolt instances lists them");
    }
    says(&["instance", "7"], "no instance has the key 7: ringbolt instances lists them");
    says(&["complete", "99999"], "no user task and no job with the key 99999 can be completed");
    // What is there and has none of it is an empty list that says of what.
    let empty = |arguments: &[&str], wanted: &str| assert_eq!(caller.ok(arguments), format!("{wanted}\n"));
    let all = "; --all shows those that are resolved, too";
    empty(&["incidents", "--instance", &key], &format!("no open incidents of instance {key}{all}"));
    empty(
        &["tasks", "--process", "one_task", "--group", "sales", "--all"],
        "no user tasks for the group 'sales' of 'one_task' in all states",
    );
    empty(&["jobs", "--type", "wrok"], "no jobs of type 'wrok' in all states");
    empty(
        &["jobs", "--type", "wrok", "--state", "timed-out", "--process", "one_task"],
        "no timed out jobs of type 'wrok' of 'one_task'",
    );
    empty(&["instances", "--var", "a=2"], "no instances with a=2 in all states");
    empty(
        &["instances", "--business-id", "b", "--state", "active"],
        "no active instances with the business id 'b'",
    );
    assert!(caller.ok(&["status"]).contains("\nwaiting     0 user tasks, 1 job\n"));
    server.stop();
}
