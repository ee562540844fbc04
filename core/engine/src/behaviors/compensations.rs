//! Compensation: activities that have completed and can be compensated, the events that have that done, and the handlers that
//! do it.
//!
//! What an event compensates is a tree: what stood in its scope, in what stood there, and so on, each before what stood in it, the
//! oldest first. It is walked in slices; the next one is a place in the tree, and was promised, so that the event waits for it.
//! Handlers stand where the event stands, wherever in the model they are.

use crate::at::{At, element_ref};
use crate::behaviors::compensated::{self, Slice};
use crate::failure::Unexpected;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_model::{EventDefinition, Flags};
use ringbolt_record::values::{
    Arrival, CompensationSubscriptionRecord, CompensationTurn, ElementInstanceRef,
};
use ringbolt_record::{
    BpmnElementType, BpmnEventType, CompensationSubscriptionIntent, ElementIndex, FollowUp, Key,
    ProcessInstanceIntent,
};
use ringbolt_tables::{CompensationSubscriptionRow, ElementInstanceState};

/// What one subscription that is triggered takes in an entry at most, with the step that it leads to, bytes.
const TRIGGER_BYTES: usize = 2048;

/// An activity is about to be left: it can be compensated from now on, if anything can compensate it or others in it.
pub(crate) fn note_completed(p: &mut Processing<'_>, at: &At) {
    let handler = at.definition.process.compensation_of(at.element.element_index).map(|(_, handler)| handler);
    let holds_others = matches!(
        at.element.element_type,
        BpmnElementType::SubProcess
            | BpmnElementType::AdHocSubProcess
            | BpmnElementType::AdHocSubProcessInnerInstance
            | BpmnElementType::MultiInstanceBody
    );
    if handler.is_none() && !(holds_others && p.tables().compensation_count(at.key) > 0) {
        return;
    }
    let record = CompensationSubscriptionRecord {
        instance: at.element.instance,
        activity: at.element.element_index,
        activity_key: at.key,
        scope_key: at.element.flow_scope_key,
        handler: handler.unwrap_or(ElementIndex::PROCESS),
        handler_key: Key::NONE,
        throw_event: ElementIndex::PROCESS,
        throw_event_key: Key::NONE,
        entered_in: Key::NONE,
        turn: CompensationTurn::default(),
        tenant_id: &at.definition.tenant_id,
    };
    let key = p.next_key();
    p.append(CompensationSubscriptionIntent::Created, key, &record);
}

/// Where an event looks for what it compensates.
struct Roots {
    /// The scope that it stands in; in an event sub-process also the one around that.
    scopes: [Key; 2],
    /// The only activity, if it names one.
    activity: Option<ElementIndex>,
    /// What completed later is not compensated: it has greater keys.
    before: Key,
}

impl Roots {
    fn of(p: &Processing<'_>, at: &At, before: Key) -> Self {
        let own = at.element.flow_scope_key;
        let scope = p.tables().element_instance(own).map(|row| row.element);
        let around = scope.filter(|scope| scope.element_type == BpmnElementType::EventSubProcess);
        let activity = at.model().event().and_then(EventDefinition::compensation);
        Self {
            scopes: [own, around.map_or(Key::NONE, |scope| scope.flow_scope_key)],
            activity: activity.and_then(|compensation| compensation.activity),
            before,
        }
    }

    /// The next subscription behind one of them, of those at the top.
    fn next(&self, p: &Processing<'_>, at: &At, after: Key) -> Option<Key> {
        let is_meant = |key: &Key| match self.activity {
            None => true,
            Some(activity) => p
                .tables()
                .compensation_subscription(at.process_instance_key(), *key)
                .is_some_and(|row| row.activity == activity),
        };
        let scopes = self.scopes.iter().filter(|scope| scope.is_some());
        let first = |scope: &Key| p.tables().waiting_compensations_in(*scope, after).find(is_meant);
        scopes.filter_map(first).min().filter(|key| *key < self.before)
    }

    /// The next one in the tree behind one of them.
    fn following(
        &self,
        p: &Processing<'_>,
        at: &At,
        key: Key,
        row: &CompensationSubscriptionRow,
    ) -> Option<Key> {
        let first_in = |scope: Key, after: Key| p.tables().waiting_compensations_in(scope, after).next();
        if let Some(inner) = first_in(row.activity_key, Key::NONE) {
            return Some(inner);
        }
        let (mut key, mut scope_key) = (key, row.scope_key);
        while !self.scopes.contains(&scope_key) {
            if let Some(beside) = first_in(scope_key, key) {
                return Some(beside);
            }
            (key, scope_key) = p.tables().compensation_of_activity(scope_key)?;
        }
        self.next(p, at, key)
    }
}

/// An event has activities compensated; whether it has to wait for that.
pub(crate) fn trigger(p: &mut Processing<'_>, at: &At) -> Result<bool, Unexpected> {
    let roots = Roots::of(p, at, Key(u64::MAX));
    let Some(first) = roots.next(p, at, Key::NONE) else { return Ok(false) };
    trigger_from(p, at, first, &roots, false)?;
    Ok(true)
}

/// Goes on with what an event compensates, unless it has ended.
pub(crate) fn go_on(
    p: &mut Processing<'_>,
    throw_event_key: Key,
    next: Key,
    before: Key,
) -> Result<(), Unexpected> {
    let row = p.tables().element_instance(throw_event_key);
    let Some(row) = row.filter(|row| row.state == ElementInstanceState::Activated) else { return Ok(()) };
    let at = At::find(p, throw_event_key, row.element)?;
    let roots = Roots::of(p, &at, before);
    trigger_from(p, &at, next, &roots, true)
}

/// Triggers as many as a step may, and comes back for the others.
fn trigger_from(
    p: &mut Processing<'_>,
    at: &At,
    first: Key,
    roots: &Roots,
    was_promised: bool,
) -> Result<(), Unexpected> {
    let (mut key, mut slice) = (first, Slice::default());
    let mut turn = CompensationTurn { was_promised, promises: false };
    loop {
        let row = p.tables().compensation_subscription(at.process_instance_key(), key);
        let Some(row) = row.filter(|row| !row.is_triggered()) else {
            return Err(at.unexpected(format!("compensation subscription {key} cannot be triggered")));
        };
        let following = roots.following(p, at, key, &row);
        turn.promises = following.is_some() && !slice.has_another(p, 2 * TRIGGER_BYTES);
        trigger_one(p, at, key, &row, turn)?;
        match following {
            Some(next) if turn.promises => {
                let before = if was_promised { roots.before } else { p.next_key() };
                let rest = FollowUp::Compensate { throw_event_key: at.key, next, before };
                p.follow_up(at.process_instance_key(), rest);
                return Ok(());
            }
            Some(next) => key = next,
            None => return Ok(()),
        }
        turn.was_promised = false;
    }
}

/// Triggers a subscription: its handler, if there is one, is entered in a later step.
fn trigger_one(
    p: &mut Processing<'_>,
    at: &At,
    key: Key,
    row: &CompensationSubscriptionRow,
    turn: CompensationTurn,
) -> Result<(), Unexpected> {
    let mut row = CompensationSubscriptionRow {
        throw_event: at.element.element_index,
        throw_event_key: at.key,
        ..*row
    };
    let mut entered_in = Key::NONE;
    if row.has_handler() {
        let Some((event, handler)) = at.definition.process.compensation_of(row.activity) else {
            return Err(at.unexpected(format!("nothing compensates {}", row.activity_key)));
        };
        entered_in = at.element.flow_scope_key;
        pass_through(p, at, event);
        row.handler_key = p.next_key();
        let element = ElementInstanceRef {
            event_type: BpmnEventType::Compensation,
            ..element_ref(&at.definition, at.element.instance, handler, entered_in)
        };
        let enter = FollowUp::Activate { key: row.handler_key, element, arrival: Arrival::Direct };
        p.follow_up(at.process_instance_key(), enter);
    }
    let record = CompensationSubscriptionRecord {
        entered_in,
        turn,
        ..compensated::record(&row, &at.definition.tenant_id)
    };
    p.append(CompensationSubscriptionIntent::Triggered, key, &record);
    Ok(())
}

/// Writes that the event attached to an activity that is compensated has come.
fn pass_through(p: &mut Processing<'_>, at: &At, event: ElementIndex) {
    let element = element_ref(&at.definition, at.element.instance, event, at.element.flow_scope_key);
    let event = at.other(p.next_key(), element);
    lifecycle::activating(p, &event, Arrival::None);
    for intent in [
        ProcessInstanceIntent::ElementActivated,
        ProcessInstanceIntent::ElementCompleting,
        ProcessInstanceIntent::ElementCompleted,
    ] {
        lifecycle::transition(p, &event, intent);
    }
}

/// An element was left: where it has compensated something that is done, and what stood around that if it was the last. With the
/// last of all that its event has triggered that is left, too.
pub(crate) fn note_compensated(p: &mut Processing<'_>, at: &At) {
    if at.element.event_type != BpmnEventType::Compensation || !at.model().flags.has(Flags::IS_ACTIVITY) {
        return;
    }
    let process_instance_key = at.process_instance_key();
    let Some(key) = p.tables().compensation_of_handler(at.key) else { return };
    let Some(row) = p.tables().compensation_subscription(process_instance_key, key) else { return };
    let tenant_id = &at.definition.tenant_id;
    p.append(CompensationSubscriptionIntent::Completed, key, &compensated::record(&row, tenant_id));
    let mut scope_key = row.scope_key;
    while p.tables().compensation_count(scope_key) == 0
        && let Some((key, _)) = p.tables().compensation_of_activity(scope_key)
        && let Some(around) = p.tables().compensation_subscription(process_instance_key, key)
        && !around.has_handler()
    {
        p.append(CompensationSubscriptionIntent::Completed, key, &compensated::record(&around, tenant_id));
        scope_key = around.scope_key;
    }
    let throw_event_key = row.throw_event_key;
    if !p.tables().awaits_compensation(throw_event_key)
        && p.tables().element_instance_state(throw_event_key).is_some()
    {
        p.follow_up(process_instance_key, FollowUp::Complete { key: throw_event_key });
    }
}
