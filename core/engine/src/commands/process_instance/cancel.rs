//! Cancels a process instance with everything in it.

use super::find;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{FollowUp, Key, Reply};

pub(crate) fn process_cancel(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let row = find(p, key, "cancel")?;
    let root = row.element.instance.root_process_instance_key;
    if root != key {
        return Err(invalid_state(format!(
            "Expected to cancel a process instance with key '{key}', but it is created by a parent process instance. \
             Cancel the root process instance '{root}' instead."
        )));
    }
    p.follow_up(key, FollowUp::Terminate { key });
    p.reply(Reply::Done);
    Ok(())
}
