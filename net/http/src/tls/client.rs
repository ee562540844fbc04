//! What a client trusts, and its side of the handshake.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use ringbolt_ring::net;
use rustls::{
    ClientConfig, ClientConnection, Connection, RootCertStore, crypto::ring, pki_types::ServerName,
};

use super::{TlsError, TlsStream, server::read_certificates};
use crate::tls::Offer;

/// What a client trusts; cloneable, usable on every core.
#[derive(Clone)]
pub struct ClientTls {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl ClientTls {
    /// Trusts the certificates of a PEM file, as issuers or as the server's own.
    ///
    /// # Errors
    /// When the file cannot be read or holds no usable certificate.
    pub fn trusting(path: &Path) -> Result<ClientTls, TlsError> {
        let unusable = |error| TlsError::Unusable(path.to_owned(), error);
        let mut roots = RootCertStore::empty();
        for certificate in read_certificates(path)? {
            roots.add(certificate).map_err(unusable)?;
        }
        let config = |protocol: &[u8]| {
            let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(unusable)?
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            config.alpn_protocols = vec![protocol.to_vec()];
            Ok(Arc::new(config))
        };
        Ok(ClientTls { http1: config(b"http/1.1")?, http2: config(b"h2")? })
    }

    /// Connects, and makes sure that the server is who it should be: `name` is a DNS name or an address.
    pub(crate) async fn connect(&self, addr: SocketAddr, name: &str, offer: Offer) -> io::Result<TlsStream> {
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let config = match offer {
            Offer::Http => self.http1.clone(),
            Offer::Http2 => self.http2.clone(),
        };
        let session = ClientConnection::new(config, name).map_err(io::Error::other)?;
        let stream = net::connect(addr).await?;
        let mut tls = TlsStream::new(stream, Connection::Client(session));
        if let Err(error) = tls.handshake().await {
            tls.say_why().await;
            return Err(error.into());
        }
        Ok(tls)
    }
}
