//! What an entry's events mean to the partition itself: credit that comes back, instances that begin and end.

use crate::host::Host;
use crate::lifetimes::Lifetimes;
use crate::streams::Streams;
use ringbolt_engine::Note;
use ringbolt_record::TimestampMs;

/// Takes what the engine noted while it wrote an entry.
pub(crate) fn observe_notes(
    notes: &[Note],
    now: TimestampMs,
    streams: &mut Streams,
    lifetimes: &mut Lifetimes,
    host: &mut dyn Host,
) {
    for note in notes {
        match *note {
            Note::JobReleased(job) => streams.on_released(job),
            Note::InstanceCreated(instance) => lifetimes.on_created(instance, now),
            Note::ElementCompleted(element) => {
                if let Some(lifetime) = lifetimes.on_completed(element, now) {
                    host.instance_completed(lifetime);
                }
            }
        }
    }
}
