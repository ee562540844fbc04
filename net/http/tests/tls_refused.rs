//! What a port under TLS refuses, ends or cuts, over loopback sockets.

mod common;

use std::io::{Read as _, Write as _};

use common::{
    Raw,
    certificates::Authority,
    echo, on_both,
    secure::{Blocking, beside, failures, get, post, short, start, text},
};
use ringbolt_http::{
    HandshakeFailure, Limits, Notice, Offer,
    client::{Endpoint, Http1Client, Http2Client},
};
use rustls::version;

#[test]
fn a_port_for_http_2_refuses_who_cannot() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http2)), echo);
        let (addr, roots) = (rig.addr, authority.roots());
        let refused = beside(move || {
            Blocking::handshake(addr, roots, "localhost", &[&version::TLS13], &[b"http/1.1"]).err()
        })
        .await;
        let refused = refused.expect("refused").to_string();
        assert!(refused.contains("NoApplicationProtocol"), "{refused}");
        assert_eq!(failures(&rig.server), [(HandshakeFailure::NoProtocol, 1)]);
        let two = Http2Client::connect(Endpoint::tls(addr, authority.client(), "localhost")).await;
        assert_eq!(text(two.expect("connected").send(post("x")).await.expect("answered")).await, "x");
    });
}

#[test]
fn what_is_no_tls_is_told_and_ended() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(short(), Some((authority.server(), Offer::Http)), echo);
        let cases: [(&[u8], &str); 5] = [
            (b"GET / HTTP/1.1\r\nhost: h\r\n\r\n", "HTTP/1.1 400 "),
            (b"PO", ""),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "\0\0\0\x04\0"),
            (b"\x80\x2e\x01\x00\x02 a hello of SSL 2", ""),
            (b"\0\0\0\0\0\0\0\0", ""),
        ];
        for (bytes, says) in cases {
            let mut raw = Raw::connect(rig.addr).await;
            raw.send(bytes).await;
            if says.is_empty() {
                assert_eq!(raw.until_closed().await, "", "{bytes:?}");
            } else {
                let answer = raw.until("this port speaks TLS").await;
                assert!(answer.starts_with(says), "{answer:?}");
            }
        }
        // Half a word is waited for and then a timeout; the others are no TLS.
        let expected = [(HandshakeFailure::Timeout, 1), (HandshakeFailure::NotTls, 4)];
        assert_eq!(failures(&rig.server), expected);
        let notices = rig.notices.borrow();
        assert_eq!(notices.len(), 4);
        assert!(notices.iter().all(|notice| matches!(notice, Notice::PlainOnTls { .. })), "{notices:?}");
    });
}

#[test]
fn a_refused_client_that_goes_on_sending_still_gets_its_answer() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http)), echo);
        let mut raw = Raw::connect(rig.addr).await;
        // More than the server looks at: a socket that is closed with bytes unread is reset.
        raw.send([b"POST / HTTP/1.1\r\nhost: h\r\n\r\n".as_slice(), &[b'x'; 32 * 1024]].concat()).await;
        let answer = raw.until_ended().await.expect("no reset");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        raw.send([b'y'; 1024]).await;
        raw.end().await;
        while rig.server.stats().open > 0 {
            ringbolt_ring::yield_now().await;
        }
        assert_eq!(failures(&rig.server), [(HandshakeFailure::NotTls, 1)]);
    });
}

#[test]
fn tls_on_a_plain_port_is_ended_and_told_once_each() {
    on_both(async || {
        let rig = start(Limits::default(), None, echo);
        let mut raw = Raw::connect(rig.addr).await;
        raw.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await;
        assert_eq!(raw.until_closed().await, "");
        assert_eq!(rig.server.stats().unexpected_tls, 1);
        assert!(matches!(rig.notices.borrow()[..], [Notice::TlsOnPlain { peer: Some(_) }]));
    });
}

#[test]
fn a_handshake_that_stops_or_makes_no_sense_ends() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(short(), Some((authority.server(), Offer::Http)), echo);
        // A record that says it is longer than it is; a hello that is none; a record too long; an alert.
        let half = [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[7; 40]].concat();
        let nonsense = [&b"\x16\x03\x01\x00\x28\x01\x00\x00\x24"[..], &[0xff; 36]].concat();
        let long = [&b"\x16\x03\x01\xff\xff"[..], &[1; 100]].concat();
        let noise: Vec<u8> =
            std::iter::once(0x16).chain((0..4000u32).map(|n| ((n * 37) >> 3) as u8)).collect();
        for bytes in [half.clone(), nonsense, long, noise] {
            let mut raw = Raw::connect(rig.addr).await;
            raw.send(&bytes).await;
            raw.until_closed().await;
        }
        // A client that goes away in the middle, and one that says nothing.
        let mut gone = Raw::connect(rig.addr).await;
        gone.send(&half).await;
        gone.end().await;
        gone.until_closed().await;
        let mut silent = Raw::connect(rig.addr).await;
        assert_eq!(silent.until_closed().await, "");
        let expected =
            [(HandshakeFailure::Timeout, 2), (HandshakeFailure::Closed, 1), (HandshakeFailure::Malformed, 3)];
        assert_eq!(failures(&rig.server), expected);
        assert_eq!(
            rig.notices.borrow().len(),
            4,
            "timeouts are counted, not told: {:?}",
            rig.notices.borrow()
        );
        // And it still serves.
        let to = Endpoint::tls(rig.addr, authority.client(), "localhost");
        let mut one = Http1Client::connect(to).await.expect("connected");
        assert_eq!(text(one.send(get("/alive")).await.expect("answered")).await, "/alive");
    });
}

#[test]
fn a_session_that_says_nothing_or_half_a_header_is_cut() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(short(), Some((authority.server(), Offer::Http)), echo);
        for (offer, bytes) in [
            (Offer::Http, &b""[..]),
            (Offer::Http, b"GET / HTTP/1.1\r\nho"),
            (Offer::Http2, b""),
            (Offer::Http2, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            (Offer::Http2, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x10\x01"),
        ] {
            let to = Endpoint::tls(rig.addr, authority.client(), "localhost");
            let mut session = to.connect(offer).await.expect("a session");
            session.write_all(bytes).await.expect("written");
            let mut buf = [0; 1024];
            while session.read(&mut buf).await.is_ok_and(|read| read > 0) {}
        }
        assert_eq!(rig.server.stats().header_timeouts, 5);
    });
}

#[test]
fn damaged_records_end_the_session_and_only_it() {
    on_both(async || {
        let authority = Authority::new();
        let rig = start(Limits::default(), Some((authority.server(), Offer::Http)), echo);
        let (addr, roots) = (rig.addr, authority.roots());
        beside(move || {
            // A record of application data whose seal is wrong; a session that ends within a record.
            for (bytes, ends) in [(&[0x17, 3, 3, 0, 40][..], false), (&[0x17, 3, 3, 0, 40, 1, 2], true)] {
                let mut client =
                    Blocking::handshake(addr, roots.clone(), "localhost", &[&version::TLS13], &[])
                        .expect("a session");
                client.socket.write_all(bytes).expect("written");
                if ends {
                    client.socket.shutdown(std::net::Shutdown::Write).expect("ended");
                } else {
                    client.socket.write_all(&[9; 40]).expect("written");
                }
                let mut rest = Vec::new();
                // What it says is sealed; that it ends is the point.
                let _ = client.socket.read_to_end(&mut rest);
            }
        })
        .await;
        let to = Endpoint::tls(addr, authority.client(), "localhost");
        let mut one = Http1Client::connect(to).await.expect("connected");
        assert_eq!(text(one.send(get("/alive")).await.expect("answered")).await, "/alive");
    });
}
