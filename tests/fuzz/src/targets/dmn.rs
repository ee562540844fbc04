//! DMN resources: XML, decision tables, boxed expressions, the requirements' graph, and their evaluation.

use crate::run::{Target, signature};
use crate::targets::feel::{Sample, environment, failure_signature, result_json};
use ringbolt_dmn::{DecisionRequirements, Limits, parse};
use std::time::Duration;

/// DMN resources.
pub(crate) const TARGET: Target = Target {
    name: "dmn",
    corpus,
    tokens: TOKENS,
    length_max: 24 * 1024,
    memory_base: 64 << 20,
    memory_per_byte: 4_096,
    time_max: Duration::from_secs(8),
    check,
};

const TOKENS: &[&str] = &[
    "<decision id=\"n\" name=\"n\">",
    "</decision>",
    "<literalExpression><text>a + 1</text></literalExpression>",
    "<decisionTable hitPolicy=\"COLLECT\" aggregation=\"SUM\">",
    "<decisionTable hitPolicy=\"RULE ORDER\">",
    "hitPolicy=\"FIRST\"",
    "hitPolicy=\"ANY\"",
    "hitPolicy=\"PRIORITY\"",
    "hitPolicy=\"OUTPUT ORDER\"",
    "aggregation=\"MIN\"",
    "</decisionTable>",
    "<input><inputExpression typeRef=\"number\"><text>a</text></inputExpression></input>",
    "<output name=\"r\" typeRef=\"string\"/>",
    "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>",
    "<inputEntry><text>&gt; 1</text></inputEntry>",
    "<outputEntry><text>\"x\"</text></outputEntry>",
    "<informationRequirement><requiredDecision href=\"#base\"/></informationRequirement>",
    "<knowledgeRequirement><requiredKnowledge href=\"#f\"/></knowledgeRequirement>",
    "<context><contextEntry><variable name=\"v\"/>",
    "</contextEntry></context>",
    "<invocation><literalExpression><text>f</text></literalExpression></invocation>",
    "<list>",
    "</list>",
    "<relation><column name=\"c\"/>",
    "</relation>",
    "<row>",
    "</row>",
    "<functionDefinition>",
    "</functionDefinition>",
    "<formalParameter name=\"x\"/>",
    "<encapsulatedLogic>",
    "</encapsulatedLogic>",
    "<text>f(a)</text>",
    "<text>[1..3], 7</text>",
    "<text>",
    "</text>",
    "&lt;",
    "<outputValues><text>\"a\",\"b\"</text></outputValues>",
    "typeRef=\"date\"",
    "href=\"#n\"",
    "id=\"\"",
    "expressionLanguage=\"x\"",
    "&e;",
];

const HEAD: &str =
    r#"<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="D" namespace="n">"#;

fn corpus() -> Vec<Vec<u8>> {
    let bodies = [
        r##"<decision id="base" name="base"><literalExpression><text>a * 2</text></literalExpression></decision>
<decision id="t" name="t"><informationRequirement><requiredDecision href="#base"/></informationRequirement>
<decisionTable hitPolicy="UNIQUE"><input id="i1" label="A"><inputExpression typeRef="number"><text>base</text></inputExpression></input>
<input><inputExpression><text>ctx.y</text></inputExpression></input><output name="r" typeRef="string"/><output name="q"/>
<rule id="r1"><inputEntry><text>&lt; 10</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>"low"</text></outputEntry><outputEntry><text>a + 1</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>[10..20]</text></inputEntry><inputEntry><text>"two", "three"</text></inputEntry><outputEntry><text>"mid"</text></outputEntry><outputEntry><text>null</text></outputEntry></rule>
</decisionTable></decision>"##,
        r##"<decision id="c" name="c"><knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>
<context><contextEntry><variable name="x"/><literalExpression><text>f(a, 2)</text></literalExpression></contextEntry>
<contextEntry><variable name="y"/><list><literalExpression><text>x</text></literalExpression><literalExpression><text>"z"</text></literalExpression></list></contextEntry>
<contextEntry><literalExpression><text>{x: x, y: y}</text></literalExpression></contextEntry></context></decision>
<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="p" typeRef="number"/><formalParameter name="q"/>
<literalExpression><text>if p &lt; 1 then q else f(p - 1, q * 2)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"##,
        r##"<decision id="l" name="l"><decisionTable hitPolicy="COLLECT" aggregation="SUM"><input><inputExpression><text>a</text></inputExpression></input><output/>
<rule><inputEntry><text>&gt; 1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>not(3)</text></inputEntry><outputEntry><text>sum(lst)</text></outputEntry></rule></decisionTable></decision>
<decision id="r" name="r"><relation><column name="k"/><column name="v"/><row><literalExpression><text>1</text></literalExpression><literalExpression><text>s</text></literalExpression></row></relation></decision>
<decision id="i" name="i"><knowledgeRequirement><requiredKnowledge href="#g"/></knowledgeRequirement><invocation><literalExpression><text>g</text></literalExpression>
<binding><parameter name="m"/><literalExpression><text>b</text></literalExpression></binding></invocation></decision>
<businessKnowledgeModel id="g" name="g"><encapsulatedLogic><formalParameter name="m"/><literalExpression><text>upper case(m)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"##,
    ];
    bodies.iter().map(|body| format!("{HEAD}{body}</definitions>").into_bytes()).collect()
}

fn evaluate(model: &DecisionRequirements, decision_id: &str) -> Result<String, String> {
    let evaluation = model.evaluate(decision_id, &Sample, &environment());
    for record in &evaluation.evaluated {
        assert!(record.inputs.len() <= 10_000 && record.matched_rules.len() <= 100_000);
    }
    match &evaluation.output {
        Ok(value) => Ok(result_json(value)),
        Err(failure) => Err(failure.message.clone()),
    }
}

fn check(input: &[u8]) -> u64 {
    match parse("x.dmn", input, &Limits::default()) {
        Ok(model) => {
            let mut seen = model.decisions().len() as u64;
            for decision in model.decisions().iter().take(5) {
                let once = evaluate(&model, decision.id());
                assert_eq!(once, evaluate(&model, decision.id()), "two evaluations differ");
                let what = once
                    .as_ref()
                    .map_or_else(|failure| failure_signature(failure), |json| json.len().min(64) as u64);
                seen = what ^ u64::rotate_left(seen, 5);
            }
            seen
        }
        Err(violations) => {
            assert!(!violations.is_empty(), "refused without a reason");
            let text = ringbolt_model::format_rejection(&[("x.dmn", &violations)]);
            assert!(
                text.len() <= ringbolt_model::REPORT_BYTES_MAX + 1_024,
                "a report of {} bytes",
                text.len()
            );
            signature(text.lines().last().unwrap_or_default())
        }
    }
}
