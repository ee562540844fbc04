//! Operations: secret.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_list, put_text};
use crate::objects::secret::{SECRET_LIST_RESULT, SECRET_RESOLVE_REQUEST, SECRET_RESOLVE_RESULT};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;
use crate::value::Value;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Secret",
    operations: &[
        op("listSecrets", Method::Post, "/secrets/list", Version::V8_10)
            .json_or_nothing(Schema::Document)
            .says("Lists the names of the server's secrets: it has none")
            .answered(list)
            .gives(&[json(200, Schema::Object(&SECRET_LIST_RESULT))])
            .errors(&[400, 401, 500, 503]),
        op("resolveSecrets", Method::Post, "/secrets/resolve", Version::V8_10)
            .json(Schema::Object(&SECRET_RESOLVE_REQUEST))
            .says("Says what secrets are: of each that there is none of that name")
            .answered(resolve)
            .gives(&[json(200, Schema::Object(&SECRET_RESOLVE_RESULT))])
            .errors(&[400, 401, 500, 503]),
    ],
};

/// The server keeps no secrets; workers and connectors have their own.
fn list(call: &mut Call<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    call.check()?;
    put(out, r#"{"references":[]}"#);
    Ok(())
}

/// Each name that is asked for is an error of its own, as clients expect it of a name that nobody knows.
fn resolve(call: &mut Call<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    call.check()?;
    put(out, r#"{"resolved":[],"errors":"#);
    let references = call.items(const { SECRET_RESOLVE_REQUEST.at("references") });
    put_list(out, references.filter_map(Value::text), |out, reference| {
        put(out, r#"{"reference":"#);
        put_text(out, &reference);
        put(out, r#","code":"NOT_FOUND","message":"#);
        put_text(out, &format!("The server has no secret '{reference}'"));
        out.push(b'}');
    });
    out.push(b'}');
    Ok(())
}
