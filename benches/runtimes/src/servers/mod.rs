//! One accept loop per runtime, each as that runtime's own documentation would have it.
//!
//! A server prints the port that it listens on as its first line, and runs until it is killed.

mod compio;
mod glommio;
mod monoio;
mod tokio;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};

use crate::service::{Protocol, Runtime};

/// Serves on the current thread; returns only with an error.
///
/// # Errors
/// When the runtime cannot be started or the port cannot be listened on.
pub(crate) fn run(runtime: Runtime, protocol: Protocol) -> io::Result<()> {
    match runtime {
        Runtime::Monoio => monoio::run(protocol),
        Runtime::Tokio => tokio::run(protocol),
        Runtime::Compio => compio::run(protocol),
        Runtime::Glommio => glommio::run(protocol),
    }
}

/// A socket that listens on a free port of the loopback interface.
fn listener() -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    announce(listener.local_addr()?)?;
    Ok(listener)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{}", address.port())?;
    out.flush()
}
