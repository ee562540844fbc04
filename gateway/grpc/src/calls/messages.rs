//! Calls about messages.

use super::{CallContext, Calls, unexpected};
use crate::messages as m;
use ringbolt_api::Broker;
use ringbolt_grpc::Status;
use ringbolt_record::command::PublishMessage;
use ringbolt_record::{DEFAULT_TENANT, DurationMs, Reply};

impl<B: Broker> Calls<B> {
    pub(crate) async fn publish_message(
        &self,
        context: CallContext,
        request: m::PublishMessageRequest,
    ) -> Result<m::PublishMessageResponse, Status> {
        let m::PublishMessageRequest { name, correlation_key, message_id, tenant_id, .. } = request;
        let time_to_live = DurationMs(request.time_to_live);
        let mapper = self.gateway.mapper();
        let request = mapper.variables(request.variables).and_then(|variables| {
            mapper.publish_message(PublishMessage {
                name,
                correlation_key,
                time_to_live,
                message_id,
                // The protocol has no field for it.
                business_id: String::new(),
                variables,
                tenant_id,
            })
        });
        match self.submit(context, request).await? {
            Reply::MessagePublished { message_key } => Ok(m::PublishMessageResponse {
                key: message_key.to_wire(),
                tenant_id: DEFAULT_TENANT.to_owned(),
            }),
            other => Err(unexpected(&other)),
        }
    }
}
