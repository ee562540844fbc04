//! Events and repeated activities: what is read, what is wrong with it, and that nothing of it is run before its switch.

use crate::support::{check, deploy, flows, process};
use expect_test::expect;
use ringbolt_model::{Limits, format_violations, parse};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

/// Element and error, of each error in a rejection; those of parsers differ and are left out.
fn errors(text: &str) -> BTreeSet<(String, String)> {
    let mut element = "";
    let mut errors = BTreeSet::new();
    for line in text.lines() {
        if let Some((_, name)) = line.split_once("- Element: ") {
            element = name;
        }
        let Some((_, error)) = line.split_once("- ERROR: ") else { continue };
        if !error.starts_with("failed to parse expression") && !error.ends_with("is not supported yet") {
            errors.insert((element.to_owned(), error.to_owned()));
        }
    }
    errors
}

/// The reference engine's own words, for every element that it refuses and for no other.
#[test]
fn what_is_wrong_is_said_as_the_reference_engine_says_it() {
    let mut count = 0;
    for name in [
        "deployment/019_bad_events",
        "deployment/020_bad_timers",
        "deployment/021_bad_event_expressions",
        "deployment/022_bad_errors",
        "deployment/024_bad_escalations",
        "deployment/028_link_names",
        "event_gateway/006_bad",
        "message/050_bad",
        "message/053_one_message_starts",
        "message_throw/003_bad",
        "signal/008_bad",
    ] {
        let expected = std::fs::read_to_string(scenarios().join(format!("{name}.expected"))).unwrap();
        for step in expected.split("> deploy ").skip(1) {
            let (file, answers) = step.split_once('\n').unwrap();
            let model = std::fs::read(scenarios().join("models").join(file)).unwrap();
            let Some(rejection) = answers.lines().find(|line| line.starts_with("R ")) else {
                assert!(
                    parse(file, &model, &Limits::default()).is_ok(),
                    "{file} is deployed by the reference"
                );
                continue;
            };
            let expected = errors(&rejection.replace("\\n", "\n").replace("\\\"", "\""));
            let violations = parse(file, &model, &Limits::default()).unwrap_err();
            // One at a time: the text of all would be cut.
            let actual: BTreeSet<_> = violations
                .iter()
                .flat_map(|violation| errors(&format_violations(file, std::slice::from_ref(violation))))
                .collect();
            assert_eq!(actual, expected, "{file}");
            count += actual.len();
        }
    }
    assert!(count > 40, "only {count} errors were compared");
}

#[test]
fn every_position_of_events_is_run() {
    let timer = |part: &str| format!("<timerEventDefinition>{part}</timerEventDefinition>");
    let [duration, cycle] =
        [timer("<timeDuration>PT1H</timeDuration>"), timer("<timeCycle>R3/PT1H</timeCycle>")];
    check(
        &process(&format!(
            r#"<startEvent id="s"/><startEvent id="ts">{cycle}</startEvent><task id="t"/>
            <boundaryEvent id="bt" attachedToRef="t">{duration}</boundaryEvent>
            <boundaryEvent id="bc" attachedToRef="t" cancelActivity="false">{cycle}</boundaryEvent>
            <intermediateCatchEvent id="ct">{duration}</intermediateCatchEvent>
            <intermediateThrowEvent id="tl"><linkEventDefinition name="a"/></intermediateThrowEvent>
            <intermediateCatchEvent id="cl"><linkEventDefinition name="a"/></intermediateCatchEvent>
            <intermediateThrowEvent id="tn"/><endEvent id="te"><terminateEventDefinition/></endEvent>
            <subProcess id="es" triggeredByEvent="true"><startEvent id="est" isInterrupting="false">{cycle}</startEvent></subProcess>
            <task id="mi"><multiInstanceLoopCharacteristics isSequential="true"><extensionElements>
              <zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results" outputElement="=item"/>
            </extensionElements></multiInstanceLoopCharacteristics></task>
            <startEvent id="cond"><conditionalEventDefinition><condition>=x</condition></conditionalEventDefinition></startEvent>{}"#,
            flows("s -> t -> tl; cl -> te; bt -> te; bc -> te")
        )),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              ts START_EVENT
              t TASK
              bt BOUNDARY_EVENT
              bc BOUNDARY_EVENT
              ct INTERMEDIATE_CATCH_EVENT
              tl INTERMEDIATE_THROW_EVENT
              cl INTERMEDIATE_CATCH_EVENT
              tn INTERMEDIATE_THROW_EVENT
              te END_EVENT
              es EVENT_SUB_PROCESS
                est START_EVENT
              mi MULTI_INSTANCE_BODY
                mi TASK
              cond START_EVENT
              f1: s -> t
              f2: t -> tl
              f3: cl -> te
              f4: bt -> te
              f5: bc -> te
        "#]],
    );
}

#[test]
fn what_conditions_look_like() {
    let waits = |id: &str, inner: &str| {
        format!(
            r#"<intermediateCatchEvent id="{id}"><conditionalEventDefinition id="of_{id}">{inner}</conditionalEventDefinition></intermediateCatchEvent>"#
        )
    };
    let filter = |attributes: &str| {
        format!(
            "<extensionElements><zeebe:conditionalFilter {attributes}/></extensionElements><condition>=x</condition>"
        )
    };
    check(
        &process(&format!(
            r#"<startEvent id="s"/>{}{}{}{}{}{}<eventBasedGateway id="g"><outgoing>f2</outgoing><outgoing>f4</outgoing></eventBasedGateway><endEvent id="e"/>{}"#,
            waits("good", &filter(r#"variableNames=" a , b" variableEvents="update, create""#)),
            waits("missing", ""),
            waits("empty", "<condition></condition>"),
            waits("fixed", "<condition>x</condition>"),
            waits("names", &filter(r#"variableNames="a,,=b""#)),
            waits("events", &filter(r#"variableEvents="create,delete""#)),
            flows("s -> g -> good -> e; g -> names -> e; s -> missing -> empty -> fixed -> events -> e")
        )),
        expect![[r#"
            'x.bpmn': - Element: of_missing
                - ERROR: Expected expression but not found.
            - Element: of_empty
                - ERROR: Expected expression but not found.
            - Element: of_fixed
                - ERROR: Expected expression but found static value 'x'. An expression must start with '=' (e.g. '=x').
            - Element: of_names > extensionElements > conditionalFilter
                - ERROR: Variable names must not contain empty names but 'a,,=b' given. Please provide a comma-separated list of variable names without empty entries.
                - ERROR: Variable names must be static and cannot be expressions. '=b' starts with '='.
            - Element: of_events > extensionElements > conditionalFilter
                - ERROR: Variable event 'delete' is not valid. Must be one of: create, update or a comma-separated list of both.
            - Element: g
                - ERROR: Multiple conditional event definitions with the same condition expression '=x' are not allowed.
        "#]],
    );
}

#[test]
fn what_compensates_and_is_compensated() {
    let compensates = |id: &str, attached: &str| {
        format!(
            r#"<boundaryEvent id="{id}" attachedToRef="{attached}"><compensateEventDefinition id="{id}_d"/></boundaryEvent>"#
        )
    };
    check(
        &process(&format!(
            r#"<startEvent id="s"><compensateEventDefinition id="s_d"/></startEvent><task id="t"/><task id="undo" isForCompensation="true"/>
            <task id="lonely" isForCompensation="true"/><textAnnotation id="note"/>{}{}{}{}
            <endEvent id="e"><compensateEventDefinition id="one" activityRef="t"/></endEvent>
            <intermediateThrowEvent id="all"><compensateEventDefinition id="all_d"/></intermediateThrowEvent>
            <association id="a1" sourceRef="good" targetRef="undo"/><association id="a2" sourceRef="noted" targetRef="note"/>
            <association id="a3" sourceRef="flows" targetRef="undo"/>{}"#,
            compensates("good", "t"),
            compensates("noted", "t"),
            compensates("flows", "t"),
            compensates("none", "lonely"),
            flows("s -> t -> all -> e; flows -> e")
        )),
        expect![[r#"
            'x.bpmn': - Element: s
                - ERROR: startEvent 's' with compensateEventDefinition is not supported yet
            - Element: lonely
                - ERROR: A compensation handler should have no boundary events
            - Element: noted
                - ERROR: The association of a compensation boundary event must lead to an activity, not to 'note'
            - Element: flows
                - ERROR: Compensation boundary events must have a compensation association and no outgoing sequence flows
            - Element: none
                - ERROR: Compensation boundary events must have a compensation association and no outgoing sequence flows
        "#]],
    );
}

#[test]
fn what_stands_in_an_ad_hoc_sub_process_is_compensated() {
    let compensates = |id: &str, attached: &str| {
        format!(
            r#"<boundaryEvent id="{id}" attachedToRef="{attached}"><compensateEventDefinition id="{id}_d"/></boundaryEvent>"#
        )
    };
    check(
        &process(&format!(
            r#"<startEvent id="s"/><adHocSubProcess id="adhoc"><subProcess id="inner"><startEvent id="i"/><task id="t"/>{}<task id="undo" isForCompensation="true"/>{}
            <association id="a1" sourceRef="inside" targetRef="undo"/></subProcess></adHocSubProcess>{}<task id="undo_all" isForCompensation="true"/><endEvent id="e"/>
            <association id="a2" sourceRef="around" targetRef="undo_all"/>{}"#,
            compensates("inside", "t"),
            flows("i -> t"),
            compensates("around", "adhoc"),
            flows("s -> adhoc -> e")
        )),
        expect![[r#"
            'x.bpmn': - Element: f1
                - ERROR: The id 'f1' is used more than once
        "#]],
    );
}

#[test]
fn what_boundary_events_are_attached_to() {
    let boundary = |id: &str, attached: &str| {
        format!(
            r#"<boundaryEvent id="{id}"{attached}><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"#
        )
    };
    check(
        &process(&format!(
            r#"<startEvent id="s"/><task id="t"/><subProcess id="sub"><startEvent id="i"/><task id="inner"/></subProcess>
            <complexGateway id="refused"/>{}{}{}{}{}{}{}"#,
            boundary("nowhere", ""),
            boundary("unknown", r#" attachedToRef="x""#),
            boundary("event", r#" attachedToRef="s""#),
            boundary("elsewhere", r#" attachedToRef="inner""#),
            boundary("to_refused", r#" attachedToRef="refused""#),
            boundary("entered", r#" attachedToRef="t" cancelActivity="maybe""#),
            flows("s -> t -> entered")
        )),
        expect![[r#"
            'x.bpmn': - Element: refused
                - ERROR: Elements of type 'ComplexGateway' are currently not supported.
            - Element: nowhere
                - ERROR: Must be attached to an activity
            - Element: unknown
                - ERROR: Must be attached to an activity
            - Element: event
                - ERROR: Must be attached to an activity
            - Element: elsewhere
                - ERROR: Must be attached to an activity
            - Element: entered
                - ERROR: 'maybe' is not a valid value of the attribute 'cancelActivity'
                - ERROR: Cannot have incoming sequence flows
        "#]],
    );
}

/// What is before each of their flows is kept.
#[test]
fn inclusive_gateways_have_a_bound() {
    let model = |width: usize| {
        let tasks: String = (0..width).map(|number| format!(r#"<task id="t{number}"/>"#)).collect();
        let chains: Vec<String> = (0..width).map(|number| format!("f -> t{number} -> j")).collect();
        let flows = flows(&format!("s -> f; {}", chains.join("; ")));
        let content = format!(
            r#"<startEvent id="s"/><parallelGateway id="f"/>{tasks}<inclusiveGateway id="j"/>{flows}"#
        );
        parse("x.bpmn", process(&content).as_bytes(), &Limits::default())
    };
    assert!(model(1_900).is_ok());
    let violations = model(2_100).unwrap_err();
    assert_eq!(violations[0].element_id, "j");
    assert!(violations[0].message.ends_with("must not have so many incoming sequence flows"));
}

/// Camunda counts what a gateway lists, and cannot read a compensation without an id.
#[test]
fn what_camunda_looks_for_by_other_means() {
    let waits = |id: &str| {
        format!(
            r#"<intermediateCatchEvent id="{id}"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>"#
        )
    };
    let gateway = |listed: &str| {
        let text = format!(
            r#"<startEvent id="s"/><eventBasedGateway id="g">{listed}</eventBasedGateway>{}{}<endEvent id="e"/>{}"#,
            waits("one"),
            waits("two"),
            flows("s -> g -> one -> e; g -> two -> e")
        );
        deploy(&process(&text))
    };
    let refused = "'x.bpmn': - Element: g\n    - ERROR: Event-based gateway must have at least 2 outgoing sequence flows.\n";
    assert_eq!(gateway(""), refused);
    assert_eq!(gateway("<outgoing>f2</outgoing>"), refused);
    assert!(gateway("<outgoing>f2</outgoing><outgoing>f4</outgoing>").starts_with("process p"));
    let alone = format!(
        r#"<startEvent id="s"/><eventBasedGateway id="g"/>{}<endEvent id="e"/>{}"#,
        waits("one"),
        flows("s -> g -> one -> e")
    );
    assert_eq!(deploy(&process(&alone)), refused, "it is said once");
    check(
        &process(&format!(
            r#"<startEvent id="s"/><task id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>
            <task id="undo" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="undo"/>
            <intermediateThrowEvent id="back"><compensateEventDefinition activityRef="t"/></intermediateThrowEvent><endEvent id="e"><compensateEventDefinition id="d"/></endEvent>{}"#,
            flows("s -> t -> back -> e")
        )),
        expect![[r#"
            'x.bpmn': - Element: b
                - ERROR: A compensation event definition must have an id
            - Element: back
                - ERROR: A compensation event definition must have an id
        "#]],
    );
}
