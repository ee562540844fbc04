//! The event that a timer stands for is there. A timer that nobody can wait for any more is canceled: what waits for it is being left or
//! ended, or banned, and it must not stay due. Where its instance is suspended it rests until that goes on.

use crate::at::At;
use crate::behaviors::{events, incidents, starts, timers};
use crate::definitions::Definition;
use crate::failure::{Failure, Refusal, Unexpected, not_found};
use crate::writers::Processing;
use ringbolt_model::{Due, Schedule};
use ringbolt_record::{DEFAULT_TENANT, Key, Reply, TimerIntent};
use ringbolt_tables::{ElementInstanceFlags, TimerRow};

pub(crate) fn process_trigger(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let Some(timer) = p.tables().timer(key) else {
        let key = key.to_wire();
        return Err(not_found(format!(
            "Expected to trigger timer with key '{key}', but no such timer was found"
        )));
    };
    if timer.element_instance_key.is_none() {
        return begin_instance(p, key, &timer);
    }
    let instance = timer.instance;
    let is_banned = p.tables().is_banned(instance.process_instance_key);
    let scope = p.tables().element_instance(timer.element_instance_key).filter(|_| !is_banned);
    let Some(scope) = scope else {
        cancel(p, key, &timer);
        return Ok(());
    };
    let at = At::find(p, timer.element_instance_key, scope.element)?;
    if !events::can_catch(p, &at, &scope, timer.element_index) {
        cancel(p, key, &timer);
        return Ok(());
    }
    if p.tables().is_suspended(instance.process_instance_key) {
        timers::append(p, TimerIntent::Suspended, key, &timer, &at.definition.tenant_id);
        p.reply(Reply::Done);
        return Ok(());
    }
    timers::append(p, TimerIntent::Triggered, key, &timer, &at.definition.tenant_id);
    events::trigger(p, &at, timer.element_index, &[])?;
    if let Err(failure) = make_next(p, &at.definition, at.key, &timer)? {
        raise(p, &at, &failure);
    }
    p.reply(Reply::Done);
    Ok(())
}

/// The event starts a process. A cycle goes on as the one timer of its event, whatever becomes of the instance.
fn begin_instance(p: &mut Processing<'_>, key: Key, timer: &TimerRow) -> Result<(), Refusal> {
    let definition_key = timer.instance.process_definition_key;
    let Ok(Some(definition)) = p.definition(definition_key) else {
        cancel(p, key, timer);
        return Ok(());
    };
    let started = p.next_key();
    let timer = TimerRow { instance: starts::instance_ref(definition_key, started), ..*timer };
    timers::append(p, TimerIntent::Triggered, key, &timer, &definition.tenant_id);
    starts::begin(p, &definition, started, timer.element_index, &[]);
    // It sees no variables, so it gives a time as it did before; there is no element instance that could say otherwise.
    let _ = make_next(p, &definition, Key::NONE, &timer)?;
    p.reply(Reply::Done);
    Ok(())
}

fn cancel(p: &mut Processing<'_>, key: Key, timer: &TimerRow) {
    let process = p.tables().process(timer.instance.process_definition_key);
    let tenant_id = process.map_or(DEFAULT_TENANT, |row| row.tenant_id).to_owned();
    timers::append(p, TimerIntent::Canceled, key, timer, &tenant_id);
    p.reply(Reply::Done);
}

/// Makes the timer for the next time, by what the expression gives now. Where it gives nothing, there is none.
fn make_next(
    p: &mut Processing<'_>,
    definition: &Definition,
    scope_key: Key,
    timer: &TimerRow,
) -> Result<Result<(), Failure>, Refusal> {
    let last = Due { at: timer.due.0, repetitions: timer.repetitions };
    if !last.comes_again() {
        return Ok(Ok(()));
    }
    let event = definition.element(timer.element_index).event();
    let Some(event) = event.and_then(|event| event.timer()) else {
        let message = "a timer stands for an event that waits for none";
        return Err(Unexpected::new(timer.instance.process_instance_key, message).into());
    };
    Ok(timers::schedule(p, event, scope_key).map(|schedule| {
        // What was missed while the instance was suspended comes once for each time; a cron expression says nothing of the past.
        let is_late = timer.catches_up && matches!(schedule, Schedule::Every(_));
        let now = if is_late { i64::MIN } else { p.now.0 };
        if let Some(next) = schedule.next(last, now) {
            let tenant_id = &definition.tenant_id;
            let key = timers::create(p, timer.instance, scope_key, timer.element_index, next, tenant_id);
            if is_late && next.at < p.now.0 {
                timers::still_late(p, key, tenant_id);
            }
        }
    }))
}

/// An element instance has one incident of its own at a time.
fn raise(p: &mut Processing<'_>, at: &At, failure: &Failure) {
    let row = p.tables().element_instance(at.key);
    if row.is_some_and(|row| !row.flags.has(ElementInstanceFlags::INCIDENT)) {
        incidents::raise(p, at, Key::NONE, failure);
    }
}
