//! Operations: ad-hoc sub-process.

use crate::objects::ad_hoc_sub_process::AD_HOC_SUB_PROCESS_ACTIVATE_ACTIVITIES_INSTRUCTION;
use crate::operation::{Group, Method, Version, empty, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

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
    .gives(&[empty(204)])
    .errors(&[400, 401, 403, 404, 500, 503])],
};
