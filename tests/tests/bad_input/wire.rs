//! What comes before any request: HTTP/1.1 framing, HTTP/2 frames, and clients that take their time.

use crate::Victim;
use crate::grpc::{call, hang_up};
use bytes::Bytes;
use ringbolt_http::{Body, client::Http2Client};
use ringbolt_ring::{DriverChoice, block_on};
use ringbolt_tests::raw::{Half, dribble, exchange};

#[test]
fn http_1_framing() {
    let victim = Victim::start(&[]);
    let post = "POST /v2/process-instances HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let many: String = (0..200).map(|n| format!("h{n}: x\r\n")).collect();
    let long = "x".repeat(100 * 1024);
    for (request, expected) in [
        ("\0\x01\x02\r\n\r\n".to_owned(), "400"),
        ("GET\r\n\r\n".to_owned(), "400"),
        ("GET /v2/topology HTTP/9.9\r\n\r\n".to_owned(), "400"),
        ("GET /v2/topology HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), "400"),
        ("GET /v2/topology HTTP/1.1\r\nx: \0\r\n\r\n".to_owned(), "400"),
        ("GET /v2/top ology HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_owned(), "400"),
        (format!("GET /v2/topology HTTP/1.1\r\n{many}\r\n"), "431"),
        (format!("GET /v2/topology HTTP/1.1\r\nx: {long}\r\n\r\n"), "431"),
        (format!("GET /{long} HTTP/1.1\r\n\r\n"), "4"),
        (format!("{post}content-length: nine\r\n\r\n{{}}"), "400"),
        (format!("{post}content-length: -1\r\n\r\n{{}}"), "400"),
        (format!("{post}content-length: 99999999999999999999999\r\n\r\n{{}}"), "400"),
        (format!("{post}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}"), "400"),
        (format!("{post}content-length: 9999999999\r\n\r\n{{}}"), "413"),
        (format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n{{}}\r\n"), "400"),
        (format!("{post}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{{}}\r\n"), "400"),
        (format!("{post}transfer-encoding: chunked\r\n\r\n2\r\n{{}}XX\r\n0\r\n\r\n"), "400"),
        (format!("{post}transfer-encoding: gzip\r\n\r\n{{}}"), "400"),
        (format!("{post}transfer-encoding: chunked\r\n\r\n2ffff\r\n{long}{long}"), "413"),
    ] {
        let answer = String::from_utf8_lossy(&exchange(victim.server.rest, request.as_bytes(), Half::Open))
            .into_owned();
        let shown = &request[..request.len().min(150)];
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{shown:?}: {answer:?}");
    }
    // A body that ends before its length: there is nobody to answer, or a 400, but nothing happens.
    let short = format!("{post}content-length: 80\r\n\r\n{}", r#"{"processDefinitionId":"one_task"}"#);
    let answer = exchange(victim.server.rest, short.as_bytes(), Half::Closed);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
    // A body that is longer: the rest is no request.
    let long = format!("{post}content-length: 2\r\n\r\n{{}}{{\"processDefinitionId\":\"one_task\"}}\r\n\r\n");
    let answer =
        String::from_utf8_lossy(&exchange(victim.server.rest, long.as_bytes(), Half::Open)).into_owned();
    assert_eq!(answer.matches("HTTP/1.1 400 ").count(), 2, "{answer}");
    // The other ports: the one speaks HTTP/2 alone, the other knows few paths.
    let get = b"GET /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(exchange(victim.server.grpc, get, Half::Open).starts_with(b"HTTP/1.1 505 "));
    // TLS, which these ports were not told to speak.
    for address in [victim.server.rest, victim.server.grpc, victim.server.management] {
        assert_eq!(exchange(address, b"\x16\x03\x01\x02\0\x01\0\r\n\r\n", Half::Open), b"");
    }
    assert!(exchange(victim.server.management, get, Half::Open).starts_with(b"HTTP/1.1 404 "));
    assert!(exchange(victim.server.management, b"\0\r\n\r\n", Half::Open).starts_with(b"HTTP/1.1 400 "));
    victim.check();
}

#[test]
fn slow_clients() {
    let victim = Victim::start(&["--header-timeout-ms", "400", "--body-timeout-ms", "400"]);
    let (rest, grpc) = (victim.server.rest, victim.server.grpc);
    std::thread::scope(|scope| {
        let header =
            scope.spawn(move || dribble(rest, "GET /v2/topology HTTP/1.1\r\nhost: localhost\r\nx: ", b'x'));
        let preface = scope.spawn(move || dribble(grpc, "PRI * HTTP/2.0\r\n", b'\r'));
        let body = scope.spawn(move || {
            let head = "POST /v2/process-instances HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
            dribble(rest, &format!("{head}content-length: 60000\r\n\r\n{{"), b' ')
        });
        assert_eq!(header.join().expect("no panic"), "");
        preface.join().expect("no panic");
        let body = body.join().expect("no panic");
        assert!(body.starts_with("HTTP/1.1 408 ") && body.contains("within 400 ms"), "{body}");
    });
    let late = block_on(DriverChoice::Epoll, async {
        let client = Http2Client::connect(grpc).await.expect("connected");
        let (sender, body) = Body::channel(1);
        sender.try_send(Bytes::from_static(&[0, 0, 0])).expect("room");
        let late = call(&client, "CreateProcessInstance", "application/grpc", &[], body).await;
        drop(sender);
        hang_up(client).await;
        late
    });
    assert_eq!(late.expect("a core"), (200, "4 the request did not arrive in time".to_owned()));
    victim.check();
}

/// An HTTP/2 frame, with a length that need not be true.
fn h2(length: u32, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [&length.to_be_bytes()[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

#[test]
fn slow_http_2_clients() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let victim = Victim::start(&["--header-timeout-ms", "400"]);
    let greeting = [PREFACE, &h2(0, 4, 0, 0, b"")].concat();
    let half = [greeting.clone(), h2(3, 1, 0, 1, &[0x83, 0x86, 0x84])].concat();
    let cases = [
        Vec::new(),
        PREFACE.to_vec(),
        [greeting.as_slice(), &[0, 0, 3, 1]].concat(),
        [greeting.clone(), h2(16_000, 1, 4, 1, &[0x83])].concat(),
        [half.clone(), h2(0, 9, 0, 1, b"")].concat(),
    ];
    std::thread::scope(|scope| {
        for address in [victim.server.rest, victim.server.grpc] {
            for case in &cases {
                // Returns when the server has ended the connection.
                scope.spawn(move || exchange(address, case, Half::Open));
            }
            // Bytes that come one by one are no progress, unless they end something: here a frame of 16,128 bytes.
            let begin = [greeting.as_slice(), &[0, 0x3f, 0, 1, 4, 0, 0, 0, 1]].concat();
            let begin = String::from_utf8(begin).expect("ASCII");
            scope.spawn(move || dribble(address, &begin, 0x41));
        }
    });
    victim.check();
}

/// The error code of the GOAWAY frame in what a server sent.
fn goaway(mut frames: &[u8]) -> Option<u32> {
    while let Some((head, rest)) = frames.split_first_chunk::<9>() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (payload, rest) = rest.split_at_checked(length)?;
        if head[3] == 7 {
            return payload.get(4..8).map(|code| u32::from_be_bytes(code.try_into().expect("4 bytes")));
        }
        frames = rest;
    }
    None
}

#[test]
fn http_2_frames() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const PROTOCOL_ERROR: u32 = 1;
    const FLOW_CONTROL_ERROR: u32 = 3;
    const FRAME_SIZE_ERROR: u32 = 6;
    const COMPRESSION_ERROR: u32 = 9;
    const ENHANCE_YOUR_CALM: u32 = 11;
    let victim = Victim::start(&[]);
    // POST, http, /, from the static table.
    let open = |stream: u32| h2(3, 1, 4, stream, &[0x83, 0x86, 0x84]);
    let resets: Vec<u8> =
        (0..1000).flat_map(|n| [open(2 * n + 1), h2(4, 3, 0, 2 * n + 1, &[0, 0, 0, 8])].concat()).collect();
    let endless: Vec<u8> = (0..64).flat_map(|_| h2(16_000, 9, 0, 1, &[0x40; 16_000])).collect();
    let cases: Vec<(Vec<u8>, u32)> = vec![
        (h2(0xff_ffff, 0, 0, 1, b"x"), FRAME_SIZE_ERROR),
        (h2(5, 4, 0, 0, &[0; 5]), FRAME_SIZE_ERROR),
        (h2(6, 4, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff]), FLOW_CONTROL_ERROR),
        (h2(1, 0, 0, 0, b"x"), PROTOCOL_ERROR),
        (h2(1, 0, 0, 1, b"x"), PROTOCOL_ERROR),
        (h2(3, 1, 4, 0, &[0x83, 0x86, 0x84]), PROTOCOL_ERROR),
        (h2(3, 1, 4, 2, &[0x83, 0x86, 0x84]), PROTOCOL_ERROR),
        (h2(3, 1, 4, 1, &[0xff, 0xff, 0xff]), COMPRESSION_ERROR),
        (h2(4, 9, 4, 1, b"xxxx"), PROTOCOL_ERROR),
        (h2(4, 8, 0, 0, &[0; 4]), PROTOCOL_ERROR),
        (h2(4, 8, 0, 0, &[0x7f, 0xff, 0xff, 0xff]), FLOW_CONTROL_ERROR),
        (h2(7, 6, 0, 0, &[0; 7]), FRAME_SIZE_ERROR),
        (h2(4, 5, 4, 1, &[0, 0, 0, 2]), PROTOCOL_ERROR),
        ([h2(3, 1, 0, 1, &[0x83, 0x86, 0x84]), endless].concat(), ENHANCE_YOUR_CALM),
        (resets, ENHANCE_YOUR_CALM),
    ];
    for (number, (frames, code)) in cases.iter().enumerate() {
        for address in [victim.server.rest, victim.server.grpc] {
            let sent = [PREFACE, &h2(0, 4, 0, 0, b""), frames].concat();
            let received = exchange(address, &sent, Half::Closed);
            assert_eq!(goaway(&received), Some(*code), "case {number}: {received:?}");
        }
    }
    // Noise after the preface: whatever it means, the connection ends.
    let noise: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for from in (0..noise.len()).step_by(997) {
        exchange(victim.server.grpc, &[PREFACE, &noise[from..]].concat(), Half::Closed);
        exchange(victim.server.rest, &[PREFACE, &h2(0, 4, 0, 0, b""), &noise[from..]].concat(), Half::Closed);
    }
    victim.check();
}

#[test]
fn paths() {
    let victim = Victim::start(&[]);
    let long = "x".repeat(2_000);
    let many = "/x".repeat(3_000);
    for (path, statuses) in [
        ("/v2/jobs/%2f/completion", &[400][..]),
        ("/v2/jobs/1%2f2/completion", &[400]),
        ("/v2/jobs/%00/completion", &[400]),
        ("/v2/jobs/%zz/completion", &[400]),
        ("/v2/jobs/%/completion", &[400]),
        ("/v2/jobs/%ff/completion", &[400]),
        ("/v2/jobs/../completion", &[404]),
        ("/v2/jobs/%2e%2e/completion", &[404]),
        ("/v2/jobs//completion", &[404]),
        ("/v2/../v2/jobs/1/completion", &[404]),
        (&format!("/v2/jobs/{long}/completion"), &[400]),
        (&format!("/v2{many}"), &[404, 414]),
        (&format!("/v2/documents/batch?storeId={}", "%41".repeat(3_000)), &[400, 415, 414]),
    ] {
        let answer = victim.ask(&format!("POST {path}"), crate::JSON, b"{}");
        let shown = &path[..path.len().min(80)];
        assert!(statuses.contains(&answer.status), "{shown}: {}", answer.status);
        assert_eq!(answer.content_type, "application/problem+json", "{shown}");
    }
    victim.check();
}

/// What unpacks to a thousand times its size is not unpacked: nothing that is packed is taken.
#[test]
fn packed_bodies() {
    let victim = Victim::start(&[]);
    // Some KiB of gzip, deflate or brotli would be megabytes; that they are not looked at is the point.
    let bomb = [&b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"[..], &[0xec; 4_096][..]].concat();
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "nonsense"] {
        for path in ["/v2/process-instances", "/v2/documents", "/v2/jobs/1/completion"] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
                victim.server.rest,
                bomb.len()
            );
            let answer = victim.server.client().raw(&[head.as_bytes(), &bomb].concat()).expect("an answer");
            let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
            assert_eq!(answer.status, 415, "{encoding} {path}: {detail}");
            assert!(detail.contains("Content-Encoding"), "{detail}");
        }
    }
    victim.check();
}
