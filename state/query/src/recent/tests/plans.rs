//! Conditions reach the tables, through views as well.

use super::Rig;

const BY_KEY: &str = "VIRTUAL TABLE INDEX 1:key";
const BY_INSTANCE: &str = "VIRTUAL TABLE INDEX 2:instance";
const ALL: &str = "VIRTUAL TABLE INDEX 0:";

/// How often tables over blocks are read by their keys, by instances, by ranges of keys, and as a whole.
fn ways(plan: &str) -> [usize; 4] {
    // What is tested beside stands behind the way.
    let way = |line: &str| {
        line.find(" VIRTUAL TABLE INDEX ").map(|at| {
            let way = line[at + 21..].split(' ').next().unwrap_or_default().to_owned();
            format!("{} VIRTUAL TABLE INDEX {way}", &line[..at])
        })
    };
    let ways: Vec<String> = plan.lines().filter_map(way).collect();
    let count = |is_so: &dyn Fn(&str) -> bool| ways.iter().filter(|line| is_so(line)).count();
    [
        count(&|line| line.ends_with(BY_KEY)),
        count(&|line| line.ends_with(BY_INSTANCE)),
        count(&|line| line.ends_with(":keys")),
        count(&|line| line.ends_with(ALL)),
    ]
}

/// What else is asked of rows is tested where they are read: one value of a column, not a list of them.
#[test]
fn other_conditions_are_tested_where_rows_are_read() {
    let rig = Rig::new(6);
    for (condition, tests) in [
        ("type = 'a' AND state = 3", " =6 =10"),
        ("state IN (1, 2) AND retries >= 2 AND retries < 9", " f11 <11"),
        ("process_instance_key = 4 AND end_time IS NULL AND error_code IS NOT NULL", "instance 022 118"),
        ("job_key = 4 AND worker > 'a' AND priority <= 3", "key >7 u12"),
        ("type = 'a' COLLATE NOCASE", ""),
    ] {
        let plan = rig.plan(&format!("SELECT * FROM recent_a_jobs WHERE {condition}"));
        let text = plan.trim_end().rsplit_once(':').map(|(_, text)| text.to_owned()).expect("a way");
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words[1..].sort();
            words
        };
        assert_eq!(sorted(&text), sorted(tests), "{condition}: {plan}");
    }
}

/// A page in the order of keys is read as far as it goes.
#[test]
fn rows_come_by_their_keys_unsorted() {
    let rig = Rig::new(6);
    for (sql, numbers) in [
        ("SELECT job_key FROM recent_a_jobs ORDER BY job_key LIMIT 5", [1, 0]),
        ("SELECT job_key FROM recent_b_jobs WHERE state = 1 ORDER BY job_key DESC LIMIT 5", [0, 1]),
        ("SELECT job_key FROM recent_a_jobs WHERE job_key > 7 ORDER BY job_key, type LIMIT 5", [1, 0]),
        ("SELECT job_key FROM recent_a_jobs ORDER BY type, job_key LIMIT 5", [0, 0]),
    ] {
        let plan = rig.plan(sql);
        let of = |bit: usize| {
            let number = |line: &str| line.split("INDEX ").nth(1)?.split(':').next()?.parse::<usize>().ok();
            plan.lines().filter_map(number).filter(|number| number & bit != 0).count()
        };
        assert_eq!([of(64), of(128)], numbers, "{sql}\n{plan}");
        assert_eq!(plan.contains("USE TEMP B-TREE"), numbers == [0, 0], "{sql}\n{plan}");
    }
    for order in ["job_key", "job_key DESC", "job_key LIMIT 3 OFFSET 2"] {
        for condition in ["1", "state = 1", "process_instance_key > 3", "job_key > 40 AND type >= 'a'"] {
            rig.check(&format!("SELECT * FROM recent_a_jobs WHERE {condition} ORDER BY {order}"), &[]);
        }
    }
}

#[test]
fn conditions_on_keys_and_instances_reach_the_tables_through_views() {
    let rig = Rig::new(6);
    for (sql, wanted) in [
        ("SELECT * FROM process_instances p WHERE p.process_instance_key = 1", [2, 0, 0, 0]),
        ("SELECT * FROM jobs WHERE process_instance_key = 1", [0, 2, 0, 0]),
        ("SELECT * FROM recent_a_jobs WHERE process_instance_key IN (1, 2, 3)", [0, 1, 0, 0]),
        ("SELECT * FROM jobs WHERE job_key IN (1, 2, 3)", [2, 0, 0, 0]),
        ("SELECT * FROM jobs WHERE job_key > 5 AND job_key <= 7", [0, 0, 2, 0]),
        ("SELECT * FROM jobs WHERE job_key > 5 AND process_instance_key = 7", [0, 2, 0, 0]),
        ("SELECT * FROM sequence_flows WHERE process_instance_key = 5 AND element_id > 'a'", [2, 0, 0, 0]),
        ("SELECT * FROM jobs WHERE type = 'a'", [0, 0, 0, 2]),
        // Flows of their own, and those in the rows of instances.
        ("SELECT * FROM taken_flows f WHERE f.process_instance_key = 1", [4, 0, 0, 0]),
        (
            "SELECT e.element_instance_key FROM element_instances e WHERE e.process_instance_key = 1 \
             ORDER BY e.start_date DESC, e.element_instance_key LIMIT 50",
            [0, 2, 0, 0],
        ),
        (
            "SELECT p.process_instance_key FROM process_instances p WHERE p.process_instance_key >= 5 \
             ORDER BY p.process_instance_key LIMIT 50",
            [0, 0, 2, 0],
        ),
        (
            "SELECT u.user_task_key, (SELECT p.tags FROM process_instances p \
             WHERE p.process_instance_key = u.process_instance_key) FROM user_tasks u WHERE u.user_task_key = 1",
            [8, 0, 0, 0],
        ),
        (
            "SELECT * FROM recent_a_process_instances p WHERE EXISTS (SELECT 1 FROM variables v \
             WHERE v.process_instance_key = p.process_instance_key AND v.name = 'a')",
            [0, 2, 0, 1],
        ),
        // What is found by one table is looked up in the other by its key.
        (
            "SELECT * FROM recent_a_process_instances p WHERE p.process_instance_key IN \
             (SELECT v.process_instance_key FROM variables v WHERE v.name = 'a')",
            [1, 0, 0, 2],
        ),
        (
            "SELECT * FROM recent_a_jobs j JOIN recent_a_process_instances p ON p.process_instance_key = j.process_instance_key \
             WHERE j.type = 'a'",
            [1, 0, 0, 1],
        ),
        (
            "SELECT * FROM live_process_instances p JOIN recent_a_element_instances e \
             ON e.process_instance_key = p.process_instance_key WHERE p.process_instance_key = 1",
            [0, 1, 0, 0],
        ),
        // Each of a union is asked for each row.
        (
            "SELECT 1 FROM jobs j WHERE j.process_instance_key = 1 AND EXISTS (SELECT 1 FROM element_instances e \
             WHERE e.element_instance_key = j.element_instance_key AND e.state = 0)",
            [6, 2, 0, 0],
        ),
    ] {
        let plan = rig.plan(sql);
        assert_eq!(ways(&plan), wanted, "{sql}\n{plan}");
    }
}
