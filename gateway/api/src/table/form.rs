//! Operations: form.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_number, put_text};
use crate::objects::form::FORM_RESULT;
use crate::operation::{Group, Method, Operation, Version, Written, json, op, path};
use crate::request::Request;
use crate::schema::kinds::KEY;
use crate::schema::{Level, Schema};
use crate::search::{document, is};
use ringbolt_query::views::definitions::FORMS;
use ringbolt_query::{Cancel, Filter, Searcher, Value};
use ringbolt_record::Reply;
use ringbolt_record::command::ResourceType;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Form",
    operations: &[op("getFormByKey", Method::Get, "/forms/{formKey}", Version::V8_10)
        .takes(&[path("formKey", KEY)])
        .says("A deployed form, its content as text")
        .command(fetch, form)
        .gives(&[json(200, Schema::Object(&FORM_RESULT))])
        .errors(&[400, 401, 403, 404, 500])],
};

fn fetch(call: &mut Call<'_>) -> Result<Request, ApiError> {
    Ok(call.mapper.fetch_resource(call.path_key(0)?, ResourceType::Form))
}

fn form(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::Resource(form) = reply else { return Written::Unexpected };
    put(out, r#"{"tenantId":"#);
    put_text(out, &form.tenant_id);
    put(out, r#","formId":"#);
    put_text(out, &form.deployed.resource_id);
    put(out, r#","schema":"#);
    put_text(out, &String::from_utf8_lossy(&form.content));
    put(out, r#","version":"#);
    put_number(out, form.deployed.version);
    put(out, r#","formKey":"#);
    put_key(out, form.deployed.resource_key);
    out.push(b'}');
    Written::Yes
}

/// The form for which these hold, that was not deleted; none where there is none.
pub(super) fn form_document(
    searcher: &Searcher,
    cancel: &Cancel,
    operation: &'static Operation,
    level: Level,
    mut filters: Vec<Filter>,
) -> Result<Option<Vec<u8>>, ApiError> {
    filters.push(is(&FORMS, "isDeleted", Value::Int(0)));
    document(searcher, cancel, &FORMS, operation, level, Filter::All(filters))
}
