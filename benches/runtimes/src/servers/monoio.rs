//! monoio: io_uring, readiness for sockets (`into_poll_io`), monoio-compat's adapter: what `io/ring` is built on.

use std::io;
use std::rc::Rc;

use monoio::io::IntoPollIo;
use monoio::net::TcpListener;
use monoio::{IoUringDriver, RuntimeBuilder};
use monoio_compat::hyper::MonoioIo;

use crate::service::{Protocol, Runtime, State, serve};

pub(super) fn run(protocol: Protocol) -> io::Result<()> {
    let mut runtime = RuntimeBuilder::<IoUringDriver>::new().enable_all().build()?;
    runtime.block_on(async move {
        let listener = super::listener()?;
        // Accepting goes through the ring, which waits by itself only on blocking sockets.
        listener.set_nonblocking(false)?;
        let listener = TcpListener::from_std(listener)?;
        let state = Rc::new(State::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let io = MonoioIo::new(stream.into_poll_io()?);
            monoio::spawn(serve(io, protocol, Runtime::Monoio, state.clone()));
        }
    })
}
