//! Answering clients that wait for the end of an instance. Who waits is volatile: after a restart nobody does.
//! An answer is no event: nothing in the tables depends on it.

use crate::at::At;
use crate::behaviors::variables;
use crate::contract::Effect;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::reply::ProcessInstanceReply;
use ringbolt_record::{Key, Reply};

/// Answers with the instance's variables, just before they are deleted.
pub(crate) fn answer_completed(p: &mut Processing<'_>, at: &At) {
    let Some(waiting) = p.awaiting.take(at.element.instance.process_instance_key) else { return };
    let variables = variables::collect(p.tables(), at.key, &waiting.fetch_variables);
    let instance = instance_reply(p, at);
    let reply = Reply::ProcessInstanceResult { instance, variables: Bytes::from(variables) };
    p.effect(Effect::Reply { request: waiting.request, result: Ok(reply) });
}

/// Forgets who waits: an instance that is ended has no result, and the client's own deadline ends its wait.
pub(crate) fn answer_terminated(p: &mut Processing<'_>, process_instance_key: Key) {
    p.awaiting.take(process_instance_key);
}

/// What a client is told about an instance.
pub(crate) fn instance_reply(p: &Processing<'_>, at: &At) -> ProcessInstanceReply {
    let key = at.element.instance.process_instance_key;
    reply_of(p, at, key)
}

fn reply_of(p: &Processing<'_>, at: &At, key: Key) -> ProcessInstanceReply {
    let metadata = p.tables().instance_metadata(key).unwrap_or_default();
    ProcessInstanceReply {
        bpmn_process_id: at.definition.bpmn_process_id.clone(),
        version: at.definition.version,
        process_definition_key: at.definition.key,
        process_instance_key: key,
        tenant_id: at.definition.tenant_id.to_string(),
        tags: metadata.tags,
        business_id: metadata.business_id,
    }
}
