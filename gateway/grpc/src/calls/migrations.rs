//! Changes of which definition an instance runs.

use super::{CallContext, Calls};
use crate::messages::migrations as m;
use ringbolt_api::Broker;
use ringbolt_grpc::Status;
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::{Key, MigrateProcessInstance};

impl<B: Broker> Calls<B> {
    pub(crate) async fn migrate_process_instance(
        &self,
        context: CallContext,
        request: m::MigrateProcessInstanceRequest,
    ) -> Result<(), Status> {
        let plan = request.migration_plan.unwrap_or_default();
        let mappings = plan.mapping_instructions.into_iter().map(
            |m::MappingInstruction { source_element_id, target_element_id }| MigrateMapping {
                source_element_id,
                target_element_id,
            },
        );
        let migrate = MigrateProcessInstance {
            process_instance_key: Key::from_wire(request.process_instance_key),
            target_process_definition_key: Key::from_wire(plan.target_process_definition_key),
            mappings: mappings.collect(),
        };
        let reference = request.operation_reference.unwrap_or_default();
        let request = self.gateway.mapper().migrate_instance(migrate, reference);
        self.acknowledge(context, request).await
    }
}
