//! What a call holds while it waits.

use super::{NO_CONTEXT, calls, m};

/// Thousands wait, and each move of one copies all of it.
#[test]
fn what_waits_for_an_answer_is_small() {
    let (_, calls) = calls();
    let created = calls.create_process_instance(NO_CONTEXT, m::CreateProcessInstanceRequest::default());
    let completed = calls.complete_job(NO_CONTEXT, m::CompleteJobRequest::default());
    let bytes = size_of_val(&created).max(size_of_val(&completed));
    assert!(bytes <= 1280, "{bytes} bytes");
}
