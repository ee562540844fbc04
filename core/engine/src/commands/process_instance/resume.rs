//! Lets a suspended process instance go on: what it has kept comes first, then what rested. So is it in Camunda 8.10
//! (`ProcessInstanceResumeProcessor`).

use super::find;
use crate::behaviors::suspensions;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{Key, Reply};
use ringbolt_tables::Suspension;

pub(crate) fn process_resume(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let row = find(p, key, "resume")?;
    if p.tables().suspension(key) != Some(Suspension::Suspended) {
        return Err(invalid_state(format!(
            "Expected to resume a process instance with key '{key}', but it is not currently suspended"
        )));
    }
    suspensions::end(p, key, &row);
    p.reply(Reply::Done);
    Ok(())
}
