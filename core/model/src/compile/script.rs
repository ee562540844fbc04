//! Script tasks that evaluate an expression: `zeebe:script`.

use super::Compiler;
use crate::process::{ElementKind, Script, TaskKind};
use crate::xml::{Node, attr, extensions_named};

impl<'d> Compiler<'d, '_> {
    /// What a script task evaluates; `None` where it evaluates nothing, is a job worker's as well, or is wrong.
    pub(super) fn script(&mut self, node: Node<'d>, kind: TaskKind) -> Option<ElementKind> {
        if kind != TaskKind::Script {
            return None;
        }
        let script = extensions_named(node, "script").next()?;
        let expression = self.expression(script, attr(script, "expression"));
        let result_variable = attr(script, "resultVariable");
        match result_variable {
            None => self.findings.add(script, "Attribute 'resultVariable' must be present and not empty"),
            Some(name) if name.len() > self.limits.variable_name_bytes_max => {
                let max = self.limits.variable_name_bytes_max;
                self.findings
                    .add(script, format!("The name of the result variable is longer than {max} bytes"));
            }
            Some(_) => {}
        }
        if extensions_named(node, "taskDefinition").next().is_some()
            || extensions_named(node, "script").nth(1).is_some()
        {
            return None;
        }
        let script = Script { expression: expression?, result_variable: result_variable?.into() };
        // Nobody gets its headers, but they are checked like all others.
        self.task_headers(node);
        Some(ElementKind::Script(script))
    }
}
