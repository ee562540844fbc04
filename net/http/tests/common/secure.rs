//! A server under TLS and its clients.

use std::{
    cell::RefCell,
    io::{self, Read as _, Write as _},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use ringbolt_http::{
    Body, HandshakeFailure, Incoming, Limits, Notice, Offer, Server, ServerTls, Service, Setup, read_body,
};
use ringbolt_ring::{local::Notify, net::bind};
use rustls::{ClientConfig, ClientConnection, SupportedProtocolVersion, crypto::ring};

pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A server under TLS on port 0 of this core, and what it had to say.
pub(crate) struct Rig<S> {
    pub(crate) addr: std::net::SocketAddr,
    pub(crate) server: Rc<Server<S>>,
    pub(crate) notices: Rc<RefCell<Vec<Notice>>>,
    pub(crate) heard: Rc<Notify>,
}

pub(crate) fn start<S: Service>(limits: Limits, tls: Option<(ServerTls, Offer)>, service: S) -> Rig<S> {
    let listener = bind(([127, 0, 0, 1], 0).into(), 1).expect("a free port").remove(0);
    let addr = listener.local_addr();
    let (notices, heard) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Notify::new()));
    let (kept, told) = (notices.clone(), heard.clone());
    let on_notice = move |notice: &Notice| {
        kept.borrow_mut().push(notice.clone());
        told.notify_one();
    };
    let setup = Setup { limits, tls, on_notice: Some(Box::new(on_notice)), ..Setup::default() };
    let server = Server::with(setup, service);
    server.start(listener.into_listener().expect("registered"));
    Rig { addr, server, notices, heard }
}

pub(crate) fn short() -> Limits {
    Limits { header_read_timeout: Duration::from_millis(40), ..Limits::default() }
}

pub(crate) fn failures<S: Service>(server: &Server<S>) -> Vec<(HandshakeFailure, u64)> {
    let counts = server.stats().handshake_failures;
    HandshakeFailure::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
}

pub(crate) async fn text(response: Response<Incoming>) -> Bytes {
    read_body(response.into_body(), usize::MAX, LONG).await.expect("read")
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).header("host", "h").body(Body::empty()).expect("valid")
}

pub(crate) fn post(body: impl Into<Bytes>) -> Request<Body> {
    Request::post("https://h/echo").body(Body::full(body)).expect("valid")
}

/// A blocking rustls client of a thread of its own: another implementation of the socket's side than the one under test.
pub(crate) struct Blocking {
    pub(crate) session: ClientConnection,
    pub(crate) socket: std::net::TcpStream,
}

impl Blocking {
    pub(crate) fn handshake(
        addr: std::net::SocketAddr,
        roots: rustls::RootCertStore,
        name: &'static str,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> io::Result<Blocking> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let name = rustls::pki_types::ServerName::try_from(name).expect("a name");
        let session = ClientConnection::new(Arc::new(config), name).expect("a session");
        let mut this = Blocking { session, socket: std::net::TcpStream::connect(addr)? };
        this.socket.set_read_timeout(Some(LONG))?;
        while this.session.is_handshaking() {
            this.session.complete_io(&mut this.socket)?;
        }
        Ok(this)
    }

    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = rustls::Stream::new(&mut self.session, &mut self.socket);
        stream.write_all(request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// Runs blocking code beside the core.
pub(crate) async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, mut receiver) = ringbolt_ring::mailbox::channel(1);
    let thread = std::thread::spawn(move || {
        let result = work();
        assert!(sender.try_send(result).is_ok());
    });
    let result = receiver.recv().await.expect("the thread's result");
    thread.join().expect("no panic");
    result
}
