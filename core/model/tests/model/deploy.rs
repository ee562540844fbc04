//! What compiles, and to what. The expected acceptance of every case here was compared with Camunda 8.8.

use crate::support::{check, definitions, flows, prefixed, process, service_task};
use expect_test::expect;
use ringbolt_feel::Value;
use ringbolt_model::{ElementIndex, Limits, parse};

#[test]
fn a_process_with_one_task() {
    let task = service_task(
        "t",
        r#"<zeebe:taskHeaders><zeebe:header key="a" value="1"/><zeebe:header key="q" value="&quot;&#10;\"/>
           <zeebe:header key="" value="x"/><zeebe:header key="no-value"/></zeebe:taskHeaders>
           <zeebe:ioMapping><zeebe:input source="=1" target="x"/><zeebe:input source="text" target="a.b.c"/>
           <zeebe:input target="nothing"/><zeebe:output source="=x" target="_y1"/></zeebe:ioMapping>
           <zeebe:properties><zeebe:property name="color" value="red"/></zeebe:properties>"#,
    );
    check(
        &process(&format!(
            r#"<startEvent id="s" name="go"/>{task}<endEvent id="e"/>{}"#,
            flows("s -> t -> e")
        )),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT name="go"
              t SERVICE_TASK type=work retries=3 headers={"a":"1","q":"\"\n\\"} in:x=1 in:a/b/c="text" in:nothing=null out:_y1=x color=red
              e END_EVENT
              f1: s -> t
              f2: t -> e
        "#]],
    );
}

#[test]
fn decisions_that_a_task_calls() {
    let called = |id: &str, attributes: &str| {
        format!(
            r#"<businessRuleTask id="{id}"><extensionElements><zeebe:calledDecision {attributes}/><zeebe:taskHeaders>
               <zeebe:header key="a" value="b"/></zeebe:taskHeaders></extensionElements></businessRuleTask>"#
        )
    };
    let tasks = [
        called("a", r#"decisionId="price" resultVariable="result""#),
        called("b", r#"decisionId="=which" resultVariable="two words" bindingType="latest" versionTag="""#),
        called("c", r#"decisionId="price" resultVariable="r" bindingType="deployment""#),
        called("d", r#"decisionId="price" resultVariable="r" bindingType="versionTag" versionTag="=v1""#),
    ];
    check(
        &process(&format!(r#"<startEvent id="s"/>{}"#, tasks.concat())),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              a BUSINESS_RULE_TASK decision=price result=result binding=Latest
              b BUSINESS_RULE_TASK decision==which result=two words binding=Latest
              c BUSINESS_RULE_TASK decision=price result=r binding=Deployment
              d BUSINESS_RULE_TASK decision=price result=r binding=VersionTag("=v1")
        "#]],
    );
}

#[test]
fn every_supported_element() {
    let tasks: String = ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"]
        .iter()
        .map(|tag| service_task(tag, "").replace("serviceTask", tag))
        .collect();
    let content = format!(
        r#"<startEvent id="s"/>{tasks}<manualTask id="m"/><task id="u"/><parallelGateway id="and"/>
        <exclusiveGateway id="xor" default="no"/><endEvent id="e"/>
        <subProcess id="outer"><startEvent id="s1"/><subProcess id="inner"><startEvent id="s2"/></subProcess>
          <sequenceFlow id="in" sourceRef="s1" targetRef="inner"/></subProcess>
        <sequenceFlow id="yes" sourceRef="xor" targetRef="outer"><conditionExpression>
           = a </conditionExpression></sequenceFlow>
        <sequenceFlow id="no" sourceRef="xor" targetRef="e"/>{}"#,
        flows("s -> and -> m -> xor; and -> u")
    );
    check(
        &process(&content),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              serviceTask SERVICE_TASK type=work retries=3
              sendTask SEND_TASK type=work retries=3
              scriptTask SCRIPT_TASK type=work retries=3
              businessRuleTask BUSINESS_RULE_TASK type=work retries=3
              m MANUAL_TASK
              u TASK
              and PARALLEL_GATEWAY
              xor EXCLUSIVE_GATEWAY default=no
              e END_EVENT
              outer SUB_PROCESS start=s1
                s1 START_EVENT
                inner SUB_PROCESS start=s2
                  s2 START_EVENT
              in: s1 -> inner
              yes: xor -> outer if  a
              no: xor -> e
              f1: s -> and
              f2: and -> m
              f3: m -> xor
              f4: and -> u
        "#]],
    );
}

#[test]
fn what_does_not_run_is_ignored() {
    let content = r#"<documentation>text</documentation><extensionElements><zeebe:unknown/><other xmlns="urn:x"/>
        <zeebe:executionListeners/></extensionElements>
        <laneSet id="ls"><lane id="l"><flowNodeRef>s</flowNodeRef></lane></laneSet>
        <startEvent id="s"/><dataObject id="do"/><dataObjectReference id="dor" dataObjectRef="do"/>
        <dataStoreReference id="ds"/><group id="g"/><textAnnotation id="ta"><text>x</text></textAnnotation>
        <association id="as" sourceRef="s" targetRef="ta"/>"#;
    check(
        &process(content),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
        "#]],
    );
}

#[test]
fn several_processes_and_those_that_are_not_executable() {
    let content = r#"<collaboration id="c"><participant id="pa" processRef="a"/></collaboration>
        <process id="no"><userTask id="x"/></process>
        <process id="nor" isExecutable="false"/>
        <process id="a" name="A" isExecutable="true"><extensionElements><zeebe:versionTag value="v1"/></extensionElements>
          <startEvent id="sa"/></process>
        <process id="b" isExecutable="true"><startEvent id="sb"/></process>"#;
    check(
        &definitions(&prefixed(content)),
        expect![[r#"
            process a name=Some("A") tag=Some("v1")
              sa START_EVENT
            process b name=None tag=None
              sb START_EVENT
        "#]],
    );
}

#[test]
fn type_and_retries_can_be_expressions() {
    let task = r#"<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="=a" retries="=b"/></extensionElements></serviceTask>"#;
    check(
        &process(&format!(r#"<startEvent id="s"/>{task}{}"#, flows("s -> t"))),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              t SERVICE_TASK type==a retries==b
              f1: s -> t
        "#]],
    );
}

#[test]
fn a_static_source_of_an_input_is_that_text() {
    for (source, expected) in
        [("1", "1"), ("say &quot;no&quot;", "say \"no\""), ("a&#10;b", "a\nb"), ("a\\nb", "a\nb")]
    {
        let mapping =
            format!(r#"<zeebe:ioMapping><zeebe:input source="{source}" target="x"/></zeebe:ioMapping>"#);
        let xml = process(&format!(r#"<startEvent id="s"/>{}"#, service_task("t", &mapping)));
        let resource = parse("x.bpmn", xml.as_bytes(), &Limits::default()).expect("compiles");
        let Some(Value::Str(text)) = resource.processes[0].elements()[2].inputs[0].source.as_constant()
        else {
            panic!("the source is a constant text");
        };
        assert_eq!(text.as_str(), expected);
    }
}

#[test]
fn a_loop_with_a_wait_state_is_accepted() {
    let task = service_task("t", "");
    check(
        &process(&format!(r#"<startEvent id="s"/><task id="m"/>{task}{}"#, flows("s -> m -> t -> m"))),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              m TASK
              t SERVICE_TASK type=work retries=3
              f1: s -> m
              f2: m -> t
              f3: t -> m
        "#]],
    );
}

#[test]
fn a_loop_of_gateways_alone_is_accepted() {
    check(
        &process(&format!(
            r#"<startEvent id="s"/><parallelGateway id="a"/><parallelGateway id="b"/>{}"#,
            flows("s -> a -> b -> a")
        )),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              a PARALLEL_GATEWAY
              b PARALLEL_GATEWAY
              f1: s -> a
              f2: a -> b
              f3: b -> a
        "#]],
    );
}

#[test]
fn indexes_lead_where_they_should() {
    let sub = r#"<subProcess id="sub"><startEvent id="b"/></subProcess>"#;
    let xml = process(&format!(r#"<startEvent id="s"/>{sub}<endEvent id="a"/>{}"#, flows("s -> sub -> a")));
    let resource = parse("x.bpmn", xml.as_bytes(), &Limits::default()).expect("compiles");
    let process = &resource.processes[0];
    for (number, element) in process.elements().iter().enumerate() {
        assert_eq!(process.by_id(&element.id), Some(ElementIndex(number as u32)));
    }
    for flow in process.flows() {
        let index = process.flow_by_id(&flow.id).expect("is known");
        assert!(process.element(flow.source).outgoing.contains(&index));
        assert!(process.element(flow.target).incoming.contains(&index));
    }
    let sub = process.by_id("sub").expect("is known");
    assert_eq!(*process.element(sub).children, [process.by_id("b").expect("is known")]);
    assert_eq!(process.element(ElementIndex::PROCESS).children.len(), 3);
    assert_eq!(process.element(ElementIndex::PROCESS).none_start, process.by_id("s"));
    assert_eq!((process.by_id("f1"), process.flow_by_id("s"), process.by_id("")), (None, None, None));
}
