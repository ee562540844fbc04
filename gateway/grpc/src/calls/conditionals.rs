//! Conditions of start events.

use super::{CallContext, Calls, unexpected};
use crate::messages::{EvaluateConditionalRequest, EvaluateConditionalResponse, ProcessInstanceReference};
use ringbolt_api::Broker;
use ringbolt_grpc::Status;
use ringbolt_record::command::EvaluateConditionals;
use ringbolt_record::values::StartedInstance;
use ringbolt_record::{DEFAULT_TENANT, Key, Reply};

impl<B: Broker> Calls<B> {
    pub(crate) async fn evaluate_conditional(
        &self,
        context: CallContext,
        request: EvaluateConditionalRequest,
    ) -> Result<EvaluateConditionalResponse, Status> {
        let EvaluateConditionalRequest { tenant_id, process_definition_key, variables } = request;
        let mapper = self.gateway.mapper();
        let process_definition_key = process_definition_key.map_or(Key::NONE, Key::from_wire);
        let request = mapper.variables(variables).and_then(|variables| {
            mapper.evaluate_conditionals(EvaluateConditionals {
                process_definition_key,
                variables,
                tenant_id,
            })
        });
        match self.submit(context, request).await? {
            Reply::ConditionalsEvaluated { key, started } => Ok(EvaluateConditionalResponse {
                process_instances: started.into_iter().map(reference).collect(),
                conditional_evaluation_key: key.to_wire(),
                tenant_id: DEFAULT_TENANT.to_owned(),
            }),
            other => Err(unexpected(&other)),
        }
    }
}

fn reference(started: StartedInstance) -> ProcessInstanceReference {
    ProcessInstanceReference {
        process_definition_key: started.process_definition_key.to_wire(),
        process_instance_key: started.process_instance_key.to_wire(),
    }
}
