//! Certificates made on the spot, and a blocking client under TLS.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A client's session.
pub type Session = StreamOwned<ClientConnection, TcpStream>;

/// An authority with its certificate in a file of its own.
pub struct Authority {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// Certificate and key, as files.
#[derive(Clone, Debug)]
pub struct Files {
    /// PEM.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

impl Files {
    /// The arguments of a server that uses them.
    ///
    /// # Panics
    /// When a path is no UTF-8.
    pub fn args(&self) -> [&str; 4] {
        ["--tls-cert", utf8(&self.certificate), "--tls-key", utf8(&self.key)]
    }
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("a path of UTF-8")
}

impl Authority {
    /// Makes one; its files go into `dir`.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn new(dir: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let this = Self { dir: dir.join(name), issuer: Issuer::new(params, key) };
        std::fs::create_dir_all(&this.dir).expect("a directory");
        std::fs::write(this.certificate(), certificate.pem()).expect("written");
        this
    }

    /// The authority's own certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// A certificate for `localhost` and 127.0.0.1, valid until the end of a year.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn issue(&self, name: &str, last_year: i32) -> Files {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = Files {
            certificate: self.dir.join(format!("{name}.pem")),
            key: self.dir.join(format!("{name}.key")),
        };
        std::fs::write(&files.certificate, certificate.pem()).expect("written");
        std::fs::write(&files.key, key.serialize_pem()).expect("written");
        files
    }

    /// Connects to a server whose certificate this authority must have issued, with these versions and protocols (ALPN).
    ///
    /// # Errors
    /// When nobody listens or the handshake fails.
    ///
    /// # Panics
    /// When the authority's own certificate is gone.
    pub fn connect(
        &self,
        address: SocketAddr,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> io::Result<Session> {
        let mut roots = RootCertStore::empty();
        let own = CertificateDer::from_pem_file(self.certificate()).expect("a certificate");
        roots.add(own).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let mut session = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        let mut socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(crate::http::ANSWER_MAX))?;
        while session.is_handshaking() {
            session.complete_io(&mut socket)?;
        }
        Ok(StreamOwned::new(session, socket))
    }
}
