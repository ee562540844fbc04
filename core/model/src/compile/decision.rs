//! Business rule tasks that evaluate a decision: `zeebe:calledDecision`.

use super::Compiler;
use crate::process::{Binding, CalledDecision, ElementKind, TaskKind};
use crate::xml::{Node, attr, extensions_named};

impl<'d> Compiler<'d, '_> {
    /// What a business rule task calls; `None` where it calls nothing, is a job worker's as well, or is wrong.
    pub(super) fn called_decision(&mut self, node: Node<'d>, kind: TaskKind) -> Option<ElementKind> {
        if kind != TaskKind::BusinessRule {
            return None;
        }
        let called = extensions_named(node, "calledDecision").next()?;
        let decision_id = self.text(called, attr(called, "decisionId"));
        let result_variable = attr(called, "resultVariable");
        match result_variable {
            None => self.findings.add(called, "Attribute 'resultVariable' must be present and not empty"),
            Some(name) if name.len() > self.limits.id_bytes_max => {
                let max = self.limits.id_bytes_max;
                self.findings
                    .add(called, format!("The name of the result variable is longer than {max} bytes"));
            }
            Some(_) => {}
        }
        let binding = self.binding(called);
        if extensions_named(node, "taskDefinition").next().is_some()
            || extensions_named(node, "calledDecision").nth(1).is_some()
        {
            return None;
        }
        let decision = CalledDecision {
            decision_id: decision_id?,
            result_variable: result_variable?.into(),
            binding: binding?,
        };
        // Nobody gets its headers, but they are checked like all others.
        self.task_headers(node);
        Some(ElementKind::CalledDecision(decision))
    }

    /// Which version of something deployed is called.
    pub(super) fn binding(&mut self, node: Node<'d>) -> Option<Binding> {
        let tag = attr(node, "versionTag");
        let binding = match (attr(node, "bindingType"), tag) {
            (None | Some("latest"), None) => Binding::Latest,
            (Some("deployment"), None) => Binding::Deployment,
            (Some("versionTag"), Some(tag)) => Binding::VersionTag(tag.into()),
            (Some("versionTag"), None) => {
                let message =
                    "Attribute 'versionTag' must be present and not empty if 'bindingType' is 'versionTag'";
                self.findings.add(node, message);
                return None;
            }
            (None | Some("latest" | "deployment"), Some(_)) => {
                self.findings
                    .add(node, "Attribute 'versionTag' may only be used if 'bindingType' is 'versionTag'");
                return None;
            }
            (Some(_), _) => {
                self.findings
                    .add(node, "Attribute 'bindingType' must be one of: deployment, latest, versionTag");
                return None;
            }
        };
        if tag.is_some_and(|tag| tag.len() > self.limits.name_bytes_max) {
            let max = self.limits.name_bytes_max;
            self.findings.add(node, format!("The version tag is longer than {max} bytes"));
            return None;
        }
        Some(binding)
    }
}
