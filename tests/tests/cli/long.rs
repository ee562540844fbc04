//! What is long: cut on a terminal where that is seen and said, whole where it is asked for.

use crate::caller::{job, small, write};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::ONE_TASK;
use serde_json::json;

const USER_TASK: &str = include_str!("../../scenarios/models/user_plain.bpmn");

#[test]
fn long_texts_are_cut_on_a_terminal_and_whole_in_full() {
    let (folder, server, caller) = small();
    caller.ok(&["deploy", &write(folder.path(), "one_task.bpmn", ONE_TASK)]);
    let value = format!("{}Z", "y".repeat(20_000));
    let variables = write(folder.path(), "long.json", &json!({ "short": 1, "long": value }).to_string());
    let key = caller.ok(&["run", "one_task", "--variables-file", &variables]).trim().to_owned();
    let hint = format!("Not all is shown: ringbolt instance {key} --full\n");
    // The server cuts long values; that there is more is said wherever they are shown.
    let piped = caller.ok(&["instance", &key]);
    assert!(piped.contains("yyy…\n") && piped.ends_with(&hint), "{}", &piped[piped.len() - 200..]);
    let full = caller.ok(&["instance", &key, "--full"]);
    assert!(full.contains(&format!("\"{value}\"\n")) && !full.contains(&hint));
    let whole = caller.json(&["instance", &key, "--full"]);
    assert!(whole["variables"].to_string().contains(&value));
    // A long message of an error.
    let failure = json!({ "retries": 0, "errorMessage": format!("{}END", "no paper ".repeat(6_000)) });
    let mut client = Client::connect(server.rest).expect("the server listens");
    let failed = client.post(&format!("/v2/jobs/{}/failure", job(&server)), &failure).expect("an answer");
    assert_eq!(failed.status, 204);
    ringbolt_tests::until("the incident is found", || {
        caller.ok(&["instance", &key]).contains("  failed at 'task'").then_some(())
    });
    for arguments in [&["instance", &key][..], &["watch", &key, "--looks", "1"]] {
        let shown = caller.on_terminal(arguments, 80);
        let last = shown.trim_end().lines().last().expect("a line");
        assert!(shown.len() < 1_500 && last == hint.trim_end(), "{arguments:?}: {} {last}", shown.len());
        let why = shown.lines().find(|line| line.contains("  failed at 'task'")).expect("why it failed");
        assert!(why.contains("no paper") && why.contains("… (54"), "{why}");
        assert!(why.contains(" characters) (incident "), "{why}");
    }
    let full = caller.on_terminal(&["instance", &key, "--full"], 80);
    assert!(full.contains("no paper END (incident ") && full.contains(&value) && !full.contains("Not all"));
    let piped = caller.ok(&["instance", &key]);
    assert!(piped.contains("no paper END (incident "), "a program reads all of it");
    // More variables than a page has.
    let many: serde_json::Map<_, _> = (0..60).map(|n| (format!("v{n:02}"), json!(n))).collect();
    let key = caller.ok(&["run", "one_task", "--variables", &json!(many).to_string()]).trim().to_owned();
    let (some, full) = (caller.ok(&["instance", &key]), caller.ok(&["instance", &key, "--full"]));
    assert!(
        !some.contains("\nv59 ") && some.ends_with(&format!("ringbolt instance {key} --full\n")),
        "{some}"
    );
    assert!(full.contains("\nv59 ") && !full.contains("Not all"), "{full}");
    assert!(!caller.ok(&["run", "one_task"]).contains("Not all"));
    server.stop();
}

#[test]
fn lists_fit_a_terminal_of_80_columns() {
    let (folder, server, caller) = small();
    let tasks = USER_TASK.replace("user_plain", "a_process_with_a_long_id_that_is_still_reasonable");
    let tasks =
        tasks.replace("<bpmn:userTask id=\"", "<bpmn:userTask name=\"Approve what was ordered\" id=\"");
    let models = [write(folder.path(), "1.bpmn", ONE_TASK), write(folder.path(), "2.bpmn", &tasks)];
    caller.ok(&["deploy", &models[0], &models[1]]);
    caller.ok(&["run", "one_task"]);
    caller.ok(&["run", "a_process_with_a_long_id_that_is_still_reasonable"]);
    let failure = json!({ "retries": 0, "errorMessage": "no paper ".repeat(30) });
    let mut client = Client::connect(server.rest).expect("the server listens");
    client.post(&format!("/v2/jobs/{}/failure", job(&server)), &failure).expect("an answer");
    let task = caller.json(&["tasks"])["items"][0]["userTaskKey"].as_str().expect("a task").to_owned();
    for list in [&["instances"][..], &["incidents"], &["jobs"], &["tasks"], &["tasks", "--all"]] {
        let shown = caller.on_terminal(list, 80);
        let rows: Vec<&str> = shown.lines().take_while(|line| !line.starts_with("1 ")).collect();
        assert!(rows.len() >= 2 && rows[0].starts_with("KEY "), "{list:?}: {shown}");
        let rows = rows.into_iter().filter(|row| row.starts_with("KEY") || row.starts_with("22"));
        rows.for_each(|row| assert!(row.trim_end().chars().count() <= 80, "{list:?}: {row}"));
    }
    let shown = caller.on_terminal(&["tasks", "--all"], 80);
    assert!(shown.contains(&task) && shown.contains(" CREATED ") && shown.contains("Appr"), "{shown}");
    server.stop();
}
