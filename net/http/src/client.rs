//! One client connection over HTTP/1.1 or HTTP/2, for the load tool, tests and peers.
//!
//! Deliberately absent: pools, redirects, retries and name resolution.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use http::{Request, Response, uri::Scheme};
use hyper::client::conn::{http1, http2};
use ringbolt_ring::{net, rt::Executor, spawn};

use crate::{body::Body, incoming::Incoming, tls::Offer, transport::Transport};

pub use crate::tls::ClientTls;

/// What a client lets a server send before it is read, per stream and per connection, in bytes.
const WINDOW_BYTES: u32 = 4 * 1024 * 1024;

/// Where a server is, and how it is spoken to.
#[derive(Clone)]
pub struct Endpoint {
    addr: SocketAddr,
    tls: Option<(ClientTls, Arc<str>)>,
}

impl Endpoint {
    /// Plain.
    pub fn plain(addr: SocketAddr) -> Endpoint {
        Endpoint { addr, tls: None }
    }

    /// Under TLS, with a certificate for `name` (a DNS name or an address).
    pub fn tls(addr: SocketAddr, tls: ClientTls, name: &str) -> Endpoint {
        Endpoint { addr, tls: Some((tls, Arc::from(name))) }
    }

    /// Its address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The scheme of its URIs.
    pub fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::HTTPS } else { Scheme::HTTP }
    }

    /// Connects from this core, for HTTP/1.1 ([`Offer::Http`]) or HTTP/2.
    ///
    /// # Errors
    /// When nobody listens, or the server is not who it should be.
    pub async fn connect(&self, offer: Offer) -> io::Result<Transport> {
        match &self.tls {
            None => Ok(net::connect(self.addr).await?.into()),
            Some((tls, name)) => Ok(tls.connect(self.addr, name, offer).await?.into()),
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(addr: SocketAddr) -> Endpoint {
        Endpoint::plain(addr)
    }
}

/// Why a request got no response.
#[derive(Debug)]
pub enum ClientError {
    /// No connection.
    Connect(io::Error),
    /// The connection or stream broke.
    Http(hyper::Error),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Connect(error) => write!(f, "cannot connect: {error}"),
            ClientError::Http(error) => write!(f, "no response: {error}"),
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ClientError::Connect(error) => Some(error),
            ClientError::Http(error) => Some(error),
        }
    }
}

/// An HTTP/1.1 connection: one request at a time.
pub struct Http1Client {
    sender: http1::SendRequest<Body>,
}

impl Http1Client {
    /// Connects from this core.
    pub async fn connect(to: impl Into<Endpoint>) -> Result<Http1Client, ClientError> {
        let stream = to.into().connect(Offer::Http).await.map_err(ClientError::Connect)?;
        let (sender, connection) = http1::handshake(stream).await.map_err(ClientError::Http)?;
        // The connection's end reaches its requests; alone it means nothing.
        spawn(async move { drop(connection.await) });
        Ok(Http1Client { sender })
    }

    /// Sends a request when the previous response was read. The caller sets `host`.
    pub async fn send(&mut self, request: Request<Body>) -> Result<Response<Incoming>, ClientError> {
        self.sender.ready().await.map_err(ClientError::Http)?;
        let response = self.sender.send_request(request).await.map_err(ClientError::Http)?;
        Ok(response.map(Incoming::from))
    }

    /// Whether the server closed the connection.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

/// An HTTP/2 connection (prior knowledge): cloneable, many requests at a time.
#[derive(Clone)]
pub struct Http2Client {
    sender: http2::SendRequest<Body>,
}

impl Http2Client {
    /// Connects from this core.
    pub async fn connect(to: impl Into<Endpoint>) -> Result<Http2Client, ClientError> {
        let stream = to.into().connect(Offer::Http2).await.map_err(ClientError::Connect)?;
        let (sender, connection) = http2::Builder::new(Executor)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .handshake(stream)
            .await
            .map_err(ClientError::Http)?;
        spawn(async move { drop(connection.await) });
        Ok(Http2Client { sender })
    }

    /// Sends a request; its URI carries scheme and authority.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, ClientError> {
        let mut sender = self.sender.clone();
        sender.ready().await.map_err(ClientError::Http)?;
        let response = sender.send_request(request).await.map_err(ClientError::Http)?;
        Ok(response.map(Incoming::from))
    }

    /// Whether the connection is gone.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}
