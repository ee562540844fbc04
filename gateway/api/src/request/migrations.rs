//! Changes of which definition an instance runs.

use super::{Mapper, Missing, Request};
use crate::error::ApiError;
use ringbolt_record::{Command, MigrateProcessInstance};

impl Mapper<'_> {
    /// Lets an instance run another definition.
    ///
    /// # Errors
    /// When an id is longer than any element's.
    pub fn migrate_instance(
        &self,
        migrate: MigrateProcessInstance,
        operation_reference: u64,
    ) -> Result<Request, ApiError> {
        for mapping in &migrate.mappings {
            self.check_length("sourceElementId", &mapping.source_element_id, self.limits.id_bytes_max)?;
            self.check_length("targetElementId", &mapping.target_element_id, self.limits.id_bytes_max)?;
        }
        let key = migrate.process_instance_key.to_wire();
        let missing = Missing::new("migrate a process instance", "process instance");
        let command = Command::MigrateProcessInstance(migrate);
        Ok(self.for_key(key, missing, command).referring(operation_reference))
    }
}
