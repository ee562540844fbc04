//! Operations: authentication.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::put;
use crate::objects::authentication::{CAMUNDA_USER_RESULT, OWN_AUTHORIZATION_SEARCH_RESULT};
use crate::objects::authorization::AUTHORIZATION_SEARCH_QUERY;
use crate::operation::{Group, Method, Version, View, json, op};
use crate::schema::Schema;
use crate::search::put_page;
use ringbolt_query::Found;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Authentication",
    operations: &[
        op("getAuthentication", Method::Get, "/authentication/me", Version::V8_8)
            .says("Says who asks: nobody in particular, since nobody has to say")
            .get(me)
            .gives(&[json(200, Schema::Object(&CAMUNDA_USER_RESULT))])
            .errors(&[401, 403, 500]),
        op(
            "searchOwnAuthorizations",
            Method::Post,
            "/authentication/me/authorizations/search",
            Version::V8_10,
        )
        .json_or_nothing(Schema::Object(&AUTHORIZATION_SEARCH_QUERY))
        .says("Lists what who asks was given: nothing, since everybody may do everything")
        .answered(own_authorizations)
        .gives(&[json(200, Schema::Object(&OWN_AUTHORIZATION_SEARCH_RESULT))])
        .errors(&[400, 401, 500]),
    ],
};

/// Without authentication everybody is the same user, who has no roles and may see every part.
fn me(_: &View<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    put(out, r#"{"username":"anonymous","displayName":null,"email":null,"authorizedComponents":["*"],"#);
    put(out, r#""tenants":[],"groups":[],"roles":[],"salesPlanType":null,"c8Links":{},"canLogout":false}"#);
    Ok(())
}

/// Without authentication there are no authorizations, and none is looked at.
fn own_authorizations(call: &mut Call<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    call.check()?;
    put(out, r#"{"authorizationsEnabled":false,"items":[]"#);
    put_page(out, &Found { total: 0, has_more: false, first: None, last: None });
    out.push(b'}');
    Ok(())
}
