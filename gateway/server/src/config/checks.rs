//! How single settings are checked, and what is said of one that cannot be used.

use super::{
    GRPC_DEFAULT, Given, MANAGEMENT_DEFAULT, MAP_GIB_DEFAULT, MAPS_GIB_MAX, REST_DEFAULT,
    SEGMENT_MIB_DEFAULT, SEGMENT_MIB_MIN,
};
use ringbolt_http::TlsFiles;
use std::fmt::{self, Display};
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _};

/// A setting that cannot be used.
#[derive(Debug)]
pub struct ConfigError {
    setting: &'static str,
    why: String,
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "setting {}: {}", self.setting, self.why)
    }
}

impl std::error::Error for ConfigError {}

pub(crate) fn error(setting: &'static str, why: impl Display) -> ConfigError {
    ConfigError { setting, why: why.to_string() }
}

/// Most MiB that any size setting takes: a tebibyte.
const MIB_MAX: u64 = 1024 * 1024;

pub(crate) fn mib(setting: &'static str, given: Option<u64>, default: u64) -> Result<u64, ConfigError> {
    match given.unwrap_or(default) {
        n @ 1..=MIB_MAX => Ok(n * 1024 * 1024),
        n => Err(error(setting, format!("{n} MiB is not between 1 and {MIB_MAX}"))),
    }
}

/// A segment holds the largest batch.
pub(super) fn segment_bytes(given: Option<u64>) -> Result<u64, ConfigError> {
    match mib("segment-mib", given, SEGMENT_MIB_DEFAULT)? {
        bytes if bytes < SEGMENT_MIB_MIN * 1024 * 1024 => {
            Err(error("segment-mib", format!("less than {SEGMENT_MIB_MIN} MiB")))
        }
        bytes => Ok(bytes),
    }
}

/// Every partition's state has its own.
pub(super) fn map_bytes(
    given: Option<u64>,
    partitions: Option<u16>,
    cores: usize,
) -> Result<usize, ConfigError> {
    let gib = given.unwrap_or(MAP_GIB_DEFAULT);
    let partitions = partitions.map_or(cores as u64, u64::from);
    if gib == 0 || gib.saturating_mul(partitions) > MAPS_GIB_MAX {
        let most = MAPS_GIB_MAX / partitions.max(1);
        return Err(error(
            "map-gib",
            format!("{gib} GiB is not between 1 and {most} for {partitions} partitions"),
        ));
    }
    usize::try_from(gib << 30).map_err(|e| error("map-gib", e))
}

pub(super) fn address(
    setting: &'static str,
    given: Option<&str>,
    default: &str,
) -> Result<SocketAddr, ConfigError> {
    let text = given.unwrap_or(default);
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    // A bare port is one of this machine alone, as that of a client's `--server`.
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let wrong = |why: &dyn Display| {
        error(
            setting,
            format!("{text:?} is no address like 127.0.0.1:8080, [::1]:8080, localhost:8080 or 8080{why}"),
        )
    };
    let is_name =
        text.rsplit_once(':').is_some_and(|(name, port)| !name.is_empty() && port.parse::<u16>().is_ok());
    if !is_name {
        return Err(wrong(&""));
    }
    let mut found = text.to_socket_addrs().map_err(|why| wrong(&format_args!(": {why}")))?;
    found.next().ok_or_else(|| wrong(&": the name has no address"))
}

/// Certificate and key come together, or not at all.
pub(super) fn tls_files(given: &Given) -> Result<Option<TlsFiles>, ConfigError> {
    match (&given.tls_cert, &given.tls_key) {
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }))
        }
        (Some(_), None) => Err(error("tls-key", "a certificate needs its key")),
        (None, Some(_)) => Err(error("tls-cert", "a key needs its certificate")),
        (None, None) if given.tls_management => Err(error("tls-management", "needs tls-cert and tls-key")),
        (None, None) => Ok(None),
    }
}

/// Reads a list of lives, 32 hexadecimal digits each.
pub(super) fn lives(given: Option<&str>) -> Result<Vec<u128>, ConfigError> {
    let parts = given.into_iter().flat_map(|list| list.split(',')).map(str::trim);
    let life = |part: &str| {
        let number = (part.len() == 32).then(|| u128::from_str_radix(part, 16).ok()).flatten();
        number.ok_or_else(|| {
            error("export-anew", format!("{part:?} is no life: 32 hexadecimal digits, as a refusal names it"))
        })
    };
    parts.map(life).collect()
}

/// What tests may do is for no network.
pub(super) fn test_endpoints(given: &Given) -> Result<bool, ConfigError> {
    if !given.test_endpoints {
        return Ok(false);
    }
    for (setting, text, default) in [
        ("rest", &given.rest, REST_DEFAULT),
        ("grpc", &given.grpc, GRPC_DEFAULT),
        ("management", &given.management, MANAGEMENT_DEFAULT),
    ] {
        let address = address(setting, text.as_deref(), default)?;
        if !address.ip().is_loopback() {
            let why = format!(
                "--{setting} {address} is not on loopback: whoever reaches it could empty the server"
            );
            return Err(error("test-endpoints", why));
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{Given, test_endpoints};

    #[test]
    fn what_tests_may_do_is_for_loopback_alone() {
        let given = |address: &str| Given {
            test_endpoints: true,
            grpc: Some(address.to_owned()),
            ..Given::default()
        };
        assert!(matches!(test_endpoints(&Given::default()), Ok(false)));
        for address in ["127.0.0.1:0", "127.9.9.9:1", "[::1]:0"] {
            assert!(matches!(test_endpoints(&given(address)), Ok(true)), "{address}");
        }
        for address in ["0.0.0.0:0", "192.0.2.1:1", "[::]:0"] {
            let refused = test_endpoints(&given(address)).expect_err("no loopback").to_string();
            assert!(refused.starts_with("setting test-endpoints: --grpc "), "{refused}");
        }
    }
}
