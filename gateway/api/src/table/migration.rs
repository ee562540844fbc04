//! How a request to let a process instance run another definition is read.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::process_instance::PROCESS_INSTANCE_MIGRATION_INSTRUCTION;
use crate::request::Request;
use crate::schema::Object;
use crate::value::Value;
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::{Key, MigrateProcessInstance};

pub(super) fn migrate(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &PROCESS_INSTANCE_MIGRATION_INSTRUCTION;
    let at = const { BODY.at("mappingInstructions") };
    let mappings: Vec<MigrateMapping> = call.items(at).map(mapping).collect();
    if call.has(at) && mappings.is_empty() {
        call.violated("No mappingInstructions provided");
    }
    call.check()?;
    let target = call.key(const { BODY.at("targetProcessDefinitionKey") }).unwrap_or_default();
    let migrate = MigrateProcessInstance {
        process_instance_key: Key::from_wire(call.path_key(0)?),
        target_process_definition_key: Key::from_wire(target),
        mappings,
    };
    let reference = call.reference(const { BODY.at("operationReference") });
    call.mapper.migrate_instance(migrate, reference)
}

fn mapping(item: Value<'_>) -> MigrateMapping {
    let id = |name: &str| item.member(name).and_then(Value::text).unwrap_or_default().into_owned();
    MigrateMapping { source_element_id: id("sourceElementId"), target_element_id: id("targetElementId") }
}
