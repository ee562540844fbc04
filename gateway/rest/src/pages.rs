//! What stands beside the operations: their description, and pages for people. All of it is in the binary; nothing is loaded from
//! elsewhere.

mod openapi;

use crate::accept::names;
use crate::answer::{Answer, AnswerBody, JSON};
use crate::packing::takes_gzip;
use crate::problem::Problem;
use crate::rest::{Browser, Head};
use crate::route::Page;
use bytes::Bytes;
use ringbolt_api::RINGBOLT_VERSION;
use ringbolt_api::json::{put, put_text};
use ringbolt_api::schema::Level;
use ringbolt_record::Key;
use ringbolt_web::{BUILD, File, Mode, Place, Shell};
use std::sync::OnceLock;

use openapi::describe;
#[cfg(test)]
pub(crate) use openapi::page;

/// What is named after its content never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// Kept, and asked for each time whether it still holds.
const ASKED: &str = "no-cache";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The answer at a page's path.
pub(crate) fn answer<S>(
    page: Page,
    method: &str,
    head: Head<'_>,
    level: Level,
    mode: Mode,
) -> Result<Answer<S>, Problem> {
    let place = match page {
        Page::OpenApi => {
            let body = AnswerBody::Document(description(level));
            return Ok(Answer { status: 200, content_type: Some(JSON), extra: None, incomplete: None, body });
        }
        Page::Web(place) => place,
    };
    let wants_text = !head.browser.accept.is_some_and(|accept| names(accept, "text/html"));
    match place {
        Place::Page(page) if page.is_root && (wants_text || mode == Mode::Off) => {
            let said = [("content-type", TEXT.to_owned()), ("vary", "accept".to_owned())];
            Ok(sent(200, about(mode).into(), said.into()))
        }
        _ if mode == Mode::Off => {
            Err(Problem::new(404, "Not Found", format!("No endpoint {method} {}.", head.path)))
        }
        Place::Nowhere(_) if wants_text => {
            Err(Problem::new(404, "Not Found", format!("No endpoint {method} {}.", head.path)))
        }
        Place::Nowhere(page) => {
            let said = [("content-type", HTML.to_owned()), ("cache-control", "no-store".to_owned())];
            Ok(sent(404, page.html(mode), said.into()))
        }
        Place::Page(page) => Ok(shell(page, head.browser, mode)),
        Place::File(file) => Ok(part(file, head.browser)),
        Place::Build => {
            let mut out = Vec::new();
            put(&mut out, r#"{"build":"#);
            put_text(&mut out, BUILD);
            put(&mut out, r#","version":"#);
            put_text(&mut out, RINGBOLT_VERSION);
            put(&mut out, r#","web":"#);
            put_text(&mut out, mode.name());
            out.push(b'}');
            Ok(document(out))
        }
        // The API tells them, which has what changes, what was counted and what was logged.
        Place::Live | Place::Figures | Place::Past => {
            Err(Problem::new(404, "Not Found", format!("No endpoint {method} {}.", head.path)))
        }
        Place::Elsewhere(location) => Ok(sent(302, Bytes::new(), vec![("location", location)])),
    }
}

/// Whose past is wanted.
pub(crate) fn instance_of(head: Head<'_>) -> Result<Key, Problem> {
    let mut given = head.query.split('&').filter_map(|pair| pair.strip_prefix("instance="));
    let key = given.next().and_then(|key| key.parse().ok()).filter(|key| *key > 0);
    key.map(Key::from_wire).ok_or_else(|| Problem::bad_request("instance: the key of a process instance"))
}

/// JSON for a page, true at the moment.
pub(crate) fn document<S>(json: Vec<u8>) -> Answer<S> {
    let said = [("content-type", JSON.to_owned()), ("cache-control", "no-store".to_owned())];
    sent(200, json.into(), said.into())
}

fn sent<S>(status: u16, content: Bytes, headers: Vec<(&'static str, String)>) -> Answer<S> {
    Answer {
        status,
        content_type: None,
        extra: None,
        incomplete: None,
        body: AnswerBody::Page(content, headers),
    }
}

/// A page. It may be kept, but its server is asked each time whether it is still the one.
fn shell<S>(page: Shell, browser: Browser<'_>, mode: Mode) -> Answer<S> {
    let tag = page.tag(mode);
    let mut headers = vec![("cache-control", ASKED.to_owned()), ("vary", "accept".to_owned())];
    let is_known = has(browser, &tag);
    headers.push(("etag", tag));
    if is_known {
        return sent(304, Bytes::new(), headers);
    }
    headers.push(("content-type", HTML.to_owned()));
    sent(200, page.html(mode), headers)
}

/// A file that pages load.
fn part<S>(file: File, browser: Browser<'_>) -> Answer<S> {
    let is_packed = browser.accept_encoding.is_some_and(takes_gzip);
    // Packed and unpacked are different bytes: a strong tag stands for one of them.
    let tag = format!("\"{}{}\"", file.name, if is_packed { "-gzip" } else { "" });
    let mut headers = vec![("cache-control", FOR_GOOD.to_owned()), ("vary", "accept-encoding".to_owned())];
    let is_known = has(browser, &tag);
    headers.push(("etag", tag));
    if is_known {
        return sent(304, Bytes::new(), headers);
    }
    headers.push(("content-type", file.media.to_owned()));
    if is_packed {
        headers.push(("content-encoding", "gzip".to_owned()));
        return sent(200, file.packed(), headers);
    }
    sent(200, file.unpacked(), headers)
}

/// Whether a browser has what a tag stands for.
fn has(browser: Browser<'_>, tag: &str) -> bool {
    let known = browser.if_none_match.unwrap_or_default();
    known.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).any(|known| {
        let known = known.strip_prefix(b"W/").unwrap_or(known);
        known == tag.as_bytes() || known == b"*"
    })
}

/// What is here, for who asks without a browser.
fn about(mode: Mode) -> String {
    let pages = match mode {
        Mode::Off => "off; --web on or --web read-only brings them",
        Mode::ReadOnly => "this address in a browser; they only show",
        Mode::On => "this address in a browser",
    };
    format!(
        "Ringbolt {RINGBOLT_VERSION}, a process engine\n\n\
         pages        {pages}\n\
         REST API     v2/topology, v2/process-instances/search and others; openapi.json lists them\n\
         gRPC         on a port of its own, as are metrics and health\n"
    )
}

/// The description of a level, made when somebody asks first.
fn description(level: Level) -> Bytes {
    static MADE: [OnceLock<Bytes>; 2] = [OnceLock::new(), OnceLock::new()];
    MADE[level as usize].get_or_init(|| describe(level).into()).clone()
}
