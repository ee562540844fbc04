//! Operations: ad-hoc sub-process.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::ad_hoc_sub_process::AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITIES_INSTRUCTION;
use crate::operation::{Group, Method, Version, done, empty, op, path};
use crate::request::{Mapper, Request};
use crate::schema::kinds::KEY;
use crate::schema::{Object, Schema};
use crate::value::Value;
use bytes::Bytes;
use ringbolt_record::{AdHocActivation, AdHocInstruction};
use std::borrow::Cow;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Ad-hoc sub-process",
    operations: &[op(
        "activateAdHocSubProcessActivities",
        Method::Post,
        "/element-instances/ad-hoc-activities/{adHocSubProcessInstanceKey}/activation",
        Version::V8_8,
    )
    .takes(&[path("adHocSubProcessInstanceKey", KEY)])
    .json(Schema::Object(&AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITIES_INSTRUCTION))
    .says("Enters elements of an ad-hoc sub-process, and ends what stands in it if that is asked for")
    .command(activate, done)
    .gives(&[empty(204)])
    .errors(&[400, 401, 403, 404, 500, 503])],
};

fn activate(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITIES_INSTRUCTION;
    let elements = const { BODY.at("elements") };
    if call.items(elements).next().is_none() && call.value(elements).is_some() {
        call.violated("No elements provided");
    }
    call.check()?;
    let (body, mapper) = (call.body(), call.mapper);
    let instruction = AdHocInstruction {
        activate: call
            .items(elements)
            .map(|item| activation(&mapper, &body, item))
            .collect::<Result<_, _>>()?,
        is_completion_condition_fulfilled: false,
        cancels_remaining_instances: call.flag(const { BODY.at("cancelRemainingInstances") }),
    };
    mapper.activate_activities(call.path_key(0)?, instruction)
}

fn id_of(item: Value<'_>) -> String {
    item.member("elementId").and_then(Value::text).map_or_else(String::new, Cow::into_owned)
}

fn activation(mapper: &Mapper<'_>, body: &Bytes, item: Value<'_>) -> Result<AdHocActivation, ApiError> {
    let variables = item.member("variables").filter(|value| !value.is_null());
    let variables = variables.map_or_else(Bytes::new, |value| value.slice_of(body));
    Ok(AdHocActivation { element_id: id_of(item), variables: mapper.variables(variables)? })
}

/// What the worker of an ad-hoc sub-process's job answers.
pub(super) fn instruction(
    mapper: &Mapper<'_>,
    body: &Bytes,
    result: Value<'_>,
) -> Result<AdHocInstruction, ApiError> {
    let flag = |name: &str| result.member(name).and_then(Value::flag).unwrap_or_default();
    let elements = result.member("activateElements").into_iter().flat_map(Value::items);
    Ok(AdHocInstruction {
        activate: elements.map(|item| activation(mapper, body, item)).collect::<Result<_, _>>()?,
        is_completion_condition_fulfilled: flag("isCompletionConditionFulfilled"),
        cancels_remaining_instances: flag("isCancelRemainingInstances"),
    })
}
