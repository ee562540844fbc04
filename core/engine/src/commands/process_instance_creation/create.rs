//! Starts a process instance, at its none start event or at the elements asked for.

use super::STARTABLE_TYPES;
use crate::at::{At, element_ref};
use crate::behaviors::variables::{self, Owner};
use crate::behaviors::{business_ids, results};
use crate::commands::subscribe;
use crate::contract::Note;
use crate::definitions::Definition;
use crate::failure::{Refusal, Unexpected, invalid_argument, invalid_state, not_found};
use crate::lifecycle;
use crate::waiting::{Until, Waiting};
use crate::writers::Processing;
use ringbolt_model::{ElementKind, Flags};
use ringbolt_record::command::{CreateProcessInstance, DefinitionSelector};
use ringbolt_record::values::{Arrival, InstanceRef, ProcessInstanceCreationRecord};
use ringbolt_record::{
    BpmnElementType, ElementIndex, FollowUp, Key, ProcessInstanceCreationIntent, Rejection, RejectionType,
    Reply,
};
use std::sync::Arc;

/// Most labels of an instance.
const TAGS_MAX: usize = 10;
/// Longest label, characters.
const TAG_CHARS_MAX: usize = 100;
/// Most elements to start at: they are all entered in one entry.
const START_ELEMENTS_MAX: usize = 100;

pub(crate) fn process_create(p: &mut Processing<'_>, create: &CreateProcessInstance) -> Result<(), Refusal> {
    if create.await_result.is_some() && p.awaiting.is_full() {
        return Err(invalid_state(
            "Expected to await a result, but too many clients wait for one".to_owned(),
        ));
    }
    check_room(p)?;
    let definition = find_definition(p, create)?;
    check_tags(&create.tags)?;
    let starts = find_start_elements(&definition, create)?;
    check_business_id(p, &definition, create)?;
    let key = p.next_key();
    let instance = InstanceRef {
        process_definition_key: definition.key,
        process_instance_key: key,
        root_process_instance_key: key,
    };
    let owner = Owner { instance, tenant_id: &definition.tenant_id };
    for (name, value) in create.variables.iter() {
        variables::set_local(p, owner, key, name, value);
    }
    let element = element_ref(&definition, instance, ElementIndex::PROCESS, Key::NONE);
    let at = At { key, element, definition };
    let arrival =
        if create.terminate_after_element_ids.is_empty() { Arrival::None } else { Arrival::Limited };
    if starts.is_empty() {
        append_created(p, create, &at);
        p.follow_up(key, FollowUp::Activate { key, element, arrival });
    } else {
        start_at(p, create, &at, arrival, &starts)?;
    }
    if !create.business_id.is_empty() {
        business_ids::begun(p, key);
    }
    answer(p, create, &at);
    Ok(())
}

/// What waits is bounded where it begins: instances that are there go on, and what starts them by itself is not a client's.
fn check_room(p: &Processing<'_>) -> Result<(), Refusal> {
    let (waits, max) = (p.tables().waits(), p.settings.waits_max);
    if waits.total() < max {
        return Ok(());
    }
    let reason = format!(
        "Expected to create instance of process, but the partition has {} timers, {} subscriptions and {} user tasks, and begins no more \
         instances at {max} of them together (--waits-max); let some come to their end",
        waits.timers, waits.subscriptions, waits.user_tasks
    );
    Err(Rejection::new(RejectionType::ResourceExhausted, reason).into())
}

fn answer(p: &mut Processing<'_>, create: &CreateProcessInstance, at: &At) {
    match (&create.await_result, p.request.request) {
        (Some(wanted), Some(request)) => {
            let fetch_variables = wanted.fetch_variables.as_slice().into();
            let waiting = Waiting { request, fetch_variables, until: Until::Worked };
            p.awaiting.insert(at.key, waiting);
        }
        (Some(_), None) => {}
        (None, _) => {
            let reply = results::instance_reply(p, at);
            p.reply(Reply::ProcessInstanceCreated(reply));
        }
    }
}

fn append_created(p: &mut Processing<'_>, create: &CreateProcessInstance, at: &At) {
    fn texts(texts: &[String]) -> Vec<&str> {
        texts.iter().map(String::as_str).collect()
    }
    let record = ProcessInstanceCreationRecord {
        instance: at.element.instance,
        version: at.definition.version,
        start_element_ids: texts(&create.start_element_ids),
        terminate_after_element_ids: texts(&create.terminate_after_element_ids),
        tags: texts(&create.tags),
        business_id: &create.business_id,
        tenant_id: &at.definition.tenant_id,
    };
    let key = p.next_key();
    p.append(ProcessInstanceCreationIntent::Created, key, &record);
    p.note(Note::InstanceCreated(at.element.instance.process_instance_key));
}

/// The definition that was asked for.
fn find_definition(
    p: &mut Processing<'_>,
    create: &CreateProcessInstance,
) -> Result<Arc<Definition>, Refusal> {
    const NONE_GIVEN: &str = "Expected at least a bpmnProcessId or a key greater than -1, but none given";
    let tenant = create.tenant_id.as_str();
    let key = match &create.definition {
        DefinitionSelector::Latest { bpmn_process_id: id } | DefinitionSelector::Version { bpmn_process_id: id, .. }
            if id.is_empty() =>
        {
            return Err(invalid_argument(NONE_GIVEN));
        }
        DefinitionSelector::Latest { bpmn_process_id: id } => {
            let latest = p.tables().latest_process(tenant, id);
            latest.map(|latest| latest.key).ok_or_else(|| {
                not_found(format!("Expected to find process definition with process ID '{id}', but none found"))
            })?
        }
        DefinitionSelector::Version { bpmn_process_id: id, version } => {
            p.tables().process_by_version(tenant, id, *version).ok_or_else(|| {
                not_found(format!(
                    "Expected to find process definition with process ID '{id}' and version '{version}', but none \
                     found"
                ))
            })?
        }
        DefinitionSelector::Key(key) if key.is_none() => return Err(invalid_argument(NONE_GIVEN)),
        DefinitionSelector::Key(key) => *key,
    };
    let found = p.definition(key).map_err(|message| Unexpected::new(Key::NONE, message))?;
    found.filter(|definition| *definition.tenant_id == *tenant && !definition.is_deleting).ok_or_else(|| {
        not_found(format!("Expected to find process definition with key '{key}', but none found"))
    })
}

fn check_tags(tags: &[String]) -> Result<(), Refusal> {
    if tags.len() > TAGS_MAX {
        return Err(invalid_argument(format!(
            "Expected to create instance of process with tags, but the number of tags exceeds the limit of {TAGS_MAX}."
        )));
    }
    let is_valid = |tag: &str| {
        let mut chars = tag.chars();
        chars.next().is_some_and(|first| first.is_ascii_alphabetic())
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'))
            && tag.len() <= TAG_CHARS_MAX
    };
    if let Some(tag) = tags.iter().find(|tag| !is_valid(tag)) {
        return Err(invalid_argument(format!(
            "Expected to create instance of process with tags, but the tags '{tag}' are invalid. Tags must start with \
             a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, or periods. It must not be \
             blank and must be {TAG_CHARS_MAX} characters or less."
        )));
    }
    Ok(())
}

/// Where business ids have to differ, the one asked for is free. So are type and text in Camunda 8.9
/// (`CreateProcessInstanceBusinessIdUniquenessToggleTest`).
fn check_business_id(
    p: &Processing<'_>,
    definition: &Definition,
    create: &CreateProcessInstance,
) -> Result<(), Refusal> {
    let CreateProcessInstance { business_id, .. } = create;
    if business_id.is_empty() || !p.settings.business_ids_are_unique {
        return Ok(());
    }
    if !business_ids::is_here(p, business_id) {
        return Err(invalid_state(format!(
            "Expected to create instance of process with business id '{business_id}', but it falls to another partition; please \
             retry in a few seconds"
        )));
    }
    let of = business_ids::of_process(p, definition.key, business_id.clone());
    if of.is_none_or(|of| !business_ids::is_taken(p, &of)) {
        return Ok(());
    }
    let reason = format!(
        "Expected to create instance of process with business id '{business_id}', but an instance with this business id already \
         exists for process definition '{}'",
        definition.bpmn_process_id
    );
    Err(Rejection::new(RejectionType::AlreadyExists, reason).into())
}

/// The elements to start at, in the order asked for.
fn find_start_elements(
    definition: &Definition,
    create: &CreateProcessInstance,
) -> Result<Vec<ElementIndex>, Refusal> {
    let ids = &create.start_element_ids;
    if ids.len() > START_ELEMENTS_MAX {
        return Err(invalid_argument(format!(
            "Expected to create instance of process with at most {START_ELEMENTS_MAX} start instructions, but there \
             are {}.",
            ids.len()
        )));
    }
    if ids.is_empty() && definition.element(ElementIndex::PROCESS).none_start.is_none() {
        return Err(invalid_state(
            "Expected to create instance of process with none start event, but there is no such event"
                .to_owned(),
        ));
    }
    let is_missing =
        |id: &&String| definition.process.by_id(id).is_none() && definition.process.flow_by_id(id).is_none();
    if let Some(id) = ids.iter().find(is_missing) {
        return Err(invalid_argument(format!(
            "Expected to create instance of process with start instructions but no element found with id '{id}'."
        )));
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let unsupported = match definition.process.by_id(id) {
            None => BpmnElementType::SequenceFlow,
            Some(index) => {
                let element = definition.element(index);
                if element.flags.has(Flags::IS_BRANCH) {
                    return Err(invalid_argument(format!(
                        "Expected to create instance of process with start instructions but the element with id '{id}' belongs \
                         to an event-based gateway. The creation of elements belonging to an event-based gateway is not \
                         supported."
                    )));
                }
                if element.flags.has(Flags::STARTABLE) {
                    check_not_inside(definition, index, id)?;
                    found.push(index);
                    continue;
                }
                check_not_inside(definition, index, id)?;
                element.element_type
            }
        };
        return Err(invalid_argument(format!(
            "Expected to create instance of process with start instructions but the element with id '{id}' targets \
             unsupported element type '{unsupported}'. Supported element types are: {STARTABLE_TYPES}"
        )));
    }
    Ok(found)
}

/// Nothing can be started inside an activity that is repeated, it would belong to no item, or inside an ad-hoc sub-process, where
/// nobody has chosen it.
fn check_not_inside(definition: &Definition, index: ElementIndex, id: &str) -> Result<(), Refusal> {
    let mut around = index;
    while around != ElementIndex::PROCESS {
        around = parent_of(definition, around);
        let whole = match &definition.element(around).kind {
            ElementKind::MultiInstanceBody(_) => "a multi-instance subprocess",
            ElementKind::AdHocSubProcess(_) => "an ad-hoc subprocess",
            _ => continue,
        };
        return Err(invalid_argument(format!(
            "Expected to create instance of process with start instructions but the element with id '{id}' is inside {whole}. \
             The creation of elements inside {whole} is not supported."
        )));
    }
    Ok(())
}

/// Enters the scopes around the elements to start at, without their mappings; the elements themselves in later steps.
fn start_at(
    p: &mut Processing<'_>,
    create: &CreateProcessInstance,
    at: &At,
    arrival: Arrival,
    starts: &[ElementIndex],
) -> Result<(), Refusal> {
    let mut scopes = StartScopes::around(&at.definition, starts);
    scopes.enter(p, at, ElementIndex::PROCESS, arrival)?;
    let mut targets = Vec::with_capacity(starts.len());
    for start in starts {
        let scope_key = scopes.key(p, at, parent_of(&at.definition, *start))?;
        let key = p.next_key();
        targets.push((key, element_ref(&at.definition, at.element.instance, *start, scope_key)));
    }
    append_created(p, create, at);
    for (key, element) in targets {
        p.follow_up(at.key, FollowUp::Activate { key, element, arrival: Arrival::Direct });
    }
    Ok(())
}

fn parent_of(definition: &Definition, element: ElementIndex) -> ElementIndex {
    ElementIndex(definition.element(element).parent.0)
}

/// The scopes around the elements to start at, each once, from the process inwards.
struct StartScopes(Vec<StartScope>);

struct StartScope {
    element: ElementIndex,
    /// Elements that are entered directly in it.
    promised: usize,
    /// None while it is not entered.
    key: Key,
}

impl StartScopes {
    fn around(definition: &Definition, starts: &[ElementIndex]) -> Self {
        let mut scopes: Vec<StartScope> = Vec::new();
        for start in starts {
            let mut inner = *start;
            while inner != ElementIndex::PROCESS {
                let element = parent_of(definition, inner);
                if let Some(scope) = scopes.iter_mut().find(|scope| scope.element == element) {
                    scope.promised += 1;
                    break;
                }
                scopes.push(StartScope { element, promised: 1, key: Key::NONE });
                inner = element;
            }
        }
        Self(scopes)
    }

    /// The key of the scope's instance, which is entered if it was not yet.
    fn key(&mut self, p: &mut Processing<'_>, at: &At, element: ElementIndex) -> Result<Key, Refusal> {
        let scope = self.0.iter().find(|scope| scope.element == element).expect("all scopes were collected");
        if scope.key.is_some() {
            return Ok(scope.key);
        }
        let outer_key = self.key(p, at, parent_of(&at.definition, element))?;
        let key = p.next_key();
        let inner = at.other(key, element_ref(&at.definition, at.element.instance, element, outer_key));
        self.enter(p, &inner, element, Arrival::Direct)?;
        Ok(key)
    }

    fn enter(
        &mut self,
        p: &mut Processing<'_>,
        at: &At,
        element: ElementIndex,
        arrival: Arrival,
    ) -> Result<(), Refusal> {
        lifecycle::activating(p, at, arrival);
        let scope =
            self.0.iter_mut().find(|scope| scope.element == element).expect("all scopes were collected");
        scope.key = at.key;
        lifecycle::activated(p, at, scope.promised);
        subscribe(p, at)
    }
}
