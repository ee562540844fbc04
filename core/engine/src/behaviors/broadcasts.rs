//! Broadcasting signals: whoever waits for one when it comes to a partition catches it there.
//!
//! A few catch it in the entry in which it comes. Of many the partition keeps the signal, and tells them one by one in steps of
//! their own, so that they hold nobody up.
//!
//! What an event throws is broadcast in a step of its own, behind those that wait for their turn already: who begins to wait in one of these
//! catches it, as in the reference engine. It is kept so long, whatever becomes of the event.

use crate::at::At;
use crate::behaviors::{distributions, events, starts};
use crate::failure::Unexpected;
use crate::writers::Processing;
use ringbolt_record::partition_message::DistributedSignal;
use ringbolt_record::values::{InstanceRef, SignalRecord};
use ringbolt_record::{ElementIndex, FollowUp, Key, PartitionMessage, SignalIntent};
use ringbolt_tables::{NamedKind, NamedSubscriptionRow};

/// Most that catch a signal in the entry in which it comes.
const AT_ONCE_MAX: usize = 32;
/// What catching it takes in an entry beside what it brings, bytes.
const CATCH_BYTES: usize = 1024;
/// The part of an entry that a signal may take: what it brings stands there for whoever catches it, and in its variables.
const ENTRY_SHARE: usize = 8;

/// Whether a signal is small enough to be caught by anybody.
pub(crate) fn fits(p: &Processing<'_>, variables: &[u8]) -> bool {
    variables.len() <= p.settings.entry_bytes_max / ENTRY_SHARE
}

/// Keeps a signal that an element throws; it is broadcast in a later step.
pub(crate) fn throw(p: &mut Processing<'_>, at: &At, name: &str, variables: &[u8]) {
    let key = p.next_key();
    let record = SignalRecord { kept_under: key, name, variables, tenant_id: &at.definition.tenant_id };
    p.append(SignalIntent::Thrown, key, &record);
    p.follow_up(at.process_instance_key(), FollowUp::Broadcast { key });
}

/// Broadcasts a signal that was thrown.
pub(crate) fn broadcast_thrown(p: &mut Processing<'_>, key: Key) -> Result<(), Unexpected> {
    let Some(row) = p.tables().signal(key) else { return Ok(()) };
    let [name, tenant_id] = [row.name, row.tenant_id].map(str::to_owned);
    let variables = row.variables.to_vec();
    let record = SignalRecord { kept_under: key, name: &name, variables: &[], tenant_id: &tenant_id };
    p.append(SignalIntent::Ended, key, &record);
    broadcast(p, &name, variables, &tenant_id)?;
    Ok(())
}

/// Broadcasts a signal on all partitions; its key.
pub(crate) fn broadcast(
    p: &mut Processing<'_>,
    name: &str,
    variables: Vec<u8>,
    tenant_id: &str,
) -> Result<Key, Unexpected> {
    let signal_key = p.next_key();
    let (name, tenant_id) = (name.to_owned(), tenant_id.to_owned());
    let signal = DistributedSignal { signal_key, name, variables, tenant_id };
    arrive(p, &signal)?;
    distributions::begin(p, &PartitionMessage::Signal(signal));
    Ok(signal_key)
}

/// A signal comes to this partition.
pub(crate) fn arrive(p: &mut Processing<'_>, signal: &DistributedSignal) -> Result<(), Unexpected> {
    let DistributedSignal { signal_key, name, variables, tenant_id } = signal;
    let waits = p.tables().named_subscriptions(NamedKind::Signal, tenant_id, name, Key::NONE);
    let waits: Vec<Wait> = waits.map(Wait::of).take(AT_ONCE_MAX + 1).collect();
    let is_at_once =
        waits.len() <= AT_ONCE_MAX && p.has_room(waits.len() * (2 * variables.len() + CATCH_BYTES));
    // Its own key tells nothing of when the waits of another partition began.
    let kept_under = if is_at_once { Key::NONE } else { p.next_key() };
    let record = SignalRecord { kept_under, name, variables, tenant_id };
    p.append(SignalIntent::Broadcasted, *signal_key, &record);
    if !is_at_once {
        p.follow_up(kept_under, FollowUp::Signal { key: kept_under, after: Key::NONE });
        return Ok(());
    }
    waits.into_iter().try_for_each(|wait| catch(p, wait, variables))
}

/// Tells the next one who waited for a signal when it came, and comes back for the others.
pub(crate) fn go_on(p: &mut Processing<'_>, key: Key, after: Key) -> Result<(), Unexpected> {
    let Some(signal) = p.tables().signal(key) else { return Ok(()) };
    let signal_key = signal.signal_key;
    let [tenant_id, name] = [signal.tenant_id, signal.name].map(str::to_owned);
    let variables = signal.variables.to_vec();
    let mut waits = p.tables().named_subscriptions(NamedKind::Signal, &tenant_id, &name, after);
    let next = waits.next().map(Wait::of).filter(|wait| wait.subscription_key < key);
    drop(waits);
    match next {
        Some(wait) => {
            p.follow_up(key, FollowUp::Signal { key, after: wait.subscription_key });
            catch(p, wait, &variables)
        }
        None => {
            let record = SignalRecord { kept_under: key, name: &name, variables: &[], tenant_id: &tenant_id };
            p.append(SignalIntent::Ended, signal_key, &record);
            Ok(())
        }
    }
}

/// Who waits.
#[derive(Clone, Copy)]
struct Wait {
    subscription_key: Key,
    scope_key: Key,
    instance: InstanceRef,
    event: ElementIndex,
}

impl Wait {
    fn of((subscription_key, row): (Key, NamedSubscriptionRow<'_>)) -> Self {
        let NamedSubscriptionRow { scope_key, instance, element_index, .. } = row;
        Self { subscription_key, scope_key, instance, event: element_index }
    }
}

/// Catches a signal, if the one who waits still can. What this version of Ringbolt cannot read catches nothing.
fn catch(p: &mut Processing<'_>, wait: Wait, variables: &[u8]) -> Result<(), Unexpected> {
    let brought = events::brought(variables);
    if wait.instance.process_instance_key.is_none() {
        if let Ok(Some(definition)) = p.definition(wait.instance.process_definition_key) {
            let key = p.next_key();
            starts::begin(p, &definition, key, wait.event, brought);
        }
        return Ok(());
    }
    let process_instance_key = wait.instance.process_instance_key;
    let is_lost = p.tables().is_banned(process_instance_key) || p.tables().is_suspended(process_instance_key);
    let Some(scope) = p.tables().element_instance(wait.scope_key).filter(|_| !is_lost) else {
        return Ok(());
    };
    match At::find(p, wait.scope_key, scope.element) {
        Ok(at) if events::can_catch(p, &at, &scope, wait.event) => {
            events::trigger(p, &at, wait.event, brought)
        }
        Ok(_) | Err(_) => Ok(()),
    }
}
