//! What changes a process instance as a whole: it rests, goes on, and gets a business id.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::process_instance::{
    PROCESS_INSTANCE_BUSINESS_ID_ASSIGNMENT_INSTRUCTION, RESUME_PROCESS_INSTANCE_REQUEST,
    SUSPEND_PROCESS_INSTANCE_REQUEST,
};
use crate::request::Request;
use crate::schema::Object;

pub(super) fn assign_business_id(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &PROCESS_INSTANCE_BUSINESS_ID_ASSIGNMENT_INSTRUCTION;
    call.check()?;
    let business_id = call.text_or_empty(const { BODY.at("businessId") });
    Ok(call.mapper.assign_business_id(call.path_key(0)?, business_id))
}

pub(super) fn suspend(call: &mut Call<'_>) -> Result<Request, ApiError> {
    call.check()?;
    let reference = call.reference(const { SUSPEND_PROCESS_INSTANCE_REQUEST.at("operationReference") });
    Ok(call.mapper.suspend_instance(call.path_key(0)?, reference))
}

pub(super) fn resume(call: &mut Call<'_>) -> Result<Request, ApiError> {
    call.check()?;
    let reference = call.reference(const { RESUME_PROCESS_INSTANCE_REQUEST.at("operationReference") });
    Ok(call.mapper.resume_instance(call.path_key(0)?, reference))
}
