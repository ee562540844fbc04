//! Catching an event whose condition has come to hold.

use crate::at::At;
use crate::behaviors::{conditions, events};
use crate::failure::Unexpected;
use crate::writers::Processing;
use ringbolt_record::{ConditionalSubscriptionIntent, Key};

/// Catches the event, if the one who waits still can: what comes too late is lost, as in Camunda 8.9
/// (`ConditionalSubscriptionTriggerProcessor`).
pub(crate) fn take(p: &mut Processing<'_>, scope_key: Key, key: Key) -> Result<(), Unexpected> {
    let event = p.tables().conditional_subscription(scope_key, key).map(|row| row.element_index);
    let Some((event, scope)) = event.zip(p.tables().element_instance(scope_key)) else { return Ok(()) };
    let at = At::find(p, scope_key, scope.element)?;
    if !events::can_catch(p, &at, &scope, event) {
        return Ok(());
    }
    let tenant_id = &at.definition.tenant_id;
    conditions::append(p, ConditionalSubscriptionIntent::Triggered, scope_key, key, tenant_id);
    events::trigger(p, &at, event, &[])
}
