//! Forms that a deployment brought, and deletion of what was deployed.

use super::{CallContext, Calls, unexpected};
use crate::messages as m;
use ringbolt_api::Broker;
use ringbolt_grpc::Status;
use ringbolt_record::reply::DeploymentReply;
use ringbolt_record::{BatchOperationType, Key, Reply};

impl<B: Broker> Calls<B> {
    pub(crate) async fn delete_resource(
        &self,
        context: CallContext,
        request: m::DeleteResourceRequest,
    ) -> Result<m::DeleteResourceResponse, Status> {
        let m::DeleteResourceRequest { resource_key, operation_reference, delete_history } = request;
        let reference = operation_reference.unwrap_or_default();
        let history = delete_history.unwrap_or_default();
        let request = self.gateway.mapper().delete_resource(resource_key, history, reference);
        match self.submit(context, request).await? {
            Reply::ResourceDeleted { resource_key, history } => Ok(m::DeleteResourceResponse {
                resource_key: resource_key.to_wire().to_string(),
                batch_operation: history.map(|(key, kind)| batch_operation(key, kind)),
            }),
            other => Err(unexpected(&other)),
        }
    }
}

fn batch_operation(key: Key, kind: BatchOperationType) -> m::BatchOperationCreatedResult {
    // The others delete nothing.
    let kind = match kind {
        BatchOperationType::DeleteDecisionInstance => m::BatchOperationTypeEnum::DeleteDecisionInstance,
        _ => m::BatchOperationTypeEnum::DeleteProcessInstance,
    };
    m::BatchOperationCreatedResult {
        batch_operation_key: key.to_wire().to_string(),
        batch_operation_type: kind.into(),
    }
}

/// Forms; the protocol has no message for other resources.
pub(super) fn deployed(reply: &DeploymentReply) -> impl Iterator<Item = m::Metadata> {
    reply.forms.iter().map(|form| {
        m::Metadata::Form(m::FormMetadata {
            form_id: form.resource_id.clone(),
            version: form.version,
            form_key: form.resource_key.to_wire(),
            resource_name: form.resource_name.clone(),
            tenant_id: reply.tenant_id.clone(),
        })
    })
}
