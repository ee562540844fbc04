//! What pages of other sites can do through the browser of somebody who reaches the server: nothing.
//!
//! Each request is one that a browser would really send: a form, a script without preflight, a page whose name was made to resolve
//! to this machine, a socket of HTTP to the gRPC port.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server};
use std::net::SocketAddr;

const BOUNDARY: &str = "ringbolt-tests-boundary";
const FORM: &str = "multipart/form-data; boundary=ringbolt-tests-boundary";
const FORM_HEADER: &str = "content-type: multipart/form-data; boundary=ringbolt-tests-boundary";

fn form() -> String {
    format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"resources\"; filename=\"one_task.bpmn\"\r\n\r\n\
         {ONE_TASK}\r\n--{BOUNDARY}--\r\n"
    )
}

/// Sends a request whose `{own}` in a header is the port's own address.
fn ask(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> Response {
    let mut text = format!("{line} HTTP/1.1\r\n");
    for header in headers {
        text.push_str(&header.replace("{own}", &address.to_string()));
        text.push_str("\r\n");
    }
    text.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()));
    Client::connect(address).expect("it listens").raw(text.as_bytes()).expect("an answer")
}

const FOREIGN: [&[&str]; 8] = [
    // A rebound name: the browser takes this server for the page's own.
    &["host: evil.example:8080", "origin: http://evil.example:8080", "sec-fetch-site: same-origin"],
    &["host: evil.example"],
    &["host: 127.0.0.1.evil.example"],
    // A script or a form of another page.
    &["host: {own}", "origin: http://evil.example", "sec-fetch-site: cross-site"],
    &["host: {own}", "origin: http://evil.example"],
    &["host: {own}", "origin: null"],
    &["host: {own}", "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors", "sec-fetch-dest: image"],
    // Another port of the same machine is another site's page too.
    &["host: {own}", "origin: http://localhost:3000", "sec-fetch-site: same-site"],
];

#[test]
fn pages_of_other_sites_are_refused_on_every_port_whatever_they_send() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0"]);
    let form = form();
    for foreign in FOREIGN {
        for (address, line, content_type, body) in [
            (server.rest, "POST /v2/deployments", FORM, form.as_str()),
            (
                server.rest,
                "POST /v2/process-instances",
                "text/plain",
                r#"{"processDefinitionId":"one_task"}"#,
            ),
            (server.rest, "POST /v2/process-instances/1/cancellation", "", ""),
            (server.rest, "POST /v2/nothing/there", "application/json", "{}"),
            (server.rest, "GET /v2/topology", "", ""),
            (server.management, "GET /actuator/prometheus", "", ""),
            (server.management, "POST /actuator/health", "text/plain", "x"),
            (server.management, "POST /actuator/health", FORM, form.as_str()),
            (server.grpc, "POST /gateway_protocol.Gateway/DeployResource", "text/plain", "x"),
            (server.grpc, "GET /", "", ""),
        ] {
            let mut headers = foreign.to_vec();
            let content_type = format!("content-type: {content_type}");
            if !content_type.ends_with(' ') {
                headers.push(&content_type);
            }
            let answer = ask(address, line, &headers, body);
            assert_eq!(
                (answer.status, answer.content_type.as_str()),
                (403, "application/problem+json"),
                "{line} {foreign:?}"
            );
            assert_eq!(answer.json()["status"], 403);
            assert!(
                answer.json()["detail"].as_str().is_some_and(|detail| detail.contains("(see the setting "))
            );
        }
    }
    // Nothing of it took effect.
    let mut client = server.client();
    let create =
        client.post("/v2/process-instances", &serde_json::json!({"processDefinitionId": "one_task"}));
    assert_eq!(create.expect("an answer").status, 404);
    let metrics = Client::connect(server.management).expect("it listens").get("/metrics").expect("an answer");
    let metrics = String::from_utf8(metrics.body).expect("text");
    assert!(
        metrics.contains("ringbolt_port_requests_refused_total{port=\"rest\",reason=\"host\"} 15\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("ringbolt_port_requests_refused_total{port=\"rest\",reason=\"site\"} 25\n"),
        "{metrics}"
    );
}

#[test]
fn its_own_pages_links_and_programs_are_answered() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0"]);
    let own: [&[&str]; 6] = [
        &["host: {own}"],
        &["host: localhost"],
        &["host: localhost:1", "sec-fetch-site: none"],
        &["host: [::1]:1"],
        &["host: {own}", "origin: http://{own}", "sec-fetch-site: same-origin"],
        &[
            "host: {own}",
            "sec-fetch-site: cross-site",
            "sec-fetch-mode: navigate",
            "sec-fetch-dest: document",
        ],
    ];
    for headers in own {
        let answer = ask(server.rest, "GET /v2/topology", headers, "");
        assert_eq!(answer.status, 200, "{headers:?}");
        assert_eq!(ask(server.management, "GET /actuator/health", headers, "").status, 200, "{headers:?}");
    }
    let headers = [
        "host: {own}",
        "origin: http://{own}",
        "content-type: multipart/form-data; boundary=ringbolt-tests-boundary",
    ];
    assert_eq!(ask(server.rest, "POST /v2/deployments", &headers, &form()).status, 200);
}

fn raw(address: SocketAddr, request: &str) -> String {
    let received =
        ringbolt_tests::raw::exchange(address, request.as_bytes(), ringbolt_tests::raw::Half::Open);
    String::from_utf8_lossy(&received).to_ascii_lowercase()
}

#[test]
fn named_hosts_and_origins_are_let_in_and_only_they_see_cors_headers() {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = [
        "--cores",
        "0",
        "--allowed-hosts",
        "engine.example",
        "--cors-origins",
        "https://app.example,http://localhost:3000",
    ];
    let server = Server::start(dir.path(), &settings);
    assert_eq!(ask(server.rest, "GET /v2/topology", &["host: Engine.Example:8080"], "").status, 200);
    assert_eq!(ask(server.rest, "GET /v2/topology", &["host: other.example"], "").status, 403);
    let request = |line: &str, origin: &str, more: &str| {
        format!("{line} HTTP/1.1\r\nhost: localhost\r\norigin: {origin}\r\nconnection: close\r\n{more}\r\n")
    };
    for address in [server.rest, server.management] {
        for origin in ["https://app.example", "http://localhost:3000"] {
            let path = if address == server.rest { "/v2/topology" } else { "/actuator/health" };
            let answer =
                raw(address, &request(&format!("GET {path}"), origin, "sec-fetch-site: same-site\r\n"));
            assert!(answer.starts_with("http/1.1 200 "), "{answer}");
            assert!(answer.contains(&format!("\r\naccess-control-allow-origin: {origin}\r\n")), "{answer}");
            assert!(answer.contains("\r\nvary: origin\r\n"), "{answer}");
            let asks =
                "access-control-request-method: PATCH\r\naccess-control-request-headers: content-type\r\n";
            let answer = raw(address, &request("OPTIONS /v2/jobs/1", origin, asks));
            assert!(answer.starts_with("http/1.1 204 "), "{answer}");
            for header in
                ["allow-methods: get, head, post, put, patch, delete", "allow-headers: content-type"]
            {
                assert!(answer.contains(&format!("\r\naccess-control-{header}\r\n")), "{answer}");
            }
        }
        let answer = raw(address, &request("GET /v2/topology", "https://evil.example", ""));
        assert!(answer.starts_with("http/1.1 403 ") && !answer.contains("access-control-"), "{answer}");
    }
}

#[test]
fn without_the_setting_nobody_sees_cors_headers() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &["--cores", "0"]);
    for (line, status) in [("GET /v2/topology", 200), ("OPTIONS /v2/topology", 405)] {
        let request = format!(
            "{line} HTTP/1.1\r\nhost: {own}\r\norigin: http://{own}\r\naccess-control-request-method: GET\r\n\
             connection: close\r\n\r\n",
            own = server.rest
        );
        let answer = raw(server.rest, &request);
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{answer}");
        assert!(!answer.contains("access-control-") && !answer.contains("vary:"), "{answer}");
    }
}

#[test]
fn other_ports_look_at_the_host_only_when_names_are_given() {
    let dir = tempfile::tempdir().expect("a directory");
    let everywhere = ["--cores", "0", "--rest", "0.0.0.0:0", "--management", "0.0.0.0:0"];
    let server = Server::start(dir.path(), &everywhere);
    let local = |port: SocketAddr| SocketAddr::from(([127, 0, 0, 1], port.port()));
    let status = |server: &Server, host: &str| {
        let host = format!("host: {host}");
        let rest = ask(local(server.rest), "GET /v2/topology", &[&host], "").status;
        let management = ask(local(server.management), "GET /actuator/health", &[&host], "").status;
        (rest, management)
    };
    assert_eq!(status(&server, "engine:8080"), (200, 200));
    // Pages of other sites are refused all the same.
    let foreign = ["host: engine:8080", "origin: http://evil.example"];
    assert_eq!(ask(local(server.rest), "POST /v2/deployments", &foreign, "").status, 403);
    drop(server);
    let server = Server::start(dir.path(), &[&everywhere[..], &["--allowed-hosts", "engine"]].concat());
    assert_eq!(status(&server, "engine:8080"), (200, 200));
    assert_eq!(status(&server, "localhost"), (200, 200));
    assert_eq!(status(&server, "other:8080"), (403, 403));
}

#[test]
fn a_setting_that_is_no_site_refuses_the_start() {
    let dir = tempfile::tempdir().expect("a directory");
    for (setting, value) in
        [("--allowed-hosts", "*"), ("--cors-origins", "*"), ("--cors-origins", "app.example")]
    {
        let mut command = ringbolt_tests::server::start_command(dir.path(), &[setting, value]);
        let output = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(&format!("setting {}", &setting[2..])), "{said}");
    }
}

/// A page's own requests carry its origin; a program's none.
#[test]
fn pages_are_there_when_wanted_and_those_that_only_show_change_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let browser = ["host: {own}", "accept: text/html,*/*;q=0.8", "accept-encoding: gzip"];
    let own = ["host: {own}", "origin: http://{own}", "sec-fetch-site: same-origin", FORM_HEADER];
    {
        let server = Server::start(dir.path(), &["--cores", "0"]);
        let page = ask(server.rest, "GET /instances/1", &browser, "");
        assert_eq!((page.status, page.content_type.as_str()), (200, "text/html; charset=utf-8"));
        assert!(page.header("content-security-policy").starts_with("default-src 'self'; script-src 'self';"));
        let text = String::from_utf8(page.body).expect("text");
        let script = text.split("src=\"..").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
        let script = ask(server.rest, &format!("GET {script}"), &browser, "");
        assert_eq!((script.status, script.header("content-encoding")), (200, "gzip"));
        assert!(script.header("cache-control").contains("immutable"));
        assert_eq!(ask(server.rest, "POST /v2/deployments", &own, &form()).status, 200);
    }
    for (mode, pages) in [("read-only", 200), ("off", 404)] {
        let server = Server::start(dir.path(), &["--cores", "0", "--web", mode]);
        assert_eq!(ask(server.rest, "GET /instances", &browser, "").status, pages, "{mode}");
        let refused = ask(server.rest, "POST /v2/deployments", &own, &form());
        assert_eq!(refused.status, 403, "{mode}");
        let program = ask(server.rest, "POST /v2/deployments", &["host: {own}", FORM_HEADER], &form());
        assert_eq!(program.status, 200, "{mode}");
    }
}
