//! glommio: one executor on the current thread, and a small adapter from its streams to hyper's traits.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_lite::{AsyncRead, AsyncWrite};
use glommio::net::{TcpListener, TcpStream};
use glommio::{LocalExecutorBuilder, Placement};
use hyper::rt::{Read, ReadBufCursor, Write};

use crate::service::{Protocol, Runtime, State, serve};

/// Bytes read at a time. They are copied once more, which costs nothing beside the system call for requests of this size.
const READ_BYTES: usize = 16 * 1024;

struct Adapter {
    stream: TcpStream,
    scratch: Box<[u8; READ_BYTES]>,
}

impl Read for Adapter {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let room = buf.remaining().min(READ_BYTES);
        let count = ready!(Pin::new(&mut this.stream).poll_read(cx, &mut this.scratch[..room]))?;
        buf.put_slice(&this.scratch[..count]);
        Poll::Ready(Ok(()))
    }
}

impl Write for Adapter {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

async fn accept(protocol: Protocol) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    super::announce(listener.local_addr()?)?;
    let state = Rc::new(State::default());
    loop {
        let stream = listener.accept().await?;
        stream.set_nodelay(true)?;
        let io = Adapter { stream, scratch: Box::new([0; READ_BYTES]) };
        glommio::spawn_local(serve(io, protocol, Runtime::Glommio, state.clone())).detach();
    }
}

pub(super) fn run(protocol: Protocol) -> io::Result<()> {
    let executor = LocalExecutorBuilder::new(Placement::Unbound).make()?;
    executor.run(accept(protocol))
}
