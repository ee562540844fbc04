//! Timers that events wait for. A timer stands in the queue of what is due as long as it is there.

use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, Key, TimestampMs};
use ringbolt_store::RowOwner;

const VERSION: u8 = 2;

/// A timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerRow {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits for the event.
    pub element_instance_key: Key,
    /// The event.
    pub element_index: ElementIndex,
    /// When it is due.
    pub due: TimestampMs,
    /// How often it comes, this time included; -1 without an end.
    pub repetitions: i32,
    /// Whether it makes up for what its instance missed while it was suspended.
    pub catches_up: bool,
}

impl Tables {
    /// A timer.
    pub fn timer(&self, key: Key) -> Option<TimerRow> {
        let row = self.get_of(table::TIMERS, key, &key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        Some(TimerRow {
            instance: row.instance(),
            element_instance_key: row.key(),
            element_index: ElementIndex(row.u32()),
            due: TimestampMs(row.i64()),
            repetitions: row.i32(),
            catches_up: row.u8() != 0,
        })
    }

    /// Writes a timer and notes when it is due.
    pub fn put_timer(&mut self, key: Key, timer: &TimerRow) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .instance(timer.instance)
            .key(timer.element_instance_key)
            .u32(timer.element_index.0)
            .i64(timer.due.0)
            .i32(timer.repetitions)
            .u8(u8::from(timer.catches_up));
        self.store.put(table::TIMERS, &key.0.to_be_bytes(), &self.scratch);
        self.put_timer_due(timer.due, key);
    }

    /// Whether a timer that is due at a time stands in the queue: it does not where that time came while its instance was suspended.
    pub fn is_timer_queued(&self, key: Key, due: TimestampMs) -> bool {
        self.has_timer_due(due, key)
    }

    /// Deletes a timer that was due at a time.
    pub fn delete_timer(&mut self, key: Key, due: TimestampMs) {
        self.store.delete(table::TIMERS, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        self.delete_timer_due(due, key);
    }
}

#[cfg(test)]
mod tests {
    use super::TimerRow;
    use crate::{DueKind, Tables};
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, Key, TimestampMs};
    use ringbolt_store::open_memory;

    #[test]
    fn a_timer_is_due_as_long_as_it_is_there() {
        let mut tables = Tables::new(open_memory());
        let instance = InstanceRef {
            process_definition_key: Key(1),
            process_instance_key: Key(2),
            root_process_instance_key: Key(3),
        };
        let timer = TimerRow {
            instance,
            element_instance_key: Key(4),
            element_index: ElementIndex(5),
            due: TimestampMs(-6),
            repetitions: -1,
            catches_up: true,
        };
        tables.put_timer(Key(7), &timer);
        assert_eq!(tables.timer(Key(7)), Some(timer));
        assert_eq!(tables.due().next(), Some((timer.due, DueKind::Timer, Key(7))));
        tables.delete_timer(Key(7), timer.due);
        assert_eq!((tables.timer(Key(7)), tables.due().next()), (None, None));
    }
}
