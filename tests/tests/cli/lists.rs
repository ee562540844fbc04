//! Lists say what instances do and which states they have; the page of one says what may come in between.

use crate::caller::{Caller, SMALL, write};
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::json;

const PAYMENT: &str = include_str!("../../../docs/samples/payment.bpmn");
const CHOOSES: &str = include_str!("../../scenarios/models/exclusive_no_default.bpmn");
const TICKS: &str = include_str!("../../scenarios/models/timed_sub_beside.bpmn");
const INTERRUPTED: &str = include_str!("../../scenarios/models/boundary_message.bpmn");
const ALARM: &str = include_str!("../../scenarios/models/catch_signal.bpmn");
const SLEEPS: &str = include_str!("../../scenarios/models/catch_timer.bpmn");

fn start(folder: &tempfile::TempDir, models: &[&str]) -> (Server, Caller) {
    let server = Server::start(&folder.path().join("data"), &SMALL);
    let caller = Caller::of(&server);
    let files: Vec<String> = models
        .iter()
        .enumerate()
        .map(|(at, model)| write(folder.path(), &format!("{at}.bpmn"), model))
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    caller.ok(&[&["deploy"], &files[..]].concat());
    (server, caller)
}

#[test]
fn the_page_of_an_instance_has_its_timers_and_other_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(&folder, &[PAYMENT, TICKS, INTERRUPTED, ALARM, SLEEPS]);
    let page = |arguments: &[&str]| {
        let key = caller.ok(&[&["run"], arguments].concat());
        caller.ok(&["instance", key.trim()])
    };
    let has =
        |page: &str, line: &str| assert!(page.lines().any(|one| one.starts_with(line)), "{line}: {page}");
    let payment = page(&["payment", "--var", "orderId=o-1"]);
    has(&payment, "  waits at 'wait' for message 'payment-received' with key 'o-1'");
    let due = payment
        .lines()
        .find(|line| line.starts_with("  timer 'late' on 'wait' is due in "))
        .expect("a timer");
    let (seconds, moment) =
        due.rsplit_once("due in ").and_then(|(_, rest)| rest.split_once(" s, ")).expect("both");
    assert!((20..=30).contains(&seconds.parse::<u32>().expect("seconds")), "{due}");
    assert!(moment.starts_with("20") && moment.ends_with('Z'), "{due}");
    assert!(!payment.contains("stands at"), "{payment}");
    let ticks = page(&["timed_sub_beside"]);
    has(&ticks, "  waits at 'a' for a worker of job type 'a'");
    has(&ticks, "  timer 'tick_start' of the instance is due in ");
    assert!(ticks.contains(", 3 times in all\n"), "{ticks}");
    let interrupted = page(&["boundary_message", "--var", "orderId=o-1"]);
    has(&interrupted, "  waits at 'a' for a worker of job type 'a'");
    has(&interrupted, "  'cancel' on 'a' waits for message 'paid' with key 'o-1'");
    has(&page(&["catch_signal"]), "  waits at 'wait' for signal 'alarm'");
    let sleeps = page(&["catch_timer", "--var", "w=PT1H"]);
    has(&sleeps, "  waits at 'wait' for its timer, which is due in ");
    assert!(!sleeps.contains("stands at") && !sleeps.contains("again"), "{sleeps}");
    let key = caller.ok(&["run", "payment", "--var", "orderId=o-2"]);
    assert_eq!(caller.json(&["instance", key.trim()])["timers"][0]["elementId"], "late");
    server.stop();
}

#[test]
fn instances_are_listed_with_what_they_do_and_the_states_that_are_held() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(&folder, &[ONE_TASK, CHOOSES]);
    assert_eq!(caller.ok(&["instances"]), "no instances in all states\n");
    let waiting = caller.ok(&["run", "one_task"]).trim().to_owned();
    let failed = caller.ok(&["run", "exclusive_no_default"]).trim().to_owned();
    let done = caller.ok(&["run", "exclusive_no_default", "--var", "x=11"]).trim().to_owned();
    let canceled = caller.ok(&["run", "one_task"]).trim().to_owned();
    caller.ok(&["cancel", &canceled]);
    let listed = caller.ok(&["instances"]);
    let row = |key: &str| {
        listed.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {listed}"))
    };
    assert!(listed.lines().next().is_some_and(|heads| heads.ends_with(" STARTED  NOW")), "{listed}");
    assert!(row(&waiting).contains("  one_task v1") && row(&waiting).contains("  ACTIVE "), "{listed}");
    assert!(row(&waiting).ends_with("  waits at 'task' for a worker of job type 'work'"), "{listed}");
    assert!(
        row(&failed).contains("  INCIDENT ")
            && row(&failed).contains("failed at 'route', EXTRACT_VALUE_ERROR: "),
        "{listed}"
    );
    assert!(row(&done).contains("  COMPLETED ") && row(&done).contains("  ended after "), "{listed}");
    assert!(row(&canceled).contains("  CANCELED ") && row(&canceled).contains("  ended after "), "{listed}");
    assert!(
        listed.ends_with("\n4 instances in all states; --state active or --incidents shows fewer\n"),
        "{listed}"
    );
    let ends = |arguments: &[&str], wanted: &str| {
        let listed = caller.ok(arguments);
        assert!(listed.ends_with(wanted), "{arguments:?}: {listed}");
    };
    ends(&["instances", "--state", "active"], "\n2 active instances\n");
    ends(
        &["instances", "--limit", "1"],
        "\nthe newest 1 of 4 instances in all states; --state active or --incidents shows fewer, --limit shows more\n",
    );
    ends(&["instances", "--incidents"], "\n1 instance with an incident\n");
    ends(&["instances", "--state", "suspended"], "no suspended instances\n");
    ends(&["incidents"], "\n1 open incident; --all shows those that are resolved, too\n");
    ends(
        &["incidents", "--process", "one_task"],
        "no open incidents of 'one_task'; --all shows those that are resolved, too\n",
    );
    ends(&["jobs", "--process", "one_task", "--state", "created"], "\n1 created job of 'one_task'\n");
    ends(&["tasks", "--all"], "no user tasks in all states\n");
    server.stop();
}

/// So many rows of one instance may not hide what another one waits for.
#[test]
fn an_instance_with_many_rows_hides_no_other() {
    let many = ONE_TASK.replace("id=\"one_task\"", "id=\"many\"").replace(
        "</bpmn:serviceTask>",
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection=\"=items\" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(&folder, &[ONE_TASK, &many]);
    let one = caller.ok(&["run", "one_task"]).trim().to_owned();
    let items = json!({ "items": vec![0; 1_100] }).to_string();
    let large = caller.ok(&["run", "many", "--variables", &items]).trim().to_owned();
    ringbolt_tests::until("all wait", || {
        let jobs = caller.json(&["jobs", "--instance", &large, "--limit", "1"]);
        (jobs["page"]["totalItems"] == 1_100).then_some(())
    });
    let listed = caller.ok(&["instances"]);
    for (key, what) in [(&one, "waits at 'task' for a worker of job type 'work'"), (&large, " more)")] {
        let row = listed.lines().find(|line| line.starts_with(key.as_str())).expect("its row");
        assert!(row.ends_with(what), "{listed}");
        assert_eq!(row.contains(" (and at least 1"), *key == large, "{listed}");
    }
    server.stop();
}
