//! Bytes that are no message: refused or understood, within bounds, never more.

use super::{NO_CONTEXT, calls, create};
use crate::messages as m;
use bytes::Bytes;
use prost::Message;
use ringbolt_api::fake::run;

/// A deterministic stream of numbers.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn garbage_is_refused_or_understood_but_never_more() {
    let (broker, calls) = calls();
    let mut noise = Noise(0x5eed);
    let valid = m::CreateProcessInstanceRequest {
        start_instructions: vec![m::StartInstruction { element_id: "s".to_owned() }],
        tags: vec!["x".to_owned()],
        operation_reference: Some(4),
        ..create()
    }
    .encode_to_vec();
    let (mut decoded, mut refused) = (0, 0);
    for round in 0..20_000u64 {
        let mut bytes = if round % 2 == 0 {
            (0..noise.next() % 64).map(|_| noise.next() as u8).collect()
        } else {
            valid.clone()
        };
        for _ in 0..noise.next() % 3 {
            if !bytes.is_empty() {
                let at = noise.next() as usize % bytes.len();
                bytes[at] = noise.next() as u8;
            }
        }
        bytes.truncate(noise.next() as usize % (bytes.len() + 1));
        let bytes = Bytes::from(bytes);
        let create = m::CreateProcessInstanceRequest::decode(bytes.clone());
        let _ = m::CreateProcessInstanceWithResultRequest::decode(bytes.clone());
        let _ = m::DeployResourceRequest::decode(bytes.clone());
        let _ = m::ActivateJobsRequest::decode(bytes.clone());
        let complete = m::CompleteJobRequest::decode(bytes);
        match create {
            Ok(create) => {
                decoded += 1;
                let _ = run(calls.create_process_instance(NO_CONTEXT, create));
            }
            Err(_) => refused += 1,
        }
        if let Ok(complete) = complete {
            let _ = run(calls.complete_job(NO_CONTEXT, complete));
        }
        broker.take_log();
    }
    assert!(decoded > 500 && refused > 500, "{decoded} decoded, {refused} refused");
}

#[test]
fn a_length_that_lies_allocates_nothing() {
    // Field 4, claiming almost 4 GiB that are not there.
    let lie = Bytes::from_static(&[0x22, 0xff, 0xff, 0xff, 0xff, 0x0f, b'{']);
    assert!(m::CreateProcessInstanceRequest::decode(lie).is_err());
    // A deeply nested group in an unknown field.
    let nested = Bytes::from(vec![0xfb; 10_000]);
    assert!(m::CreateProcessInstanceRequest::decode(nested).is_err());
}
