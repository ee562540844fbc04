//! All expressions of an entry share a budget of units of work: a step that needs more than is left is put off, one that
//! needs more than all of them is an incident with a text of bounded length.

use crate::budget::{flow, inputs, task, variables};
use crate::rig::Rig;
use ringbolt_engine::EngineSettings;
use ringbolt_feel::{Budget, Environment, NoVariables, parse_expression};
use ringbolt_record::{PartitionId, VariableDocument};

fn rig(expression_units_max: u64) -> Rig {
    Rig::with(EngineSettings { expression_units_max, ..EngineSettings::new(PartitionId(1)) })
}

fn incidents(rig: &Rig) -> Vec<&String> {
    rig.records.iter().filter(|record| record.contains("INCIDENT CREATED")).collect()
}

#[test]
fn an_expression_beyond_the_budget_is_an_incident() {
    let mut rig = rig(2_000_000);
    let of = |mappings: &str| [&task("t", "w", mappings)[..], &flow("s", "t")].concat();
    let endless = "=count(for i in 1..100000 return contains(s, &quot;ab&quot;))";
    rig.deploy_body("endless", &of(&inputs(endless, 1)));
    rig.deploy_body("neighbor", &of(&inputs("=string length(s)", 1)));
    let text = || variables(format!(r#"{{"s":"{}"}}"#, "x".repeat(100_000)));
    rig.start("endless", text()).unwrap();
    let found = incidents(&rig);
    assert_eq!(found.len(), 1, "{:#?}", rig.records);
    let message = "the evaluation takes more than 2000000 units of work";
    assert!(found[0].contains("IO_MAPPING_ERROR") && found[0].contains(message), "{}", found[0]);
    rig.records.clear();
    rig.start("neighbor", text()).unwrap();
    assert_eq!(incidents(&rig).len(), 0);
    assert_eq!(rig.take_jobs("w").len(), 1);
}

#[test]
fn steps_that_need_too_much_together_take_turns() {
    // A heavy mapping just fits into an entry of its own, and is undone behind a light one.
    let of = |count: u32| format!("count(for i in 1..{count} return i * i)");
    let budget = Budget::new(1 << 40);
    let environment = Environment::at(0).within(budget.clone());
    parse_expression(&of(1_000)).unwrap().evaluate(&NoVariables, &environment).result.unwrap();
    let tasks = [200, 1_000, 200, 1_000, 1_000].into_iter().enumerate();
    let tasks: String =
        tasks.map(|(n, count)| task(&format!("t{n}"), "w", &inputs(&format!("={}", of(count)), 1))).collect();
    let flows: String = (0..5).map(|n| flow("g", &format!("t{n}"))).collect();
    let gateway = r#"<bpmn:parallelGateway id="g" />"#;
    let mut rig = rig(budget.used() * 11 / 10);
    rig.deploy_body("fork", &[gateway, &tasks, &flow("s", "g"), &flows].concat());
    rig.start("fork", VariableDocument::default()).unwrap();
    assert_eq!(incidents(&rig).len(), 0, "{:#?}", rig.records);
    rig.run_due();
    assert_eq!(incidents(&rig).len(), 0, "{:#?}", rig.records);
    assert_eq!(rig.take_jobs("w").len(), 5);
}

#[test]
fn the_text_of_an_incident_is_bounded() {
    let mut rig = rig(1_000_000_000);
    let source = "=assert(count(for i in 1..1000 return date(s)), false)";
    rig.deploy_body("p", &[&task("t", "w", &inputs(source, 1))[..], &flow("s", "t")].concat());
    rig.start("p", variables(format!(r#"{{"s":"{}"}}"#, "x".repeat(500_000)))).unwrap();
    let found = incidents(&rig);
    assert_eq!(found.len(), 1, "{:#?}", rig.records);
    assert!(found[0].len() < 66_000, "{} bytes", found[0].len());
    assert!(found[0].contains("and 90"), "{}", found[0]);
}
