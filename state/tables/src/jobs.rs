//! Jobs as they are now.
//!
//! A row read is an owned snapshot, so that the one who decides about a job may write events while holding it;
//! its text lies in one small buffer, without an allocation for text of usual length.

use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{DurationMs, ElementIndex, JobKind, JobListenerEventType, Key, TimestampMs};
use ringbolt_store::RowOwner;
use smallvec::SmallVec;

const VERSION: u8 = 2;

/// Whether a job can be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum JobState {
    /// Waits for a worker.
    Activatable = 1,
    /// A worker has it.
    Activated = 2,
    /// Failed; it rests, or it has no retries left.
    Failed = 3,
    /// A worker threw an error that nothing caught.
    ErrorThrown = 4,
    /// It would be activatable, but its instance is suspended.
    Suspended = 5,
}

impl JobState {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Activatable),
            2 => Some(Self::Activated),
            3 => Some(Self::Failed),
            4 => Some(Self::ErrorThrown),
            5 => Some(Self::Suspended),
            _ => None,
        }
    }

    /// The name that rejections give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activatable => "ACTIVATABLE",
            Self::Activated => "ACTIVATED",
            Self::Failed => "FAILED",
            Self::ErrorThrown => "ERROR_THROWN",
            Self::Suspended => "SUSPENDED",
        }
    }
}

/// The text of a job, to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobText<'a> {
    /// Which workers it is for.
    pub job_type: &'a str,
    /// Who has it, or had it last.
    pub worker: &'a str,
    /// What the worker said went wrong.
    pub error_message: &'a str,
    /// The error that the worker threw.
    pub error_code: &'a str,
    /// Owner.
    pub tenant_id: &'a str,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits for it.
    pub element_instance_key: Key,
    /// The element.
    pub element_index: ElementIndex,
    /// What made it.
    pub kind: JobKind,
    /// What its listener listens to; unspecified for other jobs.
    pub listener_event_type: JobListenerEventType,
    /// Which of its element's listeners it is for, counted from 0.
    pub listener_index: u32,
    /// Whether its headers have a row of their own; those of other jobs stand in the model.
    pub has_own_headers: bool,
    /// Whether it can be worked on.
    pub state: JobState,
    /// How often it may still fail.
    pub retries: i32,
    /// Of jobs that wait, those with more come first.
    pub priority: i32,
    /// The batch of jobs that gave it out under a lease last; none if it never was.
    pub lease: Key,
    /// When its worker's time is over, or was; 0 if it never had a worker.
    pub deadline: TimestampMs,
    /// How long it rested after its last failure.
    pub retry_backoff: DurationMs,
    /// When it was to be offered again after its last rest; 0 if it never rested.
    pub recurring_time: TimestampMs,
    text: SmallVec<[u8; 128]>,
    ends: [u32; 5],
}

impl JobRow {
    /// A job with its text.
    pub fn new(
        instance: InstanceRef,
        element_instance_key: Key,
        element_index: ElementIndex,
        kind: JobKind,
        text: JobText<'_>,
    ) -> Self {
        let mut row = Self {
            instance,
            element_instance_key,
            element_index,
            kind,
            listener_event_type: JobListenerEventType::Unspecified,
            listener_index: 0,
            has_own_headers: false,
            state: JobState::Activatable,
            retries: 0,
            priority: 0,
            lease: Key::NONE,
            deadline: TimestampMs(0),
            retry_backoff: DurationMs(0),
            recurring_time: TimestampMs(0),
            text: SmallVec::new(),
            ends: [0; 5],
        };
        let JobText { job_type, worker, error_message, error_code, tenant_id } = text;
        row.set_text([job_type, worker, error_message, error_code, tenant_id].map(str::as_bytes));
        row
    }

    /// Each part is UTF-8.
    fn set_text(&mut self, parts: [&[u8]; 5]) {
        self.text.clear();
        for (end, part) in self.ends.iter_mut().zip(parts) {
            self.text.extend_from_slice(part);
            *end = self.text.len() as u32;
        }
    }

    fn part_bytes(&self, number: usize) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start as usize..self.ends[number] as usize]
    }

    fn part(&self, number: usize) -> &str {
        std::str::from_utf8(self.part_bytes(number)).expect("text in a row is UTF-8")
    }

    /// Owner and type, where they are only compared: they are not looked at as text.
    pub(crate) fn queue_bytes(&self) -> [&[u8]; 2] {
        [self.part_bytes(4), self.part_bytes(0)]
    }

    /// Which workers it is for.
    pub fn job_type(&self) -> &str {
        self.part(0)
    }

    /// Who has it, or had it last; empty if nobody.
    pub fn worker(&self) -> &str {
        self.part(1)
    }

    /// What the worker said went wrong last; empty if nothing.
    pub fn error_message(&self) -> &str {
        self.part(2)
    }

    /// The error that the worker threw; empty if none.
    pub fn error_code(&self) -> &str {
        self.part(3)
    }

    /// Owner.
    pub fn tenant_id(&self) -> &str {
        self.part(4)
    }

    /// Gives the job to a worker.
    pub fn set_worker(&mut self, worker: &str) {
        let before = std::mem::take(&mut self.text);
        let ends = self.ends;
        let part = |number: usize| {
            let start = if number == 0 { 0 } else { ends[number - 1] };
            &before[start as usize..ends[number] as usize]
        };
        self.set_text([part(0), worker.as_bytes(), part(2), part(3), part(4)]);
    }

    fn decode(row: &[u8]) -> Self {
        let mut row = RowReader::begin(row, VERSION);
        let mut job = Self {
            instance: row.instance(),
            element_instance_key: row.key(),
            element_index: ElementIndex(row.u32()),
            kind: known(JobKind::from_number(row.u8())),
            listener_event_type: known(JobListenerEventType::from_number(row.u8())),
            listener_index: row.u32(),
            has_own_headers: row.u8() != 0,
            state: known(JobState::from_number(row.u8())),
            retries: row.i32(),
            priority: row.i32(),
            lease: row.key(),
            deadline: TimestampMs(row.i64()),
            retry_backoff: DurationMs(row.i64()),
            recurring_time: TimestampMs(row.i64()),
            text: SmallVec::new(),
            ends: [0; 5],
        };
        for end in &mut job.ends {
            *end = row.u32();
        }
        job.text = SmallVec::from_slice(row.rest());
        job
    }
}

impl Tables {
    /// A job.
    pub fn job(&self, key: Key) -> Option<JobRow> {
        self.get_of(table::JOBS, key, &key.0.to_be_bytes()).map(JobRow::decode)
    }

    /// A job that another row leads to, as `by` says. That it is missing is damage, and the store's fault.
    pub fn promised_job(&self, key: Key, by: &str) -> Option<JobRow> {
        let job = self.job(key);
        if job.is_none() {
            self.store.report_missing(table::JOBS, &key.0.to_be_bytes(), by);
        }
        job
    }

    /// Writes a job.
    pub fn put_job(&mut self, key: Key, job: &JobRow) {
        let row = RowWriter::begin(&mut self.scratch, VERSION)
            .instance(job.instance)
            .key(job.element_instance_key)
            .u32(job.element_index.0)
            .u8(job.kind.number())
            .u8(job.listener_event_type.number())
            .u32(job.listener_index)
            .u8(u8::from(job.has_own_headers))
            .u8(job.state as u8)
            .i32(job.retries)
            .i32(job.priority)
            .key(job.lease)
            .i64(job.deadline.0)
            .i64(job.retry_backoff.0)
            .i64(job.recurring_time.0);
        job.ends.iter().fold(row, |row, end| row.u32(*end)).raw(&job.text);
        self.store.put(table::JOBS, &key.0.to_be_bytes(), &self.scratch);
    }

    /// Deletes a job; its places in the indexes are deleted on their own.
    pub fn delete_job(&mut self, key: Key) {
        self.store.delete(table::JOBS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
    }
}
