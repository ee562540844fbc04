//! TLS over loopback sockets: versions, protocols, names, bodies, streams, stop, replaced certificates.

mod common;

use std::{rc::Rc, sync::Arc, time::Duration};

use bytes::Bytes;
use common::{
    Raw,
    certificates::Authority,
    echo, on_both,
    secure::{Blocking, LONG, beside, failures, get, post, start, text},
    streaming,
};
use http::{Request, Response};
use ringbolt_http::{
    Body, HandshakeFailure, Incoming, Limits, Offer, ServerTls, Stopped, TlsError, TlsFiles,
    client::{Endpoint, Http1Client, Http2Client},
    read_body,
};
use ringbolt_ring::{local::Notify, spawn, time};
use rustls::{ClientConfig, ClientConnection, crypto::ring, version};

#[test]
fn both_protocols_are_spoken_as_the_client_asks() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http)), echo);
        let to = Endpoint::tls(rig.addr, authority.client(), "localhost");
        let mut one = Http1Client::connect(to.clone()).await.expect("connected");
        for path in ["/first", "/second"] {
            assert_eq!(text(one.send(get(path)).await.expect("answered")).await, path);
        }
        let two = Http2Client::connect(to).await.expect("connected");
        let mut tasks = Vec::new();
        for number in 0..100u32 {
            let two = two.clone();
            tasks.push(spawn(async move {
                let body = format!("{number}-").repeat(number as usize * 10 + 1);
                assert_eq!(text(two.send(post(body.clone())).await.expect("answered")).await, body);
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!((rig.server.stats().handshakes, rig.server.stats().open), (2, 2));
        assert_eq!(*rig.notices.borrow(), []);
    });
}

#[test]
fn tls_1_2_and_1_3_with_and_without_a_protocol_and_under_any_name() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http)), echo);
        let (addr, roots) = (rig.addr, authority.roots());
        beside(move || {
            let both: [&[u8]; 2] = [b"h2", b"http/1.1"];
            for version in [&version::TLS12, &version::TLS13] {
                // Without a protocol the first bytes decide, with http/1.1 they need not.
                for (protocols, chosen) in [(&both[..0], None), (&both[1..], Some(&b"http/1.1"[..]))] {
                    let mut client =
                        Blocking::handshake(addr, roots.clone(), "localhost", &[version], protocols)
                            .expect("a session");
                    assert_eq!(client.session.protocol_version(), Some(version.version));
                    assert_eq!(client.session.alpn_protocol(), chosen);
                    let request = b"GET /plainly HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
                    // The answer ends with a goodbye: without one, reading to the end is an error.
                    let answer = client.exchange(request).expect("an answer and a goodbye");
                    assert!(answer.ends_with(b"/plainly"), "{}", String::from_utf8_lossy(&answer));
                }
                let client = Blocking::handshake(addr, roots.clone(), "localhost", &[version], &both)
                    .expect("a session");
                assert_eq!(client.session.alpn_protocol(), Some(&b"h2"[..]));
                // The server serves its one certificate under every name; the client is the judge of that.
                let refused =
                    Blocking::handshake(addr, roots.clone(), "elsewhere.example", &[version], &both);
                assert!(refused.is_err_and(|error| error.to_string().contains("not valid for name")));
                assert!(Blocking::handshake(addr, roots.clone(), "127.0.0.1", &[version], &both).is_ok());
            }
        })
        .await;
        while failures(&rig.server) != [(HandshakeFailure::Alert, 2)] {
            rig.heard.notified().await;
        }
    });
}

#[test]
fn large_bodies_pass_both_ways() {
    async fn back(request: Request<Incoming>) -> Response<Body> {
        Response::new(Body::full(read_body(request.into_body(), usize::MAX, LONG).await.expect("read")))
    }
    on_both(async || {
        let authority = Authority::new();
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http)), back);
        let body: Bytes = (0..4 * 1024 * 1024u32).map(|n| (n % 251) as u8).collect();
        let to = Endpoint::tls(rig.addr, authority.client(), "localhost");
        let two = Http2Client::connect(to.clone()).await.expect("connected");
        assert_eq!(text(two.send(post(body.clone())).await.expect("answered")).await, body);
        let mut one = Http1Client::connect(to).await.expect("connected");
        let request = Request::post("/").header("host", "h").body(Body::full(body.clone())).expect("valid");
        assert_eq!(text(one.send(request).await.expect("answered")).await, body);
    });
}

#[test]
fn a_reader_that_stops_keeps_what_it_did_not_take_with_its_sender() {
    on_both(async || {
        let authority = Authority::new();
        let (service, slot) = streaming(8);
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http)), service);
        let to = Endpoint::tls(rig.addr, authority.client(), "localhost");
        let mut session = to.connect(Offer::Http).await.expect("a session");
        let sender = slot.next().await;
        session.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("written");
        let sender = sender.await;
        let frame = Bytes::from(vec![b'#'; 256 * 1024]);
        let (mut still, mut sent) = (0, 0);
        while still < 50 {
            let before = sender.handed_over();
            while sender.try_send(frame.clone()).is_ok() {
                sent += 1;
            }
            ringbolt_ring::sleep(Duration::from_millis(1)).await;
            still = if sender.handed_over() == before { still + 1 } else { 0 };
        }
        assert_eq!(sender.queued(), 8);
        // When it reads on, everything comes, whole and in order.
        sender.finish(None);
        let (mut received, mut buf) = (0, vec![0; 64 * 1024]);
        let expected = sent * frame.len();
        while received < expected {
            let read = session.read(&mut buf).await.expect("read");
            assert!(read > 0, "it ended after {received} bytes");
            received += buf[..read].iter().filter(|byte| **byte == b'#').count();
        }
        assert_eq!(received, expected);
    });
}

#[test]
fn stopping_finishes_requests_and_says_goodbye() {
    on_both(async || {
        let authority = Authority::new();
        let (arrived, release) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
        let (seen, released) = (arrived.clone(), release.clone());
        let rig = start(
            Limits::default(),
            Some((authority.server(), Offer::Http)),
            move |_request: Request<Incoming>| {
                let (seen, released) = (seen.clone(), released.clone());
                async move {
                    seen.notify_one();
                    released.notified().await;
                    Response::new(Body::full("finished"))
                }
            },
        );
        let to = Endpoint::tls(rig.addr, authority.client(), "localhost");
        let mut session = to.connect(Offer::Http).await.expect("a session");
        session.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("written");
        arrived.notified().await;
        // One that is in its handshake has nothing to finish.
        let mut half = Raw::connect(rig.addr).await;
        half.send(b"\x16\x03\x01\x02\x00").await;
        while rig.server.stats().open < 2 {
            ringbolt_ring::yield_now().await;
        }
        let server = rig.server.clone();
        let stopping = spawn(async move { server.stop(LONG).await });
        half.until_closed().await;
        release.notify_one();
        let (mut answer, mut buf) = (Vec::new(), [0; 1024]);
        loop {
            // An end without a goodbye would be an error.
            match session.read(&mut buf).await.expect("a goodbye") {
                0 => break,
                read => answer.extend_from_slice(&buf[..read]),
            }
        }
        assert!(answer.ends_with(b"finished"), "{}", String::from_utf8_lossy(&answer));
        assert_eq!(stopping.await, Stopped::Gracefully);
    });
}

#[test]
fn a_replaced_certificate_is_for_new_connections_and_a_bad_one_changes_nothing() {
    on_both(async || {
        let old = Authority::new();
        let tls = old.server();
        let rig = start(Limits::default(), Some((tls.clone(), Offer::Http)), echo);
        let trusting_old = Endpoint::tls(rig.addr, old.client(), "localhost");
        let mut open = Http1Client::connect(trusting_old.clone()).await.expect("connected");
        assert_eq!(text(open.send(get("/before")).await.expect("answered")).await, "/before");
        // Files that do not fit: the old certificate stays.
        let files = tls.files().clone();
        let new = Authority::new();
        let next = new.issue("next", |_| ());
        std::fs::copy(&next.certificate, &files.certificate).expect("copied");
        assert!(matches!(tls.reload(time::unix_ms()), Err(TlsError::Mismatch(_))));
        assert!(Http1Client::connect(trusting_old.clone()).await.is_ok());
        // Both: new connections have the new one, those that are open go on.
        std::fs::copy(&next.key, &files.key).expect("copied");
        assert_eq!(tls.reload(time::unix_ms()).expect("usable"), []);
        let trusting_new = Endpoint::tls(rig.addr, new.client(), "localhost");
        let mut fresh = Http1Client::connect(trusting_new).await.expect("connected");
        assert_eq!(text(fresh.send(get("/after")).await.expect("answered")).await, "/after");
        assert!(Http1Client::connect(trusting_old).await.is_err());
        assert_eq!(text(open.send(get("/still")).await.expect("answered")).await, "/still");
    });
}

#[test]
fn files_that_cannot_be_used_are_named_and_expired_ones_only_warned_of() {
    let authority = Authority::new();
    let (good, other) = (authority.issue("good", |_| ()), authority.issue("other", |_| ()));
    let (empty, broken) = (authority.path("empty.pem"), authority.path("broken.pem"));
    let text = "-----BEGIN CERTIFICATE-----\nno base 64!\n-----END CERTIFICATE-----\n";
    std::fs::write(&empty, "").expect("written");
    std::fs::write(&broken, text).expect("written");
    let now = time::unix_ms();
    let files = |certificate: &std::path::Path, key: &std::path::Path| TlsFiles {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
    };
    let missing = authority.path("missing.pem");
    let locked = authority.path("locked.key");
    std::fs::write(
        &locked,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .expect("written");
    for (files, says) in [
        (files(&missing, &good.key), "missing.pem: No such file"),
        (files(&good.certificate, &missing), "missing.pem: No such file"),
        (files(&empty, &good.key), "empty.pem: no certificate"),
        (files(&good.key, &good.key), "good.key: no certificate"),
        (files(&broken, &good.key), "broken.pem: damaged PEM"),
        (files(&good.certificate, &good.certificate), "good.pem: no private key"),
        (files(&good.certificate, &locked), "locked.key: its private key is encrypted"),
        (files(&good.certificate, &other.key), "other.key is not that of the first certificate in"),
        (files(&good.certificate, authority.path("").as_path()), "cannot read"),
    ] {
        let error = ServerTls::load(files.clone(), now).err().expect("refused").to_string();
        assert!(error.contains(says), "{files:?}: {error}");
    }
    let expired = authority.issue("expired", |params| params.not_after = rcgen::date_time_ymd(2020, 5, 17));
    let (_, warnings) = ServerTls::load(expired, now).expect("usable");
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].ends_with("expired.pem has expired: it was valid until 2020-05-17 00:00:00 UTC"));
    let early = authority.issue("early", |params| params.not_before = rcgen::date_time_ymd(2095, 1, 1));
    let (_, warnings) = ServerTls::load(early, now).expect("usable");
    assert!(warnings[0].to_string().ends_with("is not valid before 2095-01-01 00:00:00 UTC"), "{warnings:?}");
}

#[test]
fn a_session_is_resumed_without_a_table_at_the_server() {
    on_both(async || {
        let authority = Authority::new();
        let tls = authority.server();
        let rig = start(Limits::default(), Some((tls.clone(), Offer::Http)), echo);
        let (addr, roots) = (rig.addr, authority.roots());
        let kinds = beside(move || {
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("versions")
                .with_root_certificates(roots)
                .with_no_client_auth();
            let config = Arc::new(config);
            [(); 2].map(|()| {
                let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
                let session = ClientConnection::new(config.clone(), name).expect("a session");
                let socket = std::net::TcpStream::connect(addr).expect("connected");
                let mut client = Blocking { session, socket };
                let request = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
                client.exchange(request).expect("an answer");
                client.session.handshake_kind()
            })
        })
        .await;
        assert_eq!(kinds[0], Some(rustls::HandshakeKind::Full));
        assert_eq!(kinds[1], Some(rustls::HandshakeKind::Resumed));
    });
}
