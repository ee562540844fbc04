//! Operations: form.

use crate::objects::form::FORM_RESULT;
use crate::operation::{Group, Method, Version, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Form",
    operations: &[op("getFormByKey", Method::Get, "/forms/{formKey}", Version::V8_10)
        .takes(&[path("formKey", KEY)])
        .gives(&[json(200, Schema::Object(&FORM_RESULT))])
        .errors(&[400, 401, 403, 404, 500])],
};
