//! Ad-hoc sub-processes: what is entered in them when it is chosen, and what becomes of them when something in them has ended.
//!
//! What is chosen stands in an inner instance of its own, with what follows it. It is entered with that, so an inner instance is
//! never empty for long.

use crate::aspects::multi_instance::variable_of;
use crate::at::{At, element_ref};
use crate::behaviors::jobs::{self, NewJob};
use crate::behaviors::variables::{self, Owner};
use crate::behaviors::{compensations, conditions, expressions, incidents};
use crate::failure::{Failure, Interruption, Unexpected};
use crate::hook::Flows;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_feel::Variables;
use ringbolt_model::{AdHocSubProcess, Flags};
use ringbolt_record::values::{ActivatedAdHoc, AdHocSubProcessInstructionRecord, Arrival};
use ringbolt_record::{
    AdHocInstruction, AdHocSubProcessInstructionIntent, ElementIndex, ErrorType, FollowUp, JobKind, Key,
    VariableDocument,
};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceState, Tables};

/// The variable of an ad-hoc sub-process that tells of what can be chosen.
const ACTIVITIES: &str = "adHocSubProcessElements";
/// Most children that one step tells to end.
const ENDED_PER_STEP_MAX: usize = 100;
/// What a child that is told to end takes in an entry at most, bytes.
const ENDED_BYTES: usize = 256;

fn model(at: &At) -> Result<&AdHocSubProcess, Unexpected> {
    at.model().ad_hoc().ok_or_else(|| at.unexpected(format!("'{}' chooses nothing", at.model().id)))
}

fn owner(at: &At) -> Owner<'_> {
    Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id }
}

/// Sets the variables that an ad-hoc sub-process has from the beginning.
pub(crate) fn begin(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let ad_hoc = model(at)?;
    variables::set_local(p, owner(at), at.key, ACTIVITIES, ad_hoc.activities_json.as_bytes());
    if let Some((name, _)) = &ad_hoc.output {
        variables::set_local(p, owner(at), at.key, name, b"[]");
    }
    Ok(())
}

/// The elements that an ad-hoc sub-process begins with.
pub(crate) fn chosen(p: &Processing<'_>, at: &At) -> Result<Vec<ElementIndex>, Interruption> {
    let Some(expression) = &model(at)?.active_elements else { return Ok(Vec::new()) };
    let ids = expressions::evaluate_texts(p, expression, at.key).map_err(|failure| Failure {
        message: format!("Failed to activate ad-hoc elements. {}", failure.message),
        ..failure
    })?;
    find(at, ids.iter().map(String::as_str))?
        .map_err(|message| Failure::new(ErrorType::ExtractValueError, message).into())
}

/// The elements with these ids, or what is said where some of them cannot be chosen.
pub(crate) fn find<'i>(
    at: &At,
    ids: impl Iterator<Item = &'i str>,
) -> Result<Result<Vec<ElementIndex>, String>, Unexpected> {
    let ad_hoc = model(at)?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match at.definition.process.by_id(id).filter(|index| ad_hoc.activities.binary_search(index).is_ok()) {
            Some(index) => found.push(index),
            None => missing.push(id),
        }
    }
    Ok(match &missing[..] {
        [] => Ok(found),
        ids => Err(format!(
            "Expected to activate activities for ad-hoc sub-process with key '{}', but the given elements [{}] do not exist.",
            at.key,
            ids.join(", ")
        )),
    })
}

/// Enters elements that were chosen by an expression.
pub(crate) fn enter_all(
    p: &mut Processing<'_>,
    at: &At,
    chosen: impl IntoIterator<Item = ElementIndex>,
) -> Result<(), Unexpected> {
    chosen.into_iter().try_for_each(|element| enter(p, at, element, &VariableDocument::default()))
}

/// Enters an element that was chosen, with variables of its own; the element itself in a later step.
pub(crate) fn enter(
    p: &mut Processing<'_>,
    at: &At,
    chosen: ElementIndex,
    own: &VariableDocument,
) -> Result<(), Unexpected> {
    let (definition, instance) = (&at.definition, at.element.instance);
    let inner = ElementIndex(definition.element(chosen).parent.0);
    let inner = at.other(p.next_key(), element_ref(definition, instance, inner, at.key));
    lifecycle::activating(p, &inner, Arrival::None);
    lifecycle::activated(p, &inner, 1);
    // So that it is not set outside.
    let result = model(at)?.output.as_ref().and_then(|(_, element)| variable_of(element.text()));
    if let Some(name) = result {
        variables::set_local(p, owner(at), inner.key, name, b"null");
    }
    for (name, value) in own.iter() {
        variables::set_local(p, owner(at), inner.key, name, value);
    }
    let element = element_ref(definition, instance, chosen, inner.key);
    let (key, arrival) = (p.next_key(), Arrival::Direct);
    p.follow_up(at.process_instance_key(), FollowUp::Activate { key, element, arrival });
    Ok(())
}

/// Enters what an instruction chooses, which are these elements, after what stood there was told to end if it says so.
pub(crate) fn activate(
    p: &mut Processing<'_>,
    at: &At,
    record_key: Key,
    instruction: &AdHocInstruction,
    elements: &[ElementIndex],
) -> Result<(), Unexpected> {
    if instruction.cancels_remaining_instances {
        end_children(p, at);
    }
    for (element, activation) in elements.iter().zip(&instruction.activate) {
        enter(p, at, *element, &activation.variables)?;
    }
    append(p, at, record_key, AdHocSubProcessInstructionIntent::Activated, instruction);
    Ok(())
}

/// Lets an ad-hoc sub-process complete once nothing stands in it any more, which an instruction may bring about.
pub(crate) fn complete(p: &mut Processing<'_>, at: &At, record_key: Key, instruction: &AdHocInstruction) {
    if instruction.cancels_remaining_instances {
        end_children(p, at);
    }
    complete_if_empty(p, at.process_instance_key(), at.key);
    append(p, at, record_key, AdHocSubProcessInstructionIntent::Completed, instruction);
}

fn append(
    p: &mut Processing<'_>,
    at: &At,
    record_key: Key,
    intent: AdHocSubProcessInstructionIntent,
    instruction: &AdHocInstruction,
) {
    let json = |document: &VariableDocument| match document.is_empty() {
        true => Vec::new(),
        false => document.to_json(),
    };
    let variables: Vec<Vec<u8>> =
        instruction.activate.iter().map(|element| json(&element.variables)).collect();
    let activate = instruction.activate.iter().zip(&variables);
    let activate =
        activate.map(|(element, variables)| ActivatedAdHoc { element_id: &element.element_id, variables });
    let record = AdHocSubProcessInstructionRecord {
        instance: at.element.instance,
        element_instance_key: at.key,
        activate: activate.collect(),
        is_completion_condition_fulfilled: instruction.is_completion_condition_fulfilled,
        cancels_remaining_instances: instruction.cancels_remaining_instances,
        tenant_id: &at.definition.tenant_id,
    };
    p.append(intent, record_key, &record);
}

/// What comes for an ad-hoc sub-process after something in it was left.
pub(crate) enum Then {
    /// What its scope says.
    Usual,
    /// What still stands in it ends, and it completes.
    EndRemaining(At),
    /// Its worker is asked what to do next.
    Ask(At, NewJob),
}

/// Collects the result of what stands directly in an ad-hoc sub-process and is about to be left, and says what comes next.
pub(crate) fn leave_child(p: &mut Processing<'_>, at: &At) -> Result<(Flows, Then), Interruption> {
    let scope = lifecycle::scope_of(p, at)?;
    let row = scope.ok_or_else(|| at.unexpected("nothing stands around a part of an ad-hoc sub-process"))?;
    let outer = at.other(at.element.flow_scope_key, row.element);
    let ad_hoc = model(&outer)?;
    let results = match &ad_hoc.output {
        Some((name, element)) => Some((&**name, collect(p, at, outer.key, name, element)?)),
        None => None,
    };
    let is_satisfied = match (&ad_hoc.job, &ad_hoc.completion_condition) {
        (Some(_), _) => row.flags.has(ElementInstanceFlags::SATISFIED),
        (None, None) => false,
        (None, Some(condition)) => {
            let results = results.as_ref().map(|(name, results)| (*name, &results[..]));
            let variables = Collected { results, tables: p.tables(), scope_key: outer.key };
            expressions::evaluate_condition_of(p, condition, outer.key, &variables).map_err(|failure| {
                let message = format!("Failed to evaluate completion condition. {}", failure.message);
                Failure { message, ..failure }
            })?
        }
    };
    let next = match is_satisfied {
        true if ad_hoc.cancels_remaining_instances => (Flows::Stay, Then::EndRemaining(outer.clone())),
        true => (Flows::All, Then::Usual),
        false if ad_hoc.job.is_some() => {
            let job = jobs::prepare(p, &outer)?;
            (Flows::Stay, Then::Ask(outer.clone(), job))
        }
        false if ad_hoc.completion_condition.is_some() => (Flows::Stay, Then::Usual),
        false => (Flows::All, Then::Usual),
    };
    // What stands around a chosen element is no activity, but what was in it is found by it.
    if at.model().flags.has(Flags::COMPENSATION) {
        compensations::note_completed(p, at);
    }
    if let Some((name, results)) = results {
        conditions::set_local(p, owner(at), outer.key, std::iter::once((name, &results[..])))?;
    }
    Ok(next)
}

/// The results of an ad-hoc sub-process with one more.
fn collect(
    p: &Processing<'_>,
    at: &At,
    scope_key: Key,
    name: &str,
    element: &ringbolt_feel::Expression,
) -> Result<Vec<u8>, Failure> {
    let result = expressions::evaluate_any(p, element, at.key)?;
    let before = p.tables().variable(scope_key, name).map_or(&b"[]"[..], |(_, value)| value.trim_ascii());
    let Some(items) = before.strip_suffix(b"]").filter(|_| before.starts_with(b"[")) else {
        let message =
            format!("The output collection has the wrong type. Expected ARRAY but was {}.", type_of(before));
        return Err(Failure::new(ErrorType::ExtractValueError, message));
    };
    let is_empty = items[1..].trim_ascii().is_empty();
    Ok([items, if is_empty { b"" } else { b"," }, &result, b"]"].concat())
}

/// What a value is that is no list.
fn type_of(json: &[u8]) -> &'static str {
    match json.first() {
        Some(b'"') => "STRING",
        Some(b'{') => "MAP",
        Some(b't' | b'f') => "BOOLEAN",
        Some(b'n') | None => "NIL",
        Some(_) if json.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => "FLOAT",
        Some(_) => "INTEGER",
    }
}

/// Variables as a completion condition sees them: with a result that is not set yet.
struct Collected<'a> {
    results: Option<(&'a str, &'a [u8])>,
    tables: &'a Tables,
    scope_key: Key,
}

impl Variables for Collected<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        match self.results {
            Some((collection, results)) if collection == name => Some(results),
            _ => variables::seen(self.tables, self.scope_key, name),
        }
    }
}

/// Sets the results outside of an ad-hoc sub-process that is about to be left; nobody is asked any more what to do next.
pub(crate) fn end(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    cancel_job(p, at);
    let Some((name, _)) = &model(at)?.output else { return Ok(()) };
    let results = p.tables().variable(at.key, name).map(|(_, value)| value.to_vec());
    if let Some(results) = results {
        let outer = at.element.flow_scope_key;
        conditions::propagate(p, owner(at), outer, std::iter::once((&**name, &results[..])))?;
    }
    Ok(())
}

/// Does what comes for an ad-hoc sub-process, now that something in it was left.
pub(crate) fn go_on(p: &mut Processing<'_>, then: Then) {
    match then {
        Then::Usual => {}
        Then::EndRemaining(at) => {
            end_children(p, &at);
            complete_if_empty(p, at.process_instance_key(), at.key);
        }
        Then::Ask(at, job) => {
            cancel_job(p, &at);
            jobs::create(p, &at, &job);
        }
    }
}

/// Cancels the job whose worker was asked what to do next, if there is one.
fn cancel_job(p: &mut Processing<'_>, at: &At) {
    let key = p.tables().element_instance(at.key).map_or(Key::NONE, |row| row.waits_for);
    if p.tables().job(key).is_some_and(|job| job.kind == JobKind::AdHocSubProcess) {
        jobs::cancel(p, key, &at.definition.tenant_id);
        incidents::resolve_of(p, key, &at.definition.tenant_id);
    }
}

/// Completes an ad-hoc sub-process in a later step if nothing stands in it or is to come.
fn complete_if_empty(p: &mut Processing<'_>, process_instance_key: Key, key: Key) {
    let row = p.tables().element_instance(key);
    if row.is_some_and(|row| row.active_children == 0 && row.arriving == 0) {
        p.follow_up(process_instance_key, FollowUp::Complete { key });
    }
}

/// Tells all that stands in an ad-hoc sub-process to end.
fn end_children(p: &mut Processing<'_>, at: &At) {
    if let Some(last) = p.tables().children_after(at.key, Key::NONE).last() {
        end_range(p, at.process_instance_key(), at.key, Key::NONE, last);
    }
}

/// Tells the children between two to end that do not yet, as many as a step may, and comes back for the others.
pub(crate) fn end_range(
    p: &mut Processing<'_>,
    process_instance_key: Key,
    scope_key: Key,
    after: Key,
    last: Key,
) {
    let children = p.tables().children_after(scope_key, after).take_while(|key| *key <= last);
    let children: Vec<Key> = children.take(ENDED_PER_STEP_MAX + 1).collect();
    for (number, key) in children.iter().enumerate() {
        if number > 0 && (number >= ENDED_PER_STEP_MAX || !p.has_room(ENDED_BYTES)) {
            let more = FollowUp::TerminateRange { scope_key, after: children[number - 1], last };
            p.follow_up(process_instance_key, more);
            return;
        }
        if p.tables().element_instance_state(*key) != Some(ElementInstanceState::Terminating) {
            p.follow_up(process_instance_key, FollowUp::Terminate { key: *key });
        }
    }
}
