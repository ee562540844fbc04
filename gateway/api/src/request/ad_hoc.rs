//! What ad-hoc sub-processes are told, by clients and by the workers of their jobs.

use super::{Mapper, Missing, Request};
use crate::error::ApiError;
use ringbolt_record::{
    AdHocInstruction, Command, CompleteAdHocJob, InstructAdHocSubProcess, Key, VariableDocument,
};

impl Mapper<'_> {
    /// Enters elements of an ad-hoc sub-process.
    ///
    /// # Errors
    /// When an id is longer than any element's, or there are too many.
    pub fn activate_activities(
        &self,
        element_instance_key: i64,
        instruction: AdHocInstruction,
    ) -> Result<Request, ApiError> {
        self.check_activated("elements", &instruction)?;
        let key = Key::from_wire(element_instance_key);
        let command = InstructAdHocSubProcess { element_instance_key: key, instruction };
        let missing =
            Missing::new("activate activities for ad-hoc sub-process", "ad-hoc sub-process instance");
        let command = Command::InstructAdHocSubProcess(Box::new(command));
        Ok(self.for_key(element_instance_key, missing, command))
    }

    /// Completes the job of an ad-hoc sub-process with what that does next.
    ///
    /// # Errors
    /// When an id is longer than any element's, or there are too many.
    pub fn complete_ad_hoc_job(
        &self,
        job_key: i64,
        variables: VariableDocument,
        instruction: AdHocInstruction,
    ) -> Result<Request, ApiError> {
        self.check_activated("activateElements", &instruction)?;
        let complete = CompleteAdHocJob { job_key: Key::from_wire(job_key), variables, instruction };
        let command = Command::CompleteAdHocJob(Box::new(complete));
        Ok(self.for_key(job_key, Missing::new("complete job", "job"), command))
    }

    fn check_activated(&self, name: &str, instruction: &AdHocInstruction) -> Result<(), ApiError> {
        self.check_items(name, instruction.activate.len())?;
        for element in &instruction.activate {
            self.check_length("elementId", &element.element_id, self.limits.id_bytes_max)?;
        }
        Ok(())
    }
}
