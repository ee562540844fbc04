//! Broadcasting signals.

use super::{Mapper, Request, Target};
use crate::error::ApiError;
use ringbolt_record::Command;
use ringbolt_record::command::BroadcastSignal;

impl Mapper<'_> {
    /// Broadcasts a signal; an empty tenant is the default.
    ///
    /// # Errors
    /// When its name is beyond its bounds.
    pub fn broadcast_signal(&self, mut signal: BroadcastSignal) -> Result<Request, ApiError> {
        signal.tenant_id = self.tenant("BroadcastSignal", "Broadcast Signal", &signal.tenant_id)?;
        self.check_length("signalName", &signal.name, self.limits.id_bytes_max)?;
        Ok(self.request(Target::Any, Command::BroadcastSignal(signal)))
    }
}
