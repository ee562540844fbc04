//! Tells a service manager how the server is, where one wants to know: systemd's `Type=notify`.

use crate::logging::{Level, log};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

/// Where it listens; a name that begins with `@` is no file.
const SOCKET: &str = "NOTIFY_SOCKET";

/// Tells it, if there is one. That it cannot be told is no reason to stop.
pub(crate) fn tell(what: &str) {
    let Some(name) = std::env::var_os(SOCKET).filter(|name| !name.is_empty()) else { return };
    if let Err(error) = send(name.as_bytes(), what) {
        log(Level::Warn, "the service manager could not be told", &[("what", &what), ("cause", &error)]);
    }
}

fn send(name: &[u8], what: &str) -> io::Result<()> {
    let address = match name.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(Path::new(std::ffi::OsStr::from_bytes(name)))?,
    };
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read holds up nothing.
    socket.set_nonblocking(true)?;
    socket.send_to_addr(what.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::send;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    #[test]
    fn a_manager_is_told_by_file_or_by_name() {
        let folder = std::env::temp_dir().join(format!("ringbolt-notify-{}", std::process::id()));
        let name = format!("ringbolt-notify-{}", std::process::id());
        let of_file = UnixDatagram::bind(&folder).expect("a socket");
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let of_name = UnixDatagram::bind_addr(&address).expect("a socket");
        let path = folder.to_str().expect("UTF-8").as_bytes();
        send(path, "READY=1").expect("it listens");
        send(format!("@{name}").as_bytes(), "STOPPING=1").expect("it listens");
        let heard = |socket: &UnixDatagram| {
            let mut text = [0; 32];
            let length = socket.recv(&mut text).expect("it came");
            String::from_utf8_lossy(&text[..length]).into_owned()
        };
        assert_eq!((heard(&of_file).as_str(), heard(&of_name).as_str()), ("READY=1", "STOPPING=1"));
        drop(of_file);
        std::fs::remove_file(&folder).expect("it is there");
        assert!(send(path, "READY=1").is_err());
    }
}
