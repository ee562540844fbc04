//! What changes, as server-sent events, for pages that are open.
//!
//! An event says which of the watched instances changed (`instances`), that something did (`anything`), or that nobody knows what was
//! missed (`anew`). Its id is the mark by which a stream goes on. There is a pause after each event, in which what changes is gathered:
//! a page that is looked at costs the same however much moves.

use crate::answer::{Answer, AnswerBody};
use crate::problem::Problem;
use crate::rest::Head;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::Response;
use http::header::{self, HeaderValue};
use ringbolt_api::watch::{Changes, INSTANCES_MAX, Watch, Watching};
use ringbolt_http::{Body, BodySender};
use ringbolt_ring::{sleep, timeout};
use std::fmt::Write as _;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

/// Events that wait for a client.
pub(crate) const FRAMES_MAX: usize = 4;
/// Between two events of a stream.
const PAUSE: Duration = Duration::from_millis(50);
/// How often a stream says something although nothing changes: who is gone is noticed.
const BEAT: Duration = Duration::from_secs(15);
/// What it says then, and how soon a browser comes again whose stream broke.
const NOTHING: &str = ":\n\n";
const AGAIN: &str = "retry: 1000\n";
/// Longest mark that is read, bytes.
const MARK_BYTES_MAX: usize = 64;

/// What a request wants to watch.
pub(crate) fn wish(head: Head<'_>) -> Result<Watch, Problem> {
    let mut watch = Watch { from: head.from, ..Watch::default() };
    for (name, value) in head.query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "instances" => {
                let keys = value.split(',').filter(|key| !key.is_empty());
                let keys: Result<Vec<i64>, _> = keys.take(INSTANCES_MAX + 1).map(str::parse).collect();
                watch.instances =
                    keys.map_err(|_| Problem::bad_request("instances: keys, with commas between them"))?;
            }
            "anything" => watch.anything = value == "true",
            "after" => watch.after = Some(value.chars().take(MARK_BYTES_MAX).collect()),
            _ => {}
        }
    }
    if let Some(mark) = head.browser.last_event.filter(|mark| mark.len() <= MARK_BYTES_MAX) {
        // A browser that comes again by itself knows more than the address that it has.
        watch.after = Some(String::from_utf8_lossy(mark).into_owned());
    }
    Ok(watch)
}

pub(crate) fn answer<S>(watching: Box<dyn Watching>) -> Answer<S> {
    Answer {
        status: 200,
        content_type: None,
        extra: None,
        incomplete: None,
        body: AnswerBody::Live(watching),
    }
}

pub(crate) fn head(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Some proxies gather answers before they send them.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// An event as it is sent.
fn event(changes: &Changes) -> Bytes {
    let mut out = format!("id: {}\nevent: {}\ndata: {{\"instances\":[", changes.mark, kind(changes));
    for (at, key) in changes.instances.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(out, "{}\"{key}\"", if at == 0 { "" } else { "," });
    }
    let _ = write!(out, "],\"anything\":{}}}\n\n", changes.anything);
    out.into()
}

fn kind(changes: &Changes) -> &'static str {
    if changes.is_anew { "resync" } else { "changed" }
}

/// Sends what changes until the client is gone or the server stops.
pub(crate) async fn run(mut watching: Box<dyn Watching>, sender: BodySender) {
    let begin = format!("{AGAIN}id: {}\nevent: open\ndata: {{}}\n\n", watching.mark());
    let mut next = Bytes::from(begin);
    loop {
        if sender.try_send(next).is_err() {
            return;
        }
        sleep(PAUSE).await;
        // While a client does not read, what changes stays a set of what it watches.
        if !sender.ready().await {
            return;
        }
        let changes = timeout(BEAT, poll_fn(|cx| watching.poll_changes(cx)));
        next = match select(pin!(changes), pin!(sender.closed())).await {
            Either::Right(_) => return,
            Either::Left((Ok(Some(changes)), _)) => event(&changes),
            Either::Left((Ok(None), _)) => return sender.finish(None),
            Either::Left((Err(_), _)) => Bytes::from_static(NOTHING.as_bytes()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{event, wish};
    use crate::rest::{Browser, Head};
    use ringbolt_api::watch::{Changes, INSTANCES_MAX};

    #[test]
    fn what_is_watched_stands_in_the_address() {
        let read = |query: &str| wish(Head { query, ..Head::default() });
        let watch = read("instances=7,2251799813685250&anything=true&after=1f-3&x=y").expect("it is right");
        assert_eq!(watch.instances, [7, 2_251_799_813_685_250]);
        assert_eq!((watch.anything, watch.after.as_deref()), (true, Some("1f-3")));
        assert!(read("").expect("nothing").instances.is_empty());
        assert!(read("instances=a").is_err());
        // More than there may be is for the server to refuse.
        let many = vec!["1"; INSTANCES_MAX + 10].join(",");
        assert_eq!(read(&format!("instances={many}")).expect("read").instances.len(), INSTANCES_MAX + 1);
        let browser = Browser { last_event: Some(b"1f-9"), ..Browser::default() };
        let again = wish(Head { query: "after=1f-3", browser, ..Head::default() }).expect("it is right");
        assert_eq!(again.after.as_deref(), Some("1f-9"));
    }

    #[test]
    fn an_event_has_keys_and_nothing_else() {
        let changes = Changes { mark: "1f-4".into(), instances: vec![7, 8], anything: true, is_anew: false };
        let wanted = "id: 1f-4\nevent: changed\ndata: {\"instances\":[\"7\",\"8\"],\"anything\":true}\n\n";
        assert_eq!(event(&changes), wanted);
        let anew = Changes { is_anew: true, ..Changes::default() };
        assert!(event(&anew).starts_with(b"id: \nevent: resync\n"));
    }
}
