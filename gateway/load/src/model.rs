//! The sample model and its variations.

/// A process of one service task, as a modeler writes it.
pub const SAMPLE: &str = include_str!("../../../docs/samples/one_task.bpmn");
/// The sample's process id.
pub const PROCESS_ID: &str = "one_task";
/// The sample's job type.
pub const JOB_TYPE: &str = "work";
/// The resource name it is deployed under.
pub(crate) const RESOURCE_NAME: &str = "one_task.bpmn";

/// The sample under another process id and job type, so that runs against one server do not meet.
pub(crate) fn sample(process_id: &str, job_type: &str) -> String {
    SAMPLE
        .replace(&format!("\"{PROCESS_ID}\""), &format!("\"{process_id}\""))
        .replace(&format!("type=\"{JOB_TYPE}\""), &format!("type=\"{job_type}\""))
}

#[cfg(test)]
mod tests {
    use super::{JOB_TYPE, PROCESS_ID, SAMPLE, sample};

    #[test]
    fn a_variation_changes_ids_alone() {
        assert_eq!(sample(PROCESS_ID, JOB_TYPE), SAMPLE);
        let other = sample("other", "else");
        assert!(
            other.contains("<bpmn:process id=\"other\"") && other.contains("bpmnElement=\"other\""),
            "{other}"
        );
        assert!(other.contains("<zeebe:taskDefinition type=\"else\""), "{other}");
        assert!(!other.contains("\"one_task\""), "{other}");
    }
}
