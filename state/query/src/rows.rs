//! Rows as they are put together in memory, and how they are written.
//!
//! Each column says once what a later record does to it, in memory and in SQL alike, so that a batch of any size gives the same
//! rows: `first` keeps what it was, `set` takes the later value, `known` takes it where there is one, `sum` adds.

use crate::place::Place;
use crate::record::{Put, RecordWriter};
use rusqlite::Statement;
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// A row of one table.
pub(crate) trait Row: Sized {
    /// What there is one row of.
    type Key: Clone + Eq + Hash + Ord;
    /// What writes it where it can change.
    const UPSERT: &'static str;
    fn key(&self) -> Self::Key;
    /// The instance that it belongs to.
    fn instance(&self) -> Option<i64>;
    fn merge(&mut self, later: Self);
    fn bind(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()>;
}

/// A row of a table of instances.
pub(crate) trait OfInstance: Row {
    /// The table, without prefix.
    const TABLE: &'static str;
    /// Where a row stands that belongs to no instance.
    const ALONE: Place;
    /// Its key's first column.
    fn number(&self) -> i64;
    /// The record that it is where it does not change any more.
    fn record(&self, record: &mut RecordWriter);
}

/// Rows of one table, one for each key.
pub(crate) struct Rows<R: Row> {
    rows: Vec<R>,
    places: FxHashMap<R::Key, usize>,
}

impl<R: Row> Default for Rows<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), places: FxHashMap::default() }
    }
}

impl<R: Row> Rows<R> {
    /// Adds what a record says.
    pub(crate) fn put(&mut self, row: R) {
        let next = self.rows.len();
        let place = *self.places.entry(row.key()).or_insert(next);
        match self.rows.get_mut(place) {
            Some(there) => there.merge(row),
            None => self.rows.push(row),
        }
    }

    pub(crate) fn get(&self, key: &R::Key) -> Option<&R> {
        self.rows.get(*self.places.get(key)?)
    }

    pub(crate) fn get_mut(&mut self, key: &R::Key) -> Option<&mut R> {
        self.rows.get_mut(*self.places.get(key)?)
    }

    /// The rows by rising key, which is the order that costs least.
    pub(crate) fn sorted(&self) -> Vec<&R> {
        let mut rows: Vec<&R> = self.rows.iter().collect();
        // Keys are given out in this order, and rows come in it as a rule.
        if !rows.is_sorted_by_key(|row| row.key()) {
            rows.sort_by_cached_key(|row| row.key());
        }
        rows
    }

    /// Takes rows out.
    pub(crate) fn take(&mut self, is_taken: impl Fn(&R) -> bool) -> Vec<R> {
        let taken: Vec<R> = self.rows.extract_if(.., |row| is_taken(row)).collect();
        if !taken.is_empty() {
            self.find_places();
        }
        taken
    }

    /// Rows to be changed, but not in what tells them apart.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.rows.iter_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.iter()
    }

    /// Forgets all rows but those of some instances, and not the memory that rows take as a rule.
    pub(crate) fn keep(&mut self, is_kept: &dyn Fn(i64) -> bool) {
        self.rows.retain(|row| row.instance().is_some_and(is_kept));
        self.find_places();
    }

    /// As [`Rows::keep`], and hands over the rows that it forgets.
    pub(crate) fn keep_and_give(&mut self, is_kept: &dyn Fn(i64) -> bool, give: impl FnMut(R)) {
        self.rows.extract_if(.., |row| !row.instance().is_some_and(is_kept)).for_each(give);
        self.find_places();
    }

    fn find_places(&mut self) {
        self.places.clear();
        self.places.extend(self.rows.iter().enumerate().map(|(place, row)| (row.key(), place)));
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

pub(crate) use deployed::{
    ClusterVariable, DecisionDefinition, DecisionRequirements, Form, ProcessDefinition, Resource,
};
pub(crate) use flows::Flows;
pub(crate) use name::Name;
pub(crate) use values::Values;

/// Text of one row.
pub(crate) type Text = Box<str>;

macro_rules! merged {
    (first, $now:expr, $later:expr) => {
        let _ = &$later;
    };
    (set, $now:expr, $later:expr) => {
        $now = $later;
    };
    (known, $now:expr, $later:expr) => {
        if $later.is_some() {
            $now = $later;
        }
    };
    (sum, $now:expr, $later:expr) => {
        $now += $later;
    };
}

/// A column's name in SQL, where that is no name for a field.
macro_rules! name {
    ($column:ident) => {
        stringify!($column)
    };
    ($column:ident $sql:literal) => {
        $sql
    };
}

macro_rules! conflict {
    (first, $($column:tt)*) => {
        ""
    };
    (set, $($column:tt)*) => {
        concat!(", ", name!($($column)*), " = excluded.", name!($($column)*))
    };
    (known, $($column:tt)*) => {
        concat!(
            ", ",
            name!($($column)*),
            " = COALESCE(excluded.",
            name!($($column)*),
            ", ",
            name!($($column)*),
            ")"
        )
    };
    (sum, $($column:tt)*) => {
        concat!(", ", name!($($column)*), " = ", name!($($column)*), " + excluded.", name!($($column)*))
    };
}

macro_rules! placeholder {
    ($($column:tt)*) => {
        ", ?"
    };
}

macro_rules! upsert {
    ($prefix:literal, $table:literal, ($key:ident $(, $more:ident)*), $([$($column:tt)*] $policy:ident,)*) => {
        concat!(
            "INSERT INTO ", $prefix, $table, " (tenant_id", $(", ", name!($($column)*),)*
            ") VALUES (?", $(placeholder!($($column)*),)*
            ") ON CONFLICT (", stringify!($key), $(", ", stringify!($more),)*
            ") DO UPDATE SET tenant_id = tenant_id", $(conflict!($policy, $($column)*),)*
        )
    };
}

/// Declares rows. Every table has `tenant_id`, which never changes.
macro_rules! rows {
    ($(
        $(#[$meta:meta])*
        $name:ident in $table:literal $of:ident by ($key:ident: $key_type:ty $(, $more:ident: $more_type:ty)*)
        of |$row:ident| $instance:expr, alone $alone:ident
        { $($column:ident $(as $sql:literal)?: $type:ty, $policy:ident;)* }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            pub(crate) tenant_id: Option<Name>,
            $(pub(crate) $column: $type,)*
        }

        impl Row for $name {
            type Key = ($key_type, $($more_type,)*);
            const UPSERT: &'static str =
                rows!(@upsert $of, $table, ($key $(, $more)*), $([$column $($sql)?] $policy,)*);

            fn key(&self) -> Self::Key {
                (self.$key.clone(), $(self.$more.clone(),)*)
            }

            fn instance(&self) -> Option<i64> {
                let $row = self;
                $instance
            }

            fn merge(&mut self, later: Self) {
                $(merged!($policy, self.$column, later.$column);)*
            }

            fn bind(&self, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
                let mut number = 1;
                statement.raw_bind_parameter(number, &self.tenant_id)?;
                $(
                    number += 1;
                    statement.raw_bind_parameter(number, &self.$column)?;
                )*
                Ok(())
            }
        }

        rows!(@of $of, $name, $table, $alone, [$key $($more)*], $($column)*);
    )*};
    (@upsert instances, $table:literal, $key:tt, $($column:tt $policy:ident,)*) => {
        upsert!("live_", $table, $key, $($column $policy,)*)
    };
    (@upsert all, $table:literal, $key:tt, $($column:tt $policy:ident,)*) => {
        upsert!("", $table, $key, $($column $policy,)*)
    };
    (@of instances, $name:ident, $table:literal, $alone:ident, [$key:ident $($more:ident)*], $($column:ident)*) => {
        impl OfInstance for $name {
            const TABLE: &'static str = $table;
            const ALONE: Place = Place::$alone;

            fn number(&self) -> i64 {
                self.$key
            }

            fn record(&self, record: &mut RecordWriter) {
                // The key comes first. One of one column is the row's number.
                let more: &[&str] = &[$(stringify!($more)),*];
                let mut is_number = more.is_empty();
                $(
                    if std::mem::take(&mut is_number) {
                        record.put_null();
                    } else {
                        self.$column.put(record);
                    }
                )*
                self.tenant_id.put(record);
            }
        }
    };
    (@of all, $($rest:tt)*) => {};
}

pub(crate) mod batches;
mod deployed;
mod flows;
mod name;
#[cfg(test)]
mod tests;
mod values;

rows! {
    ProcessInstance in "process_instances" instances by (process_instance_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        process_instance_key: i64, first;
        process_definition_key: i64, set;
        state: Option<u8>, known;
        start_date: i64, first;
        end_date: Option<i64>, known;
        suspended_date: Option<i64>, known;
        parent_process_instance_key: Option<i64>, known;
        parent_element_instance_key: Option<i64>, known;
        root_process_instance_key: i64, first;
        incident_count: i64, sum;
        business_id: Option<Name>, known;
        business_id_since: Option<i64>, known;
        tags: Option<Text>, known;
        flows: Option<Flows>, known;
    }
    ElementInstance in "element_instances" instances by (element_instance_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        element_instance_key: i64, first;
        process_instance_key: i64, first;
        process_definition_key: i64, set;
        root_process_instance_key: i64, first;
        flow_scope_key: Option<i64>, first;
        element_id: Name, set;
        element_type as "type": u8, first;
        state: u8, set;
        start_date: i64, first;
        end_date: Option<i64>, known;
        incident_count: i64, sum;
        incident_key: Option<i64>, first;
        process_start_date: Option<i64>, known;
    }
    SequenceFlow in "sequence_flows" instances by (process_instance_key: i64, element_id: Name)
    of |row| Some(row.process_instance_key), alone Live {
        process_instance_key: i64, first;
        element_id: Name, first;
        process_definition_key: i64, set;
        root_process_instance_key: i64, first;
    }
    Variable in "variables" instances by (variable_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        variable_key: i64, first;
        process_instance_key: i64, first;
        root_process_instance_key: i64, first;
        scope_key: i64, first;
        name: Name, first;
        value: String, set;
    }
    Job in "jobs" instances by (job_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        job_key: i64, first;
        process_instance_key: i64, first;
        process_definition_key: i64, set;
        root_process_instance_key: i64, first;
        element_instance_key: i64, first;
        element_id: Name, set;
        job_type as "type": Name, set;
        worker: Name, set;
        kind: u8, first;
        listener_event_type: u8, first;
        state: Option<u8>, known;
        retries: i32, set;
        priority: i32, set;
        has_failed_with_retries_left: Option<bool>, known;
        is_denied: Option<bool>, known;
        denied_reason: Option<Text>, known;
        deadline: Option<i64>, known;
        error_message: Option<Text>, set;
        error_code: Option<Text>, set;
        custom_headers: Option<Text>, known;
        creation_time: Option<i64>, first;
        last_update_time: i64, set;
        end_time: Option<i64>, known;
        is_over: Option<bool>, known;
    }
    Incident in "incidents" instances by (incident_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        incident_key: i64, first;
        process_instance_key: i64, first;
        process_definition_key: i64, set;
        root_process_instance_key: i64, first;
        element_instance_key: i64, first;
        element_id: Name, set;
        job_key: Option<i64>, first;
        error_type: u8, first;
        error_message: Text, first;
        error_message_hash: i32, first;
        state: u8, set;
        creation_time: i64, first;
        end_time: Option<i64>, known;
    }
    UserTask in "user_tasks" instances by (user_task_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        user_task_key: i64, first;
        process_instance_key: i64, first;
        process_definition_key: i64, set;
        root_process_instance_key: i64, first;
        element_instance_key: i64, first;
        element_id: Name, set;
        state: u8, set;
        assignee: Option<Text>, set;
        candidate_groups: Option<Text>, set;
        candidate_users: Option<Text>, set;
        creation_date: i64, first;
        completion_date: Option<i64>, known;
        due_date: Option<i64>, set;
        follow_up_date: Option<i64>, set;
        priority: i32, set;
        form_key: Option<i64>, set;
        external_form_reference: Option<Text>, set;
        custom_headers: Option<Text>, known;
    }
    MessageSubscription in "message_subscriptions" instances by (message_subscription_key: i64)
    of |row| row.process_instance_key, alone Live {
        message_subscription_key: i64, first;
        process_instance_key: Option<i64>, first;
        process_definition_key: i64, set;
        root_process_instance_key: Option<i64>, first;
        element_instance_key: Option<i64>, first;
        element_id: Name, set;
        message_subscription_state: u8, set;
        message_subscription_type: u8, first;
        last_updated_date: i64, set;
        message_name: Text, set;
        correlation_key: Option<Text>, set;
    }
    EventWait in "event_waits" instances by (wait_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        wait_key: i64, first;
        process_instance_key: i64, first;
        process_definition_key: i64, set;
        root_process_instance_key: i64, first;
        element_instance_key: i64, first;
        element_id: Name, set;
        wait_type: u8, first;
        is_over: bool, set;
        due_date: Option<i64>, known;
        repetitions: Option<i32>, known;
        waits_for: Option<Text>, known;
        variable_events: Option<Text>, known;
    }
    CorrelatedMessageSubscription in "correlated_message_subscriptions" instances
    by (subscription_key: i64, message_key: i64)
    of |row| Some(row.process_instance_key), alone Live {
        subscription_key: i64, first;
        message_key: i64, first;
        process_instance_key: i64, first;
        process_definition_key: i64, first;
        root_process_instance_key: Option<i64>, first;
        element_instance_key: Option<i64>, first;
        element_id: Name, first;
        correlation_time: i64, first;
        message_name: Text, first;
        correlation_key: Option<Text>, first;
        partition_id: u16, first;
    }
    DecisionInstance in "decision_instances" instances
    by (decision_evaluation_key: i64, decision_evaluation_number: i64)
    of |row| row.process_instance_key, alone Recent {
        decision_evaluation_key: i64, first;
        decision_evaluation_number: i64, first;
        process_instance_key: Option<i64>, first;
        process_definition_key: Option<i64>, first;
        root_process_instance_key: Option<i64>, first;
        element_instance_key: Option<i64>, first;
        state: u8, first;
        evaluation_date: i64, first;
        evaluation_failure: Option<Text>, first;
        decision_definition_key: i64, first;
        decision_definition_id: Text, first;
        decision_definition_name: Text, first;
        decision_definition_version: i32, first;
        decision_definition_type: u8, first;
        root_decision_definition_key: i64, first;
        decision_requirements_key: i64, first;
        result: Text, first;
        evaluated_inputs: Option<Text>, first;
        matched_rules: Option<Text>, first;
    }
}

impl SequenceFlow {
    /// Whether it is of the definition that an instance has.
    pub(crate) fn is_of(&self, row: &ProcessInstance) -> bool {
        row.process_definition_key == self.process_definition_key
            && row.root_process_instance_key == self.root_process_instance_key
            && row.tenant_id == self.tenant_id
    }
}

impl ProcessInstance {
    /// Takes the sequence flows out that it has, each to be a row of its own.
    pub(crate) fn take_flows(&mut self) -> impl Iterator<Item = SequenceFlow> + use<> {
        let of_all = SequenceFlow {
            tenant_id: self.tenant_id.clone(),
            process_instance_key: self.process_instance_key,
            element_id: Name::default(),
            process_definition_key: self.process_definition_key,
            root_process_instance_key: self.root_process_instance_key,
        };
        let ids = self.flows.take().map(Flows::into_ids).unwrap_or_default();
        ids.into_iter().map(move |element_id| SequenceFlow { element_id, ..of_all.clone() })
    }
}
