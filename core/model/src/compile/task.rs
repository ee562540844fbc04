//! Tasks that a job worker does: `zeebe:taskDefinition` and `zeebe:taskHeaders`.
//!
//! A script, business rule or send task can also be written for the engine itself: `zeebe:calledDecision` is read in
//! `decision`, `zeebe:script` in `script`; `zeebe:publishMessage` is refused by name.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Compiler;
use crate::process::{Binding, ElementKind, Header, JobWorkerTask, LinkedResource, TaskKind, Text};
use crate::xml::{Node, attr, extensions_named, id_in, local, zeebe_children};

/// The retries of a job whose model does not say.
const RETRIES_DEFAULT: i64 = 3;

/// Header keys that start with this are the engine's own.
const RESERVED_HEADER_PREFIX: &str = "io.camunda.zeebe:";

impl<'d> Compiler<'d, '_> {
    pub(super) fn job_worker_task(&mut self, node: Node<'d>, kind: TaskKind) -> ElementKind {
        let mut task = self.job(node, kind);
        let own = self.job_priority(node);
        // Camunda knows priorities of these tasks alone: neither of ad-hoc sub-processes nor of thrown messages or listeners.
        task.priority = own.unwrap_or_else(|| self.job_priority.clone());
        ElementKind::JobWorkerTask(task)
    }

    /// What `zeebe:jobPriorityDefinition` says, of a task or of a whole process (8.10: `JobPriorityDefinitionTransformer`,
    /// `ZeebeJobPriorityDefinitionValidator`). 0 is nothing.
    pub(super) fn job_priority(&mut self, node: Node<'d>) -> Option<Option<Text>> {
        let definition = extensions_named(node, "jobPriorityDefinition").next()?;
        let value = definition.attribute("priority").unwrap_or("0");
        if value.starts_with('=') {
            return Some(self.text(definition, Some(value)));
        }
        match value.parse::<i32>() {
            Ok(0) => Some(None),
            Ok(number) => Some(Some(Text::Number { text: value.into(), whole: i64::from(number) })),
            Err(_) => {
                let message = format!(
                    "Expected 'priority' to be a literal integer or a FEEL expression (starting with '='), but got '{value}'."
                );
                self.findings.add(definition, message);
                Some(None)
            }
        }
    }

    /// What a job worker does.
    pub(super) fn job(&mut self, node: Node<'d>, kind: TaskKind) -> JobWorkerTask {
        self.check_definition_count(node, kind);
        let mut task = JobWorkerTask {
            kind,
            job_type: Text::Static(Box::default()),
            retries: Text::Number { text: RETRIES_DEFAULT.to_string().into(), whole: RETRIES_DEFAULT },
            priority: None,
            headers: Box::default(),
            headers_json: "{}".into(),
            linked_resources: match kind {
                TaskKind::AdHocSubProcess => Box::default(),
                _ => self.linked_resources(node),
            },
            user_task: None,
        };
        if let Some(definition) = extensions_named(node, "taskDefinition").next() {
            let job_type = attr(definition, "type");
            if let Some(max) = job_type.map(str::len).filter(|len| *len > self.limits.job_type_bytes_max) {
                let message = format!(
                    "Worker types must not be longer than the configured max-worker-type-length of {} bytes, \
                     but this one has {max}.",
                    self.limits.job_type_bytes_max
                );
                self.findings.add(definition, message);
            }
            if let Some(job_type) = self.text(definition, job_type) {
                task.job_type = job_type;
            }
            if let Some(retries) = attr(definition, "retries")
                && let Some(retries) = self.text(definition, Some(retries))
            {
                task.retries = retries;
            }
        }
        task.headers = match kind {
            // Camunda does not count them here.
            TaskKind::AdHocSubProcess => self.first_task_headers(node),
            _ => self.task_headers(node),
        };
        task.headers_json = headers_json(&task.headers).into();
        task
    }

    /// The resources that a job needs. A version tag that is missing means nothing here, as in Camunda.
    fn linked_resources(&mut self, node: Node<'d>) -> Box<[LinkedResource]> {
        let lists = extensions_named(node, "linkedResources");
        let links: Vec<Node<'d>> = lists.flat_map(|list| zeebe_children(list, "linkedResource")).collect();
        let max = self.limits.linked_resources_max;
        if links.len() > max {
            self.findings.add(node, format!("An element must not have more than {max} linked resources"));
            return Box::default();
        }
        links.into_iter().filter_map(|link| self.linked_resource(link)).collect()
    }

    fn linked_resource(&mut self, link: Node<'d>) -> Option<LinkedResource> {
        let mut required = |name: &str| {
            let value = attr(link, name).filter(|value| !value.is_empty());
            if value.is_none() {
                self.findings.add(link, format!("Attribute '{name}' must be present and not empty"));
            }
            value
        };
        let (resource_id, resource_type) = (required("resourceId"), required("resourceType"));
        let binding = match (attr(link, "bindingType"), attr(link, "versionTag")) {
            (Some("versionTag"), tag) => Binding::VersionTag(tag.unwrap_or_default().into()),
            (Some("deployment"), _) => Binding::Deployment,
            (_, _) => Binding::Latest,
        };
        Some(LinkedResource {
            resource_id: self.within_limit(link, resource_id?)?.into(),
            binding,
            resource_type: resource_type?.into(),
            link_name: attr(link, "linkName").unwrap_or_default().into(),
        })
    }

    /// The headers of any kind of task.
    pub(super) fn task_headers(&mut self, node: Node<'d>) -> Box<[Header]> {
        self.at_most_one(node, "taskHeaders");
        self.first_task_headers(node)
    }

    fn first_task_headers(&mut self, node: Node<'d>) -> Box<[Header]> {
        match extensions_named(node, "taskHeaders").next() {
            Some(headers) => self.headers(headers).into(),
            None => Box::default(),
        }
    }

    /// There is one task definition, or the one other thing that this kind of task can be.
    fn check_definition_count(&mut self, node: Node<'d>, kind: TaskKind) {
        let definitions = extensions_named(node, "taskDefinition").count();
        let other = match kind {
            TaskKind::AdHocSubProcess => return,
            TaskKind::Service | TaskKind::User => {
                if definitions != 1 {
                    self.findings.add(node, "Must have exactly one 'zeebe:taskDefinition' extension element");
                }
                return;
            }
            TaskKind::Send => "publishMessage",
            TaskKind::Script => "script",
            TaskKind::BusinessRule => "calledDecision",
        };
        let others = extensions_named(node, other).count();
        if definitions + others != 1 {
            let message = format!(
                "Must have either one 'zeebe:{other}' or one 'zeebe:taskDefinition' extension element"
            );
            self.findings.add(node, message);
            self.at_most_one(node, other);
        } else if others == 1 && kind == TaskKind::Send {
            let id = id_in(node, "id").unwrap_or_default();
            let message = format!("{} '{id}' with zeebe:{other} is not supported yet", local(node));
            self.findings.add(node, message);
        }
    }

    /// The headers that have a key and a value; others are left out, as Camunda leaves them out.
    pub(super) fn headers(&mut self, node: Node<'d>) -> Vec<Header> {
        let mut seen = BTreeSet::new();
        let mut repeated = BTreeSet::new();
        let mut headers = Vec::new();
        for header in zeebe_children(node, "header") {
            let (key, value) = (attr(header, "key"), attr(header, "value"));
            if !seen.insert(key) && repeated.insert(key) {
                let key = key.unwrap_or("null");
                self.findings.add(node, format!("Headers contain duplicate entries for key '{key}'"));
            }
            let (Some(key), value) = (key, value) else { continue };
            if key.starts_with(RESERVED_HEADER_PREFIX) {
                let message = format!(
                    "Attribute 'key' contains '{key}', but header keys starting with '{RESERVED_HEADER_PREFIX}' \
                     are reserved for internal use."
                );
                self.findings.add(node, message);
            }
            if let Some(value) = value {
                headers.push(Header { key: key.into(), value: value.into() });
            }
        }
        headers
    }
}

/// The headers as one JSON object.
pub(super) fn headers_json(headers: &[Header]) -> String {
    let mut json = String::from("{");
    for (number, Header { key, value }) in headers.iter().enumerate() {
        if number > 0 {
            json.push(',');
        }
        push_json_string(&mut json, key);
        json.push(':');
        push_json_string(&mut json, value);
    }
    json.push('}');
    json
}

pub(super) fn push_json_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
}
