//! The service that every runtime serves, and the part of serving that is the same on all of them.
//!
//! A request gets 64 bytes. The handler's state is an `Rc`, as Ringbolt's is: that is what makes an executor per core
//! of use, and what rules out frameworks whose handlers must be `Send`.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::rt::{Executor, Read, Write};
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};

/// What every request is answered with.
pub(crate) const REPLY: &[u8; 64] = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The runtimes that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// monoio with readiness for sockets, and monoio-compat's adapter for hyper.
    Monoio,
    /// tokio's current-thread runtime with a `LocalSet`.
    Tokio,
    /// compio with its ring's flags set for one thread, and cyper-core's stream.
    Compio,
    /// glommio with the adapter of this crate.
    Glommio,
}

impl Runtime {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Runtime; 4] = [Runtime::Monoio, Runtime::Tokio, Runtime::Compio, Runtime::Glommio];

    /// Its name in the table and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Runtime::Monoio => "monoio",
            Runtime::Tokio => "tokio",
            Runtime::Compio => "compio",
            Runtime::Glommio => "glommio",
        }
    }
}

/// Spawning on the current thread without `Send`: what hyper needs for the streams of an HTTP/2 connection.
impl<F> Executor<F> for Runtime
where
    F: Future + 'static,
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        match self {
            Runtime::Monoio => drop(monoio::spawn(future)),
            Runtime::Tokio => drop(tokio::task::spawn_local(future)),
            Runtime::Compio => compio::runtime::spawn(future).detach(),
            Runtime::Glommio => drop(glommio::spawn_local(future).detach()),
        }
    }
}

/// How a connection is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1 with keep-alive.
    Http1,
    /// HTTP/2 with prior knowledge.
    Http2,
}

/// What the handlers of one core share.
#[derive(Default)]
pub(crate) struct State {
    answered: Cell<u64>,
}

async fn answer(state: Rc<State>, _request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    state.answered.set(state.answered.get() + 1);
    Ok(Response::new(Full::new(Bytes::from_static(REPLY))))
}

/// Serves one connection to its end.
pub(crate) async fn serve<I>(io: I, protocol: Protocol, runtime: Runtime, state: Rc<State>)
where
    I: Read + Write + Unpin + 'static,
{
    let service = service_fn(move |request| answer(state.clone(), request));
    // A connection that the load breaks off is no error worth a word.
    let _ended = match protocol {
        Protocol::Http1 => hyper::server::conn::http1::Builder::new().serve_connection(io, service).await,
        Protocol::Http2 => {
            hyper::server::conn::http2::Builder::new(runtime).serve_connection(io, service).await
        }
    };
}
