//! Calls about signals.

use super::{CallContext, Calls, unexpected};
use crate::messages::{BroadcastSignalRequest, BroadcastSignalResponse};
use ringbolt_api::Broker;
use ringbolt_grpc::Status;
use ringbolt_record::command::BroadcastSignal;
use ringbolt_record::{DEFAULT_TENANT, Reply};

impl<B: Broker> Calls<B> {
    pub(crate) async fn broadcast_signal(
        &self,
        context: CallContext,
        BroadcastSignalRequest { signal_name: name, variables, tenant_id }: BroadcastSignalRequest,
    ) -> Result<BroadcastSignalResponse, Status> {
        let mapper = self.gateway.mapper();
        let request = mapper
            .variables(variables)
            .and_then(|variables| mapper.broadcast_signal(BroadcastSignal { name, variables, tenant_id }));
        match self.submit(context, request).await? {
            Reply::SignalBroadcasted { signal_key } => Ok(BroadcastSignalResponse {
                key: signal_key.to_wire(),
                tenant_id: DEFAULT_TENANT.to_owned(),
            }),
            other => Err(unexpected(&other)),
        }
    }
}
