//! Objects of the protocol: ad-hoc sub-process.

use crate::schema::kinds::{TEXT, list};
use crate::schema::{Object, Schema, field};

/// `AdHocSubProcessActivateActivitiesInstruction`.
pub static AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITIES_INSTRUCTION: Object = Object {
    name: "AdHocSubProcessActivateActivitiesInstruction",
    fields: &[
        field("elements", list(&Schema::Object(&AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITY_REFERENCE))).required(),
        field("cancelRemainingInstances", Schema::Flag),
    ],
};

/// `AdHocSubProcessActivateActivityReference`.
pub static AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITY_REFERENCE: Object = Object {
    name: "AdHocSubProcessActivateActivityReference",
    fields: &[field("elementId", TEXT).required(), field("variables", Schema::Document)],
};
