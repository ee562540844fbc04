//! How a request to let a process instance stand elsewhere is read.

use crate::call::{Call, shown};
use crate::error::ApiError;
use crate::objects::process_instance::PROCESS_INSTANCE_MODIFICATION_INSTRUCTION;
use crate::request::{Mapper, Request};
use crate::schema::Object;
use crate::value::{Value, key_of};
use bytes::Bytes;
use ringbolt_record::modification::{
    ActivateInstruction, ElementInstanceSelector, MoveInstruction, VariableInstruction,
};
use ringbolt_record::{Key, ModifyProcessInstance};
use std::borrow::Cow;

/// How a move says which ancestor is meant.
const ANCESTOR_KINDS: [&str; 3] = ["direct", "inferred", "sourceParent"];

pub(super) fn modify(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &PROCESS_INSTANCE_MODIFICATION_INSTRUCTION;
    let moves = const { BODY.at("moveInstructions") };
    let kinds = call
        .items(moves)
        .filter_map(|item| item.member("ancestorScopeInstruction"))
        .filter(|it| !it.is_null());
    let kinds: Vec<String> = kinds.map(|ancestor| text(ancestor, "ancestorScopeType")).collect();
    for kind in kinds.iter().filter(|kind| !ANCESTOR_KINDS.contains(&kind.as_str())) {
        call.violated(format!(
            "Unexpected value '{}' for ancestorScopeType. Use any of the following values: [direct, inferred, sourceParent]",
            shown(kind)
        ));
    }
    call.check()?;
    let key = call.path_key(0)?;
    let mut modify = ModifyProcessInstance {
        process_instance_key: Key::from_wire(key),
        ..ModifyProcessInstance::default()
    };
    let (body, mapper) = (call.body(), call.mapper);
    for item in call.items(const { BODY.at("activateInstructions") }) {
        modify.activate.push(ActivateInstruction {
            element_id: text(item, "elementId"),
            ancestor_element_instance_key: mapper.ancestor(number(item, "ancestorElementInstanceKey")),
            variables: variables(&mapper, &body, item)?,
        });
    }
    for item in call.items(const { BODY.at("terminateInstructions") }) {
        modify.terminate.push(selector(&mapper, item, "elementInstanceKey", "elementId")?);
    }
    for item in call.items(moves) {
        let source = item.member("sourceElementInstruction").unwrap_or(item);
        let ancestor = item.member("ancestorScopeInstruction").filter(|ancestor| !ancestor.is_null());
        let kind = ancestor.map(|ancestor| text(ancestor, "ancestorScopeType")).unwrap_or_default();
        let is = |place: usize| kind == ANCESTOR_KINDS[place];
        let direct =
            ancestor.filter(|_| is(0)).map_or(0, |ancestor| number(ancestor, "ancestorElementInstanceKey"));
        modify.moves.push(MoveInstruction {
            source: selector(&mapper, source, "sourceElementInstanceKey", "sourceElementId")?,
            target_element_id: text(item, "targetElementId"),
            ancestor: mapper.ancestor_scope(direct, is(1), is(2))?,
            variables: variables(&mapper, &body, item)?,
        });
    }
    let reference = call.reference(const { BODY.at("operationReference") });
    mapper.modify_instance(modify, reference)
}

fn text(item: Value<'_>, name: &str) -> String {
    item.member(name).and_then(Value::text).map_or_else(String::new, Cow::into_owned)
}

/// A key; nothing is as 0, which is nobody's.
fn number(item: Value<'_>, name: &str) -> i64 {
    item.member(name).and_then(Value::text).and_then(|text| key_of(&text)).unwrap_or_default()
}

fn selector(
    mapper: &Mapper<'_>,
    item: Value<'_>,
    key: &str,
    id: &str,
) -> Result<ElementInstanceSelector, ApiError> {
    mapper.element_instances(number(item, key), text(item, id))
}

fn variables(
    mapper: &Mapper<'_>,
    body: &Bytes,
    item: Value<'_>,
) -> Result<Vec<VariableInstruction>, ApiError> {
    let Some(list) = item.member("variableInstructions") else { return Ok(Vec::new()) };
    let read = |item: Value<'_>| {
        let text_of = item.member("variables").map_or_else(Bytes::new, |value| value.slice_of(body));
        Ok(VariableInstruction { scope_id: text(item, "scopeId"), variables: mapper.variables(text_of)? })
    };
    list.items().map(read).collect()
}
