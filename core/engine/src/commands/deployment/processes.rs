//! The processes of a deployment.

use super::checksum;
use crate::behaviors::{events, starts};
use crate::writers::Processing;
use ringbolt_model::{Binding, Process, Schedule, Subject, Text, Violation};
use ringbolt_record::command::Resource;
use ringbolt_record::reply::DeployedProcess;
use ringbolt_record::values::{ProcessMetadata, ProcessRecord};
use ringbolt_record::{ElementIndex, Key, ProcessIntent};

/// A process of a deployment.
pub(super) struct FoundProcess<'a> {
    pub(super) resource: &'a Resource,
    checksum: [u8; 16],
    process: Process,
    /// When the timers of its start events are due.
    starts: Vec<(ElementIndex, Schedule)>,
    /// The version before it.
    before: Option<Key>,
    version: i32,
    pub(super) key: Key,
    pub(super) is_duplicate: bool,
}

/// What an element calls of its own deployment.
pub(super) struct Bound<'p> {
    pub(super) element_id: &'p str,
    pub(super) id: &'p str,
    pub(super) kind: BoundKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BoundKind {
    Decision,
    Form,
    Process,
}

impl<'a> FoundProcess<'a> {
    pub(super) fn new(resource: &'a Resource, process: Process) -> Self {
        let checksum = checksum(resource);
        let starts = Vec::new();
        let (before, key) = (None, Key::NONE);
        Self { resource, checksum, process, starts, before, version: 0, key, is_duplicate: false }
    }

    /// Reads when the timers of its start events are due.
    pub(super) fn read_starts(&mut self, p: &Processing<'_>) -> Result<(), Vec<Violation>> {
        let failed = match starts::schedules(p, &self.process) {
            Ok(starts) => {
                self.starts = starts;
                return Ok(());
            }
            Err(failed) => failed,
        };
        let violations = failed.into_iter().rev().map(|starts::WrongTimer { event, name, failure }| {
            let element_id = self.process.element(event).id.to_string();
            Violation {
                subject: Subject::Element { path: element_id.clone() },
                element_id,
                position: None,
                message: format!("Invalid timer {name} expression ({})", failure.message),
            }
        });
        Err(violations.collect())
    }

    pub(super) fn id(&self) -> &str {
        &self.process.bpmn_process_id
    }

    /// Elements that call or show something of this deployment by an id that is no expression.
    pub(super) fn bound(&self) -> impl Iterator<Item = Bound<'_>> {
        self.process.elements().iter().filter_map(|element| {
            let decision = element.decision().map(|called| (&called.binding, &called.decision_id));
            let process = element.call().map(|called| (&called.binding, &called.process_id));
            let task = element.user_task().or_else(|| element.job()?.user_task.as_deref());
            let form = task.and_then(|task| task.form.as_ref()).map(|form| (&form.binding, &form.form_id));
            let decision = decision.map(|called| (BoundKind::Decision, called));
            let form = form.map(|form| (BoundKind::Form, form));
            let (kind, bound) = decision.or(form).or(process.map(|called| (BoundKind::Process, called)))?;
            match bound {
                (Binding::Deployment, Text::Static(id) | Text::Number { text: id, .. }) => {
                    Some(Bound { element_id: &element.id, id, kind })
                }
                _ => None,
            }
        })
    }

    /// Marks what is the newest definition of its id already: the same bytes under the same resource name.
    pub(super) fn find_duplicate(&mut self, p: &Processing<'_>, tenant_id: &str) {
        let Some(latest) = p.tables().latest_process(tenant_id, self.id()) else { return };
        if latest.checksum != self.checksum {
            return;
        }
        let has_same_name =
            p.tables().process(latest.key).is_some_and(|row| row.resource_name == self.resource.name);
        if has_same_name {
            self.is_duplicate = true;
            self.key = latest.key;
            self.version = latest.version;
        }
    }

    /// Makes the next version of its id.
    pub(super) fn make(&mut self, p: &mut Processing<'_>, tenant_id: &str, deployment_key: Key) {
        self.is_duplicate = false;
        self.version = p.tables().process_version_max(tenant_id, self.id()) + 1;
        self.before = p.tables().latest_process(tenant_id, self.id()).map(|latest| latest.key);
        self.key = p.next_key();
        let record = ProcessRecord {
            process_definition_key: self.key,
            bpmn_process_id: self.id(),
            version: self.version,
            version_tag: self.process.version_tag.as_deref().unwrap_or_default(),
            deployment_key,
            resource_name: &self.resource.name,
            checksum: self.checksum,
            resource: &self.resource.content,
            tenant_id,
        };
        p.append(ProcessIntent::Created, self.key, &record);
    }

    /// Its start events wait for messages, signals and conditions, in place of those of the version before it.
    pub(super) fn begin_to_wait(&self, p: &mut Processing<'_>, tenant_id: &str) {
        if let Some(before) = self.before {
            starts::wait_no_more(p, before);
        }
        starts::begin_to_wait(p, self.key, &self.process, tenant_id);
    }

    /// Waits for the timers of its start events, in place of those of the version before it.
    pub(super) fn wait_for_timers(&self, p: &mut Processing<'_>, tenant_id: &str) {
        if let Some(before) = self.before {
            events::unsubscribe(p, before, tenant_id);
        }
        starts::subscribe(p, self.key, &self.starts, tenant_id);
    }

    pub(super) fn metadata(&self) -> ProcessMetadata<'_> {
        ProcessMetadata {
            bpmn_process_id: self.id(),
            version: self.version,
            process_definition_key: self.key,
            resource_name: &self.resource.name,
            is_duplicate: self.is_duplicate,
        }
    }

    pub(super) fn deployed(&self) -> DeployedProcess {
        DeployedProcess {
            bpmn_process_id: self.id().to_owned(),
            version: self.version,
            process_definition_key: self.key,
            resource_name: self.resource.name.clone(),
        }
    }
}
