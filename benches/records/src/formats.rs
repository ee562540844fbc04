//! The formats, each as a row of functions over bytes.
//!
//! Every format gets the input that suits it, made beforehand: rkyv the borrowed record of `core/record`, prost its message, the
//! others the owned structure. Encoding goes into a buffer that is used again.

use std::error::Error;

use ringbolt_record::values::JobRecord;
use ringbolt_record::wire_enums::JobKind;
use rkyv::rancor::Error as RkyvError;

use crate::job::{BorrowedJob, OwnedJob, Three, sample, three};

/// Empties a buffer and writes the sample into it.
pub type Encode = Box<dyn Fn(&mut Vec<u8>)>;
/// Reads something out of bytes that may be damaged.
pub type Read<T> = fn(&[u8]) -> Result<T, Box<dyn Error>>;

/// One format.
pub struct Format {
    /// Its name in the tables.
    pub name: &'static str,
    /// Empties the buffer and writes the sample into it.
    pub encode: Encode,
    /// Reads three fields.
    pub three: Read<u64>,
    /// Decodes everything.
    pub decode: Read<OwnedJob>,
}

/// All formats.
#[must_use]
pub fn all() -> Vec<Format> {
    vec![rkyv(), json(), message_pack(), prost(), bincode(), postcard()]
}

type ArchivedJob = rkyv::Archived<JobRecord<'static>>;

/// The three fields of an archived record.
#[must_use]
pub fn archived_three(job: &ArchivedJob) -> u64 {
    three(job.instance.process_instance_key.0.to_native(), job.deadline.0.to_native(), &job.worker)
}

fn archived_to_owned(job: &ArchivedJob) -> OwnedJob {
    OwnedJob {
        process_definition_key: job.instance.process_definition_key.0.to_native(),
        process_instance_key: job.instance.process_instance_key.0.to_native(),
        root_process_instance_key: job.instance.root_process_instance_key.0.to_native(),
        element_instance_key: job.element_instance_key.0.to_native(),
        element_index: job.element_index.0.to_native(),
        kind: JobKind::of(&job.kind).number(),
        job_type: job.job_type.to_string(),
        worker: job.worker.to_string(),
        retries: job.retries.to_native(),
        deadline: job.deadline.0.to_native(),
        retry_backoff: job.retry_backoff.0.to_native(),
        recurring_time: job.recurring_time.0.to_native(),
        custom_headers: job.custom_headers.to_string(),
        error_message: job.error_message.to_string(),
        error_code: job.error_code.to_string(),
        tenant_id: job.tenant_id.to_string(),
    }
}

fn rkyv() -> Format {
    let job = sample();
    Format {
        name: "rkyv",
        encode: Box::new(move |out| {
            let mut buffer = std::mem::take(out);
            buffer.clear();
            *out = rkyv::api::high::to_bytes_in::<_, RkyvError>(&job, buffer).expect("a value in memory");
        }),
        three: |bytes| Ok(archived_three(rkyv::access::<ArchivedJob, RkyvError>(bytes)?)),
        decode: |bytes| Ok(archived_to_owned(rkyv::access::<ArchivedJob, RkyvError>(bytes)?)),
    }
}

fn json() -> Format {
    let job = OwnedJob::sample();
    Format {
        name: "serde_json",
        encode: Box::new(move |out| {
            out.clear();
            serde_json::to_writer(out, &job).expect("a value in memory");
        }),
        three: |bytes| Ok(serde_json::from_slice::<Three>(bytes)?.three()),
        decode: |bytes| Ok(serde_json::from_slice(bytes)?),
    }
}

fn message_pack() -> Format {
    let job = OwnedJob::sample();
    Format {
        name: "rmp-serde, named",
        encode: Box::new(move |out| {
            out.clear();
            rmp_serde::encode::write_named(out, &job).expect("a value in memory");
        }),
        three: |bytes| Ok(rmp_serde::from_slice::<Three>(bytes)?.three()),
        decode: |bytes| Ok(rmp_serde::from_slice(bytes)?),
    }
}

fn bincode() -> Format {
    let job = OwnedJob::sample();
    Format {
        name: "bincode",
        encode: Box::new(move |out| {
            out.clear();
            bincode::serde::encode_into_std_write(&job, out, bincode::config::standard())
                .expect("a value in memory");
        }),
        three: |bytes| {
            let config = bincode::config::standard();
            Ok(bincode::serde::borrow_decode_from_slice::<BorrowedJob, _>(bytes, config)?.0.three())
        },
        decode: |bytes| Ok(bincode::serde::decode_from_slice(bytes, bincode::config::standard())?.0),
    }
}

fn postcard() -> Format {
    let job = OwnedJob::sample();
    Format {
        name: "postcard",
        encode: Box::new(move |out| {
            let mut buffer = std::mem::take(out);
            buffer.clear();
            *out = postcard::to_extend(&job, buffer).expect("a value in memory");
        }),
        three: |bytes| Ok(postcard::from_bytes::<BorrowedJob>(bytes)?.three()),
        decode: |bytes| Ok(postcard::from_bytes(bytes)?),
    }
}

/// The record as a protobuf message.
#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(uint64, tag = "1")]
    process_definition_key: u64,
    #[prost(uint64, tag = "2")]
    process_instance_key: u64,
    #[prost(uint64, tag = "3")]
    root_process_instance_key: u64,
    #[prost(uint64, tag = "4")]
    element_instance_key: u64,
    #[prost(uint32, tag = "5")]
    element_index: u32,
    #[prost(uint32, tag = "6")]
    kind: u32,
    #[prost(string, tag = "7")]
    job_type: String,
    #[prost(string, tag = "8")]
    worker: String,
    #[prost(int32, tag = "9")]
    retries: i32,
    #[prost(int64, tag = "10")]
    deadline: i64,
    #[prost(int64, tag = "11")]
    retry_backoff: i64,
    #[prost(int64, tag = "12")]
    recurring_time: i64,
    #[prost(string, tag = "13")]
    custom_headers: String,
    #[prost(string, tag = "14")]
    error_message: String,
    #[prost(string, tag = "15")]
    error_code: String,
    #[prost(string, tag = "16")]
    tenant_id: String,
}

/// Three of its fields; the others are skipped.
#[derive(Clone, PartialEq, prost::Message)]
struct MessageThree {
    #[prost(uint64, tag = "2")]
    process_instance_key: u64,
    #[prost(string, tag = "8")]
    worker: String,
    #[prost(int64, tag = "10")]
    deadline: i64,
}

impl From<OwnedJob> for Message {
    fn from(job: OwnedJob) -> Message {
        Message {
            process_definition_key: job.process_definition_key,
            process_instance_key: job.process_instance_key,
            root_process_instance_key: job.root_process_instance_key,
            element_instance_key: job.element_instance_key,
            element_index: job.element_index,
            kind: job.kind.into(),
            job_type: job.job_type,
            worker: job.worker,
            retries: job.retries,
            deadline: job.deadline,
            retry_backoff: job.retry_backoff,
            recurring_time: job.recurring_time,
            custom_headers: job.custom_headers,
            error_message: job.error_message,
            error_code: job.error_code,
            tenant_id: job.tenant_id,
        }
    }
}

impl From<Message> for OwnedJob {
    fn from(job: Message) -> OwnedJob {
        OwnedJob {
            process_definition_key: job.process_definition_key,
            process_instance_key: job.process_instance_key,
            root_process_instance_key: job.root_process_instance_key,
            element_instance_key: job.element_instance_key,
            element_index: job.element_index,
            kind: u8::try_from(job.kind).unwrap_or(u8::MAX),
            job_type: job.job_type,
            worker: job.worker,
            retries: job.retries,
            deadline: job.deadline,
            retry_backoff: job.retry_backoff,
            recurring_time: job.recurring_time,
            custom_headers: job.custom_headers,
            error_message: job.error_message,
            error_code: job.error_code,
            tenant_id: job.tenant_id,
        }
    }
}

fn prost() -> Format {
    use prost::Message as _;
    let message = Message::from(OwnedJob::sample());
    Format {
        name: "prost",
        encode: Box::new(move |out| {
            out.clear();
            message.encode(out).expect("a vector grows");
        }),
        three: |bytes| {
            let message = MessageThree::decode(bytes)?;
            Ok(three(message.process_instance_key, message.deadline, &message.worker))
        },
        decode: |bytes| Ok(Message::decode(bytes)?.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{OwnedJob, all};

    #[test]
    fn every_format_reads_what_it_wrote_and_refuses_half_of_it() {
        let sample = OwnedJob::sample();
        for format in all() {
            let mut bytes = vec![1, 2, 3];
            (format.encode)(&mut bytes);
            assert_eq!((format.decode)(&bytes).expect(format.name), sample, "{}", format.name);
            assert_eq!((format.three)(&bytes).expect(format.name), sample.three(), "{}", format.name);
            assert!((format.decode)(&bytes[..bytes.len() / 2 - 1]).is_err(), "{}", format.name);
        }
    }
}
