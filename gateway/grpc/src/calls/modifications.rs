//! Changes of where an instance stands.

use super::{CallContext, Calls};
use crate::messages::modifications as m;
use ringbolt_api::request::{Mapper, Request};
use ringbolt_api::{ApiError, Broker};
use ringbolt_grpc::Status;
use ringbolt_record::modification::{ActivateInstruction, MoveInstruction, VariableInstruction};
use ringbolt_record::{Key, ModifyProcessInstance};

impl<B: Broker> Calls<B> {
    pub(crate) async fn modify_process_instance(
        &self,
        context: CallContext,
        request: m::ModifyProcessInstanceRequest,
    ) -> Result<(), Status> {
        let request = modify(&self.gateway.mapper(), request);
        self.acknowledge(context, request).await
    }
}

fn modify(mapper: &Mapper<'_>, request: m::ModifyProcessInstanceRequest) -> Result<Request, ApiError> {
    let process_instance_key = Key::from_wire(request.process_instance_key);
    let mut modify = ModifyProcessInstance { process_instance_key, ..ModifyProcessInstance::default() };
    for instruction in request.activate_instructions {
        modify.activate.push(ActivateInstruction {
            element_id: instruction.element_id,
            ancestor_element_instance_key: mapper.ancestor(instruction.ancestor_element_instance_key),
            variables: variables(mapper, instruction.variable_instructions)?,
        });
    }
    for m::TerminateInstruction { element_instance_key, element_id } in request.terminate_instructions {
        modify.terminate.push(mapper.element_instances(element_instance_key, element_id)?);
    }
    for instruction in request.move_instructions {
        let (key, id) = (instruction.source_element_instance_key, instruction.source_element_id);
        let ancestor = mapper.ancestor_scope(
            instruction.ancestor_element_instance_key,
            instruction.infer_ancestor_scope_from_source_hierarchy,
            instruction.use_source_parent_key_as_ancestor_scope_key,
        )?;
        modify.moves.push(MoveInstruction {
            source: mapper.element_instances(key, id)?,
            target_element_id: instruction.target_element_id,
            ancestor,
            variables: variables(mapper, instruction.variable_instructions)?,
        });
    }
    mapper.modify_instance(modify, request.operation_reference.unwrap_or_default())
}

fn variables(
    mapper: &Mapper<'_>,
    instructions: Vec<m::VariableInstruction>,
) -> Result<Vec<VariableInstruction>, ApiError> {
    let read = |m::VariableInstruction { variables, scope_id }| {
        Ok(VariableInstruction { scope_id, variables: mapper.variables(variables)? })
    };
    instructions.into_iter().map(read).collect()
}
