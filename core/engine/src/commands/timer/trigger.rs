//! The event that a timer stands for is there. A timer that nobody can wait for any more is canceled: what waits for it is being left or
//! ended, or banned, and it must not stay due.

use crate::at::At;
use crate::behaviors::{events, incidents, timers};
use crate::failure::{Failure, Refusal, not_found};
use crate::writers::Processing;
use ringbolt_model::Due;
use ringbolt_record::{DEFAULT_TENANT, Key, Reply, TimerIntent};
use ringbolt_tables::{ElementInstanceFlags, TimerRow};

pub(crate) fn process_trigger(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let Some(timer) = p.tables().timer(key) else {
        let key = key.to_wire();
        return Err(not_found(format!(
            "Expected to trigger timer with key '{key}', but no such timer was found"
        )));
    };
    let instance = timer.instance;
    let is_banned = p.tables().has_banned() && p.tables().is_banned(instance.process_instance_key);
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
    timers::append(p, TimerIntent::Triggered, key, &timer, &at.definition.tenant_id);
    events::trigger(p, &at, timer.element_index, &[])?;
    make_next(p, &at, &timer)?;
    p.reply(Reply::Done);
    Ok(())
}

fn cancel(p: &mut Processing<'_>, key: Key, timer: &TimerRow) {
    let process = p.tables().process(timer.instance.process_definition_key);
    let tenant_id = process.map_or(DEFAULT_TENANT, |row| row.tenant_id).to_owned();
    timers::append(p, TimerIntent::Canceled, key, timer, &tenant_id);
    p.reply(Reply::Done);
}

/// Makes the timer for the next time, by what the expression gives now. Where it gives nothing, there is none, and an incident says so.
fn make_next(p: &mut Processing<'_>, at: &At, timer: &TimerRow) -> Result<(), Refusal> {
    let last = Due { at: timer.due.0, repetitions: timer.repetitions };
    if !last.comes_again() {
        return Ok(());
    }
    let event = at.definition.element(timer.element_index).event();
    let Some(event) = event.and_then(|event| event.timer()) else {
        return Err(at.unexpected("a timer stands for an event that waits for none").into());
    };
    match timers::schedule(p, event, at.key) {
        Ok(schedule) => {
            if let Some(next) = schedule.next(last, p.now.0) {
                let tenant_id = &at.definition.tenant_id;
                timers::create(p, timer.instance, at.key, timer.element_index, next, tenant_id);
            }
        }
        Err(failure) => raise(p, at, &failure),
    }
    Ok(())
}

/// An element instance has one incident of its own at a time.
fn raise(p: &mut Processing<'_>, at: &At, failure: &Failure) {
    let row = p.tables().element_instance(at.key);
    if row.is_some_and(|row| !row.flags.has(ElementInstanceFlags::INCIDENT)) {
        incidents::raise(p, at, Key::NONE, failure);
    }
}
