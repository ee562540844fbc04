//! Element instances, and which of them stand in which.

use crate::element_cache::Unwritten;
use crate::key::key_at;
use crate::row::{RowReader, RowWriter, known};
use crate::{Tables, table};
use ringbolt_record::values::ElementInstanceRef;
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, Key};
use ringbolt_store::{RowOwner, Store};

const VERSION: u8 = 2;
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
    /// It waits, or waited, for events.
    pub const SUBSCRIPTIONS: Self = Self(1 << 2);
    /// It caught events of which nothing has come yet, or had caught some.
    pub const TRIGGERS: Self = Self(1 << 3);
    /// What stood in it has ended or is going to, and nothing but what interrupted it can be in it.
    pub const INTERRUPTED: Self = Self(1 << 4);
    /// It is one of the instances of a repeated activity, which is for an item.
    pub const REPEATED: Self = Self(1 << 5);
    /// It is a process that an event has started, and may hold a lock on a message's correlation key.
    pub const BY_EVENT: Self = Self(1 << 6);
    /// Some of its listeners were asked.
    pub const LISTENERS: Self = Self(1 << 7);
    /// It is a process that ends after one of its elements.
    pub const LIMITED: Self = Self(1 << 8);
    /// Activities stood in it that can be compensated, or in a process anywhere in it.
    pub const COMPENSATIONS: Self = Self(1 << 9);
    /// It is an ad-hoc sub-process that was told to complete once nothing stands in it any more.
    pub const SATISFIED: Self = Self(1 << 10);
    /// It is a process in which somebody waits, or waited, for conditions.
    pub const CONDITIONS: Self = Self(1 << 11);
    /// It is suspended.
    pub const SUSPENDED: Self = Self(1 << 12);
    /// It is a process that carries something besides its life.
    pub const METADATA: Self = Self(1 << 13);

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

/// An element instance. What only some kinds of elements have stands in tables of its own: rows are copied a lot.
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
    /// What lists it: the element instance around it; for a process instance its definition.
    pub fn stands_in(&self) -> Key {
        match self.element.flow_scope_key {
            Key::NONE => self.element.instance.process_definition_key,
            scope_key => scope_key,
        }
    }

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
    row.instance(element.instance)
        .key(element.flow_scope_key)
        .u32(element.element_index.0)
        .u8(element.element_type.number())
        .u8(element.event_type.number())
}

pub(crate) fn read_element(row: &mut RowReader<'_>) -> ElementInstanceRef {
    ElementInstanceRef {
        instance: row.instance(),
        flow_scope_key: row.key(),
        element_index: ElementIndex(row.u32()),
        element_type: known(BpmnElementType::from_number(row.u8())),
        event_type: known(BpmnEventType::from_number(row.u8())),
    }
}

/// Writes a row, and its place in the scope around it.
fn write(store: &mut Store, scratch: &mut Vec<u8>, key: Key, row: &ElementInstanceRow, has_place: bool) {
    let (afterwards, event) = row.afterwards.to_parts();
    write_element(RowWriter::begin(scratch, VERSION), &row.element)
        .key(row.parent_process_instance_key)
        .key(row.parent_element_instance_key)
        .u8(row.state as u8)
        .u16(row.flags.0)
        .u32(row.active_children)
        .u32(row.arriving)
        .key(row.waits_for)
        .u8(afterwards)
        .key(event)
        .u32(row.interrupter.0);
    store.put(table::ELEMENT_INSTANCES, &key.0.to_be_bytes(), scratch);
    if has_place {
        store.put(table::ELEMENT_CHILDREN, &place(row.stands_in(), key), &[]);
    }
}

/// The key of an element instance's place in what lists it.
pub(crate) fn place(stands_in: Key, key: Key) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&stands_in.0.to_be_bytes());
    bytes[8..].copy_from_slice(&key.0.to_be_bytes());
    bytes
}

impl Tables {
    /// What an element instance's row says, wherever it stands.
    pub(crate) fn look<T>(&self, key: Key, read: impl FnOnce(&ElementInstanceRow) -> T) -> Option<T> {
        let mut cache = self.elements.borrow_mut();
        if let Some(row) = cache.get(key) {
            return Some(read(row));
        }
        let row = self.stored_element_instance(key)?;
        cache.keep_read(key, &row);
        Some(read(&row))
    }

    fn stored_element_instance(&self, key: Key) -> Option<ElementInstanceRow> {
        if key > self.stored_element_max {
            return None;
        }
        self.get_of(table::ELEMENT_INSTANCES, key, &key.0.to_be_bytes()).map(ElementInstanceRow::decode)
    }

    /// Writes a row to the store.
    pub(crate) fn store_element(&mut self, Unwritten { key, row, has_place }: &Unwritten) {
        self.stored_element_max = self.stored_element_max.max(*key);
        write(&mut self.store, &mut self.scratch, *key, row, *has_place);
    }

    /// Makes room for a row in the cache.
    fn make_room(&mut self) {
        if let Some(displaced) = self.elements.get_mut().make_room() {
            self.store_element(&displaced);
        }
    }

    /// An element instance; the process instance itself is the one of the root element.
    pub fn element_instance(&self, key: Key) -> Option<ElementInstanceRow> {
        self.look(key, |row| *row)
    }

    /// The element instance around this one, [`Key::NONE`] around a process instance; and what belongs to this one, if it is there.
    pub fn element_instance_scope(&self, key: Key) -> Option<(Key, ElementInstanceFlags)> {
        self.look(key, |row| (row.element.flow_scope_key, row.flags))
    }

    /// Where an element instance is in its life.
    pub fn element_instance_state(&self, key: Key) -> Option<ElementInstanceState> {
        self.look(key, |row| row.state)
    }

    /// Writes an element instance.
    pub fn put_element_instance(&mut self, key: Key, instance: &ElementInstanceRow) {
        if !self.elements.get_mut().is_open() {
            self.store_element(&Unwritten { key, row: *instance, has_place: false });
        } else if self.element_instance_state(key).is_some() {
            self.change_element_instance(key, |row| *row = *instance);
        } else {
            self.make_room();
            self.elements.get_mut().insert_new(key, instance);
        }
    }

    /// Moves an element instance to another state. That it is not there is the store's fault, as with other changes of parts.
    pub fn set_element_instance_state(&mut self, key: Key, state: ElementInstanceState) {
        self.change_element_instance(key, |row| row.state = state);
    }

    /// Changes how many children an element instance counts, and how many elements are to be entered in it.
    pub fn change_element_instance_counts(&mut self, key: Key, change: impl FnOnce(&mut u32, &mut u32)) {
        self.change_element_instance(key, |row| change(&mut row.active_children, &mut row.arriving));
    }

    /// Interrupts an element instance: what was still to be entered in it is not (returned is how many), and `afterwards` follows once it is empty.
    pub fn interrupt_element_instance(
        &mut self,
        key: Key,
        interrupter: ElementIndex,
        afterwards: Afterwards,
    ) -> u32 {
        let mut arriving = 0;
        self.change_element_instance(key, |row| {
            arriving = std::mem::take(&mut row.arriving);
            row.flags = row.flags.with(ElementInstanceFlags::INTERRUPTED);
            row.interrupter = interrupter;
            // What is attached to it takes its place, whatever happens in it until then.
            if !matches!(row.afterwards, Afterwards::Boundary(_)) {
                row.afterwards = afterwards;
            }
        });
        arriving
    }

    /// Elements can be entered in an element instance again that was interrupted, and it is left as usual.
    pub fn resume_element_instance(&mut self, key: Key) {
        self.change_element_instance(key, |row| {
            row.flags = row.flags.without(ElementInstanceFlags::INTERRUPTED);
            row.interrupter = ElementIndex::PROCESS;
            row.afterwards = Afterwards::Usual;
        });
    }

    /// Sets what follows once an element instance is empty.
    pub fn set_element_instance_afterwards(&mut self, key: Key, afterwards: Afterwards) {
        self.change_element_instance(key, |row| row.afterwards = afterwards);
    }

    /// Sets what an element instance waits for.
    pub fn set_element_instance_waits_for(&mut self, key: Key, waits_for: Key) {
        self.change_element_instance(key, |row| row.waits_for = waits_for);
    }

    /// Notes that something belongs to an element instance, or none of it any more.
    pub fn change_element_instance_flags(
        &mut self,
        key: Key,
        change: impl FnOnce(ElementInstanceFlags) -> ElementInstanceFlags,
    ) {
        self.change_element_instance(key, |row| row.flags = change(row.flags));
    }

    pub(crate) fn change_element_instance(&mut self, key: Key, change: impl FnOnce(&mut ElementInstanceRow)) {
        if self.elements.get_mut().get(key).is_none() {
            let Some(mut row) = self.stored_element_instance(key) else {
                // The partition looks for a fault before anything of the command leaves.
                return self.store.report_missing(
                    table::ELEMENT_INSTANCES,
                    &key.0.to_be_bytes(),
                    "what stands in it or waits for it",
                );
            };
            if !self.elements.get_mut().is_open() {
                change(&mut row);
                return self.store_element(&Unwritten { key, row, has_place: false });
            }
            self.make_room();
            self.elements.get_mut().keep_read(key, &row);
        }
        let is_changed = self.elements.get_mut().change(key, change);
        assert!(is_changed, "room was made for the row");
    }

    /// Deletes an element instance and its place in what lists it.
    pub fn delete_element_instance(&mut self, key: Key, stands_in: Key) {
        let elements = self.elements.get_mut();
        if elements.is_open() && elements.remove(key) {
            return;
        }
        self.store.delete(table::ELEMENT_INSTANCES, &key.0.to_be_bytes(), RowOwner::Generated(key.0));
        self.store.delete(table::ELEMENT_CHILDREN, &place(stands_in, key), RowOwner::Generated(key.0));
    }

    /// Notes that an element instance stands in another, or a process instance under its definition, as its row says.
    pub fn put_child(&mut self, stands_in: Key, key: Key) {
        let elements = self.elements.get_mut();
        if !(elements.is_open() && elements.give_place(key)) {
            self.store.put(table::ELEMENT_CHILDREN, &place(stands_in, key), &[]);
        }
    }

    /// The element instances directly in another that came after one of them, oldest first; the process instances of a definition.
    pub fn children_after(&self, stands_in: Key, after: Key) -> impl Iterator<Item = Key> {
        let (prefix, from) = (stands_in.0.to_be_bytes(), (after.0 + 1).to_be_bytes());
        let owner = RowOwner::Generated(stands_in.0);
        let rows = self.store.range_owned(table::ELEMENT_CHILDREN, &prefix, &from, owner);
        let mut stored = rows.map(|(key, _)| key_at(key, 8)).peekable();
        let new = self.elements.borrow().new_children_after(stands_in, after);
        let mut new = new.into_iter().peekable();
        std::iter::from_fn(move || match (stored.peek(), new.peek()) {
            (Some(one), Some(other)) if other < one => new.next(),
            (None, Some(_)) => new.next(),
            (Some(_) | None, _) => stored.next(),
        })
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
        tables.set_element_instance_afterwards(Key(20), Afterwards::EventSubProcess(Key(14)));
        row.afterwards = Afterwards::EventSubProcess(Key(14));
        assert_eq!(tables.element_instance(Key(20)), Some(row));
        assert_eq!(tables.interrupt_element_instance(Key(20), ElementIndex(15), Afterwards::Completed), 8);
        row.flags = row.flags.with(ElementInstanceFlags::INTERRUPTED);
        (row.arriving, row.afterwards, row.interrupter) = (0, Afterwards::Completed, ElementIndex(15));
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
