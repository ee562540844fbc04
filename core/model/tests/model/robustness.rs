//! Any bytes end in a process or in violations, quickly: mutated models, and documents made to be slow or large.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::support::{flows, process, service_task};
use ringbolt_model::{Limits, Violation, format_violations, parse};

const SEED: u64 = 0x5EED_0001;
const MUTANTS: usize = 4_000;

/// No document here may take longer, in a debug build on a busy machine.
const TIME_MAX: Duration = Duration::from_secs(5);

/// xorshift64*: enough to scatter mutations, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }
}

fn model() -> String {
    let task = service_task(
        "t",
        r#"<zeebe:ioMapping><zeebe:input source="=a" target="b.c"/><zeebe:output source="=b" target="d"/></zeebe:ioMapping>
           <zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>
           <zeebe:executionListeners><zeebe:executionListener eventType="start" type="=a" retries="=r"><zeebe:taskHeaders><zeebe:header key="k" value="w"/></zeebe:taskHeaders></zeebe:executionListener><zeebe:executionListener eventType="end" type="b"/></zeebe:executionListeners>"#,
    );
    let document = process(&format!(
        r#"<!-- c --><startEvent id="s"/>{task}<exclusiveGateway id="x" default="d"/><subProcess id="u"><startEvent id="i"/>
        <endEvent id="fails"><errorEventDefinition errorRef="fault"/></endEvent></subProcess><task id="m"/>
        <intermediateThrowEvent id="raised"><escalationEventDefinition escalationRef="up"/></intermediateThrowEvent>
        <boundaryEvent id="heard" attachedToRef="u" cancelActivity="false"><escalationEventDefinition/></boundaryEvent>
        <boundaryEvent id="when" attachedToRef="u"><conditionalEventDefinition><extensionElements><zeebe:conditionalFilter variableNames="a,b" variableEvents="create"/></extensionElements><condition>=a</condition></conditionalEventDefinition></boundaryEvent>
        <boundaryEvent id="undone" attachedToRef="m"><compensateEventDefinition id="undone_d"/></boundaryEvent><task id="undo" isForCompensation="true"/><association id="a" sourceRef="undone" targetRef="undo"/>
        <intermediateThrowEvent id="back"><compensateEventDefinition id="back_d" activityRef="m"/></intermediateThrowEvent>
        <startEvent id="told"><conditionalEventDefinition><extensionElements><zeebe:conditionalFilter variableNames="b"/></extensionElements><condition>=b</condition></conditionalEventDefinition></startEvent>
        <startEvent id="timed"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition></startEvent>
        <inclusiveGateway id="any" default="d2"/><inclusiveGateway id="all"/><sequenceFlow id="d2" sourceRef="any" targetRef="all"/>
        <sequenceFlow id="d3" sourceRef="any" targetRef="all"><conditionExpression>=a</conditionExpression></sequenceFlow>
        <boundaryEvent id="caught" attachedToRef="u"><errorEventDefinition/></boundaryEvent><eventBasedGateway id="g"><outgoing>f1</outgoing><outgoing>f2</outgoing></eventBasedGateway><intermediateCatchEvent id="g1"><messageEventDefinition messageRef="msg"/></intermediateCatchEvent>
        <intermediateCatchEvent id="g2"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent><receiveTask id="r" messageRef="msg"/>
        <boundaryEvent id="b" attachedToRef="r"><messageEventDefinition messageRef="msg"/></boundaryEvent><endEvent id="e"/>
        <callActivity id="call"><extensionElements><zeebe:calledElement processId="=id" bindingType="versionTag" versionTag="v" propagateAllChildVariables="false"/></extensionElements>
          <multiInstanceLoopCharacteristics isSequential="true"><extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results" outputElement="=item"/></extensionElements>
          <completionCondition>=done</completionCondition></multiInstanceLoopCharacteristics></callActivity><sequenceFlow id="d" sourceRef="x" targetRef="u"/>
        <sequenceFlow id="c" sourceRef="x" targetRef="e"><conditionExpression><![CDATA[=a > 1]]></conditionExpression></sequenceFlow>{}"#,
        flows("s -> t -> x; u -> m -> g -> g1 -> r; g -> g2")
    ));
    document.replace(
        "<bpmn:process",
        r#"<bpmn:error id="fault" errorCode="=a"/><bpmn:escalation id="up" escalationCode="E"/><bpmn:message id="msg" name="=n"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message><bpmn:signal id="sig" name="s"/><bpmn:process"#,
    )
}

/// Bytes that mean something in XML or BPMN.
const FRAGMENTS: [&[u8]; 16] = [
    b"<",
    b">",
    b"/>",
    b"\"",
    b"&",
    b"&#x0;",
    b"]]>",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE a>",
    b"<?x",
    b"xmlns:b=\"\"",
    b"\xff\xfe",
    b"id=\"s\"",
    b"<bpmn:subProcess>",
    b"bpmn:",
];

/// Words of a document: names, values and prefixes. Exchanging them leaves it well-formed more often than not.
fn words(bytes: &[u8]) -> Vec<Range<usize>> {
    let is_word = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'=');
    let starts = (0..bytes.len()).filter(|at| is_word(*at) && (*at == 0 || !is_word(*at - 1)));
    starts.map(|from| from..(from..).find(|at| !is_word(*at)).unwrap_or(from)).collect()
}

fn exchange_words(bytes: &mut Vec<u8>, random: &mut Random) {
    let words = words(bytes);
    let (into, from) = (random.below(words.len()), random.below(words.len()));
    let copied = bytes[words[from].clone()].to_vec();
    bytes.splice(words[into].clone(), copied);
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    if random.below(2) == 0 {
        return exchange_words(bytes, random);
    }
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1));
        let to = (at + random.below(40)).min(bytes.len());
        match random.below(5) {
            0 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            1 => drop(bytes.drain(at..to)),
            2 => {
                let copied = bytes[at..to].to_vec();
                let into = random.below(bytes.len().max(1));
                bytes.splice(into..into, copied);
            }
            3 => {
                let fragment = FRAGMENTS[random.below(FRAGMENTS.len())];
                bytes.splice(at..at, fragment.iter().copied());
            }
            _ => bytes.truncate(to.max(1)),
        }
    }
}

#[test]
fn mutants_end_in_a_process_or_in_violations() {
    let (original, limits) = (model(), Limits::default());
    assert!(parse("x", original.as_bytes(), &limits).is_ok(), "{}", crate::support::deploy(&original));
    let mut random = Random(SEED);
    let (mut accepted, mut not_xml) = (0, 0);
    for _ in 0..MUTANTS {
        let mut bytes = original.clone().into_bytes();
        mutate(&mut bytes, &mut random);
        match parse("x", &bytes, &limits) {
            Ok(resource) => {
                accepted += 1;
                assert!(!resource.processes.is_empty());
            }
            Err(violations) => {
                assert!(!format_violations("x", &violations).is_empty());
                not_xml += usize::from(violations[0].element_id.is_empty());
            }
        }
    }
    // The mutations reach every layer: some survive, some break the XML, some break only the model.
    assert!(accepted > 200 && not_xml > 200 && MUTANTS - accepted - not_xml > 400, "{accepted} {not_xml}");
}

fn timed(xml: &[u8]) -> Result<usize, Vec<Violation>> {
    let start = Instant::now();
    let result = parse("x", xml, &Limits::default());
    let taken = start.elapsed();
    assert!(taken < TIME_MAX, "{taken:?} for {:?}", String::from_utf8_lossy(&xml[..xml.len().min(60)]));
    result.map(|resource| resource.processes[0].elements().len())
}

#[test]
fn documents_made_to_be_slow_are_refused_in_time() {
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
    let namespaces: String = (0..60).map(|number| format!(" xmlns:n{number}='{number}'")).collect();
    let documents = [
        "<a>".repeat(1_000_000),
        format!("<a{attributes}/>"),
        format!("<a{namespaces}>{}</a>", "<b xmlns='x'/>".repeat(100_000)),
        format!("<a>{}</a>", "<b/>".repeat(900_000)),
        format!("<a x='{}", "&amp;".repeat(700_000)),
        "<".repeat(4_000_000),
        format!("<!--{}", "-".repeat(4_000_000)),
        process(&format!("<task id=\"{}\"/>", "i".repeat(3_000_000))),
        process(&format!("<startEvent id='s'/>{}", "<task/>".repeat(100_000))),
        process(&format!("<startEvent id='s'/>{}", "<task id='i'/>".repeat(10_000))),
    ];
    for document in documents {
        let violations = timed(document.as_bytes()).expect_err("is refused");
        for Violation { element_id, subject, message, .. } in violations {
            assert!(format!("{element_id}{subject:?}{message}").len() < 5_000);
        }
    }
}

#[test]
fn a_large_model_compiles_in_time() {
    // Every gateway leads to both gateways of the next row, so there are 2^n paths and no loop.
    let mut content = String::from("<startEvent id='s'/><task id='m'/>");
    let mut chains = String::from("s -> m -> a0; m -> b0");
    for row in 0..2_000 {
        content.push_str(&format!("<parallelGateway id='a{row}'/><parallelGateway id='b{row}'/>"));
        if row > 0 {
            let last = row - 1;
            chains.push_str(&format!(
                "; a{last} -> a{row}; a{last} -> b{row}; b{last} -> a{row}; b{last} -> b{row}"
            ));
        }
    }
    let elements = timed(process(&format!("{content}{}", flows(&chains))).as_bytes());
    assert_eq!(elements.ok(), Some(4_003));
}

#[test]
fn encodings() {
    let xml = process(r#"<startEvent id="s" name="Grüße"/>"#);
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(xml.encode_utf16()).flat_map(unit).collect()
    };
    let latin1: Vec<u8> =
        xml.replace("UTF-8", "ISO-8859-1").chars().map(|character| character as u8).collect();
    let with_mark = format!("\u{feff}{xml}");
    let [big, little] = [utf16(u16::to_be_bytes), utf16(u16::to_le_bytes)];
    let unmarked = [&big, &little].map(|bytes| bytes[2..].to_vec());
    for bytes in [xml.clone().into(), with_mark.into(), big, little, latin1].into_iter().chain(unmarked) {
        let resource = parse("x", &bytes, &Limits::default()).expect("compiles");
        let process = &resource.processes[0];
        assert_eq!(process.elements()[1].name.as_deref(), Some("Grüße"));
    }
}

/// The name of the start event in a document of `name`'s bytes under a declared encoding, or the rejection.
fn name_in(encoding: &str, name: &[u8]) -> String {
    let xml = process(r#"<startEvent id="s" name="@"/>"#).replace("UTF-8", encoding);
    let (before, after) = xml.split_once('@').expect("there is a place for it");
    match parse("x", &[before.as_bytes(), name, after.as_bytes()].concat(), &Limits::default()) {
        Ok(resource) => resource.processes[0].elements()[1].name.as_deref().unwrap_or_default().to_owned(),
        Err(violations) => violations[0].message.clone(),
    }
}

#[test]
fn encodings_of_other_scripts() {
    let cases: [(&str, &[u8], &str); 9] = [
        ("windows-1252", b"\x80", "€"),
        ("ISO-8859-1", b"\x80", "\u{80}"),
        ("ISO-8859-15", b"\xA4", "€"),
        ("KOI8-R", b"\xF0\xF2", "ПР"),
        ("Shift_JIS", b"\x8E\x96", "事"),
        ("EUC-JP", b"\xBB\xF6", "事"),
        ("GBK", b"\xCA\xC2", "事"),
        ("Big5", b"\xA8\xC6", "事"),
        ("EUC-KR", b"\xC0\xCF", "일"),
    ];
    for (encoding, bytes, name) in cases {
        assert_eq!(name_in(encoding, bytes), name, "{encoding}");
    }
    assert_eq!(name_in("EUC-JP", b"\xFF"), "The document is not valid EUC-JP");
    for unknown in ["UTF-32", "IBM037", "UTF-16", "replacement", "x-user-defined"] {
        assert_eq!(name_in(unknown, b"a"), format!("The encoding '{unknown}' is not supported; use UTF-8"));
    }
}
