//! A blocking HTTP/1.1 client over one kept-alive connection, plain or any other: small enough to see every byte that is sent.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before a test gives up.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Content type; empty without one.
    pub content_type: String,
    /// Names of headers in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header; empty without it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// What carries a connection's bytes.
pub trait Wire: Read + Write + Send {}

impl<T: Read + Write + Send> Wire for T {}

/// One connection.
pub struct Client {
    address: SocketAddr,
    stream: BufReader<Box<dyn Wire>>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        Ok(Self::over(address, stream))
    }

    /// Speaks over a connection that was made in another way.
    pub fn over(address: SocketAddr, wire: impl Wire + 'static) -> Self {
        Self { address, stream: BufReader::new(Box::new(wire)) }
    }

    /// Sends bytes as they are and reads one answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub fn raw(&mut self, request: &[u8]) -> io::Result<Response> {
        // A server that has seen enough answers before the end.
        let wire = self.stream.get_mut();
        let written = wire.write_all(request).and_then(|()| wire.flush());
        self.read_response().map_err(|error| written.err().unwrap_or(error))
    }

    /// Sends a request with a body of a content type.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> io::Result<Response> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.raw(&request)
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub fn post(&mut self, path: &str, body: &Value) -> io::Result<Response> {
        self.request("POST", path, "application/json", body.to_string().as_bytes())
    }

    /// Sends a request with further headers, each with its end of line.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub fn send(&mut self, method: &str, path: &str, headers: &str, body: &Value) -> io::Result<Response> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.raw(request.as_bytes())
    }

    /// Gets a resource.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub fn get(&mut self, path: &str) -> io::Result<Response> {
        self.raw(format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).as_bytes())
    }

    /// Deploys one file.
    ///
    /// # Errors
    /// When the connection breaks or the answer is no HTTP.
    pub fn deploy(&mut self, name: &str, content: &str) -> io::Result<Response> {
        let boundary = "ringbolt-tests-boundary";
        let body = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"resources\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n{content}\r\n--{boundary}--\r\n"
        );
        let content_type = format!("multipart/form-data; boundary={boundary}");
        self.request("POST", "/v2/deployments", &content_type, body.as_bytes())
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn read_response(&mut self) -> io::Result<Response> {
        let status_line = self.read_line()?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no HTTP: {status_line:?}")))?;
        let (mut length, mut is_chunked, mut content_type) = (0, false, String::new());
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
                "transfer-encoding" => is_chunked = value.trim() == "chunked",
                "content-type" => content_type = value.trim().to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if is_chunked {
            body = self.read_chunks()?;
        } else {
            self.stream.read_exact(&mut body)?;
        }
        Ok(Response { status, content_type, headers, body })
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.read_line()?, 16).map_err(io::Error::other)?;
            let start = body.len();
            body.resize(start + size, 0);
            self.stream.read_exact(&mut body[start..])?;
            self.read_line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}
