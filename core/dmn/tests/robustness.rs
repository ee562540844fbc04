//! Any bytes give a model or violations, any model an evaluation, in bounded time: mutations of real models with a
//! fixed seed, and models made to hurt.

use std::path::{Path, PathBuf};

use ringbolt_dmn::{DecisionRequirements, Limits, cli, parse};
use ringbolt_feel::{Environment, NoVariables, Variables};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Every variable has the same value.
struct Same(&'static str);

impl Variables for Same {
    fn get(&self, _name: &str) -> Option<&[u8]> {
        Some(self.0.as_bytes())
    }
}

fn models(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            models(&path, found);
        } else if path.extension().is_some_and(|end| end == "dmn") {
            found.push(path);
        }
    }
}

/// Evaluation bounds low enough for many rounds.
fn small() -> Environment {
    let mut env = Environment::at(0);
    env.limits.units = 1_000_000;
    env
}

fn evaluate_all(model: &DecisionRequirements) {
    let env = small();
    for decision in model.decisions() {
        for variables in [&Same("5"), &Same("\"x\""), &Same("{\"a\":[1]}")] {
            let evaluation = model.evaluate(decision.id(), variables, &env);
            if let Ok(value) = &evaluation.output {
                cli::json(value);
            }
        }
    }
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    const PIECES: &[&str] = &[
        "<",
        ">",
        "/>",
        "\"",
        "'",
        "&lt;",
        "&#0;",
        "<list>",
        "</text>",
        "<!--",
        "<![CDATA[",
        "<!DOCTYPE d>",
        "xmlns=\"x\"",
        "href=\"#d\"",
        "COLLECT",
        "hitPolicy",
        "((((",
        "-",
        "null",
        "<context>",
        "<invocation>",
        "\u{0}",
        "é",
    ];
    let many = random.below(2) * random.below(4);
    for _ in 0..1 + many {
        let at = random.below(bytes.len());
        match random.below(5) {
            // A letter or digit for another keeps the document well-formed.
            0 | 1 if many == 0 => {
                let from = bytes[at..].iter().position(u8::is_ascii_alphanumeric).unwrap_or(0);
                bytes[at + from] = b"0123456789abcdXYZ"[random.below(17)];
            }
            0 => bytes[at] = random.below(256) as u8,
            1 | 2 => {
                let end = (at + random.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let piece = PIECES[random.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            _ => {
                let end = (at + random.below(400)).min(bytes.len());
                let copied = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copied);
            }
        }
        if bytes.is_empty() {
            return;
        }
    }
}

#[test]
fn mutated_models_end() {
    let mut paths = Vec::new();
    models(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), &mut paths);
    paths.sort();
    let originals: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).expect("a model")).collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..40 {
        for original in &originals {
            let mut bytes = original.clone();
            mutate(&mut random, &mut bytes);
            match parse("m", &bytes, &Limits::default()) {
                Ok(model) => {
                    accepted += 1;
                    evaluate_all(&model);
                }
                Err(violations) => {
                    refused += 1;
                    assert!(!violations.is_empty());
                    assert!(ringbolt_xml::format_violations("m", &violations).len() <= 16 * 1024);
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}

fn definitions(content: &str) -> String {
    format!(
        r#"<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">{content}</definitions>"#
    )
}

fn literal(text: &str) -> String {
    format!("<literalExpression><text>{text}</text></literalExpression>")
}

fn outcome(content: &str) -> Result<String, String> {
    let model = parse("m", definitions(content).as_bytes(), &Limits::default())
        .map_err(|violations| ringbolt_xml::format_violations("m", &violations))?;
    let evaluation = model.evaluate("d", &NoVariables, &Environment::at(0));
    evaluation.output.map(|value| cli::json(&value)).map_err(|failure| failure.message)
}

/// A result or failure must contain this text.
fn check(content: &str, expected: &str) {
    let found = outcome(content);
    let text = match &found {
        Ok(text) | Err(text) => text,
    };
    assert!(text.contains(expected), "expected {expected}, found {text:.300}");
}

#[test]
fn deep_boxed_expressions_are_bounded() {
    let nested = |depth: usize| {
        let inner = format!("{}{}{}", "<list>".repeat(depth), literal("1"), "</list>".repeat(depth));
        format!(r#"<decision id="d" name="d">{inner}</decision>"#)
    };
    check(&nested(100), "[[1]]");
    check(&nested(10_000), "levels of nested XML elements");
}

#[test]
fn functions_that_call_themselves_are_bounded() {
    let entry =
        |name: &str, logic: &str| format!(r#"<contextEntry><variable name="{name}"/>{logic}</contextEntry>"#);
    let function =
        format!(r#"<functionDefinition><formalParameter name="g"/>{}</functionDefinition>"#, literal("g(g)"));
    let content = format!("<context>{}{}</context>", entry("f", &function), entry("r", &literal("f(f)")));
    check(&format!(r#"<decision id="d" name="d">{content}</decision>"#), "nested deeper than");
}

#[test]
fn calls_in_loops_are_bounded() {
    let knowledge = format!(
        r#"<businessKnowledgeModel id="k" name="f"><encapsulatedLogic><formalParameter name="p"/>{}</encapsulatedLogic></businessKnowledgeModel>"#,
        literal("p")
    );
    let decision = |text: &str| {
        format!(
            r##"<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>{}</decision>"##,
            literal(text)
        )
    };
    check(&format!("{knowledge}{}", decision("count(for i in 1..1000 return f(i))")), "1000");
    check(&format!("{knowledge}{}", decision("count(for i in 1..200000 return f(i))")), "records");
}

#[test]
fn functions_in_functions_are_bounded() {
    let mut entries = String::new();
    for at in 0..2_000 {
        entries.push_str(&format!(
            r#"<contextEntry><variable name="f{at}"/><functionDefinition><formalParameter name="p"/>{}</functionDefinition></contextEntry>"#,
            literal(&format!("f{}(p)", at.max(1) - 1))
        ));
    }
    check(
        &format!(r#"<decision id="d" name="d"><context>{entries}</context></decision>"#),
        "nested too deep",
    );
}

#[test]
fn long_chains_of_decisions_need_no_stack() {
    let mut content = String::new();
    for at in 0..5_000 {
        let id = if at == 0 { "d".to_owned() } else { format!("d{at}") };
        let next = format!("d{}", at + 1);
        let required = if at < 4_999 {
            format!(
                r##"<informationRequirement><requiredDecision href="#{next}"/></informationRequirement>"##
            )
        } else {
            String::new()
        };
        let text = if at < 4_999 { format!("{next} + 1") } else { "1".to_owned() };
        content
            .push_str(&format!(r#"<decision id="{id}" name="{id}">{required}{}</decision>"#, literal(&text)));
    }
    check(&content, "5000");
}

#[test]
fn entities_and_sizes_are_refused() {
    let refused = |bytes: &[u8], limits: &Limits| {
        let violations = parse("m", bytes, limits).expect_err("refused");
        ringbolt_xml::format_violations("m", &violations)
    };
    let limits = Limits::default();
    assert!(refused(b"<!DOCTYPE d [<!ENTITY a \"b\">]><d/>", &limits).contains("Document type declarations"));
    let mut small = Limits::default();
    small.document.document_bytes_max = 10;
    assert!(refused(definitions("").as_bytes(), &small).contains("larger than 10 bytes"));
    let one = Limits { elements_max: 1, ..Limits::default() };
    let two = format!(
        r#"<decision id="a" name="a">{0}</decision><decision id="b" name="b">{0}</decision>"#,
        literal("1")
    );
    assert!(refused(definitions(&two).as_bytes(), &one).contains("more than 1 decisions"));
    let short = Limits { expression_bytes_max: 3, ..Limits::default() };
    let long = format!(r#"<decision id="a" name="a">{}</decision>"#, literal("1 + 1"));
    assert!(refused(definitions(&long).as_bytes(), &short).contains("longer than 3 bytes"));
}
