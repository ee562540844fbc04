//! What the logs of the scenarios leave in secondary storage.

use crate::row_feed::{Bench, Log, quick_directory, rows};
use crate::scenarios::{entries_of, folder};
use expect_test::{Expect, expect};
use std::path::Path;
use std::sync::{Arc, Mutex};

fn log_of(entries: Vec<Vec<u8>>) -> Arc<Mutex<Log>> {
    Arc::new(Mutex::new(Log { entries, life: 1, ..Log::default() }))
}

/// What is there in the end, when instances stay in memory for so many turns.
fn dump_of(entries: &[Vec<u8>], sizes: Vec<usize>, young_ms: u64) -> String {
    let directory = quick_directory();
    let mut bench = Bench::young(directory.path(), &log_of(entries.to_vec()), sizes, young_ms);
    bench.run();
    assert!(bench.events.is_empty(), "{:?}", bench.events);
    bench.dump()
}

/// Paths of all scenarios.
pub(crate) fn scenarios() -> Vec<std::path::PathBuf> {
    let files = |folder: &Path| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let areas = files(&folder()).into_iter().flat_map(|area| files(&area));
    areas.filter(|path| path.extension().is_some_and(|ending| ending == "scn")).collect()
}

#[test]
fn batches_of_any_size_give_the_same_rows() {
    let mut with_rows = 0;
    for (at, path) in scenarios().into_iter().enumerate() {
        let entries = entries_of(&std::fs::read_to_string(&path).unwrap());
        if entries.is_empty() {
            continue;
        }
        let one_by_one = dump_of(&entries, vec![1], 0);
        with_rows += usize::from(one_by_one.contains("process_instances "));
        // Migrations are few, and what they change stands in many places.
        let all = [vec![usize::MAX], vec![2], vec![3, 1, 7], vec![5, 2]];
        for sizes in all.iter().filter(|_| path.parent().is_some_and(|area| area.ends_with("migration"))) {
            assert_eq!(
                one_by_one,
                dump_of(&entries, sizes.clone(), 1),
                "{} in batches of {sizes:?}",
                path.display()
            );
        }
        let sizes = all[at % 4].clone();
        let young_ms = at as u64 % 5;
        let other = dump_of(&entries, sizes.clone(), young_ms);
        let name = path.display();
        assert_eq!(one_by_one, other, "{name} in batches of {sizes:?}, young for {young_ms} turns");
        // One by one, so that nearly every instance lives across borders, and with an end in between.
        let (directory, log) = (quick_directory(), log_of(entries.clone()));
        let mut bench = Bench::young(directory.path(), &log, vec![1], 4);
        for _ in 0..(entries.len() + at % 3) / 2 {
            bench.turn();
        }
        drop(bench);
        let mut bench = Bench::young(directory.path(), &log, sizes, 2);
        bench.run();
        assert_eq!(one_by_one, bench.dump(), "{name} with an end in between");
    }
    assert!(with_rows > 100, "only {with_rows} scenarios with instances");
}

/// What a scenario leaves: some columns of some tables.
fn check(scenario: &str, of: &[(&str, &str)], expected: Expect) {
    let directory = quick_directory();
    let mut bench = Bench::new(directory.path(), &log_of(entries_of(scenario)), vec![usize::MAX]);
    bench.run();
    let hot = bench.hot();
    let text: String = of.iter().map(|(table, columns)| rows(&hot, table, columns)).collect();
    // Keys by their counters.
    let text = text.replace("225179981368", "k").replace("225179981369", "l");
    expected.assert_eq(&text);
}

#[test]
fn a_finished_instance_leaves_all_its_rows() {
    check(
        "deploy one_task.bpmn\ncreate one_task tags=a,b {\"x\":1}\nactivate work worker=w\ncomplete job1 {\"y\":[2]}",
        &[
            ("process_instances", "*"),
            ("element_instances", "*"),
            ("taken_flows", "*"),
            ("variables", "*"),
            ("jobs", "*"),
            ("process_definitions", "*"),
            ("elements", "*"),
        ],
        expect![[r#"
            process_instances process_instance_key=k5251 process_definition_key=k5250 state=1 start_date=1893456000000 end_date=1893456000000 root_process_instance_key=k5251 incident_count=0 tags="[\"a\",\"b\"]" flows="[\"start_to_task\",\"task_to_end\"]"
            element_instances element_instance_key=k5254 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 flow_scope_key=k5251 element_id="start" type=21 state=1 start_date=1893456000000 end_date=1893456000000 incident_count=0 process_start_date=1893456000000
            element_instances element_instance_key=k5256 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 flow_scope_key=k5251 element_id="task" type=20 state=1 start_date=1893456000000 end_date=1893456000000 incident_count=0 process_start_date=1893456000000
            element_instances element_instance_key=k5261 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 flow_scope_key=k5251 element_id="end" type=5 state=1 start_date=1893456000000 end_date=1893456000000 incident_count=0 process_start_date=1893456000000
            taken_flows process_instance_key=k5251 element_id="start_to_task" process_definition_key=k5250 root_process_instance_key=k5251
            taken_flows process_instance_key=k5251 element_id="task_to_end" process_definition_key=k5250 root_process_instance_key=k5251
            variables variable_key=k5252 process_instance_key=k5251 root_process_instance_key=k5251 scope_key=k5251 name="x" value="1"
            variables variable_key=k5259 process_instance_key=k5251 root_process_instance_key=k5251 scope_key=k5251 name="y" value="[2]"
            jobs job_key=k5257 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5256 element_id="task" type="work" worker="w" kind=1 listener_event_type=8 state=1 retries=3 priority=0 has_failed_with_retries_left=0 is_denied=0 deadline=1893456060000 creation_time=1893456000000 last_update_time=1893456000000 end_time=1893456000000 is_over=1
            process_definitions process_definition_key=k5250 process_definition_id="one_task" name="One task" version=1 resource_name="one_task.bpmn" has_start_form=0 state=0 deployment_key=k5249
            elements process_definition_key=k5250 element_id="end" element_type=5
            elements process_definition_key=k5250 element_id="one_task" element_type=15 element_name="One task"
            elements process_definition_key=k5250 element_id="start" element_type=21
            elements process_definition_key=k5250 element_id="task" element_type=20
        "#]],
    );
}

#[test]
fn an_instance_is_suspended_until_it_goes_on() {
    let columns = "state, start_date, end_date, suspended_date";
    let text = "deploy one_task.bpmn\ncreate one_task\ncreate one_task\nsuspend pi1\nsuspend pi2\nresume pi2";
    // One that goes on has no such date: searches show it as none.
    check(
        text,
        &[("process_instances", columns)],
        expect![[r#"
            process_instances state=0 start_date=1893456000000 suspended_date=0
            process_instances state=2 start_date=1893456000000 suspended_date=1893456000000
        "#]],
    );
}

#[test]
fn incidents_are_counted_up_to_the_top() {
    let columns = "element_id, incident_count, incident_key, state";
    let tables = [
        ("incidents", "*"),
        ("process_instances", "process_instance_key, incident_count, parent_process_instance_key"),
        ("element_instances", columns),
    ];
    let failed = "deploy called.bpmn calling.bpmn\ncreate calling {\"a\":1}\nactivate work\nfail job1 retries=0 message=no";
    check(
        failed,
        &tables,
        expect![[r#"
        incidents incident_key=k5265 process_instance_key=k5258 process_definition_key=k5250 root_process_instance_key=k5252 element_instance_key=k5262 element_id="work" job_key=k5263 error_type=9 error_message="no" error_message_hash=3521 state=0 creation_time=1893456000000
        process_instances process_instance_key=k5252 incident_count=1
        process_instances process_instance_key=k5258 incident_count=1 parent_process_instance_key=k5252
        element_instances element_id="call" incident_count=1 state=0
        element_instances element_id="start" incident_count=0 state=1
        element_instances element_id="start" incident_count=0 state=1
        element_instances element_id="work" incident_count=1 incident_key=k5265 state=0
    "#]],
    );
    let resolved = format!("{failed}\nupdate-retries job1 retries=1\nresolve incident1");
    check(
        &resolved,
        &tables[1..],
        expect![[r#"
        process_instances process_instance_key=k5252 incident_count=0
        process_instances process_instance_key=k5258 incident_count=0 parent_process_instance_key=k5252
        element_instances element_id="call" incident_count=0 state=0
        element_instances element_id="start" incident_count=0 state=1
        element_instances element_id="start" incident_count=0 state=1
        element_instances element_id="work" incident_count=0 state=0
    "#]],
    );
}

#[test]
fn user_tasks_have_their_attributes() {
    let task = r#"deploy user_expressions.bpmn
        create user_expressions {"who":"anna","groups":["a","b"],"users":["ben"],"due":"2026-01-02T03:04:05Z","follow":"2026-01-01T00:00:00+02:00","a":1,"prio":33}
        create user_expressions {"who":"","groups":[],"users":[],"due":null,"follow":null,"prio":0}
        complete-task task2"#;
    check(
        task,
        &[("user_tasks", "*")],
        expect![[r#"
        user_tasks user_task_key=k5263 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5262 element_id="task" state=5 assignee="anna" candidate_groups="[\"a\",\"b\"]" candidate_users="[\"ben\"]" creation_date=1893456000000 due_date=1767323045000 follow_up_date=1767218400000 priority=33 custom_headers="{\"a\":\"1\",\"b\":\"two\"}"
        user_tasks user_task_key=k5275 process_instance_key=k5264 process_definition_key=k5250 root_process_instance_key=k5264 element_instance_key=k5274 element_id="task" state=3 creation_date=1893456000000 completion_date=1893456000000 priority=0 custom_headers="{\"a\":\"1\",\"b\":\"two\"}"
    "#]],
    );
}

#[test]
fn subscriptions_correlations_and_evaluations_are_rows() {
    let caught = r#"deploy catch_message.bpmn
        create catch_message {"orderId":"order-1"}
        create catch_message {"orderId":"order-2"}
        publish paid key=order-1 {"amount":5}"#;
    let tables = [("message_subscriptions", "*"), ("correlated_message_subscriptions", "*")];
    check(
        caught,
        &tables,
        expect![[r#"
        message_subscriptions message_subscription_key=k5257 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5256 element_id="wait" message_subscription_state=0 message_subscription_type=0 last_updated_date=1893456000000 message_name="paid" correlation_key="order-1"
        message_subscriptions message_subscription_key=k5265 process_instance_key=k5259 process_definition_key=k5250 root_process_instance_key=k5259 element_instance_key=k5264 element_id="wait" message_subscription_state=1 message_subscription_type=0 last_updated_date=1893456000000 message_name="paid" correlation_key="order-2"
        correlated_message_subscriptions subscription_key=k5257 message_key=k5267 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5256 element_id="wait" correlation_time=1893456000000 message_name="paid" correlation_key="order-1" partition_id=1
    "#]],
    );
    let evaluated = r#"deploy dinner.dmn rule_dish.bpmn
        create rule_dish {"month":1,"names":["a","b"]}"#;
    let tables = [("decision_instances", "*"), ("decision_definitions", "*"), ("decision_requirements", "*")];
    check(
        evaluated,
        &tables,
        expect![[r#"
            decision_instances decision_evaluation_key=k5262 decision_evaluation_number=1 process_instance_key=k5255 process_definition_key=k5254 root_process_instance_key=k5255 element_instance_key=k5261 state=0 evaluation_date=1893456000000 decision_definition_key=k5252 decision_definition_id="season" decision_definition_name="Season" decision_definition_version=1 decision_definition_type=0 root_decision_definition_key=k5251 decision_requirements_key=k5250 result="\"winter\"" evaluated_inputs="[{\"inputId\":\"season_in\",\"inputName\":\"Month\",\"inputValue\":\"1\"}]" matched_rules="[{\"evaluatedOutputs\":[{\"outputId\":\"season_out\",\"outputName\":\"Season of the year\",\"outputValue\":\"\\\"winter\\\"\",\"ruleId\":\"winter\",\"ruleIndex\":1}],\"ruleId\":\"winter\",\"ruleIndex\":1}]"
            decision_instances decision_evaluation_key=k5262 decision_evaluation_number=2 process_instance_key=k5255 process_definition_key=k5254 root_process_instance_key=k5255 element_instance_key=k5261 state=0 evaluation_date=1893456000000 decision_definition_key=k5253 decision_definition_id="guests" decision_definition_name="Guests" decision_definition_version=1 decision_definition_type=1 root_decision_definition_key=k5251 decision_requirements_key=k5250 result="2"
            decision_instances decision_evaluation_key=k5262 decision_evaluation_number=3 process_instance_key=k5255 process_definition_key=k5254 root_process_instance_key=k5255 element_instance_key=k5261 state=0 evaluation_date=1893456000000 decision_definition_key=k5251 decision_definition_id="dish" decision_definition_name="Dish" decision_definition_version=1 decision_definition_type=0 root_decision_definition_key=k5251 decision_requirements_key=k5250 result="\"stew\"" evaluated_inputs="[{\"inputId\":\"dish_season\",\"inputName\":\"season\",\"inputValue\":\"\\\"winter\\\"\"},{\"inputId\":\"dish_guests\",\"inputName\":\"Number of guests\",\"inputValue\":\"2\"}]" matched_rules="[{\"evaluatedOutputs\":[{\"outputId\":\"dish_out\",\"outputName\":\"dish\",\"outputValue\":\"\\\"stew\\\"\",\"ruleId\":\"stew_rule\",\"ruleIndex\":1}],\"ruleId\":\"stew_rule\",\"ruleIndex\":1}]"
            decision_definitions decision_definition_key=k5251 decision_definition_id="dish" name="Dish" version=1 decision_requirements_id="dinner" decision_requirements_key=k5250 deployment_key=k5249 is_deleted=0
            decision_definitions decision_definition_key=k5252 decision_definition_id="season" name="Season" version=1 decision_requirements_id="dinner" decision_requirements_key=k5250 deployment_key=k5249 is_deleted=0
            decision_definitions decision_definition_key=k5253 decision_definition_id="guests" name="Guests" version=1 decision_requirements_id="dinner" decision_requirements_key=k5250 deployment_key=k5249 is_deleted=0
            decision_requirements decision_requirements_key=k5250 decision_requirements_id="dinner" decision_requirements_name="Dinner" version=1 namespace="http://camunda.org/schema/1.0/dmn" resource_name="dinner.dmn" deployment_key=k5249 is_deleted=0
        "#]],
    );
}

#[test]
fn a_job_has_the_worker_of_its_last_attempt() {
    let columns = [("jobs", "worker, deadline, state, retries, custom_headers, error_message")];
    let activated = "deploy one_task.bpmn\ncreate one_task\nactivate work worker=w";
    check(
        activated,
        &columns,
        expect![[r#"
            jobs worker="w" deadline=1893456060000 state=2 retries=3
        "#]],
    );
    check(
        &format!("{activated}\nfail job1 retries=1 message=no"),
        &columns,
        expect![[r#"
            jobs worker="w" deadline=1893456060000 state=4 retries=1 error_message="no"
        "#]],
    );
    // Created and handed out in batches of their own.
    let directory = quick_directory();
    let mut bench = Bench::young(directory.path(), &log_of(entries_of(activated)), vec![1], 0);
    bench.run();
    let text = rows(&bench.hot(), "jobs", "worker, deadline, state");
    assert_eq!(text, "jobs worker=\"w\" deadline=1893456060000 state=2\n");
}

#[test]
fn values_are_kept_without_blanks() {
    check(
        "deploy one_task.bpmn\ncreate one_task {\"x\": {\"a\" : [1, 2.50]} }",
        &[("variables", "name, value")],
        expect![[r#"
            variables name="x" value="{\"a\":[1,2.5]}"
        "#]],
    );
}

#[test]
fn catch_events_wait_until_it_is_over() {
    let tables = [("event_waits", "*")];
    check(
        "deploy catch_timer.bpmn\ncreate catch_timer {\"w\":\"PT5M\"}",
        &tables,
        expect![[r#"
            event_waits wait_key=k5258 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5256 element_id="wait" wait_type=4 is_over=0 due_date=1893456300000 repetitions=1
        "#]],
    );
    check(
        "deploy catch_signal.bpmn\ncreate catch_signal",
        &tables,
        expect![[r#"
            event_waits wait_key=k5256 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5255 element_id="wait" wait_type=3 is_over=0 waits_for="alarm"
        "#]],
    );
    check(
        "deploy catch_signal.bpmn\ncreate catch_signal\nbroadcast alarm",
        &tables,
        expect![[r#"
            event_waits wait_key=k5256 process_instance_key=k5251 process_definition_key=k5250 root_process_instance_key=k5251 element_instance_key=k5255 element_id="wait" wait_type=3 is_over=1 waits_for="alarm"
        "#]],
    );
    // An event on a border is nothing that an instance waits for.
    check("deploy boundary_signal.bpmn\ncreate boundary_signal", &tables, expect![""]);
}
