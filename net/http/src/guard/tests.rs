//! What a guard lets pass, and what it stops.

use super::{Guard, HostName, Hosts, KnownHost, Origin, Sites, Stopped};
use http::{Request, Version};

fn guard(allowed: &[&str], origins: &[&str]) -> Guard {
    let allowed: Vec<HostName> = allowed.iter().map(|name| HostName::parse(name).expect("a name")).collect();
    Guard {
        hosts: Hosts::of_port(([127, 0, 0, 1], 1).into(), &allowed),
        sites: Sites::Own(origins.iter().map(|text| Origin::parse(text).expect("an origin")).collect()),
    }
}

/// `pass`, `pass for ORIGIN`, `preflight` or the reason, for a request with these headers.
fn verdict(guard: &Guard, method: &str, headers: &[(&str, &str)]) -> String {
    let mut request = Request::builder().method(method).uri("/v2/x").version(Version::HTTP_11);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match guard.admit(&request.body(()).expect("a request"), &KnownHost::default(), false) {
        Ok(None) => "pass".to_owned(),
        Ok(Some(origin)) => format!("pass for {}", origin.to_str().expect("ASCII")),
        Err(Stopped::Preflight(_)) => "preflight".to_owned(),
        Err(Stopped::Refused(reason, _)) => format!("{reason:?}"),
    }
}

#[test]
fn a_loopback_port_answers_to_its_own_names_and_to_allowed_ones() {
    let guard = guard(&["Engine.Example", "10.1.2.3"], &[]);
    for host in ["localhost:8080", "127.0.0.1", "[::1]:1", "engine.example:8080", "10.1.2.3:8080"] {
        assert_eq!(verdict(&guard, "GET", &[("host", host)]), "pass", "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "x.engine.example", "10.1.2.4", "0.0.0.0"] {
        assert_eq!(verdict(&guard, "GET", &[("host", host)]), "Host", "{host}");
    }
    for headers in [&[][..], &[("host", "localhost"), ("host", "localhost")], &[("host", "a@localhost")]] {
        assert_eq!(verdict(&guard, "GET", headers), "NoHost", "{headers:?}");
    }
    assert_eq!(Hosts::of_port(([0, 0, 0, 0], 1).into(), &[]), Hosts::Any);
    assert_ne!(
        Hosts::of_port(([0, 0, 0, 0], 1).into(), &[HostName::parse("a").expect("a name")]),
        Hosts::Any
    );
}

#[test]
fn only_pages_of_the_same_origin_or_a_named_one_may_ask() {
    let guard = guard(&[], &["https://app.example:443", "http://localhost:3000"]);
    let host = ("host", "localhost:8080");
    for (origin, expected) in [
        ("http://localhost:8080", "pass"),
        ("https://localhost:8080", "pass"),
        ("http://localhost:3000", "pass for http://localhost:3000"),
        ("https://app.example", "pass for https://app.example"),
        ("http://app.example", "Site"),
        ("http://localhost", "Site"),
        ("http://127.0.0.1:8080", "Site"),
        ("http://evil.example", "Site"),
        ("null", "Site"),
        ("", "Site"),
        ("file://", "Site"),
    ] {
        assert_eq!(verdict(&guard, "POST", &[host, ("origin", origin)]), expected, "{origin}");
        assert_eq!(
            verdict(&guard, "OPTIONS", &[host, ("origin", origin), ("access-control-request-method", "PUT")]),
            if expected.starts_with("pass for") { "preflight" } else { expected },
            "{origin}"
        );
    }
    let doubled = [host, ("origin", "http://localhost:8080"), ("origin", "http://localhost:8080")];
    assert_eq!(verdict(&guard, "POST", &doubled), "Site");
}

#[test]
fn what_a_browser_says_of_the_page_counts_but_for_links() {
    let guard = guard(&[], &[]);
    let host = ("host", "localhost");
    for (site, expected) in
        [("same-origin", "pass"), ("none", "pass"), ("same-site", "Site"), ("Cross-Site", "Site")]
    {
        assert_eq!(verdict(&guard, "GET", &[host, ("sec-fetch-site", site)]), expected, "{site}");
    }
    let link = |method, mode, dest| {
        let headers =
            [host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
        verdict(&guard, method, &headers)
    };
    assert_eq!(link("GET", "navigate", "document"), "pass");
    for (method, mode, dest) in
        [("POST", "navigate", "document"), ("GET", "navigate", "iframe"), ("GET", "no-cors", "image")]
    {
        assert_eq!(link(method, mode, dest), "Site", "{method} {mode} {dest}");
    }
}

#[test]
fn a_plain_page_may_not_ask_an_encrypted_port() {
    let guard = guard(&[], &[]);
    let request = |origin: &str| {
        let request = Request::post("/").version(Version::HTTP_11).header("host", "localhost");
        request.header("origin", origin).body(()).expect("a request")
    };
    assert!(guard.admit(&request("https://localhost"), &KnownHost::default(), true).is_ok());
    assert!(guard.admit(&request("http://localhost"), &KnownHost::default(), true).is_err());
}

#[test]
fn calls_of_grpc_pass_and_what_looks_like_them_does_not() {
    let guard = Guard { sites: Sites::OwnButGrpc([].into()), hosts: Hosts::Any };
    let admits = |version, content_type: &str| {
        let request =
            Request::post("http://gateway/x").version(version).header("origin", "http://evil.example");
        let request = request.header("content-type", content_type).header("host", "gateway");
        guard.admit(&request.body(()).expect("a request"), &KnownHost::default(), false).is_ok()
    };
    assert!(admits(Version::HTTP_2, "application/grpc"));
    assert!(admits(Version::HTTP_2, "application/grpc+proto"));
    assert!(!admits(Version::HTTP_2, "application/grpc-web+proto"));
    assert!(!admits(Version::HTTP_2, "text/plain"));
    assert!(!admits(Version::HTTP_11, "application/grpc"));
}

#[test]
fn settings_that_are_no_sites_are_refused() {
    for wrong in
        ["", "*", "https://", "https://*", "https://*.example.com", "ftp://a", "https://a/path", "a.example"]
    {
        assert!(Origin::parse(wrong).is_err(), "{wrong}");
    }
    for wrong in ["", "*", "*.example.com", "http://a", "a:80", "a b"] {
        assert!(HostName::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_name_that_is_known_opens_nothing_for_another_or_for_another_site() {
    let (guard, known) = (guard(&[], &[]), KnownHost::default());
    let admits = |headers: &[(&str, &str)]| {
        let request =
            headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        guard.admit(&request.body(()).expect("a request"), &known, false).is_ok()
    };
    let own = ("host", "localhost:8080");
    assert!(admits(&[own]) && admits(&[own]));
    assert!(!admits(&[("host", "evil.example")]));
    assert!(!admits(&[own, ("host", "evil.example")]));
    assert!(!admits(&[own, ("origin", "http://evil.example")]));
    assert!(!admits(&[own, ("sec-fetch-site", "cross-site")]));
    assert!(!admits(&[]), "a request of HTTP/1.1 without a name");
    let absolute = Request::get("http://localhost:8080/").body(()).expect("a request");
    assert!(guard.admit(&absolute, &known, false).is_err(), "its header has to say it");
    assert!(admits(&[own, ("origin", "http://localhost:8080")]));
    assert!(admits(&[own]) && admits(&[("host", "127.0.0.1")]) && admits(&[own]));
}
