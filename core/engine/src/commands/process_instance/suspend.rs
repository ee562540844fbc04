//! Lets a process instance rest until it is resumed. So is it in Camunda 8.10 (`ProcessInstanceSuspendProcessor`); instances that it has
//! called go on.

use super::find;
use crate::behaviors::suspensions;
use crate::commands::check_not_banned;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{Key, Reply};

pub(crate) fn process_suspend(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let row = find(p, key, "suspend")?;
    check_not_banned(p, key)?;
    if p.tables().suspension(key).is_some() {
        return Err(invalid_state(format!(
            "Expected to suspend a process instance with key '{key}', but it is already suspended"
        )));
    }
    suspensions::begin(p, key, &row);
    p.reply(Reply::Done);
    Ok(())
}
