//! Forms that a deployment brought, and deletion of what was deployed.

use super::{CallContext, Calls, unexpected};
use crate::messages as m;
use ringbolt_api::Broker;
use ringbolt_grpc::{Code, Status};
use ringbolt_record::Reply;
use ringbolt_record::reply::DeploymentReply;

impl<B: Broker> Calls<B> {
    pub(crate) async fn delete_resource(
        &self,
        context: CallContext,
        request: m::DeleteResourceRequest,
    ) -> Result<m::DeleteResourceResponse, Status> {
        if request.delete_history == Some(true) {
            let message =
                "Expected to delete a resource, but 'deleteHistory' was given: histories are not deleted yet";
            return Err(Status::new(Code::Unimplemented, message));
        }
        let reference = request.operation_reference.unwrap_or_default();
        let request = self.gateway.mapper().delete_resource(request.resource_key, reference);
        match self.submit(context, Ok(request)).await? {
            Reply::ResourceDeleted { resource_key } => {
                Ok(m::DeleteResourceResponse { resource_key: resource_key.to_wire().to_string() })
            }
            other => Err(unexpected(&other)),
        }
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
