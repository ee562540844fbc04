//! Which kernel interface a core runs on, and the probe that decides it.
//!
//! io_uring is probed by building a small ring and asking for every operation the runtime submits, because
//! containers' default seccomp profiles and the `kernel.io_uring_disabled` sysctl refuse it at run time only.
//! Without it the cores run on epoll: sockets cost about the same, file writes block the core that makes them.

use std::{fmt, io};

use io_uring::{IoUring, Probe as UringProbe, opcode};

/// What the operator asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriverChoice {
    /// io_uring if the kernel permits it, otherwise epoll with a warning.
    #[default]
    Auto,
    /// io_uring or an error.
    IoUring,
    /// epoll, without asking for io_uring.
    Epoll,
}

/// What a core runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// io_uring for files and waiting, readiness for sockets.
    IoUring,
    /// epoll for sockets, blocking calls for files.
    Epoll,
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Driver::IoUring => "io_uring",
            Driver::Epoll => "epoll",
        })
    }
}

/// The outcome of a [`probe`].
#[derive(Clone, Debug)]
pub struct Probe {
    /// The driver the cores will run on.
    pub driver: Driver,
    /// One sentence for the operator when the slower path was taken unasked.
    pub warning: Option<String>,
}

/// io_uring was demanded and the kernel refuses it.
#[derive(Debug)]
pub struct DriverError(io::Error);

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "io_uring was asked for but is not available: {}", self.0)
    }
}

impl std::error::Error for DriverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

const PROBE_ENTRIES: u32 = 8;

/// Finds the driver for `choice`; an error only when [`DriverChoice::IoUring`] cannot be had.
pub fn probe(choice: DriverChoice) -> Result<Probe, DriverError> {
    decide(choice, probe_io_uring)
}

fn decide(choice: DriverChoice, available: impl FnOnce() -> io::Result<()>) -> Result<Probe, DriverError> {
    match choice {
        DriverChoice::Epoll => Ok(Probe { driver: Driver::Epoll, warning: None }),
        DriverChoice::IoUring => match available() {
            Ok(()) => Ok(Probe { driver: Driver::IoUring, warning: None }),
            Err(error) => Err(DriverError(error)),
        },
        DriverChoice::Auto => match available() {
            Ok(()) => Ok(Probe { driver: Driver::IoUring, warning: None }),
            Err(error) => Ok(Probe { driver: Driver::Epoll, warning: Some(warning(&error)) }),
        },
    }
}

fn warning(error: &io::Error) -> String {
    format!(
        "io_uring is not available ({error}): running on epoll, where every log write blocks its core. \
         In a container, allow the io_uring system calls in the seccomp profile; on a host, check the sysctl \
         kernel.io_uring_disabled"
    )
}

fn probe_io_uring() -> io::Result<()> {
    let ring = IoUring::new(PROBE_ENTRIES)?;
    let mut probe = UringProbe::new();
    ring.submitter().register_probe(&mut probe)?;
    let needed = [
        ("read", opcode::Read::CODE),
        ("write", opcode::Write::CODE),
        ("fsync", opcode::Fsync::CODE),
        ("poll add", opcode::PollAdd::CODE),
        ("async cancel", opcode::AsyncCancel::CODE),
        ("timeout", opcode::Timeout::CODE),
        ("connect", opcode::Connect::CODE),
        ("close", opcode::Close::CODE),
    ];
    for (name, code) in needed {
        if !probe.is_supported(code) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("this kernel's io_uring lacks the operation {name}"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> io::Result<()> {
        Err(io::Error::from_raw_os_error(libc::EPERM))
    }

    #[test]
    fn auto_falls_back_to_epoll_with_one_warning() {
        let probe = decide(DriverChoice::Auto, refused).expect("auto never fails");
        assert_eq!(probe.driver, Driver::Epoll);
        let warning = probe.warning.expect("a warning");
        assert!(warning.contains("Operation not permitted") && warning.contains("seccomp"), "{warning}");
    }

    #[test]
    fn demanded_io_uring_is_an_error_when_refused() {
        let error = decide(DriverChoice::IoUring, refused).expect_err("refused");
        assert!(error.to_string().contains("Operation not permitted"), "{error}");
    }

    #[test]
    fn forced_epoll_asks_for_nothing_and_warns_of_nothing() {
        let probe = decide(DriverChoice::Epoll, || panic!("must not be probed")).expect("epoll");
        assert_eq!(probe.driver, Driver::Epoll);
        assert!(probe.warning.is_none());
    }
}
