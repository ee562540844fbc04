//! Broadcasts a signal: whoever waits for it catches it, on every partition.

use crate::behaviors::broadcasts;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::command::BroadcastSignal;
use ringbolt_record::{Rejection, RejectionType, Reply};

pub(crate) fn process_broadcast(p: &mut Processing<'_>, signal: &BroadcastSignal) -> Result<(), Refusal> {
    let BroadcastSignal { name, variables, tenant_id } = signal;
    let variables = variables.to_json();
    if !broadcasts::fits(p, &variables) {
        let reason = format!(
            "Expected to broadcast a signal, but what it brings has {} bytes, which is too much for one entry of the log of each \
             that catches it",
            variables.len()
        );
        return Err(Rejection::new(RejectionType::ExceededBatchRecordSize, reason).into());
    }
    let signal_key = broadcasts::broadcast(p, name, variables, tenant_id)?;
    p.reply(Reply::SignalBroadcasted { signal_key });
    Ok(())
}
