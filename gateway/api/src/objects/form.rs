//! Objects of the protocol: form.

use crate::schema::kinds::{KEY, LONG, TENANT, TEXT};
use crate::schema::{Object, field};

/// `FormResult`.
pub static FORM_RESULT: Object = Object {
    name: "FormResult",
    fields: &[
        field("tenantId", TENANT).required(),
        field("formId", TEXT).required(),
        field("schema", TEXT).required(),
        field("version", LONG).required(),
        field("formKey", KEY).required(),
    ],
};
