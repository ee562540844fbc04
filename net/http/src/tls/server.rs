//! A server's certificate and key: read from PEM files, checked, kept for all cores, replaced while the server runs.
//!
//! Files are read at start and on a reload, never on a core's loop. A connection takes the configuration of its moment; replacing it
//! changes nothing for those that are open. With a new configuration come new ticket keys, so that nobody resumes
//! a session under a certificate that was replaced.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::RwLock;
use rustls::{
    InconsistentKeys, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::NoServerSessionStorage,
    sign::CertifiedKey,
};

use super::validity::{Moment, validity};

/// Bytes of a certificate or key file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Certificates of a chain.
const CHAIN_MAX: usize = 16;

/// Which application protocols a port offers (ALPN).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// `h2` and `http/1.1`; a client that names none is asked by its first bytes.
    Http,
    /// `h2` alone: a client that names others only is refused.
    Http2,
}

/// Where certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM: the server's certificate, then those of its issuers.
    pub certificate: PathBuf,
    /// PEM: its private key (PKCS #8, PKCS #1 or SEC 1).
    pub key: PathBuf,
}

/// Why files cannot be used.
#[derive(Debug)]
pub enum TlsError {
    /// A file cannot be read.
    File(PathBuf, io::Error),
    /// A file is damaged, or has not what it should have.
    Content(PathBuf, String),
    /// The key is not that of the first certificate.
    Mismatch(TlsFiles),
    /// rustls does not take them.
    Unusable(PathBuf, rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::File(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            TlsError::Content(path, why) => write!(f, "{}: {why}", path.display()),
            TlsError::Mismatch(TlsFiles { certificate, key }) => write!(
                f,
                "the key in {} is not that of the first certificate in {}",
                key.display(),
                certificate.display()
            ),
            TlsError::Unusable(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TlsError::File(_, error) => Some(error),
            TlsError::Unusable(_, error) => Some(error),
            TlsError::Content(..) | TlsError::Mismatch(_) => None,
        }
    }
}

/// What is served although it is hardly meant: a certificate out of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsWarning(String);

impl fmt::Display for TlsWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One configuration per [`Offer`].
struct Configs {
    http: Arc<ServerConfig>,
    http2: Arc<ServerConfig>,
}

/// A certificate in use; cloneable, the same for all cores.
#[derive(Clone)]
pub struct ServerTls {
    files: TlsFiles,
    configs: Arc<RwLock<Configs>>,
}

impl ServerTls {
    /// Reads and checks the files. `now_ms` is the wall clock, Unix milliseconds: a certificate out of its time is only warned of.
    ///
    /// # Errors
    /// When a file cannot be read, holds no certificate or no key, or key and certificate do not belong together.
    pub fn load(files: TlsFiles, now_ms: i64) -> Result<(ServerTls, Vec<TlsWarning>), TlsError> {
        let (configs, warnings) = load(&files, now_ms)?;
        Ok((ServerTls { files, configs: Arc::new(RwLock::new(configs)) }, warnings))
    }

    /// Reads the files again; new connections get what they hold now. What cannot be used changes nothing.
    ///
    /// # Errors
    /// As [`ServerTls::load`].
    pub fn reload(&self, now_ms: i64) -> Result<Vec<TlsWarning>, TlsError> {
        let (configs, warnings) = load(&self.files, now_ms)?;
        *self.configs.write() = configs;
        Ok(warnings)
    }

    /// The files that it was loaded from.
    pub fn files(&self) -> &TlsFiles {
        &self.files
    }

    pub(crate) fn config(&self, offer: Offer) -> Arc<ServerConfig> {
        let configs = self.configs.read();
        match offer {
            Offer::Http => configs.http.clone(),
            Offer::Http2 => configs.http2.clone(),
        }
    }
}

/// A file's bytes, within a bound.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |error| TlsError::File(path.to_owned(), error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(TlsError::Content(path.to_owned(), format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

/// The certificates of a PEM file, at least one.
pub(super) fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read_file(path)?;
    let content = |why: String| TlsError::Content(path.to_owned(), why);
    let certificates = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| content(format!("damaged PEM: {error}")))?;
    if certificates.is_empty() {
        return Err(content("no certificate (a PEM section BEGIN CERTIFICATE) in it".to_owned()));
    }
    Ok(certificates)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = read_file(path)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| {
        let why = match error {
            pem::Error::NoItemsFound if bytes.windows(9).any(|part| part == b"ENCRYPTED") => {
                "its private key is encrypted: store it without a passphrase".to_owned()
            }
            pem::Error::NoItemsFound => {
                "no private key (a PEM section like BEGIN PRIVATE KEY) in it".to_owned()
            }
            error => format!("damaged PEM: {error}"),
        };
        TlsError::Content(path.to_owned(), why)
    })
}

fn load(files: &TlsFiles, now_ms: i64) -> Result<(Configs, Vec<TlsWarning>), TlsError> {
    let chain = read_certificates(&files.certificate)?;
    if chain.len() > CHAIN_MAX {
        let why = format!("{} certificates, more than a chain of {CHAIN_MAX}", chain.len());
        return Err(TlsError::Content(files.certificate.clone(), why));
    }
    let key = read_key(&files.key)?;
    let warnings = warnings(files, &chain, now_ms);
    let provider = Arc::new(ring::default_provider());
    let signing = provider
        .key_provider
        .load_private_key(key)
        .map_err(|error| TlsError::Unusable(files.key.clone(), error))?;
    let certified = CertifiedKey::new(chain, signing);
    match certified.keys_match() {
        Ok(()) => {}
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            return Err(TlsError::Mismatch(files.clone()));
        }
        Err(error) => return Err(TlsError::Unusable(files.certificate.clone(), error)),
    }
    let resolver = Arc::new(rustls::sign::SingleCertAndKey::from(certified));
    let tickets =
        ring::Ticketer::new().map_err(|error| TlsError::Unusable(files.certificate.clone(), error))?;
    let config = |protocols: &[&[u8]]| {
        let mut config = builder(provider.clone())
            .map_err(|error| TlsError::Unusable(files.certificate.clone(), error))?
            .with_no_client_auth()
            .with_cert_resolver(resolver.clone());
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        // Sessions are resumed by tickets alone: no table to bound, no lock between cores.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = tickets.clone();
        Ok(Arc::new(config))
    };
    let configs = Configs { http: config(&[b"h2", b"http/1.1"])?, http2: config(&[b"h2"])? };
    Ok((configs, warnings))
}

type Builder = rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>;

fn builder(provider: Arc<CryptoProvider>) -> Result<Builder, rustls::Error> {
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
}

fn warnings(files: &TlsFiles, chain: &[CertificateDer<'_>], now_ms: i64) -> Vec<TlsWarning> {
    let now = now_ms.div_euclid(1000);
    let warn = |number: usize, what: &str, moment: Moment| {
        let path = files.certificate.display();
        TlsWarning(format!("certificate {number} in {path} {what} {moment}"))
    };
    let mut warnings = Vec::new();
    for (number, certificate) in chain.iter().enumerate().map(|(index, certificate)| (index + 1, certificate))
    {
        match validity(certificate) {
            Some((from, _)) if now < from.unix_seconds() => {
                warnings.push(warn(number, "is not valid before", from));
            }
            Some((_, until)) if now > until.unix_seconds() => {
                warnings.push(warn(number, "has expired: it was valid until", until));
            }
            Some(_) | None => {}
        }
    }
    warnings
}
