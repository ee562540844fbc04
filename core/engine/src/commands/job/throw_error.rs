//! Ends a job with a business error. Nothing catches errors yet, so it raises an incident.

use super::{WORKABLE, find};
use crate::behaviors::{incidents, jobs};
use crate::failure::{Failure, Refusal};
use crate::writers::Processing;
use ringbolt_record::{ErrorType, JobIntent, Key, Reply};

pub(crate) fn process_throw_error(
    p: &mut Processing<'_>,
    key: Key,
    error_code: &str,
    error_message: &str,
) -> Result<(), Refusal> {
    let job = find(p, key, "throw an error for", &WORKABLE)?;
    let definition = jobs::definition_of(p, &job)?;
    let change = jobs::Change {
        error_code: Some(error_code),
        error_message: Some(error_message),
        ..jobs::Change::default()
    };
    jobs::append(p, JobIntent::ErrorThrown, key, &job, &definition.tenant_id, change);
    if let Some(at) = jobs::waiting_for(p, &job, &definition) {
        let with_message = match error_message {
            "" => String::new(),
            message => format!(" with message '{message}'"),
        };
        let message = format!(
            "Expected to throw an error event with the code '{error_code}'{with_message}, but it was not caught. No \
             error events are available in the scope."
        );
        incidents::raise(p, &at, key, &Failure::new(ErrorType::UnhandledErrorEvent, message));
    }
    p.reply(Reply::Done);
    Ok(())
}
