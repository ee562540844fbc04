//! Publishing messages.

use super::{Mapper, Request, Target};
use crate::error::ApiError;
use ringbolt_record::Command;
use ringbolt_record::command::PublishMessage;

impl Mapper<'_> {
    /// Publishes a message; an empty tenant is the default.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn publish_message(&self, mut message: PublishMessage) -> Result<Request, ApiError> {
        message.tenant_id = self.tenant("PublishMessage", "Publish Message", &message.tenant_id)?;
        let texts = [
            ("name", &message.name),
            ("correlationKey", &message.correlation_key),
            ("messageId", &message.message_id),
        ];
        for (what, text) in texts {
            self.check_length(what, text, self.limits.id_bytes_max)?;
        }
        Ok(self.request(Target::CorrelationKey, Command::PublishMessage(message)))
    }
}
