//! Jobs, user tasks and subscriptions of messages.

use super::{Folded, Folding, MigratedTask, list, some_key, some_text, some_time, tenant};
use crate::codes::{
    JOB_KINDS, JOB_LISTENER_EVENT_TYPES, JOB_STATES, MESSAGE_SUBSCRIPTION_STATES, MESSAGE_SUBSCRIPTION_TYPES,
    USER_TASK_STATES, by_number, code, code_of,
};
use crate::job_counts::Became;
use crate::rows::{CorrelatedMessageSubscription, Job, MessageSubscription, Name, Text, UserTask};
use ringbolt_model::date_time_millis;
use ringbolt_record::values::{
    ArchivedJobRecord, InstanceRef, JobBatchRecord, JobRecord, MessageStartEventSubscriptionRecord,
    ProcessMessageSubscriptionRecord, UserTaskRecord,
};
use ringbolt_record::{
    ElementIndex, JobBatchIntent, JobIntent, JobKind, JobListenerEventType, Key,
    MessageStartEventSubscriptionIntent, PartitionId, ProcessMessageSubscriptionIntent, RecordRef,
    UserTaskIntent,
};

/// The partition to which everything is deployed first.
const FIRST: PartitionId = PartitionId(1);

static STATE_CODES: [u8; 256] = by_number!(JobIntent, JOB_STATES, else u8::MAX);
static KIND_CODES: [u8; 256] = by_number!(JobKind, JOB_KINDS);
static LISTENER_CODES: [u8; 256] = by_number!(JobListenerEventType, JOB_LISTENER_EVENT_TYPES);

/// The state that a job is shown in after an event, none for one that changes no state; nothing for what no row shows.
fn state_of(intent: JobIntent) -> Option<Option<u8>> {
    let state = match intent {
        JobIntent::Created
        | JobIntent::Completed
        | JobIntent::TimedOut
        | JobIntent::Failed
        | JobIntent::RetriesUpdated
        | JobIntent::Canceled
        | JobIntent::Migrated
        | JobIntent::ErrorThrown => Some(STATE_CODES[usize::from(intent.number())]),
        // What they change is seen, but not a state.
        JobIntent::TimeoutUpdated | JobIntent::PriorityUpdated | JobIntent::RecurredAfterBackoff => None,
        JobIntent::Complete
        | JobIntent::TimeOut
        | JobIntent::Fail
        | JobIntent::UpdateRetries
        | JobIntent::ThrowError
        | JobIntent::RecurAfterBackoff
        | JobIntent::Yield
        | JobIntent::Yielded
        | JobIntent::UpdateTimeout
        | JobIntent::Update
        | JobIntent::Updated
        | JobIntent::Suspended
        | JobIntent::Resumed => return None,
    };
    Some(state)
}

/// What an event says of a job that may have been otherwise before.
struct JobChange<'a> {
    intent: JobIntent,
    state: Option<u8>,
    value: &'a ArchivedJobRecord<'a>,
    now: i64,
}

impl JobChange<'_> {
    /// Changes a row of it: what is not said stays.
    fn apply(&self, row: &mut Job) {
        let Self { intent, state, value, now } = *self;
        let is_end = matches!(intent, JobIntent::Completed | JobIntent::Canceled);
        row.job_type.set(&value.job_type);
        row.worker.set(&value.worker);
        row.state = state.or(row.state);
        (row.retries, row.priority) = (value.retries.to_native(), value.priority.to_native());
        match intent {
            JobIntent::Created => row.has_failed_with_retries_left = Some(false),
            JobIntent::Failed | JobIntent::ErrorThrown => {
                row.has_failed_with_retries_left = Some(row.retries > 0);
            }
            JobIntent::Completed => row.is_denied = Some(false),
            _ => {}
        }
        row.deadline = some_time(value.deadline.0.to_native()).or(row.deadline);
        row.error_message = some_text(&value.error_message);
        row.error_code = some_text(&value.error_code);
        row.last_update_time = now;
        if is_end {
            row.end_time = Some(now);
        }
        // An error that is caught ends a job too, though no moment says so.
        if is_end || intent == JobIntent::ErrorThrown && value.is_caught {
            row.is_over = Some(true);
        }
    }
}

impl Folding<'_> {
    pub(super) fn job(&mut self, record: &RecordRef<'_>, intent: JobIntent) -> Folded {
        let Some(state) = state_of(intent) else { return Ok(()) };
        let value = record.value::<JobRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let by = (&*value.job_type, &*value.worker, &*value.tenant_id);
        self.batch.job_counts.count(record.position, self.now, by, Became::of(intent));
        let key = record.header.key.to_wire();
        // Who has it is in the row from now on.
        if !self.batch.jobs_activated.is_empty() {
            self.batch.jobs_activated.remove(&key);
        }
        let change = JobChange { intent, state, value, now: self.now };
        let process_definition_key = instance.process_definition_key.to_wire();
        // What it is of is known where it has a row, unless it is of another definition now.
        let is_same = |row: &Job| {
            intent != JobIntent::Migrated
                && row.process_definition_key == process_definition_key
                && !value.has_own_headers
        };
        if let Some(row) = self.batch.jobs.get_mut(&(key,)).filter(|row| is_same(row)) {
            change.apply(row);
            return Ok(());
        }
        let kind = JobKind::of(&value.kind).number();
        let listens_to = JobListenerEventType::of(&value.listener_event_type).number();
        let mut row = Job {
            tenant_id: tenant(&value.tenant_id),
            job_key: key,
            process_instance_key: instance.process_instance_key.to_wire(),
            process_definition_key,
            root_process_instance_key: instance.root_process_instance_key.to_wire(),
            element_instance_key: Key::of(&value.element_instance_key).to_wire(),
            element_id: self.names(&instance)?.element(ElementIndex::of(&value.element_index).0),
            job_type: Name::default(),
            worker: Name::default(),
            kind: KIND_CODES[usize::from(kind)],
            listener_event_type: LISTENER_CODES[usize::from(listens_to)],
            state: None,
            retries: 0,
            priority: 0,
            has_failed_with_retries_left: None,
            is_denied: None,
            denied_reason: None,
            deadline: None,
            error_message: None,
            error_code: None,
            custom_headers: if value.has_own_headers { some_text(&value.custom_headers) } else { None },
            creation_time: (intent == JobIntent::Created).then_some(self.now),
            last_update_time: self.now,
            end_time: None,
            is_over: None,
        };
        change.apply(&mut row);
        self.batch.jobs.put(row);
        Ok(())
    }

    /// Jobs have a worker from now on, for a time.
    pub(super) fn activated(&mut self, record: &RecordRef<'_>, intent: JobBatchIntent) -> Folded {
        if intent != JobBatchIntent::Activated {
            return Ok(());
        }
        let value = record.value::<JobBatchRecord<'_>>()?;
        let deadline = value.deadline.0.to_native();
        let mut shared: Option<Name> = None;
        for key in value.job_keys.iter() {
            let key = Key::of(key).to_wire();
            match self.batch.jobs.get_mut(&(key,)) {
                Some(row) => {
                    row.worker.set(&value.worker);
                    row.deadline = Some(deadline);
                }
                None => {
                    let worker = shared.get_or_insert_with(|| (*value.worker).into()).clone();
                    self.batch.jobs_activated.insert(key, (worker, deadline));
                }
            }
        }
        Ok(())
    }

    pub(super) fn user_task(&mut self, record: &RecordRef<'_>, intent: UserTaskIntent) -> Folded {
        let (name, is_whole) = match intent {
            UserTaskIntent::Creating => ("CREATING", true),
            // Where a listener denies a change, the task is as it was.
            UserTaskIntent::Created
            | UserTaskIntent::Assigned
            | UserTaskIntent::Updated
            | UserTaskIntent::AssignmentDenied
            | UserTaskIntent::CompletionDenied
            | UserTaskIntent::UpdateDenied => ("CREATED", true),
            UserTaskIntent::Completed => ("COMPLETED", true),
            UserTaskIntent::Canceled => ("CANCELED", true),
            // What they are to change has not come about.
            UserTaskIntent::Assigning | UserTaskIntent::Claiming => ("ASSIGNING", false),
            UserTaskIntent::Updating => ("UPDATING", false),
            UserTaskIntent::Completing => ("COMPLETING", false),
            UserTaskIntent::Canceling => ("CANCELING", false),
            UserTaskIntent::Migrated => return self.user_task_migrated(record),
            UserTaskIntent::Corrected
            | UserTaskIntent::Complete
            | UserTaskIntent::Assign
            | UserTaskIntent::Claim
            | UserTaskIntent::Update => return Ok(()),
        };
        let state = code_of(&USER_TASK_STATES, name).expect("it is in the list");
        let key = record.header.key.to_wire();
        if !is_whole {
            match self.batch.user_tasks.get_mut(&(key,)) {
                Some(row) => row.state = state,
                None => drop(self.batch.user_task_states.insert(key, state)),
            }
            return Ok(());
        }
        let value = record.value::<UserTaskRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let element_id = self.names(&instance)?.element(ElementIndex::of(&value.element_index).0);
        if intent == UserTaskIntent::Assigned && !value.assignee.is_empty() {
            self.batch.usage.assignee(self.now, &value.assignee);
        }
        let is_end = matches!(intent, UserTaskIntent::Completed | UserTaskIntent::Canceled);
        // While it is being created nobody has it yet: whom it is for is assigned after.
        let assignee = if intent == UserTaskIntent::Creating { None } else { some_text(&value.assignee) };
        self.batch.user_task_states.remove(&key);
        // What it has become is in the row from now on, and would overwrite what comes after.
        let migrated = self.batch.user_tasks_migrated.remove(&key);
        let custom_headers = some_text::<Text>(&value.custom_headers).filter(|headers| &**headers != "{}");
        self.batch.user_tasks.put(UserTask {
            tenant_id: tenant(&value.tenant_id),
            user_task_key: key,
            process_instance_key: instance.process_instance_key.to_wire(),
            process_definition_key: instance.process_definition_key.to_wire(),
            root_process_instance_key: instance.root_process_instance_key.to_wire(),
            element_instance_key: Key::of(&value.element_instance_key).to_wire(),
            element_id,
            state,
            assignee,
            candidate_groups: list(value.candidate_groups.iter().map(|name| &**name)),
            candidate_users: list(value.candidate_users.iter().map(|name| &**name)),
            creation_date: some_time(value.creation_timestamp.0.to_native()).unwrap_or(self.now),
            completion_date: is_end.then_some(self.now),
            due_date: date_time_millis(&value.due_date),
            follow_up_date: date_time_millis(&value.follow_up_date),
            priority: value.priority.to_native(),
            form_key: some_key(Key::of(&value.form_key)),
            external_form_reference: some_text(&value.external_form_reference),
            custom_headers: custom_headers.or(migrated.and_then(|migrated| migrated.custom_headers)),
        });
        Ok(())
    }

    /// A user task is of another element, and else as it was, with what is under way.
    fn user_task_migrated(&mut self, record: &RecordRef<'_>) -> Folded {
        let value = record.value::<UserTaskRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let migrated = MigratedTask {
            process_definition_key: instance.process_definition_key.to_wire(),
            element_id: self.names(&instance)?.element(ElementIndex::of(&value.element_index).0),
            custom_headers: some_text(&value.custom_headers),
        };
        let key = record.header.key.to_wire();
        match self.batch.user_tasks.get_mut(&(key,)) {
            Some(row) => {
                row.process_definition_key = migrated.process_definition_key;
                row.element_id = migrated.element_id;
                row.custom_headers = migrated.custom_headers.or(row.custom_headers.take());
            }
            None => {
                let before = self.batch.user_tasks_migrated.remove(&key);
                let custom_headers =
                    migrated.custom_headers.or(before.and_then(|before| before.custom_headers));
                self.batch.user_tasks_migrated.insert(key, MigratedTask { custom_headers, ..migrated });
            }
        }
        Ok(())
    }

    pub(super) fn subscription(
        &mut self,
        record: &RecordRef<'_>,
        intent: ProcessMessageSubscriptionIntent,
    ) -> Folded {
        let state = match intent {
            ProcessMessageSubscriptionIntent::Created => "CREATED",
            ProcessMessageSubscriptionIntent::Correlated => "CORRELATED",
            ProcessMessageSubscriptionIntent::Migrated => "MIGRATED",
            // The other partition may answer only after the instance has ended.
            ProcessMessageSubscriptionIntent::Deleting => "DELETED",
            ProcessMessageSubscriptionIntent::Deleted
            | ProcessMessageSubscriptionIntent::Creating
            | ProcessMessageSubscriptionIntent::Create
            | ProcessMessageSubscriptionIntent::Correlate
            | ProcessMessageSubscriptionIntent::Delete => return Ok(()),
        };
        let value = record.value::<ProcessMessageSubscriptionRecord<'_>>()?;
        // It goes on to be there, though nothing comes to it.
        if value.is_for_suspension {
            return Ok(());
        }
        let instance = InstanceRef::of(&value.instance);
        let element_id = self.names(&instance)?.element(ElementIndex::of(&value.element_index).0);
        let key = record.header.key.to_wire();
        let element_instance_key = some_key(Key::of(&value.element_instance_key));
        let kind = const { code(&MESSAGE_SUBSCRIPTION_TYPES, "PROCESS_EVENT") };
        self.batch.message_subscriptions.put(MessageSubscription {
            tenant_id: tenant(&value.tenant_id),
            message_subscription_key: key,
            process_instance_key: Some(instance.process_instance_key.to_wire()),
            process_definition_key: instance.process_definition_key.to_wire(),
            root_process_instance_key: some_key(instance.root_process_instance_key),
            element_instance_key,
            element_id: element_id.clone(),
            message_subscription_state: code_of(&MESSAGE_SUBSCRIPTION_STATES, state)
                .expect("it is in the list"),
            message_subscription_type: kind,
            last_updated_date: self.now,
            message_name: (*value.message_name).into(),
            correlation_key: some_text(&value.correlation_key),
        });
        if intent == ProcessMessageSubscriptionIntent::Correlated {
            let (message, correlation_key) = (Key::of(&value.message_key), &*value.correlation_key);
            let row =
                self.correlation(key, message, &instance, element_id, &value.message_name, correlation_key);
            let tenant_id = tenant(&value.tenant_id);
            let row = CorrelatedMessageSubscription { tenant_id, element_instance_key, ..row };
            self.batch.correlated.put(row);
        }
        Ok(())
    }

    /// A start event waits on every partition; that it does is a row on the first one alone.
    pub(super) fn start_subscription(
        &mut self,
        record: &RecordRef<'_>,
        intent: MessageStartEventSubscriptionIntent,
    ) -> Folded {
        let value = record.value::<MessageStartEventSubscriptionRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let element_id = self.names(&instance)?.element(ElementIndex::of(&value.element_index).0);
        let key = record.header.key.to_wire();
        let state = match intent {
            MessageStartEventSubscriptionIntent::Created => "CREATED",
            MessageStartEventSubscriptionIntent::Deleted => "DELETED",
            MessageStartEventSubscriptionIntent::Correlated => {
                let (message, correlation_key) = (Key::of(&value.message_key), &*value.correlation_key);
                let row = self.correlation(
                    key,
                    message,
                    &instance,
                    element_id,
                    &value.message_name,
                    correlation_key,
                );
                let tenant_id = tenant(&value.tenant_id);
                self.batch.correlated.put(CorrelatedMessageSubscription { tenant_id, ..row });
                let business_id = some_text(&value.business_id);
                if business_id.is_some() {
                    self.instance_carries(tenant(&value.tenant_id), instance, business_id, None);
                }
                return Ok(());
            }
        };
        if self.partition != FIRST {
            return Ok(());
        }
        let kind = const { code(&MESSAGE_SUBSCRIPTION_TYPES, "START_EVENT") };
        self.batch.message_subscriptions.put(MessageSubscription {
            tenant_id: tenant(&value.tenant_id),
            message_subscription_key: key,
            process_instance_key: None,
            process_definition_key: instance.process_definition_key.to_wire(),
            root_process_instance_key: None,
            element_instance_key: None,
            element_id,
            message_subscription_state: code_of(&MESSAGE_SUBSCRIPTION_STATES, state)
                .expect("it is in the list"),
            message_subscription_type: kind,
            last_updated_date: self.now,
            message_name: (*value.message_name).into(),
            correlation_key: None,
        });
        Ok(())
    }

    fn correlation(
        &self,
        subscription_key: i64,
        message: Key,
        instance: &InstanceRef,
        element_id: Name,
        message_name: &str,
        correlation_key: &str,
    ) -> CorrelatedMessageSubscription {
        CorrelatedMessageSubscription {
            tenant_id: None,
            subscription_key,
            message_key: message.to_wire(),
            process_instance_key: instance.process_instance_key.to_wire(),
            process_definition_key: instance.process_definition_key.to_wire(),
            root_process_instance_key: some_key(instance.root_process_instance_key),
            element_instance_key: None,
            element_id,
            correlation_time: self.now,
            message_name: message_name.into(),
            correlation_key: some_text(correlation_key),
            partition_id: self.partition.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::state_of;
    use crate::codes::{JOB_STATES, name_of};
    use ringbolt_record::JobIntent;

    #[test]
    fn what_changes_the_state_of_a_job_has_its_code() {
        let with_state = JobIntent::ALL.iter().filter_map(|intent| Some((intent, state_of(*intent)??)));
        let mut count = 0;
        for (intent, code) in with_state {
            assert_eq!(name_of(&JOB_STATES, i64::from(code)), Some(intent.name()));
            count += 1;
        }
        assert_eq!(count, 8);
    }
}
