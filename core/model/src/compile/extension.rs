//! Extension elements that many elements can have: mappings, properties, the version tag.

use super::Compiler;
use crate::process::{Mapping, Property};
use crate::xml::{Node, attr, extensions_named, zeebe_children};
use ringbolt_record::ElementIndex;

/// What a mapping's target looks like, as the message about it says.
const PATH_PATTERN: &str = "[a-zA-Z_][a-zA-Z0-9_]*(\\.[a-zA-Z_][a-zA-Z0-9_]*)*";

/// Names that a mapping's target cannot be; within a longer path they can be.
const RESERVED_WORDS: [&str; 11] =
    ["null", "true", "false", "function", "if", "then", "else", "for", "between", "instance", "of"];

impl<'d> Compiler<'d, '_> {
    /// Reports a second extension element where there can only be one.
    pub(super) fn at_most_one(&mut self, node: Node<'d>, name: &str) {
        if extensions_named(node, name).nth(1).is_some() {
            self.findings.add(node, crate::repeated::message(name));
        }
    }

    /// The version tag of a process.
    pub(super) fn version_tag(&mut self, process: Node<'d>) -> Option<String> {
        self.at_most_one(process, "versionTag");
        let tag = extensions_named(process, "versionTag").next()?;
        attr(tag, "value").map(str::to_owned)
    }

    pub(super) fn properties(&mut self, node: Node<'d>, index: ElementIndex) {
        let properties = extensions_named(node, "properties")
            .flat_map(|holder| zeebe_children(holder, "property"))
            .map(|property| Property {
                name: property.attribute("name").unwrap_or_default().into(),
                value: property.attribute("value").unwrap_or_default().into(),
            })
            .collect();
        self.element_mut(index).properties = properties;
    }

    /// Input and output mappings of a flow node.
    pub(super) fn mappings(&mut self, node: Node<'d>, index: ElementIndex) {
        self.at_most_one(node, "ioMapping");
        let Some(holder) = extensions_named(node, "ioMapping").next() else { return };
        for (name, what) in [("input", "input mappings"), ("output", "output mappings")] {
            let max = self.limits.mappings_max;
            if zeebe_children(holder, name).nth(max).is_some() {
                return self.findings.add(holder, format!("An element must not have more than {max} {what}"));
            }
        }
        let mut inputs = Vec::new();
        for input in zeebe_children(holder, "input") {
            let source = self.input_source(input, attr(input, "source"));
            inputs.extend(self.mapping(input, source));
        }
        let mut outputs = Vec::new();
        for output in zeebe_children(holder, "output") {
            let source = self.expression(output, attr(output, "source"));
            outputs.extend(self.mapping(output, source));
        }
        let element = self.element_mut(index);
        element.inputs = inputs.into();
        element.outputs = outputs.into();
    }

    fn mapping(&mut self, node: Node<'d>, source: Option<ringbolt_feel::Expression>) -> Option<Mapping> {
        let target = self.target(node)?;
        Some(Mapping { source: source?, target })
    }

    /// The path that a mapping sets.
    fn target(&mut self, node: Node<'d>) -> Option<Box<[Box<str>]>> {
        let Some(target) = attr(node, "target") else {
            self.findings.add(node, "Expected path expression but not found.");
            return None;
        };
        if !target.split('.').all(is_name) {
            let message = format!(
                "Expected path expression '{target}' but doesn't match the pattern '{PATH_PATTERN}'."
            );
            self.findings.add(node, message);
            return None;
        }
        if RESERVED_WORDS.contains(&target) {
            let message = format!(
                "Expected path expression '{target}' but is one of the reserved words ({}).",
                RESERVED_WORDS.join(", ")
            );
            self.findings.add(node, message);
            return None;
        }
        if target.split('.').nth(self.limits.mapping_path_parts_max).is_some() {
            let max = self.limits.mapping_path_parts_max;
            self.findings.add(node, format!("A path must not have more than {max} parts"));
            return None;
        }
        if target.split('.').any(|part| part.len() > self.limits.variable_name_bytes_max) {
            let max = self.limits.variable_name_bytes_max;
            self.findings.add(node, format!("A name in a path must not be longer than {max} bytes"));
            return None;
        }
        Some(target.split('.').map(Into::into).collect())
    }
}

/// Whether `name` is one segment of a path: a letter or underscore, then letters, digits and underscores (ASCII).
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
