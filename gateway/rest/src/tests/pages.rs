//! Pages for people: what browsers and programs get, what is kept, what pages that only show may do.

use crate::{AnswerBody, Browser, Head, Rest, route};
use bytes::Bytes;
use ringbolt_api::Limits;
use ringbolt_api::fake::{FakeBroker, run};
use ringbolt_web::Mode;
use std::rc::Rc;

const BROWSER: Browser<'_> = Browser {
    accept: Some(b"text/html,application/xhtml+xml,*/*;q=0.8"),
    accept_encoding: Some(b"gzip, br"),
    if_none_match: None,
    origin: None,
    last_event: None,
};

/// A page's answer: status, headers in order, body.
struct Got {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

fn get(mode: Mode, path: &str, browser: Browser<'_>) -> Got {
    let rest = Rest::new(FakeBroker::new(), Rc::new(Limits::default())).with_web(mode);
    let head = Head { path, browser, ..Head::default() };
    let answer = run(rest.answer("GET", route("GET", path), head, Bytes::new()));
    match answer.body {
        AnswerBody::Page(body, headers) => Got { status: answer.status, headers, body },
        AnswerBody::Document(body) => Got { status: answer.status, headers: Vec::new(), body },
        _ => panic!("no page at {path}"),
    }
}

/// The address of a page's script, as the page has it.
fn script(page: &Got) -> String {
    let at = page.text().find("src=\"").expect("a script") + 5;
    page.text()[at..].split('"').next().expect("an end").to_owned()
}

#[test]
fn a_browser_gets_pages_and_a_program_a_text() {
    let page = get(Mode::On, "/", BROWSER);
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!((page.header("cache-control"), page.header("vary")), ("no-cache", "accept"));
    assert!(page.text().contains("data-mode=\"on\""));
    for accept in [None, Some(&b"*/*"[..]), Some(b"application/json"), Some(b"text/html;q=0, */*")] {
        let text = get(Mode::On, "/", Browser { accept, ..BROWSER });
        assert_eq!((text.status, text.header("content-type")), (200, "text/plain; charset=utf-8"));
        assert!(text.text().contains("openapi.json") && text.text().contains("a process engine"));
    }
    assert!(get(Mode::On, "/instances/12", Browser::default()).text().contains("<!doctype html>"));
}

#[test]
fn who_goes_astray_in_a_browser_is_told_by_a_page_and_a_program_by_a_document() {
    for path in ["/nonsense", "/instances/1/2", "/a/b/"] {
        let page = get(Mode::On, path, BROWSER);
        assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
        assert_eq!((page.header("cache-control"), page.header("etag")), ("no-store", ""));
        assert!(page.text().contains("<!doctype html>") && !page.text().contains("nonsense"));
        for (mode, browser) in [(Mode::Off, BROWSER), (Mode::On, Browser::default())] {
            let told = get(mode, path, browser);
            let document: serde_json::Value = serde_json::from_slice(&told.body).expect("JSON");
            assert_eq!((told.status, &document["title"]), (404, &"Not Found".into()), "{path}");
        }
    }
    // What programs ask for stays a document, whoever asks.
    for path in ["/v2/nonsense", "/v2", "/v1/topology", "/assets/nothing.js"] {
        assert!(get(Mode::On, path, BROWSER).text().starts_with('{'), "{path}");
    }
    let rest = Rest::new(FakeBroker::new(), Rc::new(Limits::default())).with_web(Mode::On);
    let head = Head { path: "/nonsense", browser: BROWSER, ..Head::default() };
    let posted = run(rest.answer("POST", route("POST", "/nonsense"), head, Bytes::new()));
    assert_eq!(posted.status, 404);
}

#[test]
fn files_are_kept_for_good_and_pages_are_asked_for() {
    let page = get(Mode::On, "/instances/2251799813685250", BROWSER);
    let address = script(&page);
    let path = address.strip_prefix("..").expect("from one level deep");
    let file = get(Mode::On, path, BROWSER);
    assert_eq!((file.status, file.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!((file.header("content-encoding"), file.header("vary")), ("gzip", "accept-encoding"));
    assert_eq!(file.body[..2], [0x1f, 0x8b]);
    let whole = get(Mode::On, path, Browser::default());
    assert_eq!(whole.header("content-encoding"), "");
    assert_ne!(whole.header("etag"), file.header("etag"), "other bytes");
    assert!(whole.body.len() > file.body.len() && whole.text().contains("process-instances"));
    for (path, tag) in [("/instances/2251799813685250", page.header("etag")), (path, file.header("etag"))] {
        let known = [tag.to_owned(), format!("\"x\", W/{tag}"), "*".to_owned()];
        for known in &known {
            let browser = Browser { if_none_match: Some(known.as_bytes()), ..BROWSER };
            let kept = get(Mode::On, path, browser);
            assert_eq!((kept.status, kept.body.len(), kept.header("etag")), (304, 0, tag), "{path} {known}");
        }
        let other = Browser { if_none_match: Some(b"\"other\""), ..BROWSER };
        assert_eq!(get(Mode::On, path, other).status, 200);
    }
    // The same page at another depth, or with another mode, is another one.
    assert_ne!(get(Mode::On, "/", BROWSER).header("etag"), page.header("etag"));
    assert_ne!(
        get(Mode::ReadOnly, "/instances/2251799813685250", BROWSER).header("etag"),
        page.header("etag")
    );
}

#[test]
fn habits_are_led_on_and_a_page_can_ask_whether_it_is_old() {
    let led = get(Mode::On, "/operate/processes/2251799813685250", BROWSER);
    assert_eq!((led.status, led.header("location")), (302, "../../instances/2251799813685250"));
    assert_eq!(get(Mode::On, "/swagger", BROWSER).header("location"), "swagger/");
    let build = get(Mode::ReadOnly, "/assets/build.json", BROWSER);
    assert_eq!(build.header("cache-control"), "no-store");
    let build: serde_json::Value = serde_json::from_slice(&build.body).expect("JSON");
    assert_eq!(build["web"], "read-only");
    let page = get(Mode::On, "/", BROWSER);
    assert!(page.text().contains(&format!("data-build={}", build["build"])));
}

#[test]
fn without_pages_there_is_a_text_and_nothing_else() {
    let text = get(Mode::Off, "/", BROWSER);
    assert_eq!((text.status, text.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(text.text().contains("--web on"));
    for path in [
        "/instances",
        "/swagger/",
        "/swagger",
        "/operate",
        "/assets/build.json",
        "/figures",
        "/live",
        "/past",
    ] {
        assert_eq!(get(Mode::Off, path, BROWSER).status, 404, "{path}");
    }
    assert_eq!(get(Mode::Off, "/openapi.json", BROWSER).status, 200);
}

/// Whether pages that only show are refused.
fn refused(mode: Mode, method: &str, path: &str, origin: Option<&[u8]>) -> bool {
    refused_at("engine.example:8080", mode, (method, path), origin)
}

fn refused_at(authority: &str, mode: Mode, (method, path): (&str, &str), origin: Option<&[u8]>) -> bool {
    let rest = Rest::new(FakeBroker::new(), Rc::new(Limits::default())).with_web(mode);
    let head = Head {
        path,
        authority,
        content_type: Some(b"application/json"),
        browser: Browser { origin, ..BROWSER },
        ..Head::default()
    };
    let answer = run(rest.answer(method, route(method, path), head, Bytes::from_static(b"{}")));
    let AnswerBody::Document(body) = answer.body else { return false };
    answer.status == 403 && String::from_utf8_lossy(&body).contains("(see the setting web)")
}

#[test]
fn pages_that_only_show_change_nothing_and_programs_do_what_they_did() {
    let own = Some(&b"http://engine.example:8080"[..]);
    let behind_proxy = Some(&b"https://Engine.Example:8080"[..]);
    for (method, path) in [
        ("POST", "/v2/process-instances/1/cancellation"),
        ("POST", "/v2/incidents/1/resolution"),
        ("POST", "/v2/deployments"),
        ("PATCH", "/v2/jobs/1"),
        ("POST", "/v2/jobs/activation"),
        ("PUT", "/v2/element-instances/1/variables"),
        ("DELETE", "/v2/user-tasks/1/assignee"),
    ] {
        assert!(refused(Mode::ReadOnly, method, path, own), "{path}");
        assert!(refused(Mode::ReadOnly, method, path, behind_proxy), "{path}");
        assert!(refused(Mode::Off, method, path, own), "{path}");
    }
    let cancel = "/v2/process-instances/x/cancellation";
    // However the name and the port of the scheme are written.
    for authority in ["engine.example:80", "engine.example", "Engine.Example:80"] {
        assert!(
            refused_at(authority, Mode::ReadOnly, ("POST", cancel), Some(b"http://engine.example")),
            "{authority}"
        );
    }
    assert!(refused_at("localhost.", Mode::ReadOnly, ("POST", cancel), Some(b"http://localhost")));
    assert!(!refused(Mode::On, "POST", cancel, own));
    assert!(!refused(Mode::ReadOnly, "POST", cancel, None), "a program");
    assert!(
        !refused(Mode::ReadOnly, "POST", cancel, Some(b"https://app.example")),
        "an origin that is let in"
    );
    for path in ["/v2/process-instances/search", "/v2/process-definitions/statistics/process-instances"] {
        assert!(!refused(Mode::ReadOnly, "POST", path, own), "{path}");
    }
}
