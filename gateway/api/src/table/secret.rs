//! Operations: secret.

use crate::objects::secret::{SECRET_LIST_RESULT, SECRET_RESOLVE_REQUEST, SECRET_RESOLVE_RESULT};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Secret",
    operations: &[
        op("listSecrets", Method::Post, "/secrets/list", Version::V8_10)
            .json_or_nothing(Schema::Document)
            .gives(&[json(200, Schema::Object(&SECRET_LIST_RESULT))])
            .errors(&[400, 401, 500, 503]),
        op("resolveSecrets", Method::Post, "/secrets/resolve", Version::V8_10)
            .json(Schema::Object(&SECRET_RESOLVE_REQUEST))
            .gives(&[json(200, Schema::Object(&SECRET_RESOLVE_RESULT))])
            .errors(&[400, 401, 500, 503]),
    ],
};
