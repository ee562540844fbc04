//! Tells what expressions see of cluster variables. Writes nothing.

use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::Reply;

pub(crate) fn process_fetch(p: &mut Processing<'_>) -> Result<(), Refusal> {
    p.reply(Reply::ClusterVariables(p.tables().seen_cluster_variables().to_vec().into()));
    Ok(())
}
