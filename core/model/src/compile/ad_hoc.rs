//! Ad-hoc sub-processes: `adHocSubProcess` with `zeebe:adHoc`, or with `zeebe:taskDefinition` where a worker chooses.

use super::Compiler;
use super::tag::Tag;
use super::task::push_json_string;
use crate::ad_hoc::{AdHocSubProcess, INNER_INSTANCE};
use crate::kinds::Flags;
use crate::process::{ElementKind, TaskKind};
use crate::xml::{Node, attr, bpmn_children, extensions_named, local, text_content};
use ringbolt_feel::{Expression, from_ai_parameters};
use ringbolt_record::ElementIndex;

/// What says when an ad-hoc sub-process ends.
pub(super) const COMPLETION_CONDITION: &str = "completionCondition";

impl<'d> Compiler<'d, '_> {
    /// How elements are chosen; which can be is known once all sequence flows are.
    pub(super) fn ad_hoc_sub_process(&mut self, node: Node<'d>) -> ElementKind {
        self.at_most_one(node, "adHoc");
        let extension = extensions_named(node, "adHoc").next();
        let job = extensions_named(node, "taskDefinition").next().is_some();
        let job = job.then(|| self.job(node, TaskKind::AdHocSubProcess));
        let cancels_remaining_instances = self.flag(node, "cancelRemainingInstances", true);
        let condition = bpmn_children(node).find(|child| local(*child) == COMPLETION_CONDITION);
        let chosen = extension.zip(extension.and_then(|node| attr(node, "activeElementsCollection")));
        for (is_there, name) in [
            (!cancels_remaining_instances, "cancelRemainingInstances"),
            (condition.is_some(), COMPLETION_CONDITION),
            (chosen.is_some(), "activeElementsCollection"),
        ] {
            if is_there && job.is_some() {
                let message = format!("Must not define {name} in combination with zeebe:taskDefinition.");
                self.findings.add(node, message);
            }
        }
        ElementKind::AdHocSubProcess(Box::new(AdHocSubProcess {
            activities: Box::default(),
            activities_json: "[]".into(),
            active_elements: chosen.and_then(|(node, text)| self.expression(node, Some(text))),
            completion_condition: condition
                .and_then(|condition| self.expression(node, Some(&text_content(condition)))),
            cancels_remaining_instances,
            output: extension.and_then(|extension| self.ad_hoc_output(node, extension)),
            job,
        }))
    }

    /// The variable that gets the results, and what each of them is.
    fn ad_hoc_output(&mut self, node: Node<'d>, extension: Node<'d>) -> Option<(Box<str>, Expression)> {
        let (collection, element) = (attr(extension, "outputCollection"), attr(extension, "outputElement"));
        if collection.is_some() != element.is_some() {
            let message = format!(
                "OutputElement and OutputCollection must both be set, or neither of them set. outputElement:{} and \
                 outputCollection:{}.",
                element.unwrap_or("null"),
                collection.unwrap_or("null")
            );
            self.findings.add(node, message);
            return None;
        }
        let name = self.variable_name(extension, collection?);
        name.zip(self.expression(extension, element))
    }

    /// Adds everything in an ad-hoc sub-process: event sub-processes stand in it, all else in its inner instance.
    pub(super) fn ad_hoc_scope(&mut self, node: Node<'d>, index: ElementIndex) {
        let has = |tag| bpmn_children(node).any(|child| Tag::of(local(child)) == tag);
        let mut others = bpmn_children(node).map(local).filter(|name| *name != COMPLETION_CONDITION);
        if others.all(|name| Tag::of(name) == Tag::Ignored) {
            self.findings.add(node, "Must have at least one activity.");
        }
        if has(Tag::StartEvent) {
            self.findings.add(node, "Must not contain a start event.");
        }
        if has(Tag::EndEvent) {
            self.findings.add(node, "Must not contain an end event.");
        }
        let id = format!("{}{INNER_INSTANCE}", self.elements[index.0 as usize].id).into();
        let inner = self.push_element(node, id, ElementKind::AdHocSubProcessInnerInstance, index);
        let children = self.children(node, index, inner);
        self.links(node, index, &children);
        self.event_sub_processes(node, index, &children);
        let (inside, mut outside): (Vec<ElementIndex>, Vec<ElementIndex>) =
            children.into_iter().partition(|child| self.elements[child.0 as usize].parent == inner);
        outside.insert(0, inner);
        self.element_mut(index).children = outside.into();
        self.element_mut(inner).children = inside.into();
    }

    /// Notes which elements of ad-hoc sub-processes can be chosen, now that all sequence flows are known.
    pub(super) fn ad_hoc_activities(&mut self) {
        for number in 0..self.elements.len() {
            if self.elements[number].ad_hoc().is_none() {
                continue;
            }
            let inner = self.elements[number].children.first().copied().unwrap_or_default();
            let can_be_chosen = |index: &ElementIndex| {
                let element = &self.elements[index.0 as usize];
                element.incoming.is_empty() && element.flags.has(Flags::STARTABLE)
            };
            let inside = self.elements[inner.0 as usize].children.iter().copied();
            let activities: Box<[ElementIndex]> = inside.filter(can_be_chosen).collect();
            let told: Vec<String> = activities.iter().map(|index| self.told(*index)).collect();
            if let ElementKind::AdHocSubProcess(ad_hoc) = &mut self.elements[number].kind {
                ad_hoc.activities = activities;
                ad_hoc.activities_json = format!("[{}]", told.join(",")).into();
            }
        }
    }

    /// What is told of an element that can be chosen, the text of a JSON object. What is empty is left out.
    fn told(&mut self, index: ElementIndex) -> String {
        let node = self.nodes[index.0 as usize];
        let outer = &self.elements[index.0 as usize];
        let documentation = bpmn_children(node).find(|child| local(*child) == "documentation");
        let documentation = documentation.map(text_content).unwrap_or_default();
        let mut json = String::from("{\"elementId\":");
        push_json_string(&mut json, &outer.id);
        for (name, text) in
            [("elementName", outer.name.as_deref().unwrap_or_default()), ("documentation", &documentation)]
        {
            if !text.is_empty() {
                json.push_str(&format!(",\"{name}\":"));
                push_json_string(&mut json, text);
            }
        }
        // Of a body and the activity that it repeats, the activity has them.
        let inner = if outer.repeats().is_some() { &self.elements[index.0 as usize + 1] } else { outer };
        for (number, property) in inner.properties.iter().enumerate() {
            json.push_str(if number == 0 { ",\"properties\":{" } else { "," });
            push_json_string(&mut json, &property.name);
            json.push(':');
            push_json_string(&mut json, &property.value);
        }
        if !inner.properties.is_empty() {
            json.push('}');
        }
        let mut parameters = Vec::new();
        for input in &inner.inputs {
            match from_ai_parameters(input.source.text()) {
                Ok(found) => parameters.extend(found),
                Err(why) => {
                    let message = format!(
                        "Failed to extract ad-hoc activity parameters for element '{}'. {why}",
                        outer.id
                    );
                    self.findings.add(node, message);
                    break;
                }
            }
        }
        if !parameters.is_empty() {
            json.push_str(&format!(",\"parameters\":[{}]", parameters.join(",")));
        }
        json.push('}');
        json
    }
}
