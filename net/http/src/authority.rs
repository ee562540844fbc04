//! Names and addresses of servers as they stand in `Host`, in `:authority` and in an origin.
//!
//! Compared without regard to case and without a last dot. Nothing is resolved and nothing is decoded: a browser sends names
//! in lower case and ASCII, and a name written in any other way is another name.

use std::{fmt, net::IpAddr};

/// A server as a request names it: `name`, `name:port`, `[address]:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authority<'a> {
    pub(crate) host: Host<'a>,
    /// None when the scheme's own is meant.
    pub(crate) port: Option<u16>,
}

/// A server without its port.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Host<'a> {
    /// An IPv4 address that stands for an IPv6 one is the IPv4 address.
    Address(IpAddr),
    /// Without a last dot.
    Name(&'a str),
}

impl PartialEq for Host<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Host::Address(one), Host::Address(other)) => one == other,
            (Host::Name(one), Host::Name(other)) => one.eq_ignore_ascii_case(other),
            (Host::Address(_), Host::Name(_)) | (Host::Name(_), Host::Address(_)) => false,
        }
    }
}

impl Eq for Host<'_> {}

impl<'a> Host<'a> {
    /// Reads a name or an address; an IPv6 address may stand in brackets. `None` for anything that cannot be either.
    pub(crate) fn parse(text: &'a str) -> Option<Host<'a>> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Some(Host::Address(address.to_canonical()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_name = !name.is_empty() && name.bytes().all(is_name_byte);
        is_name.then_some(Host::Name(name))
    }

    /// Whether it can only mean this machine: no other site can have such a name resolve to it.
    pub(crate) fn is_loopback(self) -> bool {
        const NAME: &str = "localhost";
        match self {
            Host::Address(address) => address.is_loopback(),
            Host::Name(name) => match name.len().checked_sub(NAME.len()) {
                Some(0) => name.eq_ignore_ascii_case(NAME),
                Some(before) => name
                    .split_at_checked(before)
                    .is_some_and(|(before, last)| before.ends_with('.') && last.eq_ignore_ascii_case(NAME)),
                None => false,
            },
        }
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Address(address) => address.fmt(f),
            Host::Name(name) => f.write_str(name),
        }
    }
}

impl<'a> Authority<'a> {
    /// Reads one as it stands in a request. `None` for anything that it cannot be, a user's name among it.
    pub(crate) fn parse(text: &'a str) -> Option<Authority<'a>> {
        let (host, port) = match text.rsplit_once(':') {
            // The colon is one of the address.
            Some((_, after)) if after.ends_with(']') => (text, ""),
            Some((host, port)) => (host, port),
            None => (text, ""),
        };
        // Outside of brackets an address has no colons.
        if host.contains(':') && !host.starts_with('[') {
            return None;
        }
        let port = match port {
            "" => None,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            _ => return None,
        };
        Some(Authority { host: Host::parse(host)?, port })
    }
}

/// What RFC 3986 lets a registered name consist of.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{Authority, Host};

    #[test]
    fn hosts_are_told_from_ports_and_from_nonsense() {
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("LOCALHOST.:80", "localhost", Some(80)),
            ("127.0.0.1:8080", "127.0.0.1", Some(8080)),
            ("[::1]", "::1", None),
            ("[::1]:9600", "::1", Some(9600)),
            ("[::ffff:127.0.0.1]:1", "127.0.0.1", Some(1)),
            ("a-b.example:", "a-b.example", None),
        ] {
            let read = Authority::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((read.host, read.port), (Host::parse(host).expect("a host"), port), "{text}");
        }
        for wrong in [
            "",
            ":80",
            "a:b",
            "a:99999",
            "::1",
            "[::1",
            "::1]:80",
            "user@localhost",
            "a b",
            "a/b",
            "a:1:2",
            "localhost:+1",
            "[localhost]",
            "é",
        ] {
            assert_eq!(Authority::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for name in ["localhost", "LocalHost", "a.localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"] {
            assert!(Host::parse(name).expect("a host").is_loopback(), "{name}");
        }
        for name in ["notlocalhost", "localhost.example", "0.0.0.0", "10.0.0.1", "127.1", "localhos", "::"] {
            assert!(!Host::parse(name).expect("a host").is_loopback(), "{name}");
        }
    }
}
