//! What stands beside the processes of a document and is referred to from events: messages and signals.
//!
//! Each is read once, however many events refer to it, and what is wrong with it is reported once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Compiler;
use super::event::event_definitions;
use crate::event::{Message, Signal};
use crate::json_type::json_type;
use crate::process::Text;
use crate::xml::{Node, attr, clip, extensions_named, id_in, local};
use ringbolt_feel::{Budget, Environment, NoVariables};
use ringbolt_record::ElementIndex;

/// Units of work that all names of a document that must be constant may take together.
const CONSTANT_UNITS_MAX: u64 = 100_000;

/// What was read of a document's messages and signals, by id.
pub(crate) struct Catalog<'d> {
    names: BTreeMap<&'d str, Option<Text>>,
    messages: BTreeMap<&'d str, Option<Arc<Message>>>,
    /// How many start events of processes refer to a message.
    starts: BTreeMap<&'d str, usize>,
    constants: Budget,
}

impl Default for Catalog<'_> {
    fn default() -> Self {
        let constants = Budget::new(CONSTANT_UNITS_MAX);
        Self { names: BTreeMap::new(), messages: BTreeMap::new(), starts: BTreeMap::new(), constants }
    }
}

impl<'d> Compiler<'d, '_> {
    /// The name that a message or signal has in the model, whatever it means.
    pub(super) fn declared_name(&self, definition: Node<'d>) -> Option<(&'static str, &'d str)> {
        let (kind, node) = self.referred(definition)?;
        Some((kind, attr(node, "name")?))
    }

    /// What an event refers to: `messageRef` or `signalRef` of its definition, or of a receive task.
    fn referred(&self, node: Node<'d>) -> Option<(&'static str, Node<'d>)> {
        let (kind, attribute) = match local(node) {
            "messageEventDefinition" | "receiveTask" => ("message", "messageRef"),
            "signalEventDefinition" => ("signal", "signalRef"),
            _ => return None,
        };
        Some((kind, self.roots.referred(node, attribute, kind)?))
    }

    fn declared(&mut self, definition: Node<'d>, kind: &'static str) -> Option<Node<'d>> {
        let found = self.referred(definition).map(|(_, node)| node);
        if found.is_none() {
            self.findings.add(definition, format!("Must reference a {kind}"));
        }
        found
    }

    /// The name of a message or signal; an expression where it is one.
    fn name(&mut self, node: Node<'d>) -> Option<Text> {
        let id = id_in(node, "id").unwrap_or_default();
        if let Some(name) = self.catalog.names.get(id) {
            return name.clone();
        }
        let name = match attr(node, "name") {
            None => {
                self.findings.add(node, "Name must be present and not empty");
                None
            }
            name => self.text(node, name),
        };
        self.catalog.names.insert(id, name.clone());
        name
    }

    /// The message that is waited for by an instance, with the key by which the instance knows its own.
    pub(super) fn message(&mut self, definition: Node<'d>) -> Option<Arc<Message>> {
        let node = self.declared(definition, "message")?;
        let id = id_in(node, "id").unwrap_or_default();
        if let Some(message) = self.catalog.messages.get(id) {
            return message.clone();
        }
        let name = self.name(node);
        let mut subscriptions = extensions_named(node, "subscription");
        let correlation_key = match (subscriptions.next(), subscriptions.next()) {
            (Some(subscription), None) => self.expression(subscription, attr(subscription, "correlationKey")),
            _ => {
                self.findings.add(node, "Must have exactly one zeebe:subscription extension element");
                None
            }
        };
        let message = name
            .zip(correlation_key)
            .map(|(name, key)| Arc::new(Message { name, correlation_key: Some(key) }));
        self.catalog.messages.insert(id, message.clone());
        message
    }

    /// The message that starts a process: its name is known before there is any instance, and no other start event of the document's
    /// processes refers to it.
    pub(super) fn starting_message(&mut self, event: Node<'d>, definition: Node<'d>) -> Option<Arc<Message>> {
        let node = self.declared(definition, "message")?;
        let starts = self.catalog.starts.entry(id_in(node, "id").unwrap_or_default()).or_default();
        *starts += 1;
        if *starts == 2 {
            self.findings.add(node, "A message cannot be referred by more than one start event");
        }
        let name = self.name(node)?;
        let name = self.constant(event, "message", node, name)?;
        Some(Arc::new(Message { name, correlation_key: None }))
    }

    /// The signal that is waited for, or thrown.
    pub(super) fn signal(&mut self, definition: Node<'d>) -> Option<Arc<Signal>> {
        let node = self.declared(definition, "signal")?;
        Some(Arc::new(Signal { name: self.name(node)? }))
    }

    /// The signal that starts a process.
    pub(super) fn starting_signal(&mut self, event: Node<'d>, definition: Node<'d>) -> Option<Arc<Signal>> {
        let node = self.declared(definition, "signal")?;
        let name = self.name(node)?;
        Some(Arc::new(Signal { name: self.constant(event, "signal", node, name)? }))
    }

    /// A name that must not depend on anything.
    fn constant(&mut self, event: Node<'d>, what: &str, node: Node<'d>, name: Text) -> Option<Text> {
        let Text::Expression(expression) = name else { return Some(name) };
        let budget = Some(self.catalog.constants.clone());
        let environment = Environment { budget, ..Environment::at(0) };
        let value = expression.evaluate_borrowed(&NoVariables, &environment).result.ok();
        if let Some(text) = value.as_ref().and_then(|value| value.as_str()) {
            return Some(Text::Static(text.into()));
        }
        let found = value.as_ref().map_or("NULL", json_type);
        let shown = clip(attr(node, "name").unwrap_or_default());
        let message =
            format!("Expected constant expression of type String for {what} name '{shown}', but was {found}");
        self.findings.add(event, message);
        None
    }

    /// The start events of a process without those that refer to the message of one before them.
    pub(super) fn of_different_messages(&self, starts: &[ElementIndex]) -> Vec<ElementIndex> {
        let mut seen = BTreeSet::new();
        let is_first = |index: &ElementIndex| {
            let definition = event_definitions(self.nodes[index.0 as usize]).next();
            match definition.and_then(|definition| self.referred(definition)) {
                Some(("message", node)) => seen.insert(node.range().start),
                Some(_) | None => true,
            }
        };
        starts.iter().copied().filter(is_first).collect()
    }

    /// Of events that wait at one place, no two may wait for the same.
    pub(super) fn check_names(&mut self, place: Node<'d>, events: &[ElementIndex]) {
        self.check_conditions(place, events);
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for index in events {
            let definition = event_definitions(self.nodes[index.0 as usize]).next();
            if let Some(name) = definition.and_then(|definition| self.declared_name(definition)) {
                *counts.entry(name).or_default() += 1;
            }
        }
        for ((kind, name), _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let name = clip(name);
            let message =
                format!("Multiple {kind} event definitions with the same name '{name}' are not allowed.");
            self.findings.add(place, message);
        }
    }
}
