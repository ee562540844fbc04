//! From the fields of a header block to a request (RFC 9113, section 8).

use std::rc::Rc;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header,
    uri::{Authority, PathAndQuery, Scheme},
};

use crate::hpack::Field;

/// A request without its body.
#[derive(Debug)]
pub struct RequestHead {
    /// Its method, target and header.
    pub request: Request<()>,
    /// How long it says its body is.
    pub content_length: Option<u64>,
}

impl RequestHead {
    /// On its own: copied where somebody keeps it.
    pub fn into_request(self: Rc<Self>) -> Request<()> {
        match Rc::try_unwrap(self) {
            Ok(head) => head.request,
            Err(head) => head.request.clone(),
        }
    }
}

/// What a block turned out to be.
#[derive(Debug)]
pub(crate) enum Built<T> {
    Good(T),
    /// None that is allowed: the stream ends.
    Malformed,
    /// More than the list of fields may count.
    TooLarge,
}

/// A request, or trailers, to which fields are added one by one.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    method: Option<Method>,
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    path: Option<PathAndQuery>,
    headers: HeaderMap,
    content_length: Option<u64>,
    has_header: bool,
    is_malformed: bool,
    bytes: usize,
    bytes_max: usize,
}

impl Builder {
    pub(crate) fn new(bytes_max: usize) -> Builder {
        Builder { bytes_max, ..Builder::default() }
    }

    /// What all fields count until now, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a field that counts so many bytes.
    pub(crate) fn add(&mut self, field: &Field, bytes: usize) {
        self.bytes += bytes;
        if self.bytes > self.bytes_max || self.is_malformed {
            return;
        }
        let is_good = match field {
            Field::Header(name, value) => self.header(name, value),
            // Those of the request come first.
            _ if self.has_header => false,
            Field::Method(method) => self.method.replace(method.clone()).is_none(),
            Field::Scheme(scheme) => self.scheme.replace(scheme.clone()).is_none(),
            Field::Authority(authority) => self.authority.replace(authority.clone()).is_none(),
            Field::Path(path) => self.path.replace(path.clone()).is_none(),
            Field::Malformed => false,
        };
        self.is_malformed = !is_good;
    }

    fn header(&mut self, name: &HeaderName, value: &HeaderValue) -> bool {
        self.has_header = true;
        if is_forbidden(name, value) {
            return false;
        }
        if *name == header::CONTENT_LENGTH {
            let length = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let Some(length) = length.and_then(|text| text.parse().ok()) else { return false };
            if self.content_length.replace(length).is_some_and(|before| before != length) {
                return false;
            }
        }
        self.headers.try_append(name.clone(), value.clone()).is_ok()
    }

    pub(crate) fn request(self) -> Built<RequestHead> {
        if self.bytes > self.bytes_max {
            return Built::TooLarge;
        }
        self.good_request().map_or(Built::Malformed, Built::Good)
    }

    fn good_request(self) -> Option<RequestHead> {
        if self.is_malformed {
            return None;
        }
        let method = self.method?;
        let mut target = http::uri::Parts::default();
        if method == Method::CONNECT {
            // It has an authority alone (section 8.5).
            if self.scheme.is_some() || self.path.is_some() || self.authority.is_none() {
                return None;
            }
        } else {
            let scheme = self.scheme?;
            target.path_and_query = Some(self.path?);
            // A target has a scheme only where it has an authority.
            target.scheme = self.authority.is_some().then_some(scheme);
        }
        target.authority = self.authority;
        let mut request = Request::new(());
        *request.uri_mut() = Uri::from_parts(target).ok()?;
        *request.method_mut() = method;
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = self.headers;
        Some(RequestHead { request, content_length: self.content_length })
    }

    pub(crate) fn trailers(self) -> Built<HeaderMap> {
        if self.bytes > self.bytes_max {
            return Built::TooLarge;
        }
        let is_request =
            self.method.is_some() || self.scheme.is_some() || self.authority.is_some() || self.path.is_some();
        if self.is_malformed || is_request { Built::Malformed } else { Built::Good(self.headers) }
    }
}

/// Whether a header is HTTP/1.1's own (section 8.2.2).
fn is_forbidden(name: &HeaderName, value: &HeaderValue) -> bool {
    if *name == header::TE {
        return value != "trailers";
    }
    *name == header::CONNECTION
        || *name == header::TRANSFER_ENCODING
        || *name == header::UPGRADE
        || name.as_str() == "keep-alive"
        || name.as_str() == "proxy-connection"
}

#[cfg(test)]
mod tests {
    use super::{Builder, Built, RequestHead};
    use crate::hpack::Field;
    use http::{HeaderName, HeaderValue, Method, uri::Scheme};

    fn header(name: &'static str, value: &'static str) -> Field {
        Field::Header(HeaderName::from_static(name), HeaderValue::from_static(value))
    }

    fn of_request() -> Vec<Field> {
        vec![
            Field::Method(Method::POST),
            Field::Scheme(Scheme::HTTP),
            Field::Authority("h:1".parse().expect("an authority")),
            Field::Path("/a?b".parse().expect("a path")),
        ]
    }

    fn built(fields: &[Field]) -> Built<RequestHead> {
        let mut builder = Builder::new(1000);
        fields.iter().for_each(|field| builder.add(field, 40));
        builder.request()
    }

    #[test]
    fn a_request_is_built() {
        let fields = [of_request(), vec![header("content-length", "12"), header("te", "trailers")]].concat();
        let Built::Good(head) = built(&fields) else { panic!("a request") };
        assert_eq!(head.request.uri(), "http://h:1/a?b");
        assert_eq!((head.content_length, head.request.headers().len()), (Some(12), 2));
    }

    #[test]
    fn what_is_missing_twice_or_out_of_place_is_malformed() {
        for missing in [0, 1, 3] {
            let mut fields = of_request();
            fields.remove(missing);
            assert!(matches!(built(&fields), Built::Malformed), "without {missing}");
        }
        for twice in 0..4 {
            let mut fields = of_request();
            fields.push(fields[twice].clone());
            assert!(matches!(built(&fields), Built::Malformed), "twice {twice}");
        }
        let late = [vec![header("a", "b")], of_request()].concat();
        assert!(matches!(built(&late), Built::Malformed));
        for (name, value) in [
            ("connection", "close"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "x"),
            ("keep-alive", "1"),
            ("proxy-connection", "x"),
            ("te", "gzip"),
            ("content-length", "-1"),
            ("content-length", "+1"),
            ("content-length", "99999999999999999999"),
        ] {
            let fields = [of_request(), vec![header(name, value)]].concat();
            assert!(matches!(built(&fields), Built::Malformed), "{name}: {value}");
        }
        let lengths =
            [of_request(), vec![header("content-length", "1"), header("content-length", "2")]].concat();
        assert!(matches!(built(&lengths), Built::Malformed));
    }

    #[test]
    fn connect_has_an_authority_alone() {
        let authority = of_request().remove(2);
        let connect = Field::Method(Method::CONNECT);
        let Built::Good(head) = built(&[connect.clone(), authority]) else { panic!("a request") };
        assert_eq!(head.request.uri(), "h:1");
        let mut fields = of_request();
        fields[0] = connect;
        assert!(matches!(built(&fields), Built::Malformed));
    }

    #[test]
    fn the_list_has_a_limit_and_trailers_have_no_request() {
        let mut builder = Builder::new(100);
        (0..3).for_each(|_| builder.add(&header("a", "b"), 34));
        assert!(matches!(builder.trailers(), Built::TooLarge));
        let mut builder = Builder::new(100);
        builder.add(&header("a", "b"), 34);
        builder.add(&of_request()[3], 40);
        assert!(matches!(builder.trailers(), Built::Malformed));
    }
}
