//! Bytes over bare sockets, for what no client would send.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a connection may take to end before a test gives up.
const END_MAX: Duration = Duration::from_secs(30);
/// A dribbling client looks this often whether the server has had enough.
const DRIBBLE: Duration = Duration::from_millis(20);

/// What a client does with its half of the connection when it has sent everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// It waits.
    Open,
    /// It ends it.
    Closed,
}

/// Sends bytes and reads until the server ends the connection.
///
/// # Panics
/// When nobody listens or the connection does not end.
pub fn exchange(address: SocketAddr, bytes: &[u8], half: Half) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(END_MAX)).expect("a timeout");
    // The server may have seen enough before the end.
    let _ = stream.write_all(bytes);
    if half == Half::Closed {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut received = Vec::new();
    match stream.read_to_end(&mut received) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection did not end: {error}"),
    }
    received
}

/// Sends a byte at a time until the server has had enough; what it says.
///
/// # Panics
/// When nobody listens.
pub fn dribble(address: SocketAddr, begin: &str, byte: u8) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(DRIBBLE)).expect("a timeout");
    let _ = stream.write_all(begin.as_bytes());
    let (mut received, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                let _ = stream.write_all(&[byte]);
            }
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&received).into_owned()
}
