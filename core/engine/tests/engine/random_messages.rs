//! Messages of random paths.

use crate::modeler::MESSAGES;
use crate::random::Path;
use ringbolt_record::command::PublishMessage;
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs};

impl Path {
    /// Publishes any message.
    pub(crate) fn publish(&mut self, ttl: i64) {
        let name = MESSAGES[self.random.below(MESSAGES.len() as u64) as usize];
        let (key, id) = (self.random.below(4), self.business_id());
        self.publish_one(name, &id, key, ttl);
    }

    /// One in a few has one.
    pub(crate) fn business_id(&mut self) -> String {
        ["", "", "", "b"][self.random.below(4) as usize].to_owned()
    }

    pub(crate) fn publish_one(&mut self, name: &str, business_id: &str, key: u64, ttl: i64) {
        let variables = self.variables();
        self.rig.send(&Command::PublishMessage(PublishMessage {
            name: name.to_owned(),
            correlation_key: key.to_string(),
            time_to_live: DurationMs(ttl),
            message_id: String::new(),
            business_id: business_id.to_owned(),
            variables,
            tenant_id: DEFAULT_TENANT.to_owned(),
        }));
    }
}
