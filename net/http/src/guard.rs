//! Who may ask a port: under which names, and from which pages.
//!
//! A browser sends requests for every page that it shows, with whatever access to the network its user has. Against that
//! stand two looks at each request. `Host`: a page whose own name was made to resolve to this machine counts as this
//! server's to the browser, so on a loopback port only the machine's own names and those that were named are
//! answered. `Origin` and `Sec-Fetch-Site`: what comes from the page of another site is refused, unless that site was named.
//! Who is no browser sends neither of the two headers and notices nothing.
//!
//! Invariants
//! - A refused request reaches no service; its body is not read.
//! - Without a named origin no response carries a CORS header.
//!
//! Deliberately absent: who somebody is. A guard keeps browsers from being used, not clients from asking.

use std::{cell::RefCell, fmt, net::SocketAddr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};

use crate::{
    authority::{Authority, Host},
    body::Body,
    problem::{self, shown},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// What a page of a named origin may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What it may read besides what every page may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "retry-after, x-request-id, ringbolt-version, ringbolt-position, ringbolt-complete-since",
);
/// How long a browser may remember a preflight, in seconds.
const PREFLIGHT_AGE: HeaderValue = HeaderValue::from_static("600");

/// A name or an address that a port answers to, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(Arc<str>);

/// Which names a port answers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosts {
    /// Whatever it is called.
    #[default]
    Any,
    /// Those of this machine, and these.
    Named(Vec<HostName>),
}

/// A site: scheme, host, port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: Arc<str>,
}

/// Why a host or an origin in a setting is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotASite {
    text: String,
    expected: &'static str,
}

impl fmt::Display for NotASite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no {}", self.text, self.expected)
    }
}

impl std::error::Error for NotASite {}

impl HostName {
    /// Reads a name or an address.
    ///
    /// # Errors
    /// When it is neither, or has a port.
    pub fn parse(text: &str) -> Result<HostName, NotASite> {
        // An asterisk is a character of names, but nobody's.
        match Host::parse(text).filter(|_| !text.contains('*')) {
            Some(host) => Ok(HostName(host.to_string().into())),
            None => Err(NotASite { text: text.to_owned(), expected: "name like example.com or address" }),
        }
    }

    fn host(&self) -> Option<Host<'_>> {
        Host::parse(&self.0)
    }
}

impl Hosts {
    /// Those of a port: on a loopback address its own and the allowed ones; elsewhere, where names are given out by
    /// others, any until some are allowed.
    pub fn of_port(address: SocketAddr, allowed: &[HostName]) -> Hosts {
        if address.ip().to_canonical().is_loopback() || !allowed.is_empty() {
            Hosts::Named(allowed.to_vec())
        } else {
            Hosts::Any
        }
    }

    fn admits(&self, host: Host<'_>) -> bool {
        match self {
            Hosts::Any => true,
            Hosts::Named(names) => host.is_loopback() || names.iter().any(|name| name.host() == Some(host)),
        }
    }
}

/// `https` first: [`scheme_and_rest`] takes what fits.
const SCHEMES: [(&str, u16); 2] = [("https://", 443), ("http://", 80)];

/// An origin's authority, the port of its scheme, and whether the scheme is encrypted.
fn scheme_and_rest(origin: &str) -> Option<(Authority<'_>, u16, bool)> {
    let (scheme, port) = SCHEMES.into_iter().find(|(scheme, _)| origin.starts_with(scheme))?;
    Some((Authority::parse(&origin[scheme.len()..])?, port, scheme.starts_with("https")))
}

impl Origin {
    /// Reads an origin as browsers send it: `https://example.com`, `http://localhost:3000`.
    ///
    /// # Errors
    /// When it is none: a path, an asterisk, another scheme.
    pub fn parse(text: &str) -> Result<Origin, NotASite> {
        let lower = text.to_ascii_lowercase();
        let read = scheme_and_rest(&lower).filter(|_| !text.contains('*'));
        let Some((authority, scheme_port, is_encrypted)) = read else {
            return Err(NotASite {
                text: text.to_owned(),
                expected: "origin like https://example.com or http://localhost:3000",
            });
        };
        let scheme = if is_encrypted { "https" } else { "http" };
        let host = match authority.host {
            Host::Address(address @ std::net::IpAddr::V6(_)) => format!("[{address}]"),
            other => other.to_string(),
        };
        let text = match authority.port.filter(|port| *port != scheme_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Origin { text: text.into() })
    }

    fn is(&self, sent: &HeaderValue) -> bool {
        self.text.as_bytes() == sent.as_bytes()
    }
}

/// Whom a port answers; the default answers everybody.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// The names that it answers to.
    pub hosts: Hosts,
    /// Whether pages of other sites are refused.
    pub sites: Sites,
}

/// What becomes of requests of pages of other sites.
#[derive(Clone, Debug, Default)]
pub enum Sites {
    /// They are answered: nobody's browser gets here, or nothing here could hurt.
    #[default]
    Open,
    /// They are refused, but for those of these origins.
    Own(Arc<[Origin]>),
    /// As [`Sites::Own`], but for calls of gRPC, which no browser can make.
    OwnButGrpc(Arc<[Origin]>),
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its `Host` is missing, there twice, or none.
    NoHost,
    /// Its `Host` is no name of this port.
    Host,
    /// Its page belongs to another site.
    Site,
    /// Clients do not read what they asked for, and the core holds too much of it.
    Unread,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 4] = [Reason::NoHost, Reason::Host, Reason::Site, Reason::Unread];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Reason::NoHost => "no_host",
            Reason::Host => "host",
            Reason::Site => "site",
            Reason::Unread => "unread",
        }
    }
}

/// What a guard has to say of a request that it does not simply let pass.
pub(crate) enum Stopped {
    /// Refused; the text says what was wrong.
    Refused(Reason, String),
    /// A browser's question whether a page of a named origin may ask.
    Preflight(HeaderValue),
}

/// The headers that a guard looks at, found in one pass.
struct Asked<'a> {
    host: Option<&'a HeaderValue>,
    has_more_hosts: bool,
    origin: Option<&'a HeaderValue>,
    has_more_origins: bool,
    /// The page is another site's.
    site: Option<&'a HeaderValue>,
}

impl<'a> Asked<'a> {
    fn of(headers: &'a HeaderMap) -> Asked<'a> {
        let mut asked =
            Asked { host: None, has_more_hosts: false, origin: None, has_more_origins: false, site: None };
        for (name, value) in headers {
            if name == header::HOST {
                asked.has_more_hosts |= asked.host.is_some();
                asked.host = asked.host.or(Some(value));
            } else if name == header::ORIGIN {
                asked.has_more_origins |= asked.origin.is_some();
                asked.origin = asked.origin.or(Some(value));
            } else if name == SEC_FETCH_SITE && is_other_site(value) {
                asked.site = asked.site.or(Some(value));
            }
        }
        asked
    }
}

/// The name that the last admitted request of a connection was sent to: the next one has it too, and needs no other look.
#[derive(Default)]
pub(crate) struct KnownHost(RefCell<String>);

impl KnownHost {
    fn is<B>(&self, request: &Request<B>, asked: &Asked<'_>) -> bool {
        only_host(request, asked).is_some_and(|host| host == self.0.borrow().as_str())
    }

    fn learn<B>(&self, request: &Request<B>, asked: &Asked<'_>) {
        let Some(host) = only_host(request, asked) else { return };
        let mut known = self.0.borrow_mut();
        if host != known.as_str() {
            known.clear();
            known.push_str(host);
        }
    }
}

/// What a request calls its server, if it says so once.
fn only_host<'a, B>(request: &'a Request<B>, asked: &Asked<'a>) -> Option<&'a str> {
    match (request.uri().authority(), asked.host) {
        // HTTP/1.1 has to say it in its header.
        (Some(authority), None) if request.version() != Version::HTTP_11 => Some(authority.as_str()),
        (None, Some(host)) if !asked.has_more_hosts => host.to_str().ok(),
        (_, _) => None,
    }
}

impl Guard {
    /// Looks at a request. `Ok` with the origin that the response is for, when it is a named one.
    pub(crate) fn admit<B>(
        &self,
        request: &Request<B>,
        known: &KnownHost,
        is_tls: bool,
    ) -> Result<Option<HeaderValue>, Stopped> {
        let named = match &self.sites {
            // Its clients call a server as they like: by the name of a service, of a proxy, of a test.
            Sites::OwnButGrpc(_) if is_grpc(request) => return Ok(None),
            Sites::Own(named) | Sites::OwnButGrpc(named) => Some(named),
            Sites::Open => None,
        };
        let asked = Asked::of(request.headers());
        if asked.origin.is_none() && asked.site.is_none() && known.is(request, &asked) {
            return Ok(None);
        }
        let host = self.check_host(request, &asked)?;
        known.learn(request, &asked);
        let Some(named) = named else { return Ok(None) };
        if let Some(origin) = asked.origin {
            if !asked.has_more_origins && named.iter().any(|named| named.is(origin)) {
                return if is_preflight(request) {
                    Err(Stopped::Preflight(origin.clone()))
                } else {
                    Ok(Some(origin.clone()))
                };
            }
            if asked.has_more_origins || !is_own(origin, host, is_tls) {
                return Err(foreign(format!("Origin '{}'", shown(origin.as_bytes()))));
            }
        }
        match asked.site {
            Some(site) if !is_navigation(request) => {
                Err(foreign(format!("Sec-Fetch-Site '{}'", shown(site.as_bytes()))))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// The name that the request was sent to, when it has one.
    fn check_host<'a, B>(
        &self,
        request: &'a Request<B>,
        asked: &Asked<'a>,
    ) -> Result<Option<Authority<'a>>, Stopped> {
        let malformed = |what: &str| Stopped::Refused(Reason::NoHost, what.to_owned());
        let field = asked.host;
        if asked.has_more_hosts {
            return Err(malformed("The request has more than one 'Host' header"));
        }
        if field.is_none() && request.version() == Version::HTTP_11 {
            return Err(malformed("The request has no 'Host' header"));
        }
        let field = match field.map(HeaderValue::to_str) {
            None => None,
            Some(Ok(text)) => Some(text),
            Some(Err(_)) => return Err(malformed("The 'Host' header is no name or address")),
        };
        let mut first = None;
        // A target with an authority goes before the header; both have to be ours.
        for text in request.uri().authority().map(http::uri::Authority::as_str).into_iter().chain(field) {
            let Some(authority) = Authority::parse(text) else {
                return Err(malformed("The 'Host' header is no name or address"));
            };
            if !self.hosts.admits(authority.host) {
                let text = format!(
                    "Host '{}' is not a name of this server (see the setting allowed-hosts)",
                    shown(text.as_bytes())
                );
                return Err(Stopped::Refused(Reason::Host, text));
            }
            first = first.or(Some(authority));
        }
        Ok(first)
    }

    /// Whether responses may differ by origin.
    fn has_origins(&self) -> bool {
        match &self.sites {
            Sites::Open => false,
            Sites::Own(named) | Sites::OwnButGrpc(named) => !named.is_empty(),
        }
    }

    /// Says in a response for whom it is: a page of `origin`, if that is a named one.
    pub(crate) fn mark(&self, response: &mut Response<Body>, origin: Option<HeaderValue>) {
        if !self.has_origins() {
            return;
        }
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }

    /// The response to a request that is stopped here.
    pub(crate) fn answer<B>(&self, request: &Request<B>, stopped: Stopped) -> Response<Body> {
        let (reason, text) = match stopped {
            Stopped::Preflight(origin) => return self.preflight(request.headers(), origin),
            Stopped::Refused(reason, text) => (reason, text),
        };
        let status = match reason {
            Reason::NoHost => StatusCode::BAD_REQUEST,
            Reason::Host | Reason::Site => StatusCode::FORBIDDEN,
            Reason::Unread => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = problem::response(status, &text, request.uri().path());
        if reason == Reason::Unread {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        self.mark(&mut response, None);
        response
    }

    fn preflight(&self, asked: &HeaderMap, origin: HeaderValue) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        self.mark(&mut response, Some(origin));
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_AGE);
        // A header decides nothing here that a named origin may not decide.
        if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        response
    }
}

fn foreign(what: String) -> Stopped {
    let text =
        format!("{what} is another site, and its pages may not ask here (see the setting cors-origins)");
    Stopped::Refused(Reason::Site, text)
}

/// Whether the page came from where the request goes to. Behind a proxy that speaks TLS the page's scheme may be `https`
/// where this connection is plain, never the other way round.
fn is_own(origin: &HeaderValue, host: Option<Authority<'_>>, is_tls: bool) -> bool {
    let Some((page, scheme_port, is_encrypted)) = origin.to_str().ok().and_then(scheme_and_rest) else {
        return false;
    };
    let Some(host) = host else { return false };
    (is_encrypted || !is_tls) && is_at(&page, &host, scheme_port)
}

/// Whether a page of an origin is one of the host that a request calls its server, by the rule of the guard; that one of the two speaks TLS
/// does not matter here.
pub fn is_of_host(origin: &[u8], host: &str) -> bool {
    let origin = std::str::from_utf8(origin).ok().and_then(scheme_and_rest);
    let (Some((page, port, _)), Some(host)) = (origin, Authority::parse(host)) else { return false };
    is_at(&page, &host, port)
}

/// Whether two authorities are one, with the port of the scheme where none is said.
fn is_at(page: &Authority<'_>, host: &Authority<'_>, scheme_port: u16) -> bool {
    page.host == host.host && page.port.unwrap_or(scheme_port) == host.port.unwrap_or(scheme_port)
}

fn is_other_site(site: &HeaderValue) -> bool {
    let site = site.as_bytes();
    site.eq_ignore_ascii_case(b"cross-site") || site.eq_ignore_ascii_case(b"same-site")
}

/// Somebody follows a link to here: the page that has it cannot see the answer.
fn is_navigation<B>(request: &Request<B>) -> bool {
    let says = |name: HeaderName, value: &str| request.headers().get(name).is_some_and(|sent| sent == value);
    request.method() == Method::GET && says(SEC_FETCH_MODE, "navigate") && says(SEC_FETCH_DEST, "document")
}

fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whether a request is a call of gRPC proper; gRPC-Web, which browsers speak, is not.
fn is_grpc<B>(request: &Request<B>) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = content_type.and_then(|value| value.strip_prefix(b"application/grpc"));
    request.version() == Version::HTTP_2
        && request.method() == Method::POST
        && matches!(kind, Some([] | [b';' | b'+', ..]))
}

#[cfg(test)]
mod tests;
