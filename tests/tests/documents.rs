//! Documents on the binary: over SIGKILL, within limits, on a full disk, by links, and what their answers carry.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{Server, start_command};
use ringbolt_tests::small_disk::SmallDisk;
use serde_json::json;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

const FORM: &str = "multipart/form-data; boundary=edge";
const ONE: [&str; 4] = ["--cores", "0", "--partitions", "1"];

fn keep(client: &mut Client, id: &str, content: &[u8]) -> std::io::Result<Response> {
    let mut body = b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.html\"\r\ncontent-type: text/html\r\n\r\n".to_vec();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    client.request("POST", &format!("/v2/documents?documentId={id}"), FORM, &body)
}

fn detail(answer: &Response) -> String {
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill_and_the_rest_is_whole_or_absent() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut kept: Vec<String> = Vec::new();
    for round in 0..8 {
        let server = Server::start(dir.path(), &ONE);
        let mut client = server.client();
        for id in &kept {
            let answer = client.get(&format!("/v2/documents/{id}")).expect("an answer");
            assert_eq!((answer.status, answer.body.as_slice()), (200, id.repeat(1000).as_bytes()), "{id}");
        }
        let killer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(40 + 17 * round));
            server.kill();
        });
        let mut last = String::new();
        for at in 0.. {
            last = format!("d-{round}-{at}");
            match keep(&mut client, &last, last.repeat(1000).as_bytes()) {
                Ok(answer) if answer.status == 201 => kept.push(last.clone()),
                Ok(answer) => panic!("{}", detail(&answer)),
                Err(_) => break,
            }
        }
        killer.join().expect("it was killed");
        let server = Server::start(dir.path(), &ONE);
        let answer = server.client().get(&format!("/v2/documents/{last}")).expect("an answer");
        let is_whole = answer.status == 200 && answer.body == last.repeat(1000).as_bytes();
        assert!(is_whole || answer.status == 404, "{}", answer.status);
        server.stop();
    }
    assert!(kept.len() >= 3, "{}", kept.len());
}

/// The head of an answer, which the client does not show.
fn head(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(server.rest).expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.rest);
    stream.write_all(request.as_bytes()).expect("it is taken");
    std::io::read_to_string(stream).expect("an answer").to_ascii_lowercase()
}

#[test]
fn attachments_are_no_pages_and_links_are_for_a_time() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path(), &ONE);
    let mut client = server.client();
    // What no path could name again is refused.
    for (id, status) in [("..%2F..%2Fescape", 201), ("%2Fetc%2Fpasswd", 201), ("a%0D%0Ab", 400), ("..", 400)]
    {
        assert_eq!(keep(&mut client, id, b"<script>").expect("an answer").status, status, "{id}");
    }
    let files = std::fs::read_dir(dir.path().join("documents")).expect("a directory");
    for file in files {
        let name = file.expect("an entry").file_name().into_string().expect("text");
        assert!(
            name == "KEY" || (name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())),
            "{name}"
        );
    }
    let key = std::fs::metadata(dir.path().join("documents/KEY")).expect("a key");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    let head = head(&server, "/v2/documents/..%2F..%2Fescape");
    for line in [
        "content-disposition: attachment; filename*=utf-8''a.html",
        "content-type: text/html",
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; sandbox; frame-ancestors 'none'",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{head} lacks {line}");
    }
    let path = "/v2/documents/%2Fetc%2Fpasswd";
    let link =
        client.post(&format!("{path}/links"), &json!({ "timeToLive": 3_600_000 })).expect("an answer").json();
    let url = link["url"].as_str().expect("an address").to_owned();
    let below =
        url.strip_prefix(&format!("http://{}", server.rest)).expect("this server's address").to_owned();
    assert_eq!(client.get(&below).expect("an answer").body, b"<script>");
    // Nothing of it can be changed, another document has another one, and its time is bounded.
    let (until, _) = below.split_once("until=").and_then(|(_, rest)| rest.split_once('&')).expect("an end");
    let later = below.replace(until, &(until.parse::<i64>().expect("a number") + 1).to_string());
    for wrong in
        [later, below.replace("passwd", "shadow"), below.replace("%2Fetc%2Fpasswd", "..%2F..%2Fescape")]
    {
        assert_eq!(client.get(&wrong).expect("an answer").status, 403, "{wrong}");
    }
    let short = client.post(&format!("{path}/links"), &json!({ "timeToLive": 1 })).expect("an answer").json();
    std::thread::sleep(std::time::Duration::from_millis(5));
    let url = short["url"].as_str().expect("an address");
    assert_eq!(client.get(&url[url.find("/v2").expect("a path")..]).expect("an answer").status, 403);
    let long = client.post(&format!("{path}/links"), &json!({ "timeToLive": i64::MAX })).expect("an answer");
    let ends = long.json()["expiresAt"].as_str().expect("a time").to_owned();
    assert!(ends.as_str() < "2100", "{ends}");
    let deleted = client.request("DELETE", path, "application/json", b"").expect("an answer");
    assert_eq!((deleted.status, client.get(&below).expect("an answer").status), (204, 403));
    assert_eq!(keep(&mut client, "%2Fetc%2Fpasswd", b"<script>").expect("an answer").status, 201);
    assert_eq!(client.get(&below).expect("an answer").status, 403, "it is dead for good");
    server.stop();
}

#[test]
fn bounds_are_settings_and_are_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let bounds = ["--document-mib", "1", "--documents-max", "2", "--documents-total-mib", "2"];
    let server = Server::start(dir.path(), &[&ONE[..], &bounds[..]].concat());
    let mut client = server.client();
    let too_large = keep(&mut client, "a", &vec![b'x'; (1 << 20) + 10]).expect("an answer");
    assert_eq!(too_large.status, 400, "{}", detail(&too_large));
    assert!(detail(&too_large).contains("--document-mib"), "{}", detail(&too_large));
    assert_eq!(keep(&mut server.client(), "a", &vec![b'x'; 1 << 22]).expect("an answer").status, 413);
    let statuses: Vec<u16> = ["a", "a", "b", "c"]
        .iter()
        .map(|id| keep(&mut client, id, b"x").expect("an answer").status)
        .collect();
    assert_eq!(statuses, [201, 409, 201, 503]);
    let other = client.get("/v2/documents/a?contentHash=00").expect("an answer");
    assert_eq!(
        (other.status, detail(&other)),
        (400, "Document hash for document a doesn't match the provided hash 00".to_owned())
    );
    server.stop();
}

#[test]
fn a_full_disk_is_said_and_nothing_half_stays() {
    let dir = tempfile::tempdir().expect("a directory");
    let Some(disk) = SmallDisk::mount(dir.path(), 192) else {
        eprintln!("NOT TESTED: mounting is refused here");
        return;
    };
    let command = start_command(&disk.directory().join("data"), &ONE);
    let mut command = disk.enter(&command);
    command.stdin(Stdio::null());
    let server = Server::start_with(command);
    let mut client = server.client();
    let refused = (0..64).find_map(|at| {
        let answer = keep(&mut client, &format!("d{at}"), &vec![b'x'; 9 << 20]).expect("an answer");
        (answer.status != 201).then_some(answer)
    });
    let refused = refused.expect("the disk is full");
    assert_eq!((refused.status, &refused.json()["title"]), (503, &json!("RESOURCE_EXHAUSTED")));
    assert!(detail(&refused).starts_with("The disk is full"), "{}", detail(&refused));
    let left = std::fs::read_dir(disk.outside().join("data/documents")).expect("a directory");
    let left: Vec<_> = left.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    assert!(left.iter().all(|name| !name.starts_with("new-")), "{left:?}");
    assert_eq!(
        client.get("/v2/documents/d0").expect("an answer").body.len(),
        9 << 20,
        "what there is is read"
    );
}
