//! What goes beyond the recorded comparisons: violations with element and position, decision services, conditionals,
//! the command line.

use expect_test::{Expect, expect};
use ringbolt_dmn::{DecisionRequirements, Limits, cli, parse};
use ringbolt_feel::Environment;

fn model(content: &str) -> Result<DecisionRequirements, String> {
    let xml = format!(
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\" id=\"m\" name=\"Model\" namespace=\"urn:n\">\n{content}\n</definitions>"
    );
    parse("model.dmn", xml.as_bytes(), &Limits::default()).map_err(|violations| {
        let positions = violations.iter().map(|violation| match violation.position {
            Some(position) => format!("{}:{}", position.line, position.column),
            None => "-".to_owned(),
        });
        let positions: Vec<String> = positions.collect();
        let text = ringbolt_xml::format_violations("model.dmn", &violations);
        // What FEEL's parser expected is told in its own tests.
        let lines = text.lines().map(|line| line.split_once("': expected ").map_or(line, |(line, _)| line));
        let lines: Vec<&str> = lines.collect();
        format!("{}\nat {}\n", lines.join("\n"), positions.join(", "))
    })
}

fn check_refused(content: &str, expected: &Expect) {
    expected.assert_eq(&model(content).expect_err("refused"));
}

fn check(content: &str, variables: &str, expected: &Expect) {
    let model = model(content).expect("a sound model");
    let env = Environment::at(0);
    let found = cli::evaluate(&model, "d", variables, cli::Trace::Full, &env);
    expected.assert_eq(&found.unwrap_or_else(|failure| format!("failed: {failure}\n")));
}

#[test]
fn violations_name_the_element_and_the_position() {
    check_refused(
        r#"<decision id="price" name="Price">
  <decisionTable id="table" hitPolicy="COLLECT" aggregation="SUM">
    <input id="in"><inputExpression><text>a +</text></inputExpression></input>
    <output id="out" name="x"/><output id="out2" label="Second"/>
    <rule id="r1"><inputEntry id="cell"><text>&lt; </text></inputEntry><outputEntry id="o1"><text>1</text></outputEntry></rule>
  </decisionTable>
</decision>
<decision id="price" name="Again"><filter/></decision>"#,
        &expect![[r#"
            'model.dmn': - Element: price
                - ERROR: The id 'price' is used more than once
            at 9:1
        "#]],
    );
    check_refused(
        r#"<decision id="price" name="Price">
  <decisionTable id="table" hitPolicy="COLLECT" aggregation="SUM">
    <input id="in"><inputExpression><text>a b</text></inputExpression></input>
    <output id="out" name="x"/><output id="out2" label="Second"/>
    <rule id="r1"><inputEntry id="cell"><text>nosuch(</text></inputEntry><outputEntry id="o1"><text>1</text></outputEntry></rule>
  </decisionTable>
</decision>
<decision id="other" name="Other"><filter/></decision>"#,
        &expect![[r#"
            'model.dmn': - Element: table
                - ERROR: hit policy 'COLLECT' with aggregator is not defined for compound output
            - Element: in > inputExpression
                - ERROR: FEEL expression: failed to parse expression 'a b
            - Element: out2
                - ERROR: no output name defined for `Second`
            - Element: cell
                - ERROR: FEEL unary-tests: failed to parse expression 'nosuch(
            - Element: other > filter
                - ERROR: The expression 'filter' is not supported
            at 3:3, 4:20, 5:32, 6:19, 9:35
        "#]],
    );
}

#[test]
fn references_lead_somewhere_and_not_back() {
    check_refused(
        r##"<decision id="a" name="A"><informationRequirement><requiredDecision href="#b"/></informationRequirement><literalExpression><text>1</text></literalExpression></decision>
<decision id="b" name="B"><informationRequirement><requiredDecision href="#c"/></informationRequirement><literalExpression><text>1</text></literalExpression></decision>
<decision id="c" name="C"><informationRequirement><requiredDecision href="#a"/></informationRequirement><literalExpression><text>1</text></literalExpression></decision>"##,
        &expect![[r#"
            'model.dmn': - Element: definitions
                - ERROR: Invalid DMN model: Cyclic dependencies between decisions detected. (a > b > c)
            at 1:1
        "#]],
    );
    check_refused(
        r##"<import name="i" namespace="urn:other" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
<decision id="a" name="A"><knowledgeRequirement><requiredKnowledge href="urn:other#f"/></knowledgeRequirement><literalExpression><text>1</text></literalExpression></decision>"##,
        &expect![[r#"
            'model.dmn': - Element: a > knowledgeRequirement > requiredKnowledge
                - ERROR: Unable to find a model element instance for id f
            at 3:49
        "#]],
    );
}

#[test]
fn a_decision_service_takes_data_and_decisions() {
    check(
        r##"<inputData id="data" name="amount"><variable name="amount" typeRef="number"/></inputData>
<decisionService id="s" name="service">
  <outputDecision href="#total"/><encapsulatedDecision href="#fee"/><inputDecision href="#rate"/><inputData href="#data"/>
</decisionService>
<decision id="rate" name="Rate"><variable name="rate"/><literalExpression><text>100</text></literalExpression></decision>
<decision id="fee" name="Fee"><variable name="fee"/><literalExpression><text>amount / 10</text></literalExpression></decision>
<decision id="total" name="Total">
  <informationRequirement><requiredDecision href="#rate"/></informationRequirement>
  <informationRequirement><requiredDecision href="#fee"/></informationRequirement>
  <literalExpression><text>amount * rate + fee</text></literalExpression>
</decision>
<decision id="d" name="D">
  <knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>
  <literalExpression><text>[service(50, 2), service("x", 2)]</text></literalExpression>
</decision>"##,
        r#"{"amount": 7}"#,
        &expect![[r#"
            fee (LITERAL_EXPRESSION) = 5
            total (LITERAL_EXPRESSION) = 105
            d (LITERAL_EXPRESSION) = [105,null]
            warning: FUNCTION_INVOCATION_FAILURE: Failed to invoke function 'service': expected 'number' but found '"x"'
            [105,null]
        "#]],
    );
}

#[test]
fn a_conditional_chooses() {
    let content = r#"<decision id="d" name="D"><conditional>
  <if><literalExpression><text>a &gt; 1</text></literalExpression></if>
  <then><list><literalExpression><text>a</text></literalExpression></list></then>
  <else><literalExpression><text>"small"</text></literalExpression></else>
</conditional></decision>"#;
    check(
        content,
        r#"{"a": 5}"#,
        &expect![[r#"
        d (UNKNOWN) = [5]
        [5]
    "#]],
    );
    check(
        content,
        r#"{"a": 1}"#,
        &expect![[r#"
        d (UNKNOWN) = "small"
        "small"
    "#]],
    );
}

#[test]
fn lines_of_json() {
    let model = model(
        r#"<decision id="d" name="D"><variable name="d" typeRef="number"/><literalExpression><text>a + 1</text></literalExpression></decision>"#,
    )
    .expect("a sound model");
    let env = Environment::at(0);
    let mut out = String::new();
    for line in [
        r#"{"decision": "d", "variables": {"a": 1.50}}"#,
        r#"{"decision": "d"}"#,
        r#"{"decision": "e", "variables": {}}"#,
        r#"{"decision": "d", "variables": 5}"#,
        r#"{"variables": {}}"#,
        "{",
    ] {
        out.push_str(&cli::answer_line(&model, line, &env));
        out.push('\n');
    }
    expect![[r#"
        {"ok":true,"result":2.5}
        {"ok":true,"result":null,"warnings":["NO_VARIABLE_FOUND: No variable found with name 'a'","INVALID_TYPE: Can't add '1' to 'null'"]}
        {"ok":false,"failure":"Expected to evaluate decision 'e', but no decision found with id 'e'"}
        {"ok":false,"failure":"\"variables\" is not an object"}
        {"ok":false,"failure":"\"decision\" is missing or not a string"}
        {"ok":false,"failure":"the line is not a JSON object"}
    "#]].assert_eq(&out);
}
