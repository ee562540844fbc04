//! Multipart forms and the models in them.

use crate::{INSTANCES, JSON, Victim};
use ringbolt_tests::server::ONE_TASK;

/// A form whose parts are these texts, each with its headers.
fn form(boundary: &str, parts: &[String]) -> Vec<u8> {
    let parts: String = parts.iter().map(|part| format!("--{boundary}\r\n{part}\r\n")).collect();
    format!("{parts}--{boundary}--\r\n").into_bytes()
}

fn resource(name: &str, content: &str) -> String {
    format!("content-disposition: form-data; name=\"resources\"; filename=\"{name}\"\r\n\r\n{content}")
}

#[test]
fn forms() {
    let victim = Victim::start(&[]);
    let whole = form("b", &[resource("x.bpmn", ONE_TASK)]);
    for (content_type, says) in [
        ("multipart/form-data", "boundary"),
        ("multipart/form-data; boundary=", "Failed to parse multipart request"),
        ("multipart/form-data; boundary=other", "Failed to parse multipart request"),
    ] {
        victim.refuses("POST /v2/deployments", content_type, &[(&whole, 400, says)]);
    }
    victim.refuses("POST /v2/deployments", JSON, &[(&whole, 415, JSON)]);
    let many: Vec<String> = (0..300).map(|n| resource(&format!("{n}.bpmn"), "x")).collect();
    let tenant = |name: &str| format!("content-disposition: form-data; name=\"tenantId\"\r\n\r\n{name}");
    let large = vec![b'x'; 5 << 20];
    let cases: [(Vec<u8>, u16, &str); 11] = [
        (vec![], 400, "Failed to parse multipart request"),
        (b"--b--\r\n".to_vec(), 400, "'resources' is not present"),
        (b"--b\r\n--b\r\n--b--".to_vec(), 400, "Failed to parse multipart request"),
        (whole[..whole.len() - 200].to_vec(), 400, "Failed to parse multipart request"),
        (
            b"--b\r\ncontent-disposition: \xff\xfe\r\n\r\nx\r\n--b--\r\n".to_vec(),
            400,
            "'resources' is not present",
        ),
        (form("b", &["\r\nx".to_owned()]), 400, "Failed to parse multipart request"),
        (
            form("b", &["content-disposition: form-data; name=\"resources\"\r\n\r\nx".to_owned()]),
            400,
            "no file name",
        ),
        (form("b", &[resource("x.bpmn", ONE_TASK), tenant("other")]), 400, "tenant identifier 'other'"),
        (form("b", &[tenant(&"t".repeat(5_000))]), 400, "'tenantId' has more than 1024 bytes"),
        (form("b", &many), 400, "more than 272 parts"),
        (large, 413, "larger than"),
    ];
    for (body, status, says) in &cases {
        let request = "POST /v2/deployments";
        victim.refuses(request, "multipart/form-data; boundary=b", &[(body, *status, says)]);
    }
    let edges = [
        "--b\r\n",
        "\r\n--b",
        "--b--",
        "--b\r\n\r\n--b--\r\n",
        "--b\r\ncontent-disposition: form-data; name=\"file\"\r\n",
    ];
    let parts: Vec<String> =
        (0..10_000).map(|n| format!("content-disposition: form-data; name=\"p{n}\"\r\n\r\nx")).collect();
    let parts = form("b", &parts);
    for request in ["POST /v2/documents", "POST /v2/documents/batch", "POST /v2/deployments"] {
        let content_type = "multipart/form-data; boundary=b";
        for edge in edges {
            let answer = victim.ask(request, content_type, edge.as_bytes());
            assert_eq!(
                (answer.status, answer.json()["status"].as_u64()),
                (400, Some(400)),
                "{request} {edge:?}"
            );
        }
        victim.refuses(request, content_type, &[(&parts, 400, "The form has more than")]);
    }
    victim.check();
}

#[test]
fn models() {
    let victim = Victim::start(&[]);
    let root = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">"#;
    let deep = format!("{root}{}", "<process>".repeat(10_000));
    let entities = format!("<!DOCTYPE d [<!ENTITY a \"{}\">]>{root}&a;</definitions>", "x".repeat(1_000));
    let attributes: String = (0..1_000).map(|n| format!(" a{n}=\"\"")).collect();
    let large = format!("{root}<!--{}--></definitions>", "x".repeat(4 << 20));
    let loops =
        ONE_TASK.replace("serviceTask", "manualTask").replace("targetRef=\"end\"", "targetRef=\"task\"");
    for (content, status, says) in [
        ("", 400, "x.bpmn"),
        ("{}", 400, "x.bpmn"),
        ("<definitions/>", 400, "http://www.omg.org/spec/BPMN/20100524/MODEL"),
        ("<definitions", 400, "x.bpmn"),
        (&entities, 400, "Document type declarations are not allowed (line 1"),
        (
            "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><d/>",
            400,
            "Document type declarations are not allowed (line 1",
        ),
        (&format!("{root}&nope;</definitions>"), 400, "nope"),
        (&deep, 400, "128"),
        (&format!("<definitions{attributes}/>"), 400, "256"),
        (&large, 400, "4194304"),
        (&format!("{root}\u{1}</definitions>"), 400, "x.bpmn"),
        (&format!("{root}</definitions>"), 400, "at least one executable process"),
        (&ONE_TASK.replace("type=\"work\"", "type=\"= 1 +\""), 400, "task"),
        (&ONE_TASK.replace("serviceTask", "callActivity"), 400, "task"),
        (&ONE_TASK.replace("targetRef=\"end\"", "targetRef=\"nowhere\""), 400, "nowhere"),
        (&loops, 400, "straight-through processing loop"),
    ] {
        let answer = victim.server.client().deploy("x.bpmn", content).expect("an answer");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        let shown = &content[..content.len().min(200)];
        assert!(answer.status == status && detail.contains(says), "{shown}: {} {detail}", answer.status);
        assert!(detail.len() < 10_000, "{} bytes of detail", detail.len());
    }
    // One bad resource of two: neither is deployed.
    let good = ONE_TASK.replace("one_task", "another");
    let both = form("b", &[resource("good.bpmn", &good), resource("bad.bpmn", "<definitions/>")]);
    let content_type = "multipart/form-data; boundary=b";
    victim.refuses("POST /v2/deployments", content_type, &[(&both, 400, "bad.bpmn")]);
    victim.refuses(INSTANCES, JSON, &[(br#"{"processDefinitionId":"another"}"#, 404, "another")]);
    victim.check();
}
