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
/// The state of one whose peer has ended its half.
const CLOSE_WAIT: u8 = 8;

/// How far a connection was when something had just been written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Bytes that were written to the socket until then.
    bytes: u64,
    /// The peer had ended its half, or the connection was over.
    had_ended: bool,
}

/// What became of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The peer's kernel has it, or nobody will ever know that it has not: a peer that resets a connection may have read what it did
    /// not acknowledge yet.
    Arrived,
    /// The peer had gone before it was written, and its kernel did not take it.
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

    /// How far the connection is; none where this kernel does not say. A system call.
    pub fn written(self) -> Option<Written> {
        let info = info(self.fd)?;
        let bytes = info.sent_bytes() + u64::from(info.waiting_bytes());
        Some(Written { bytes, had_ended: matches!(info.state(), CLOSED | CLOSE_WAIT) })
    }

    /// What became of what was written. A system call.
    pub fn sent(self, written: Written) -> Sent {
        sent(self.fd, written)
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
    /// What became of what was written. A system call.
    pub fn sent(&self, written: Written) -> Sent {
        sent(self.fd.as_raw_fd(), written)
    }
}

/// What the kernel says of a connection.
struct Info([u64; INFO_WORDS]);

impl Info {
    fn state(&self) -> u8 {
        self.0[STATE].to_ne_bytes()[0]
    }

    fn sent_bytes(&self) -> u64 {
        self.0[SENT_BYTES].saturating_sub(self.0[SENT_AGAIN])
    }

    fn waiting_bytes(&self) -> u32 {
        let [a, b, c, d, ..] = self.0[WAITING].to_ne_bytes();
        u32::from_ne_bytes([a, b, c, d])
    }
}

fn info(fd: RawFd) -> Option<Info> {
    let mut info = [0u64; INFO_WORDS];
    let mut len = size_of_val(&info) as libc::socklen_t;
    // SAFETY: `info` has `len` bytes, which the kernel fills at most, and any bits are numbers.
    let result = unsafe {
        libc::getsockopt(fd, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &raw mut len)
    };
    (result == 0 && len as usize == size_of_val(&info)).then_some(Info(info))
}

fn sent(fd: RawFd, written: Written) -> Sent {
    let Some(info) = info(fd) else { return Sent::Unknown };
    // What was written later (the end of TLS, an error) does not matter.
    if info.0[ACKED] >= written.bytes {
        Sent::Arrived
    } else if info.state() != CLOSED {
        Sent::Unknown
    } else if written.had_ended {
        Sent::Lost
    } else {
        Sent::Arrived
    }
}
