//! Element instances, and which of them stand in which.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 2;
/// Where parts of a row stand that are read or changed without the rest; a test compares them with the layout.
const FLOW_SCOPE_AT: usize = 1 + 3 * 8;
const STATE_AT: usize = 1 + 38 + 2 * 8;
const FLAGS_AT: usize = STATE_AT + 1;
const ACTIVE_CHILDREN_AT: usize = FLAGS_AT + 2;
const ARRIVING_AT: usize = ACTIVE_CHILDREN_AT + 4;
const WAITS_FOR_AT: usize = ARRIVING_AT + 4;
const AFTERWARDS_AT: usize = WAITS_FOR_AT + 8;
const INTERRUPTER_AT: usize = AFTERWARDS_AT + 9;
/// Every change of a state copies a row, so what only some kinds of elements have stands in tables of its own.
const ROW_BYTES: usize = INTERRUPTER_AT + 4;

/// Where an element instance is in its life; after the end there is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ElementInstanceState {
    /// It is being entered.
    Activating = 1,
    /// It does its work.
    Activated = 2,
    /// It is being left.
    Completing = 3,
    /// It is being ended from outside.
    Terminating = 4,
}

impl ElementInstanceState {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Activating),
            2 => Some(Self::Activated),
            3 => Some(Self::Completing),
            4 => Some(Self::Terminating),
            _ => None,
        }
    }
}

/// What else belongs to an element instance, as bits: where a bit is not set, nothing has to be looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ElementInstanceFlags(u16);

impl ElementInstanceFlags {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Its scope may have variables of its own.
    pub const LOCAL_VARIABLES: Self = Self(1);
    /// It, or the job that it waits for, has an incident.
    pub const INCIDENT: Self = Self(1 << 1);

    /// Whether all of `other` are among these.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and others.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These but others.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    fn read(row: &[u8]) -> Self {
        Self(u16::from_le_bytes(row[FLAGS_AT..FLAGS_AT + 2].try_into().expect("two bytes")))
    }
}

/// What follows once nothing stands in an element instance any more that is ending, or whose children are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Afterwards {
    /// What always follows: an element instance that is ending has ended.
    #[default]
    Usual,
    /// It has ended, and the boundary event that interrupted it is entered: the one of this caught event.
    Boundary(Key),
    /// The event sub-process that interrupted it is entered in it: the one of this caught event.
    EventSubProcess(Key),
    /// It completes: a terminate end event ended what else was in it.
    Completed,
}

impl Afterwards {
    fn to_parts(self) -> (u8, Key) {
        match self {
            Self::Usual => (0, Key::NONE),
            Self::Boundary(event) => (1, event),
            Self::EventSubProcess(event) => (2, event),
            Self::Completed => (3, Key::NONE),
        }
    }

    fn from_parts(number: u8, event: Key) -> Option<Self> {
        match number {
            0 => Some(Self::Usual),
            1 => Some(Self::Boundary(event)),
            2 => Some(Self::EventSubProcess(event)),
            3 => Some(Self::Completed),
            _ => None,
        }
    }
}

/// An element instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementInstanceRow {
    /// What it is an instance of, and where.
    pub element: ElementInstanceRef,
    /// The instance that called this one; none at the top.
    pub parent_process_instance_key: Key,
    /// The call activity's instance that called this one; none at the top.
    pub parent_element_instance_key: Key,
    /// Where it is in its life.
    pub state: ElementInstanceState,
    /// What else belongs to it.
    pub flags: ElementInstanceFlags,
    /// Element instances directly in it.
    pub active_children: u32,
    /// Elements that are to be entered in it, and were not yet: sequence flows on their way, or waiting for others.
    pub arriving: u32,
    /// What it waits for: a job; none if it waits for nothing that has a key.
    pub waits_for: Key,
    /// What follows once nothing stands in it any more.
    pub afterwards: Afterwards,
    /// What interrupted it: nothing else can be entered in it. The process where it is not interrupted.
    pub interrupter: ElementIndex,
}

impl ElementInstanceRow {
    /// An element instance that is being entered at the top of a call hierarchy.
    pub fn new(element: ElementInstanceRef) -> Self {
        Self {
            element,
            parent_process_instance_key: Key::NONE,
            parent_element_instance_key: Key::NONE,
            state: ElementInstanceState::Activating,
            flags: ElementInstanceFlags::NONE,
            active_children: 0,
            arriving: 0,
            waits_for: Key::NONE,
            afterwards: Afterwards::Usual,
            interrupter: ElementIndex::PROCESS,
        }
    }

    fn decode(row: &[u8]) -> Self {
        let mut row = RowReader::begin(row, VERSION);
        Self {
            element: read_element(&mut row),
            parent_process_instance_key: row.key(),
            parent_element_instance_key: row.key(),
            state: known(ElementInstanceState::from_number(row.u8())),
            flags: ElementInstanceFlags(row.u16()),
            active_children: row.u32(),
            arriving: row.u32(),
            waits_for: row.key(),
            afterwards: known(Afterwards::from_parts(row.u8(), row.key())),
            interrupter: ElementIndex(row.u32()),
        }
    }
}

pub(crate) fn write_element<'a>(row: RowWriter<'a>, element: &ElementInstanceRef) -> RowWriter<'a> {
    row.key(element.instance.process_definition_key)
        .key(element.instance.process_instance_key)
        .key(element.instance.root_process_instance_key)
        .key(element.flow_scope_key)
        .u32(element.element_index.0)
        .u8(element.element_type.number())
        .u8(element.event_type.number())
}

pub(crate) fn read_instance(row: &mut RowReader<'_>) -> InstanceRef {
    InstanceRef {
        process_definition_key: row.key(),
        process_instance_key: row.key(),
        root_process_instance_key: row.key(),
    }
}

pub(crate) fn read_element(row: &mut RowReader<'_>) -> ElementInstanceRef {
    ElementInstanceRef {
        instance: read_instance(row),
        flow_scope_key: row.key(),
        element_index: ElementIndex(row.u32()),
        element_type: known(BpmnElementType::from_number(row.u8())),
        event_type: known(BpmnEventType::from_number(row.u8())),
    }
}

impl Tables {
    /// An element instance; the process instance itself is the one of the root element.
    pub fn element_instance(&self, key: Key) -> Option<ElementInstanceRow> {
        let row = self.get_of(table::ELEMENT_INSTANCES, key, &key.0.to_be_bytes())?;
        Some(ElementInstanceRow::decode(row))
    }

    /// The element instance around this one, [`Key::NONE`] around a process instance; and what belongs to this one.
    /// None for an unknown key.
    pub fn element_instance_scope(&self, key: Key) -> Option<(Key, ElementInstanceFlags)> {
        let row = self.get_of(table::ELEMENT_INSTANCES, key, &key.0.to_be_bytes())?;
        let scope = row[FLOW_SCOPE_AT..FLOW_SCOPE_AT + 8].try_into().expect("eight bytes");
        Some((Key(u64::from_le_bytes(scope)), ElementInstanceFlags::read(row)))
    }

    /// Writes an element instance.
    pub fn put_element_instance(&mut self, key: Key, instance: &ElementInstanceRow) {
        let (afterwards, event) = instance.afterwards.to_parts();
        let row = write_element(RowWriter::begin(&mut self.scratch, VERSION), &instance.element);
        row.key(instance.parent_process_instance_key)
            .key(instance.parent_element_instance_key)
            .u8(instance.state as u8)
            .u16(instance.flags.0)
            .u32(instance.active_children)
            .u32(instance.arriving)
            .key(instance.waits_for)
            .u8(afterwards)
            .key(event)
            .u32(instance.interrupter.0);
        self.store.put(table::ELEMENT_INSTANCES, &key.0.to_be_bytes(), &self.scratch);
    }

    /// Where an element instance is in its life.
    pub fn element_instance_state(&self, key: Key) -> Option<ElementInstanceState> {
        let row = self.get_of(table::ELEMENT_INSTANCES, key, &key.0.to_be_bytes())?;
        Some(known(ElementInstanceState::from_number(row[STATE_AT])))
    }

    /// Moves an element instance to another state.
    ///
    /// # Panics
    /// When it is not there, as the other changes of a single part do.
    pub fn set_element_instance_state(&mut self, key: Key, state: ElementInstanceState) {
        self.change_element_instance(key, |row| row[STATE_AT] = state as u8);
    }

    /// Changes how many children an element instance counts, and how many elements are to be entered in it.
    pub fn change_element_instance_counts(&mut self, key: Key, change: impl FnOnce(&mut u32, &mut u32)) {
        self.change_element_instance(key, |row| {
            let count = |row: &[u8; ROW_BYTES], at: usize| {
                u32::from_le_bytes(row[at..at + 4].try_into().expect("four bytes"))
            };
            let (mut children, mut arriving) = (count(row, ACTIVE_CHILDREN_AT), count(row, ARRIVING_AT));
            change(&mut children, &mut arriving);
            row[ACTIVE_CHILDREN_AT..ARRIVING_AT].copy_from_slice(&children.to_le_bytes());
            row[ARRIVING_AT..WAITS_FOR_AT].copy_from_slice(&arriving.to_le_bytes());
        });
    }

    /// Sets what an element instance waits for.
    pub fn set_element_instance_waits_for(&mut self, key: Key, waits_for: Key) {
        self.change_element_instance(key, |row| {
            row[WAITS_FOR_AT..AFTERWARDS_AT].copy_from_slice(&waits_for.0.to_le_bytes());
        });
    }

    /// Notes that something belongs to an element instance, or none of it any more.
    pub fn change_element_instance_flags(
        &mut self,
        key: Key,
        change: impl FnOnce(ElementInstanceFlags) -> ElementInstanceFlags,
    ) {
        self.change_element_instance(key, |row| {
            let flags = change(ElementInstanceFlags::read(row));
            row[FLAGS_AT..FLAGS_AT + 2].copy_from_slice(&flags.0.to_le_bytes());
        });
    }

    fn change_element_instance(&mut self, key: Key, change: impl FnOnce(&mut [u8; ROW_BYTES])) {
        let key = key.0.to_be_bytes();
        let Some(row) = self.store.get(table::ELEMENT_INSTANCES, &key) else {
            // The partition looks for a fault before anything of the command leaves.
            return self.store.report_missing(
                table::ELEMENT_INSTANCES,
                &key,
                "what stands in it or waits for it",
            );
        };
        let mut row: [u8; ROW_BYTES] = row.try_into().expect("an element instance's row has its layout");
        change(&mut row);
        self.store.put(table::ELEMENT_INSTANCES, &key, &row);
    }

    /// Deletes an element instance and its place in the one around it.
    pub fn delete_element_instance(&mut self, key: Key, flow_scope_key: Key) {
        self.store.delete(table::ELEMENT_INSTANCES, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        if flow_scope_key.is_some() {
            let place = RowKey::new().key(flow_scope_key).key(key);
            self.store.delete(table::ELEMENT_CHILDREN, &place, RowOwner::Generated(key.0));
        }
    }

    /// Notes that an element instance stands in another.
    pub fn put_child(&mut self, flow_scope_key: Key, key: Key) {
        self.store.put(table::ELEMENT_CHILDREN, &RowKey::new().key(flow_scope_key).key(key), &[]);
    }

    /// The element instances directly in another that came after one of them, oldest first.
    pub fn children_after(&self, flow_scope_key: Key, after: Key) -> impl Iterator<Item = Key> {
        let (prefix, from) = (flow_scope_key.0.to_be_bytes(), (after.0 + 1).to_be_bytes());
        let owner = RowOwner::Generated(flow_scope_key.0);
        let rows = self.store.range_owned(table::ELEMENT_CHILDREN, &prefix, &from, owner);
        rows.map(|(key, _)| key_at(key, 8))
    }
}

#[cfg(test)]
mod tests {
    use super::{Afterwards, ElementInstanceFlags, ElementInstanceRow, ElementInstanceState};
    use crate::Tables;
    use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
    use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, Key};
    use ringbolt_store::open_memory;

    #[test]
    fn an_instance_that_is_missing_is_the_stores_fault() {
        let mut tables = Tables::new(open_memory());
        tables.set_element_instance_waits_for(Key(9), Key(10));
        let fault = tables.store().fault().expect("a fault").to_string();
        assert!(
            fault.ends_with("the row is missing that what stands in it or waits for it leads to"),
            "{fault}"
        );
        assert_eq!(tables.element_instance(Key(9)), None, "nothing was made up");
        let tables = Tables::new(open_memory());
        assert!(tables.promised_job(Key(9), "a list").is_none());
        let fault = tables.store().fault().expect("a fault").to_string();
        assert_eq!(fault, "state table 8 key 0x0000000000000009: the row is missing that a list leads to");
    }

    #[test]
    fn single_parts_stand_where_the_layout_has_them() {
        let instance = InstanceRef {
            process_definition_key: Key(1),
            process_instance_key: Key(2),
            root_process_instance_key: Key(3),
        };
        let element = ElementInstanceRef {
            instance,
            flow_scope_key: Key(4),
            element_index: ElementIndex(5),
            element_type: BpmnElementType::SubProcess,
            event_type: BpmnEventType::Unspecified,
        };
        let mut row = ElementInstanceRow {
            element,
            parent_process_instance_key: Key(6),
            parent_element_instance_key: Key(7),
            state: ElementInstanceState::Activating,
            flags: ElementInstanceFlags::INCIDENT,
            active_children: 8,
            arriving: 9,
            waits_for: Key(10),
            afterwards: Afterwards::Boundary(Key(12)),
            interrupter: ElementIndex(13),
        };
        let mut tables = Tables::new(open_memory());
        tables.put_element_instance(Key(20), &row);
        assert_eq!(tables.element_instance(Key(20)), Some(row));
        assert_eq!(tables.element_instance_scope(Key(20)), Some((Key(4), row.flags)));
        tables.set_element_instance_state(Key(20), ElementInstanceState::Completing);
        tables.change_element_instance_counts(Key(20), |children, flows| {
            (*children, *flows) = (*children + 10, *flows - 1)
        });
        tables.set_element_instance_waits_for(Key(20), Key(11));
        row.state = ElementInstanceState::Completing;
        (row.active_children, row.arriving, row.waits_for) = (18, 8, Key(11));
        tables.change_element_instance_flags(Key(20), |flags| {
            flags.with(ElementInstanceFlags::LOCAL_VARIABLES).without(ElementInstanceFlags::INCIDENT)
        });
        row.flags = ElementInstanceFlags::LOCAL_VARIABLES;
        assert_eq!(tables.element_instance(Key(20)), Some(row));
        assert_eq!(tables.element_instance_state(Key(20)), Some(ElementInstanceState::Completing));
    }

    #[test]
    fn what_follows_is_read_as_it_was_written() {
        for afterwards in [
            Afterwards::Usual,
            Afterwards::Boundary(Key(3)),
            Afterwards::EventSubProcess(Key(4)),
            Afterwards::Completed,
        ] {
            let (number, event) = afterwards.to_parts();
            assert_eq!(Afterwards::from_parts(number, event), Some(afterwards));
        }
        assert_eq!(Afterwards::from_parts(4, Key::NONE), None);
    }
}
