//! The same answers.

use super::{Rig, SHAPES};
use crate::filter::{Filter, Test, Value as Wanted};
use crate::place::RECENT;
use crate::view::{Kind, Place, View};
use crate::views::instances::{
    DECISION_INSTANCES, ELEMENT_INSTANCES, INCIDENTS_VIEW, PROCESS_INSTANCES, SEQUENCE_FLOWS, VARIABLES,
    VARIABLES_OF_INSTANCE, VARIABLES_OF_THIS, VARIABLES_OF_THOSE,
};
use crate::views::jobs::{JOB_ERRORS, JOBS, USER_TASKS};
use crate::views::messages::{CORRELATED_MESSAGE_SUBSCRIPTIONS, MESSAGE_SUBSCRIPTIONS};
use rusqlite::types::Value;

static VIEWS: [&View; 11] = [
    &PROCESS_INSTANCES,
    &ELEMENT_INSTANCES,
    &SEQUENCE_FLOWS,
    &VARIABLES,
    &INCIDENTS_VIEW,
    &DECISION_INSTANCES,
    &JOB_ERRORS,
    &JOBS,
    &USER_TASKS,
    &MESSAGE_SUBSCRIPTIONS,
    &CORRELATED_MESSAGE_SUBSCRIPTIONS,
];

/// Values to compare keys with, of all kinds.
fn values() -> Vec<Value> {
    let mut values: Vec<Value> =
        (980..1_900).step_by(110).chain([i64::MIN, i64::MAX]).map(Value::Integer).collect();
    values.extend(["1035", "x", ""].map(|text| Value::Text(text.to_owned())));
    values.extend([Value::Null, Value::Real(1_035.0), Value::Real(1_035.5), Value::Blob(vec![1])]);
    values
}

#[test]
fn what_is_asked_by_keys_and_instances_is_answered_as_by_real_tables() {
    let rig = Rig::new(1);
    let mut found = 0;
    for shape in SHAPES.iter() {
        let key = shape.columns[0].as_str();
        let names =
            RECENT.map(|set| format!("{set}{}", shape.name)).into_iter().chain([shape.name.to_owned()]);
        for name in names {
            found += rig.check(&format!("SELECT * FROM {name}"), &[]);
            rig.check(&format!("SELECT count(*), max({key}), min(process_instance_key) FROM {name}"), &[]);
            for value in values() {
                for column in [key, "process_instance_key"] {
                    for word in ["=", "<", "<=", ">", ">=", "IS", "<>", "IS NOT"] {
                        let sql = format!("SELECT * FROM {name} WHERE {column} {word} ?");
                        found += rig.check(&sql, std::slice::from_ref(&value));
                    }
                }
                let both = [value.clone(), Value::Integer(1_400)];
                for words in
                    [("> ?", "< ?"), (">= ?", "<= ?"), ("<= ?", "> ?"), ("> ?", "> ?"), ("= ?", "< ?")]
                {
                    let sql = format!("SELECT * FROM {name} WHERE {key} {} AND {key} {}", words.0, words.1);
                    found += rig.check(&sql, &both);
                }
                let sql = format!("SELECT * FROM {name} WHERE {key} = ? AND process_instance_key < ?");
                found += rig.check(&sql, &both);
                let sql = format!(
                    "SELECT * FROM {name} WHERE {key} IN (?, ?) OR process_instance_key IN (?2, 1035)"
                );
                found += rig.check(&sql, &both);
            }
            let listed = "(1000, 1007, 1014, 1021, NULL, '1035', 1042)";
            for column in [key, "process_instance_key"] {
                found += rig.check(&format!("SELECT * FROM {name} WHERE {column} IN {listed}"), &[]);
                found += rig.check(&format!("SELECT * FROM {name} WHERE {column} NOT IN {listed}"), &[]);
            }
        }
    }
    assert!(found > 50_000, "{found}");
}

#[test]
fn types_are_those_of_real_tables() {
    let rig = Rig::new(2);
    for shape in SHAPES.iter() {
        for column in &shape.columns {
            let name = shape.name;
            rig.check(&format!("SELECT {column}, typeof({column}) FROM recent_a_{name}"), &[]);
            for value in ["'1'", "1", "1.0", "'t1'", "CAST(1 AS TEXT)"] {
                rig.check(&format!("SELECT * FROM recent_a_{name} WHERE {column} = {value}"), &[]);
                rig.check(&format!("SELECT * FROM {name} WHERE {column} = {value}"), &[]);
            }
        }
        let of = |set: &str| {
            format!("SELECT name, type FROM pragma_table_info('{set}{}') ORDER BY cid", shape.name)
        };
        assert_eq!(rig.check(&of("recent_b_"), &[]), shape.columns.len());
        if shape.has_rowid() {
            rig.check(&format!("SELECT rowid, * FROM recent_b_{} WHERE rowid > 1500", shape.name), &[]);
        }
    }
}

/// Tests of a column of a kind.
fn tests(kind: Kind) -> Vec<Test> {
    let one = match kind {
        Kind::Key => Wanted::Int(1_035),
        Kind::Int | Kind::Time | Kind::Flag | Kind::Enum(_) => Wanted::Int(1),
        Kind::Text | Kind::LongText | Kind::Value | Kind::Json => Wanted::Text("t1".into()),
    };
    let other = match &one {
        Wanted::Int(number) => Wanted::Int(number + 7),
        Wanted::Text(_) => Wanted::Text("t2".into()),
    };
    vec![
        Test::Eq(one.clone()),
        Test::Neq(one.clone()),
        Test::Gte(other.clone()),
        Test::In(vec![one.clone(), other.clone()]),
        Test::NotIn(vec![one, other]),
        Test::Exists(true),
        Test::Exists(false),
    ]
}

#[test]
fn every_search_finds_the_same_rows() {
    let rig = Rig::new(3);
    let mut found = 0;
    for view in VIEWS {
        assert_eq!(view.place, Place::Instances);
        let keys = view.key.join(", ");
        let all: Vec<&str> = view.columns.iter().map(|column| column.sql).collect();
        let all = all.join(", ");
        found += rig.check(&format!("SELECT {all} FROM {}", view.from), &[]);
        for column in view.columns {
            let sql = format!(
                "SELECT {}, {keys} FROM {} ORDER BY {0} DESC, {keys} LIMIT 40 OFFSET 3",
                column.sql, view.from
            );
            rig.check(&sql, &[]);
            for test in tests(column.kind) {
                let condition = Filter::Is(column, test).sql();
                let sql = format!("SELECT {keys} FROM {} WHERE {}", view.from, condition.text);
                found += rig.check(&sql, &condition.values);
            }
        }
    }
    assert!(found > 10_000, "{found}");
}

#[test]
fn variables_that_instances_have_are_found_in_every_way() {
    let rig = Rig::new(4);
    let has = |begin, name: &str, value: &str| {
        let tests = vec![
            ("v.name", Kind::Text, Test::Eq(Wanted::Text(name.into()))),
            ("v.value", Kind::Value, Test::Eq(Wanted::Text(value.into()))),
        ];
        Filter::Has(begin, tests, ")")
    };
    let mut found = 0;
    for second in [VARIABLES_OF_INSTANCE, VARIABLES_OF_THIS, VARIABLES_OF_THOSE] {
        for (one, other) in [("t1", "t2"), ("t3", "t3"), ("t4", "t1")] {
            let filter =
                Filter::All(vec![has(VARIABLES_OF_INSTANCE, one, "t1"), has(second, other, "t2")]).sql();
            for set in ["", "recent_a_", "recent_b_", "live_"] {
                let mut sql =
                    crate::sql::Sql::of("SELECT p.process_instance_key FROM process_instances p WHERE ");
                sql.add(filter.clone());
                let sql = sql.of_set(set);
                found += rig.check(&sql.text, &sql.values);
            }
        }
        let any = format!("SELECT p.* FROM process_instances p WHERE {second}v.name = 't1')");
        found += rig.check(&any, &[]);
    }
    assert!(found > 50, "{found}");
}

#[test]
fn joins_and_pages_are_those_of_real_tables() {
    let rig = Rig::new(5);
    for sql in [
        "SELECT * FROM element_instances e JOIN process_instances p ON p.process_instance_key = e.process_instance_key",
        "SELECT * FROM recent_a_jobs j JOIN recent_b_element_instances e USING (process_instance_key)",
        "SELECT * FROM process_instances p LEFT JOIN incidents i ON i.process_instance_key = p.process_instance_key",
        "SELECT * FROM recent_a_process_instances p LEFT JOIN recent_b_variables v ON v.scope_key = p.process_instance_key",
        "SELECT p.state, count(*) FROM process_instances p GROUP BY p.state ORDER BY p.state",
        "SELECT DISTINCT process_instance_key FROM jobs UNION SELECT process_instance_key FROM user_tasks ORDER BY 1",
        "SELECT * FROM taken_flows f WHERE f.process_instance_key = 1035",
        "SELECT * FROM taken_flows f WHERE (f.process_instance_key, f.element_id) > (1035, 't1')",
        "SELECT f.process_instance_key, f.element_id FROM taken_flows f WHERE f.process_instance_key >= 1035 \
         ORDER BY f.process_instance_key, f.element_id LIMIT 20",
        "SELECT x.* FROM decision_instances x WHERE \
         (x.decision_evaluation_key, x.decision_evaluation_number) > (1400, 2) \
         ORDER BY x.decision_evaluation_key, x.decision_evaluation_number LIMIT 30",
        "SELECT * FROM process_instances p WHERE p.parent_process_instance_key IN \
         (SELECT process_instance_key FROM incidents WHERE state = 0) ORDER BY p.process_instance_key DESC LIMIT 5",
        "WITH RECURSIVE around(key) AS (SELECT 1035 UNION SELECT e.element_instance_key FROM element_instances e, around \
         WHERE e.flow_scope_key = around.key) SELECT key FROM around",
    ] {
        rig.check(sql, &[]);
    }
}
