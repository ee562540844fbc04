//! Asking the server.

use crate::{Error, Target};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// How long an answer may take. One that waits for an instance takes as long as it says, and this.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// What requests are written in.
const JSON: &str = "application/json";
/// Longest answer that is read, bytes.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A server.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    /// Whether answers are printed as they came.
    pub(crate) is_json: bool,
}

/// A URL of what was given: a port, an address, or a URL.
fn base(server: &str) -> Result<String, Error> {
    let server = server.trim().trim_end_matches('/');
    let server = server.strip_suffix("/v2").unwrap_or(server);
    let url = match server {
        "" => return Err(Error::Usage("the server's address is empty".into())),
        port if port.bytes().all(|byte| byte.is_ascii_digit()) => format!("http://127.0.0.1:{port}"),
        url if url.contains("://") => url.to_owned(),
        address => format!("http://{address}"),
    };
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url);
    }
    Err(Error::Usage(format!("the server's address begins with neither http:// nor https://: {url}")))
}

fn trusted(path: &Path) -> Result<Vec<Certificate<'static>>, Error> {
    let wrong = |why: &dyn std::fmt::Display| Error::Usage(format!("{}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(&error))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(wrong(&"it has no certificate"));
    }
    Ok(certificates)
}

impl Client {
    pub(crate) fn new(target: &Target) -> Result<Self, Error> {
        let base = base(&target.server)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_MAX))
            .user_agent(concat!("ringbolt/", env!("CARGO_PKG_VERSION")));
        if base.starts_with("https://") {
            let Some(path) = &target.tls_ca else {
                return Err(Error::Usage("https needs --tls-ca with the certificates to trust".into()));
            };
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::Specific(Arc::new(trusted(path)?)))
                .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .build();
            config = config.tls_config(tls);
        }
        Ok(Self { agent: config.build().into(), base, is_json: target.json })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    fn unreachable(&self, error: &ureq::Error) -> Error {
        Error::Unreachable(format!(
            "no answer from {}: {error}. Is it running? --server or RINGBOLT_SERVER says where",
            self.base
        ))
    }

    fn read(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Value, Error> {
        let answer = answer.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let body = read_body(answer.into_body()).map_err(|error| self.unreachable(&error))?;
        let value: Value = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).map_err(|_| {
                Error::Refused(format!("{} answered {status}, but not as Ringbolt does", self.base))
            })?,
        };
        if status.is_success() {
            return Ok(value);
        }
        let said = |member: &str| value[member].as_str().filter(|text| !text.is_empty());
        let what = said("detail").or(said("title")).map_or_else(|| status.to_string(), str::to_owned);
        Err(if status == StatusCode::NOT_FOUND { Error::NotFound(what) } else { Error::Refused(what) })
    }

    /// The topology, and the server's own version if it says it.
    pub(crate) fn topology(&self) -> Result<(Value, Option<String>), Error> {
        let answer = self.agent.get(format!("{}/v2/topology", self.base)).call();
        let version = answer.as_ref().ok().and_then(|answer| answer.headers().get("ringbolt-version"));
        let version = version.and_then(|version| version.to_str().ok()).map(str::to_owned);
        Ok((self.read(answer)?, version))
    }

    /// What is at a path.
    pub(crate) fn get(&self, path: &str) -> Result<Value, Error> {
        self.read(self.agent.get(format!("{}/v2{path}", self.base)).call())
    }

    /// The answer to a body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.post_within(path, body, Duration::ZERO)
    }

    /// The answer to a change of something.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<Value, Error> {
        let request = self.agent.patch(format!("{}/v2{path}", self.base)).content_type(JSON);
        self.read(request.send(&body.to_string()))
    }

    /// The answer to a body that may take so long.
    pub(crate) fn post_within(&self, path: &str, body: &Value, wait: Duration) -> Result<Value, Error> {
        let request = self.agent.post(format!("{}/v2{path}", self.base));
        let request = request.config().timeout_global(Some(wait + ANSWER_MAX)).build();
        // As values are to be found later: without blanks.
        self.read(request.content_type(JSON).send(&body.to_string()))
    }

    /// The answer to a form of files.
    pub(crate) fn post_form(&self, path: &str, boundary: &str, body: &[u8]) -> Result<Value, Error> {
        let request = self.agent.post(format!("{}/v2{path}", self.base));
        let request = request.content_type(format!("multipart/form-data; boundary={boundary}"));
        self.read(request.send(body))
    }

    /// The first of what is found, newest first by the field that is named.
    pub(crate) fn search(
        &self,
        path: &str,
        filter: &Value,
        newest_by: &str,
        limit: u32,
    ) -> Result<Value, Error> {
        let body = json!({
            "filter": filter,
            "sort": [{ "field": newest_by, "order": "DESC" }],
            "page": { "limit": limit }
        });
        self.post(path, &body)
    }

    /// How many there are, and whether there are more than that.
    pub(crate) fn count(&self, path: &str, filter: &Value) -> Result<(u64, bool), Error> {
        let found = self.post(path, &json!({ "filter": filter, "page": { "limit": 1 } }))?;
        let page = &found["page"];
        Ok((page["totalItems"].as_u64().unwrap_or(0), page["hasMoreTotalItems"] == true))
    }
}

fn read_body(body: Body) -> Result<Vec<u8>, ureq::Error> {
    let mut bytes = Vec::new();
    body.into_with_config().limit(ANSWER_BYTES_MAX).reader().read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn a_server_is_named_by_port_address_or_url() {
        let of = |server| base(server).map_err(|error| error.to_string());
        assert_eq!(of("8080").as_deref(), Ok("http://127.0.0.1:8080"));
        assert_eq!(of("engine:80/").as_deref(), Ok("http://engine:80"));
        assert_eq!(of("https://engine.example/base/v2").as_deref(), Ok("https://engine.example/base"));
        assert!(of("").is_err());
        assert!(of("ftp://engine").is_err());
    }
}
