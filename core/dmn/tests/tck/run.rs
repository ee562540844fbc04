//! Runs the test files below a folder: `<level>/<case>/*.xml` beside the models.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use ringbolt_dmn::{DecisionRequirements, Limits, parse};
use ringbolt_feel::{Environment, Value, Variables};
use roxmltree::{Document, Node};

use super::values::{fits, read};

/// One test.
pub(crate) struct Case {
    pub(crate) level: String,
    pub(crate) case: String,
    pub(crate) passed: bool,
    /// Why it did not pass.
    pub(crate) reason: String,
}

struct Inputs(Vec<(String, Value)>);

impl Variables for Inputs {
    fn get(&self, _name: &str) -> Option<&[u8]> {
        None
    }

    fn get_value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// All tests below a folder.
pub(crate) fn run_folder(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for level in entries(folder).into_iter().filter(|path| path.is_dir()) {
        for case in entries(&level).into_iter().filter(|path| path.is_dir()) {
            for file in entries(&case).iter().filter(|path| path.extension().is_some_and(|end| end == "xml"))
            {
                run_file(&name(&level), &name(&case), file, &mut cases);
            }
        }
    }
    cases
}

fn children<'d>(node: Node<'d, 'd>, name: &'static str) -> impl Iterator<Item = Node<'d, 'd>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

fn run_file(level: &str, case: &str, file: &Path, cases: &mut Vec<Case>) {
    let text = std::fs::read_to_string(file).expect("a test file");
    let document = Document::parse(&text).expect("XML");
    let root = document.root_element();
    let model_name =
        children(root, "modelName").next().and_then(|node| node.text()).expect("a model's name").trim();
    let bytes = std::fs::read(file.with_file_name(model_name)).expect("a model");
    let model = parse(model_name, &bytes, &Limits::default());
    let refusal = model.as_ref().err().map(|violations| violations[0].message.clone());
    for test in children(root, "testCase") {
        let inputs = Inputs(
            children(test, "inputNode")
                .map(|node| (node.attribute("name").unwrap_or_default().to_owned(), read(node)))
                .collect(),
        );
        for result in children(test, "resultNode") {
            let outcome = match &model {
                Ok(model) => run_test(model, &inputs, result),
                Err(_) => Err(format!("refused: {}", refusal.clone().unwrap_or_default())),
            };
            let (level, case) = (level.to_owned(), case.to_owned());
            let id = test.attribute("id").unwrap_or_default();
            let reason = outcome.as_ref().err().map_or(String::new(), |reason| format!("{id}: {reason}"));
            cases.push(Case { level, case, passed: outcome.is_ok(), reason });
        }
    }
}

fn run_test(model: &DecisionRequirements, inputs: &Inputs, result: Node<'_, '_>) -> Result<(), String> {
    let wanted = result.attribute("name").unwrap_or_default();
    let decision = model.decisions().iter().find(|decision| decision.name() == wanted);
    let decision = decision.ok_or_else(|| format!("no decision '{wanted}'"))?;
    let expected = children(result, "expected").next().map_or(Value::Null, read);
    let may_fail = result.attribute("errorResult") == Some("true");
    let evaluation = model.evaluate(decision.id(), inputs, &Environment::at(1_700_000_000_000));
    match evaluation.output {
        Ok(found) if fits(&found, &expected) => Ok(()),
        Ok(found) => Err(format!("expected {expected}, found {found}")),
        Err(_) if may_fail && expected.is_null() => Ok(()),
        Err(failure) => Err(failure.message),
    }
}

/// How many tests pass by level, and what is left by case with the first reason.
pub(crate) fn summary(cases: &[Case]) -> String {
    let mut levels: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut left: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for case in cases {
        let level = levels.entry(&case.level).or_default();
        level.1 += 1;
        level.0 += usize::from(case.passed);
        if !case.passed {
            left.entry((&case.level, &case.case)).or_insert((0, &case.reason)).0 += 1;
        }
    }
    let mut text = String::new();
    for (level, (passed, all)) in levels {
        let _ = writeln!(text, "{level}: {passed} of {all}");
    }
    for ((level, case), (count, reason)) in left {
        let reason = reason.split_once("': expected ").map_or(reason, |(reason, _)| reason);
        let reason: String = reason.replace('\n', " ").chars().take(90).collect();
        let _ = writeln!(text, "left: {count:4} {level}/{case}: {reason}");
    }
    text
}
