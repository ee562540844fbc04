//! Operations: resource.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_number, put_text, put_text_or_null};
use crate::objects::resource::{
    CREATE_DEPLOYMENT_DATA, DELETE_RESOURCE_REQUEST, DELETE_RESOURCE_RESPONSE, DEPLOYMENT_RESULT,
    RESOURCE_RESULT, RESOURCE_SEARCH_QUERY, RESOURCE_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Limit, Method, Special, Version, Written, json, media, op, path};
use crate::request::Request;
use crate::schema::kinds::{BINARY, KEY};
use crate::schema::{Level, Schema};
use crate::search::{is, rows_of};
use crate::table::batches::put_created;
use bytes::Bytes;
use ringbolt_query::Value;
use ringbolt_query::views::definitions::RESOURCES;
use ringbolt_record::command::ResourceType;
use ringbolt_record::{Reply, VariableDocument, VariableDocumentError};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Resource",
    operations: &[
        op("createDeployment", Method::Post, "/deployments", Version::V8_6)
            .form(Schema::Object(&CREATE_DEPLOYMENT_DATA), Limit::Deployment)
            .says("Deploys files: processes, decisions, forms and others")
            .special(Special::Deploy)
            .gives(&[json(200, Schema::Object(&DEPLOYMENT_RESULT))])
            .errors(&[400, 503]),
        op("searchResources", Method::Post, "/resources/search", Version::V8_10)
            .at_both_levels()
            .json_or_nothing(Schema::Object(&RESOURCE_SEARCH_QUERY))
            .says("Searches deployed files that are no models and no forms")
            .search(rows_of(&RESOURCES).narrowed(|_| Ok(vec![is(&RESOURCES, "isDeleted", Value::Int(0))])))
            .gives(&[json(200, Schema::Object(&RESOURCE_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getResource", Method::Get, "/resources/{resourceKey}", Version::V8_7)
            .takes(&[path("resourceKey", KEY)])
            .says("What is known of a deployed file that is no model and no form")
            .command(fetch, described)
            .gives(&[json(200, Schema::Object(&RESOURCE_RESULT))])
            .errors(&[404, 500]),
        op("getResourceContent", Method::Get, "/resources/{resourceKey}/content", Version::V8_7)
            .takes(&[path("resourceKey", KEY)])
            .says("The content of a deployed file; at 8.10 only where it is a JSON object")
            .command(fetch, content)
            .gives(&[
                media(200, "application/octet-stream", BINARY).until_8_9(),
                json(200, Schema::Document).since_8_10(),
            ])
            .errors(&[404, 500])
            .errors_8_10(&[406]),
        op(
            "getResourceContentBinary",
            Method::Get,
            "/resources/{resourceKey}/content/binary",
            Version::V8_10,
        )
        .takes(&[path("resourceKey", KEY)])
        .says("The content of a deployed file, whatever it is")
        .command(fetch, bytes)
        .gives(&[media(200, "application/octet-stream", BINARY)])
        .errors(&[404, 500]),
        op("deleteResource", Method::Post, "/resources/{resourceKey}/deletion", Version::V8_6)
            .takes(&[path("resourceKey", KEY)])
            .json_or_nothing(Schema::Object(&DELETE_RESOURCE_REQUEST))
            .says("Deletes a process, a model of decisions, a form or another file")
            .command(delete, deleted)
            .gives(&[json(200, Schema::Object(&DELETE_RESOURCE_RESPONSE))])
            .errors(&[400, 404, 500, 503])
            .errors_8_10(&[409]),
    ],
};

fn fetch(call: &mut Call<'_>) -> Result<Request, ApiError> {
    Ok(call.mapper.fetch_resource(call.path_key(0)?, ResourceType::Other))
}

fn described(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::Resource(resource) = reply else { return Written::Unexpected };
    put(out, r#"{"resourceName":"#);
    put_text(out, &resource.deployed.resource_name);
    put(out, r#","version":"#);
    put_number(out, resource.deployed.version);
    put(out, r#","versionTag":"#);
    put_text_or_null(out, &resource.version_tag);
    put(out, r#","resourceId":"#);
    put_text(out, &resource.deployed.resource_id);
    put(out, r#","tenantId":"#);
    put_text(out, &resource.tenant_id);
    put(out, r#","resourceKey":"#);
    put_key(out, resource.deployed.resource_key);
    out.push(b'}');
    Written::Yes
}

fn bytes(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::Resource(resource) = reply else { return Written::Unexpected };
    out.extend_from_slice(&resource.content);
    Written::Yes
}

/// Whether a text is a JSON object, of whatever size: bounds of variables are none of it.
fn is_object(text: &Bytes) -> bool {
    use VariableDocumentError::{NameTooLong, TooDeep, TooMany};
    let read = VariableDocument::parse(text.clone());
    text.trim_ascii_start().starts_with(b"{")
        && matches!(read, Ok(_) | Err(TooDeep | TooMany | NameTooLong(_)))
}

fn content(reply: &Reply, level: Level, out: &mut Vec<u8>) -> Written {
    let Reply::Resource(resource) = reply else { return Written::Unexpected };
    if level == Level::V8_10 && !is_object(&resource.content) {
        return Written::NotAcceptable("The content of the resource is no JSON object: ask for it as binary");
    }
    bytes(reply, level, out)
}

fn delete(call: &mut Call<'_>) -> Result<Request, ApiError> {
    let delete_history = call.flag(const { DELETE_RESOURCE_REQUEST.at("deleteHistory") });
    call.check()?;
    let reference = call.reference(const { DELETE_RESOURCE_REQUEST.at("operationReference") });
    call.mapper.delete_resource(call.path_key(0)?, delete_history, reference)
}

fn deleted(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::ResourceDeleted { resource_key, history } = reply else { return Written::Unexpected };
    put(out, r#"{"resourceKey":"#);
    put_key(out, *resource_key);
    put(out, r#","batchOperation":"#);
    match history {
        None => put(out, "null"),
        Some((batch_operation_key, kind)) => put_created(out, *batch_operation_key, *kind),
    }
    out.push(b'}');
    Written::Yes
}

#[cfg(test)]
mod tests {
    use super::is_object;

    #[test]
    fn an_object_is_one_however_large() {
        for right in [" {}".to_owned(), format!(r#"{{"{}":1}}"#, "n".repeat(500))] {
            assert!(is_object(&right.clone().into()), "{right}");
        }
        for wrong in ["", "[1]", "7", "{", r#"{"a" 1}"#, "plain"] {
            assert!(!is_object(&wrong.into()), "{wrong}");
        }
    }
}
