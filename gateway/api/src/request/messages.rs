//! Publishing messages.

use super::{Mapper, Request, Target};
use crate::error::ApiError;
use ringbolt_record::command::{CorrelateMessage, PublishMessage};
use ringbolt_record::{Command, DurationMs};

impl Mapper<'_> {
    /// Publishes a message; an empty tenant is the default.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn publish_message(&self, mut message: PublishMessage) -> Result<Request, ApiError> {
        message.tenant_id = self.tenant("PublishMessage", "Publish Message", &message.tenant_id)?;
        self.check_texts(&[
            ("name", &message.name),
            ("correlationKey", &message.correlation_key),
            ("messageId", &message.message_id),
        ])?;
        self.check_time_to_live(message.time_to_live)?;
        Ok(self.request(Target::CorrelationKey, Command::PublishMessage(message)))
    }

    /// Publishes a message that is not kept, and waits for whom it reaches; an empty tenant is the default.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn correlate_message(&self, mut message: CorrelateMessage) -> Result<Request, ApiError> {
        message.tenant_id = self.tenant("CorrelateMessage", "Correlate Message", &message.tenant_id)?;
        self.check_texts(&[("name", &message.name), ("correlationKey", &message.correlation_key)])?;
        Ok(self.request(Target::CorrelationKey, Command::CorrelateMessage(message)))
    }

    fn check_time_to_live(&self, time_to_live: DurationMs) -> Result<(), ApiError> {
        let max = self.limits.message_time_to_live_max;
        if time_to_live.0 <= max {
            return Ok(());
        }
        let reason = format!(
            "The provided timeToLive is {} ms, but at most {max} (365000 days) are allowed.",
            time_to_live.0
        );
        Err(ApiError::invalid(reason))
    }

    fn check_texts(&self, texts: &[(&str, &String)]) -> Result<(), ApiError> {
        texts.iter().try_for_each(|(what, text)| self.check_length(what, text, self.limits.id_bytes_max))
    }
}
