//! Certificates of a test: an authority of its own, and what it signs.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use ringbolt_http::{ServerTls, TlsFiles, client::ClientTls};

/// An authority with its certificate in `ca.pem`.
pub(crate) struct Authority {
    dir: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        let dir = tempfile::tempdir().expect("a directory");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        std::fs::write(dir.path().join("ca.pem"), certificate.pem()).expect("written");
        Authority { dir, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Signs a certificate for `localhost` and 127.0.0.1 into `<name>.pem` and `<name>.key`; `change` may change it.
    pub(crate) fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsFiles {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = TlsFiles {
            certificate: self.path(&format!("{name}.pem")),
            key: self.path(&format!("{name}.key")),
        };
        std::fs::write(&files.certificate, certificate.pem()).expect("written");
        std::fs::write(&files.key, key.serialize_pem()).expect("written");
        files
    }

    pub(crate) fn server(&self) -> ServerTls {
        let files = self.issue("server", |_| ());
        let (tls, warnings) = ServerTls::load(files, ringbolt_ring::time::unix_ms()).expect("usable");
        assert_eq!(warnings, []);
        tls
    }

    pub(crate) fn client(&self) -> ClientTls {
        ClientTls::trusting(&self.path("ca.pem")).expect("usable")
    }

    pub(crate) fn roots(&self) -> rustls::RootCertStore {
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        let mut roots = rustls::RootCertStore::empty();
        let ca: &Path = &self.path("ca.pem");
        roots.add(CertificateDer::from_pem_file(ca).expect("PEM")).expect("a certificate");
        roots
    }
}
