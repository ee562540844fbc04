//! Operations: exporting. One server is the whole cluster, so that both forms of each do the same.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_text};
use crate::objects::exporting::EXPORTING_STATUS_RESPONSE;
use crate::operation::{
    Answer, Exporting, Group, Method, Operation, Parameter, Special, Tell, Version, View, empty, json, op,
    query,
};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Exporting",
    operations: &[
        status_at("getClusterExportingStatus", "/cluster/v2/exporting"),
        pause_at("pauseClusterExporting", "/cluster/v2/exporting/pause"),
        resume_at("resumeClusterExporting", "/cluster/v2/exporting/resume"),
        status_at("getExportingStatus", "/exporting"),
        pause_at("pauseExporting", "/exporting/pause"),
        resume_at("resumeExporting", "/exporting/resume"),
    ],
};

/// What comes back of each.
const STATUS: &[Answer] = &[json(200, Schema::Object(&EXPORTING_STATUS_RESPONSE))];
const NOTHING: &[Answer] = &[empty(204)];
const SOFTLY: &[Parameter] = &[query("soft", Schema::Flag)];

const fn status_at(id: &'static str, path: &'static str) -> Operation {
    op(id, Method::Get, path, Version::V8_10)
        .says("Shows whether exporters export, until the next start")
        .get(status)
        .gives(STATUS)
        .errors(&[401, 403, 500, 503])
}

const fn pause_at(id: &'static str, path: &'static str) -> Operation {
    op(id, Method::Post, path, Version::V8_10)
        .says("Has exporters rest, or hold in the log what they export, until the next start")
        .takes(SOFTLY)
        .special(Special::Tell(Tell::PauseExporting))
        .gives(NOTHING)
        .errors(&[401, 403, 500, 503])
}

const fn resume_at(id: &'static str, path: &'static str) -> Operation {
    op(id, Method::Post, path, Version::V8_10)
        .says("Has exporters export again")
        .special(Special::Tell(Tell::ResumeExporting))
        .gives(NOTHING)
        .errors(&[401, 403, 500, 503])
}

fn status(view: &View<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    put(out, r#"{"status":"#);
    put_text(out, view.exporting.name());
    out.push(b'}');
    Ok(())
}

/// How a client wants exporters to rest.
///
/// # Errors
/// When the request is wrong.
pub fn paused(call: &mut Call<'_>) -> Result<Exporting, ApiError> {
    call.check()?;
    Ok(if call.query("soft") == Some("true") { Exporting::SoftPaused } else { Exporting::Paused })
}
