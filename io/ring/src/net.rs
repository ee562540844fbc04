//! TCP for cores: one listening socket per core on the same port, accepted sockets that can still move, streams that cannot.
//!
//! [`bind`] first takes the port alone: a port in use by anybody is an error, although the cores then share it with SO_REUSEPORT.
//! [`TcpListener::accept`] returns a [`Socket`], a raw descriptor that no driver knows yet and that may be sent to another core's
//! mailbox. [`Socket::into_stream`] ties it to the current core for good.

use std::{
    fmt,
    future::poll_fn,
    io,
    mem::MaybeUninit,
    net::{SocketAddr, TcpListener as StdListener, TcpStream as StdStream},
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
    pin::Pin,
    time::{Duration, Instant},
};

use monoio::io::IntoPollIo;
use monoio::net::tcp::stream_poll::TcpStreamPoll;
use monoio_compat::hyper::MonoioIo;

use crate::time::now;

mod view;

pub use view::{KeptSocket, Sent, SocketView, Written};

/// Connections that wait to be accepted, per core; the kernel's `net.core.somaxconn` may lower it.
pub const BACKLOG: i32 = 4096;
/// How long to sleep between two attempts to bind a port that is in use.
const BIND_PAUSE: Duration = Duration::from_millis(2);

/// Why [`bind`] failed.
#[derive(Debug)]
pub enum BindError {
    /// Another process (or another server of this one) listens there.
    InUse(SocketAddr),
    /// Anything else the kernel refused.
    Io {
        /// The address asked for.
        addr: SocketAddr,
        /// The kernel's reason.
        error: io::Error,
    },
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindError::InUse(addr) => {
                write!(f, "cannot listen on {addr}: the port is in use by another process")
            }
            BindError::Io { addr, error } => write!(f, "cannot listen on {addr}: {error}"),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BindError::InUse(_) => None,
            BindError::Io { error, .. } => Some(error),
        }
    }
}

/// A bound and listening socket that no core has taken yet.
#[derive(Debug)]
pub struct BoundListener {
    listener: StdListener,
    addr: SocketAddr,
}

/// Binds `addr` once per core. Port 0 takes a free port, the same for all. Fails when anybody else has the port.
///
/// One socket is bound and listens without SO_REUSEPORT, so that the kernel checks the port against every other socket,
/// sharing or not. For one core that is the listener. For more it is a guard: sharing is switched on for it, the cores' sockets
/// join, and then it is closed. So there is no moment at which another process could take the port or join in
/// (connections that reach the guard in those microseconds are reset, as before a start).
pub fn bind(addr: SocketAddr, cores: usize) -> Result<Vec<BoundListener>, BindError> {
    assert!(cores > 0, "a port is bound for at least one core");
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(addr),
        _ => BindError::Io { addr, error },
    };
    let first = socket(addr).map_err(fail)?;
    set_option(&first, libc::SO_REUSEADDR).map_err(fail)?;
    bind_socket(&first, addr).map_err(fail)?;
    let first = listen(first).map_err(fail)?;
    let addr = first.local_addr().map_err(fail)?;
    if cores == 1 {
        return Ok(vec![BoundListener { listener: first, addr }]);
    }
    set_option(&first, libc::SO_REUSEPORT).map_err(fail)?;
    (0..cores)
        .map(|_| {
            let next = socket(addr).map_err(fail)?;
            set_option(&next, libc::SO_REUSEADDR).map_err(fail)?;
            set_option(&next, libc::SO_REUSEPORT).map_err(fail)?;
            bind_socket(&next, addr).map_err(fail)?;
            Ok(BoundListener { listener: listen(next).map_err(fail)?, addr })
        })
        .collect()
}

/// As [`bind`]; a port that is in use is asked for again until `deadline`. The kernel holds a killed process's sockets for some
/// milliseconds after the process is gone, while it takes its ring apart. Blocks.
pub fn bind_until(
    addr: SocketAddr,
    cores: usize,
    deadline: Instant,
) -> Result<Vec<BoundListener>, BindError> {
    loop {
        match bind(addr, cores) {
            Err(BindError::InUse(_)) if now() < deadline => std::thread::sleep(BIND_PAUSE),
            result => return result,
        }
    }
}

impl BoundListener {
    /// The real address, also when port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Another handle of the same socket: while one is open the port stays, and who connects waits.
    ///
    /// # Errors
    /// When there are no more descriptors.
    pub fn try_clone(&self) -> io::Result<BoundListener> {
        Ok(BoundListener { listener: self.listener.try_clone()?, addr: self.addr })
    }

    /// Registers with the current core.
    pub fn into_listener(self) -> io::Result<TcpListener> {
        Ok(TcpListener { inner: monoio::net::TcpListener::from_std(self.listener)?, addr: self.addr })
    }
}

fn socket(addr: SocketAddr) -> io::Result<OwnedFd> {
    let domain = if addr.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: socket takes no pointers; the result is checked before it is owned.
    let fd = unsafe { libc::socket(domain, libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `fd` was just returned by socket and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn set_option(fd: &impl AsRawFd, option: libc::c_int) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the value is a c_int and its size is passed with it.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn bind_socket(fd: &OwnedFd, addr: SocketAddr) -> io::Result<()> {
    let result = match addr {
        SocketAddr::V4(v4) => {
            let raw = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(v4.ip().octets()) },
                sin_zero: [0; 8],
            };
            // SAFETY: `raw` is a complete sockaddr_in and its size is passed with it.
            unsafe {
                libc::bind(fd.as_raw_fd(), (&raw const raw).cast(), size_of_val(&raw) as libc::socklen_t)
            }
        }
        SocketAddr::V6(v6) => {
            let raw = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            };
            // SAFETY: `raw` is a complete sockaddr_in6 and its size is passed with it.
            unsafe {
                libc::bind(fd.as_raw_fd(), (&raw const raw).cast(), size_of_val(&raw) as libc::socklen_t)
            }
        }
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn listen(fd: OwnedFd) -> io::Result<StdListener> {
    // SAFETY: listen takes no pointers and `fd` is an open socket.
    if unsafe { libc::listen(fd.as_raw_fd(), BACKLOG) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(StdListener::from(fd))
}

/// A listener of this core.
pub struct TcpListener {
    inner: monoio::net::TcpListener,
    addr: SocketAddr,
}

impl TcpListener {
    /// The real address.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// The next connection. Errors that only concern one connection are skipped; what is returned (no descriptors, no memory)
    /// concerns the process, and the caller waits a little before it tries again.
    pub async fn accept(&self) -> io::Result<Socket> {
        loop {
            match accept_now(self.inner.as_raw_fd()) {
                Ok(socket) => return Ok(socket),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => self.inner.readable(false).await?,
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ if is_peer_error(&error) => {}
                    _ => return Err(error),
                },
            }
        }
    }
}

/// accept(2) hands out errors that were already pending on the new connection; they say nothing about the listener.
fn is_peer_error(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EPROTO
                | libc::ENETDOWN
                | libc::ENOPROTOOPT
                | libc::EHOSTDOWN
                | libc::ENONET
                | libc::EHOSTUNREACH
                | libc::EOPNOTSUPP
                | libc::ENETUNREACH
                | libc::EPERM
        )
    )
}

fn accept_now(listener: RawFd) -> io::Result<Socket> {
    let mut storage = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    // SAFETY: `storage` is large enough for any address and `len` says so.
    let fd = unsafe {
        libc::accept4(
            listener,
            storage.as_mut_ptr().cast(),
            &mut len,
            libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
        )
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `fd` was just returned by accept4 and nobody else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: zeroed above and filled by the kernel: any bit pattern is a valid sockaddr_storage.
    let peer = peer_addr(unsafe { storage.assume_init_ref() });
    Ok(Socket { fd, peer })
}

fn peer_addr(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says that this is a sockaddr_in, which is smaller than the storage.
            let raw: &libc::sockaddr_in = unsafe { &*(&raw const *storage).cast() };
            Some(SocketAddr::from((raw.sin_addr.s_addr.to_ne_bytes(), u16::from_be(raw.sin_port))))
        }
        libc::AF_INET6 => {
            // SAFETY: the family says that this is a sockaddr_in6, which is smaller than the storage.
            let raw: &libc::sockaddr_in6 = unsafe { &*(&raw const *storage).cast() };
            Some(SocketAddr::from((raw.sin6_addr.s6_addr, u16::from_be(raw.sin6_port))))
        }
        _ => None,
    }
}

/// An accepted connection that no core has taken yet.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    peer: Option<SocketAddr>,
}

impl Socket {
    /// The other end.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Registers with the current core, with Nagle's delay off.
    pub fn into_stream(self) -> io::Result<Stream> {
        let peer = self.peer;
        let stream = StdStream::from(self.fd);
        stream.set_nodelay(true)?;
        Stream::new(monoio::net::TcpStream::from_std(stream)?, peer)
    }
}

/// A connection of this core. It implements hyper's I/O traits (see [`crate::rt`]).
pub struct Stream {
    io: MonoioIo<TcpStreamPoll>,
    peer: Option<SocketAddr>,
    socket: SocketView,
}

/// Connects from this core, with Nagle's delay off. `addr` is an address, so nothing here resolves names.
pub async fn connect(addr: SocketAddr) -> io::Result<Stream> {
    let stream = monoio::net::TcpStream::connect_addr(addr).await?;
    stream.set_nodelay(true)?;
    Stream::new(stream, Some(addr))
}

impl Stream {
    fn new(stream: monoio::net::TcpStream, peer: Option<SocketAddr>) -> io::Result<Stream> {
        let socket = SocketView::new(stream.as_raw_fd());
        Ok(Stream { io: MonoioIo::new(stream.into_poll_io()?), peer, socket })
    }

    /// A look at its socket, beside whoever reads and writes it.
    pub fn socket(&self) -> SocketView {
        self.socket
    }

    pub(crate) fn io_mut(&mut self) -> &mut MonoioIo<TcpStreamPoll> {
        &mut self.io
    }

    /// The other end.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Reads what there is, at most `buf.len()` bytes; 0 is the end of the stream.
    pub async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| {
            let mut read = hyper::rt::ReadBuf::new(buf);
            match hyper::rt::Read::poll_read(Pin::new(&mut self.io), cx, read.unfilled()) {
                std::task::Poll::Ready(Ok(())) => std::task::Poll::Ready(Ok(read.filled().len())),
                std::task::Poll::Ready(Err(error)) => std::task::Poll::Ready(Err(error)),
                std::task::Poll::Pending => std::task::Poll::Pending,
            }
        })
        .await
    }

    /// Writes all of `buf`.
    pub async fn write_all(&mut self, mut buf: &[u8]) -> io::Result<()> {
        while !buf.is_empty() {
            let written = poll_fn(|cx| hyper::rt::Write::poll_write(Pin::new(&mut self.io), cx, buf)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            buf = &buf[written..];
        }
        Ok(())
    }

    /// Ends the sending direction.
    pub async fn shutdown(&mut self) -> io::Result<()> {
        poll_fn(|cx| hyper::rt::Write::poll_shutdown(Pin::new(&mut self.io), cx)).await
    }
}

// A socket is what travels between cores, so it must stay sendable.
const _: fn() = || {
    fn sendable<T: Send>() {}
    sendable::<Socket>();
    sendable::<BoundListener>();
};
