//! What the kernel knows of a connection: whether its client has said something that nobody has read, whether what was sent arrived.

use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
};

/// Words of the kernel's `tcp_info` up to the last one that is read, each of 8 bytes; Linux 4.19 and newer fill them.
const INFO_WORDS: usize = 27;
/// Its places: the connection's state (a byte), acknowledged bytes, bytes that wait (four bytes), sent ones, of these those sent again.
const STATE: usize = 0;
const ACKED: usize = 15;
const WAITING: usize = 18;
const SENT_BYTES: usize = 25;
const SENT_AGAIN: usize = 26;
/// The state of a connection that is over.
const CLOSED: u8 = 7;

/// What became of the bytes that were sent on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The peer's kernel has all of them.
    Arrived,
    /// The connection is over and the peer's kernel did not take all of them.
    Lost,
    /// Nobody knows yet, or this kernel does not say.
    Unknown,
}

/// A look at the socket of a [`super::Stream`]. It means something for as long as the stream is there: whoever holds it sees to that.
#[derive(Clone, Copy, Debug)]
pub struct SocketView {
    fd: RawFd,
}

impl SocketView {
    pub(super) fn new(fd: RawFd) -> SocketView {
        SocketView { fd }
    }

    /// Whether there are bytes to read, or the peer ended its half, or the connection is over. A system call.
    pub fn has_news(self) -> bool {
        let mut poll = libc::pollfd { fd: self.fd, events: libc::POLLIN | libc::POLLRDHUP, revents: 0 };
        // SAFETY: there is one entry, as the count says, and it lives through the call, which does not wait.
        unsafe { libc::poll(&raw mut poll, 1, 0) > 0 }
    }

    /// What became of what was sent. A system call.
    pub fn sent(self) -> Sent {
        sent(self.fd)
    }

    /// The same socket, kept open beyond its stream.
    ///
    /// # Errors
    /// When there are no more descriptors.
    pub fn keep(self) -> io::Result<KeptSocket> {
        // SAFETY: fcntl takes no pointers here; the result is checked before it is owned.
        let fd = unsafe { libc::fcntl(self.fd, libc::F_DUPFD_CLOEXEC, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just returned by fcntl and nobody else owns it.
        Ok(KeptSocket { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }
}

/// A socket that is still looked at when its stream is gone.
#[derive(Debug)]
pub struct KeptSocket {
    fd: OwnedFd,
}

impl KeptSocket {
    /// What became of what was sent. A system call.
    pub fn sent(&self) -> Sent {
        sent(self.fd.as_raw_fd())
    }
}

fn sent(fd: RawFd) -> Sent {
    let mut info = [0u64; INFO_WORDS];
    let mut len = size_of_val(&info) as libc::socklen_t;
    // SAFETY: `info` has `len` bytes, which the kernel fills at most, and any bits are numbers.
    let result = unsafe {
        libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &raw mut len)
    };
    if result != 0 || len as usize != size_of_val(&info) {
        return Sent::Unknown;
    }
    let waiting = info[WAITING].to_ne_bytes();
    let nothing_waits = waiting[..4] == [0; 4];
    // The end of our half counts as a byte that is acknowledged, not as one that was sent.
    if nothing_waits && info[ACKED] >= info[SENT_BYTES].saturating_sub(info[SENT_AGAIN]) {
        return Sent::Arrived;
    }
    if info[STATE].to_ne_bytes()[0] == CLOSED { Sent::Lost } else { Sent::Unknown }
}
