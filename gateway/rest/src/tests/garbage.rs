//! Bodies that are spoiled: an answer in kind, within bounds, never more.

use super::{BOUNDARY, JSON, ask, form, job_path, problem, rest};
use crate::AnswerBody;
use expect_test::expect;
use ringbolt_api::fake::deployment;
use ringbolt_record::Reply;

/// A deterministic stream of numbers.
pub(super) struct Noise(pub(super) u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Some bytes changed, some cut off.
    pub(super) fn spoil(&mut self, valid: &[u8]) -> Vec<u8> {
        const LIKELY: &[u8] = b"{}[]\",:\\0u\r\n- e.\xff\xc3";
        let mut bytes = valid.to_vec();
        for _ in 0..=self.next() % 3 {
            let at = self.next() as usize % bytes.len();
            bytes[at] = LIKELY[self.next() as usize % LIKELY.len()];
        }
        if self.next().is_multiple_of(4) {
            bytes.truncate(self.next() as usize % bytes.len());
        }
        bytes
    }
}

#[test]
fn garbage_is_answered_in_kind() {
    let (broker, rest) = rest();
    let mut noise = Noise(0x5eed);
    let requests: [(&str, String, &[u8]); 5] = [
        ("POST", "/v2/process-instances".to_owned(), br#"{"processDefinitionId":"a\n","variables":{"a":[1,{"b":"c"}]},"tags":["x"],"startInstructions":[{"elementId":"e"}]}"#),
        ("POST", "/v2/jobs/activation".to_owned(), br#"{"type":"x","timeout":1,"maxJobsToActivate":1,"fetchVariable":["a"]}"#),
        ("POST", job_path("/failure"), br#"{"retries":1,"errorMessage":"\ud83d\ude00","retryBackOff":1,"variables":{"a":1.5e3}}"#),
        ("PATCH", job_path(""), br#"{"changeset":{"retries":1},"operationReference":1}"#),
        ("POST", "/v2/messages/publication".to_owned(), b"{}"),
    ];
    let mut statuses = [0usize; 6];
    for _ in 0..4_000 {
        for (method, path, valid) in &requests {
            let answer = ask(&rest, method, path, JSON, &noise.spoil(valid));
            statuses[usize::from(answer.status / 100)] += 1;
            if let AnswerBody::Document(document) = &answer.body {
                serde_json::from_slice::<serde_json::Value>(document).expect("the document is JSON");
            }
        }
        broker.take_log();
    }
    assert!(statuses[2] > 100 && statuses[4] > 1_000 && statuses[5] > 0, "{statuses:?}");
    let deep = format!("{{\"variables\":{}}}", "[".repeat(1_000_000));
    expect!["400 Bad Request: Failed to read request: nested deeper than 256 levels"]
        .assert_eq(&problem("POST /v2/process-instances", deep.as_bytes()));
    let many = format!("{{{}}}", (0..70_000).map(|i| format!("\"v{i}\":1")).collect::<Vec<_>>().join(","));
    let shown = problem("POST /v2/process-instances", many.as_bytes());
    assert!(shown.starts_with("400 Bad Request: Request property [v0] cannot be parsed"), "{shown}");
    assert!(shown.len() < 4_000 && shown.ends_with(". And more"), "{shown}");
}

#[test]
fn spoiled_forms_are_refused_or_deployed() {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let valid = form(&[("Content-Disposition: form-data; name=\"resources\"; filename=\"a.bpmn\"", "<a/>")]);
    let (broker, rest) = rest();
    let mut noise = Noise(0xf0);
    for _ in 0..5_000 {
        broker.answer(Ok(Reply::Deployed(deployment())));
        let answer = ask(&rest, "POST", "/v2/deployments", Some(&content_type), &noise.spoil(&valid));
        assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
        broker.take_log();
    }
}
