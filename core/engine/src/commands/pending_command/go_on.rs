//! Takes up follow-ups of an instance that did not fit into their entry: the instance has its turn.

use crate::failure::Refusal;
use crate::steps;
use crate::writers::Processing;
use ringbolt_record::Key;

pub(crate) fn process_continue(p: &mut Processing<'_>, process_instance_key: Key) -> Result<(), Refusal> {
    Ok(steps::take_up(p, process_instance_key)?)
}
