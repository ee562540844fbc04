//! Asking the server.

use crate::positions::Positions;
use crate::show::items;
use crate::text::safe;
use crate::{Error, Target};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Read as _;
use std::net::Ipv6Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{Response, StatusCode, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::WithBody;
use ureq::{Agent, Body, RequestBuilder};

/// How long an answer may take. One that waits for an instance takes as long as it says, and this.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// What requests are written in.
const JSON: &str = "application/json";
/// Longest answer that is read, bytes.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// From this size on a server is asked whether it takes a body before it is sent, bytes: one that refuses it closes the connection, and
/// what it said would be lost.
const ASKED_BYTES_MIN: usize = 64 * 1024;

/// Rows of a page where all are read.
const PAGE_MAX: usize = 1_000;

/// Where in the log a write stands, as an answer says it and a read sends it back.
const POSITION: &str = "ringbolt-position";

/// A server. What it reads has what it wrote, and what commands of this user wrote a moment ago.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    positions: RefCell<Positions>,
    /// Whether answers are printed as they came.
    pub(crate) is_json: bool,
}

/// A URL of what was given: a port, an address, or a URL.
fn base(server: &str) -> Result<String, Error> {
    let given = server.trim().trim_end_matches('/');
    let given = given.strip_suffix("/v2").unwrap_or(given);
    let url = match given {
        "" => return Err(Error::Usage("the server's address is empty".into())),
        port if port.bytes().all(|byte| byte.is_ascii_digit()) => format!("http://127.0.0.1:{port}"),
        url if url.contains("://") => url.to_owned(),
        port if port.starts_with(':') && !port.starts_with("::") => format!("http://127.0.0.1{port}"),
        address if address.parse::<Ipv6Addr>().is_ok() => format!("http://[{address}]"),
        address => format!("http://{address}"),
    };
    let wrong = |why: &str| Error::Usage(format!("the server's address {why}: {url}"));
    let uri: Uri = url.parse().map_err(|error| wrong(&format!("cannot be read ({error})")))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong("begins with neither http:// nor https://"));
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err(wrong("has a user in it, and nobody logs in"));
    }
    let host = uri.host().unwrap_or_default();
    if host.is_empty() || host == "[]" {
        return Err(wrong("has no host"));
    }
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port != 0);
    if !authority.strip_prefix(host).is_some_and(|rest| match rest.strip_prefix(':') {
        Some(port) => is_port(port),
        None => rest.is_empty(),
    }) {
        return Err(wrong("has no port from 1 to 65535 after its last colon"));
    }
    if uri.query().is_some() || url.contains('#') {
        return Err(wrong("ends in a query"));
    }
    Ok(url)
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

/// What was answered, before anybody believes it.
struct Answer {
    status: StatusCode,
    position: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    fn of(answer: Result<Response<Body>, ureq::Error>) -> Result<Self, ureq::Error> {
        let answer = answer?;
        let position = answer.headers().get(POSITION).and_then(|header| header.to_str().ok());
        let (status, position) = (answer.status(), position.map(str::to_owned));
        Ok(Self { status, position, body: read_body(answer.into_body())? })
    }

    /// Whether it says something against the positions that were named.
    fn refuses_positions(&self) -> bool {
        let detail =
            || serde_json::from_slice::<Value>(&self.body).ok()?["detail"].as_str().map(str::to_owned);
        matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::GATEWAY_TIMEOUT)
            && detail().is_some_and(|detail| detail.contains("position"))
    }
}

impl Client {
    /// The server of a command: what commands of this user wrote a moment ago is found.
    pub(crate) fn new(target: &Target) -> Result<Self, Error> {
        Self::with(target, Positions::of_user)
    }

    /// The same that knows and keeps nothing of other commands.
    pub(crate) fn alone(target: &Target) -> Result<Self, Error> {
        Self::with(target, Positions::alone)
    }

    fn with(target: &Target, positions: impl FnOnce(&str) -> Positions) -> Result<Self, Error> {
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
        let positions = RefCell::new(positions(&base));
        Ok(Self { agent: config.build().into(), base, positions, is_json: target.json })
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

    /// Something answers, and it is no server of this API.
    fn stranger(&self, status: StatusCode) -> Error {
        Error::Unreachable(format!(
            "what answers at {} is not Ringbolt's REST port: it said {status}, and not as the REST API does. --server or RINGBOLT_SERVER says where that is",
            self.base
        ))
    }

    /// The answer to a read: what was written before is waited for. A server that does not know of it is asked without.
    fn read(
        &self,
        ask: impl Fn(Option<&str>) -> Result<Response<Body>, ureq::Error>,
        members: &[&str],
    ) -> Result<Value, Error> {
        let named = self.positions.borrow().header();
        let answer = Answer::of(ask(named.as_deref())).map_err(|error| self.unreachable(&error))?;
        if named.is_none() || !answer.refuses_positions() {
            return self.believe(&answer, members);
        }
        if answer.status == StatusCode::GATEWAY_TIMEOUT {
            // Stale is better than nothing, if it is said; no other read of this command waits as long.
            eprintln!("ringbolt: {} is behind: what was written last may be missing", safe(&self.base));
        }
        self.positions.borrow_mut().forget();
        self.believe(&Answer::of(ask(None)).map_err(|error| self.unreachable(&error))?, members)
    }

    /// The answer to a write, and where it stands.
    fn wrote(&self, answer: Result<Response<Body>, ureq::Error>, members: &[&str]) -> Result<Value, Error> {
        let answer = Answer::of(answer).map_err(|error| self.unreachable(&error))?;
        let value = self.believe(&answer, members)?;
        if let Some(position) = &answer.position {
            self.positions.borrow_mut().told(position);
        }
        Ok(value)
    }

    /// What was answered, which has these members, or is empty where there are none.
    fn believe(&self, answer: &Answer, members: &[&str]) -> Result<Value, Error> {
        let Answer { status, body, .. } = answer;
        let status = *status;
        let value: Value = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(body).map_err(|_| self.stranger(status))?,
        };
        let said = |member: &str| value[member].as_str().filter(|text| !text.is_empty());
        if status.is_success() {
            let is_whole = match members {
                [] => status == StatusCode::NO_CONTENT,
                members => members.iter().all(|member| value.get(member).is_some()),
            };
            return if is_whole { Ok(value) } else { Err(self.stranger(status)) };
        }
        let what =
            said("detail").or(said("title")).map(str::to_owned).ok_or_else(|| self.stranger(status))?;
        Err(if status == StatusCode::NOT_FOUND { Error::NotFound(what) } else { Error::Refused(what) })
    }

    /// The topology, and the server's own version if it says it.
    pub(crate) fn topology(&self) -> Result<(Value, Option<String>), Error> {
        let answer = self.agent.get(format!("{}/v2/topology", self.base)).call();
        let version = answer.as_ref().ok().and_then(|answer| answer.headers().get("ringbolt-version"));
        let version = version.and_then(|version| version.to_str().ok()).map(str::to_owned);
        let answer = Answer::of(answer).map_err(|error| self.unreachable(&error))?;
        Ok((self.believe(&answer, &["brokers", "gatewayVersion"])?, version))
    }

    /// What is at a path, with at least this member.
    pub(crate) fn get(&self, path: &str, member: &str) -> Result<Value, Error> {
        let ask = |named: Option<&str>| naming(self.agent.get(self.url(path)), named).call();
        self.read(ask, &[member])
    }

    /// What is found by a search, as a list.
    pub(crate) fn find(&self, path: &str, body: &Value) -> Result<Value, Error> {
        // As values are to be found later: without blanks.
        let text = body.to_string();
        let ask = |named: Option<&str>| {
            let request = naming(self.agent.post(self.url(path)), named).content_type(JSON);
            asked(request, text.len()).send(&text)
        };
        self.read(ask, LIST)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v2{path}", self.base)
    }

    /// The answer to a body that changes something, with at least these members.
    pub(crate) fn post(&self, path: &str, body: &Value, members: &[&str]) -> Result<Value, Error> {
        self.post_within(path, body, Duration::ZERO, members)
    }

    /// Has something done of which there is nothing to say.
    pub(crate) fn tell(&self, path: &str, body: &Value) -> Result<(), Error> {
        self.post(path, body, &[]).map(drop)
    }

    /// Changes something.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<(), Error> {
        self.change(self.agent.patch(self.url(path)), body)
    }

    /// Puts something in place of what is there.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<(), Error> {
        self.change(self.agent.put(self.url(path)), body)
    }

    fn change(&self, request: RequestBuilder<WithBody>, body: &Value) -> Result<(), Error> {
        let text = body.to_string();
        self.wrote(asked(request.content_type(JSON), text.len()).send(&text), &[]).map(drop)
    }

    /// The answer to a body that may take so long, with at least these members.
    pub(crate) fn post_within(
        &self,
        path: &str,
        body: &Value,
        wait: Duration,
        members: &[&str],
    ) -> Result<Value, Error> {
        let request = self.agent.post(self.url(path));
        let request = request.config().timeout_global(Some(wait + ANSWER_MAX)).build();
        let text = body.to_string();
        self.wrote(asked(request.content_type(JSON), text.len()).send(&text), members)
    }

    /// The answer to a form of files.
    pub(crate) fn post_form(&self, path: &str, boundary: &str, body: &[u8]) -> Result<Value, Error> {
        let request = self.agent.post(self.url(path));
        let request = request.content_type(format!("multipart/form-data; boundary={boundary}"));
        self.wrote(asked(request, body.len()).send(body), &["deployments"])
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
        self.find(path, &body)
    }

    /// All of what is found, by the field that is named.
    pub(crate) fn all(&self, path: &str, filter: &Value, by: &str) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        let mut page = json!({ "limit": PAGE_MAX });
        loop {
            let body = json!({ "filter": filter, "sort": [{ "field": by }], "page": page });
            let found = self.find(path, &body)?;
            let items = items(&found, "items");
            all.extend_from_slice(items);
            match found["page"]["endCursor"].as_str() {
                Some(end) if items.len() >= PAGE_MAX => page = json!({ "limit": PAGE_MAX, "after": end }),
                _ => return Ok(all),
            }
        }
    }

    /// Whether the server has what is searched.
    pub(crate) fn is_searchable(&self) -> Result<bool, Error> {
        match self.find("/process-instances/search", &json!({ "page": { "limit": 0 } })) {
            Err(Error::Refused(why)) if why.contains("without secondary storage") => Ok(false),
            found => found.map(|_| true),
        }
    }

    /// How many there are, and whether there are more than that.
    pub(crate) fn count(&self, path: &str, filter: &Value) -> Result<(u64, bool), Error> {
        let found = self.find(path, &json!({ "filter": filter, "page": { "limit": 1 } }))?;
        let page = &found["page"];
        Ok((page["totalItems"].as_u64().unwrap_or(0), page["hasMoreTotalItems"] == true))
    }
}

/// A read that names what was written before.
fn naming<Kind>(request: RequestBuilder<Kind>, named: Option<&str>) -> RequestBuilder<Kind> {
    named.into_iter().fold(request, |request, named| request.header(POSITION, named))
}

/// What every list has.
const LIST: &[&str] = &["items", "page"];

/// A request whose body is sent when the server has said that it takes it, if it is large.
fn asked(request: RequestBuilder<WithBody>, body_bytes: usize) -> RequestBuilder<WithBody> {
    if body_bytes < ASKED_BYTES_MIN { request } else { request.header("expect", "100-continue") }
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
        assert_eq!(of("::1").as_deref(), Ok("http://[::1]"));
        assert_eq!(of(":8080").as_deref(), Ok("http://127.0.0.1:8080"));
        assert_eq!(of("[::1]:8080").as_deref(), Ok("http://[::1]:8080"));
        assert_eq!(of("HTTP://engine").as_deref(), Ok("HTTP://engine"));
        for wrong in [
            "",
            "ftp://engine",
            "http://",
            "https:///x",
            "engine:",
            "engine:0",
            "engine:99999",
            "99999",
            "0",
            "engine:port",
            "two words",
            "[::1",
            "[]:80",
            "me@engine",
            "engine/?a=b",
            "engine/#a",
            "\u{1b}[2J",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
