//! The management port: metrics and health, on the first core.

use crate::doors::PortCounters;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use ringbolt_broker::CoreBroker;
use ringbolt_http::Body;
use std::time::Duration;

/// How long a core may take to report before it counts as silent.
const COLLECT_MAX: Duration = Duration::from_secs(2);

/// Answers one request of the management port.
pub(crate) async fn answer(
    broker: CoreBroker,
    cores: usize,
    ports: PortCounters,
    request: Request<Incoming>,
) -> Response<Body> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET\n".to_owned());
    }
    let path = request.uri().path();
    match path {
        "/actuator/prometheus" | "/metrics" => {
            let reports = broker.collect(COLLECT_MAX).await;
            let page = ringbolt_management::render(&reports)
                + &ringbolt_management::render_ports(&ports.figures(), &ports.unsent());
            plain(StatusCode::OK, "text/plain; version=0.0.4", page)
        }
        // A process that answers is alive; whether it is ready depends on its partitions.
        "/actuator/health/liveness" => {
            plain(StatusCode::OK, "application/json", r#"{"status":"UP"}"#.to_owned())
        }
        "/actuator/health" | "/actuator/health/readiness" | "/actuator/health/startup" => {
            let health = ringbolt_management::health(&broker.collect(COLLECT_MAX).await, cores);
            let status = if health.is_up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            plain(status, "application/json", health.body)
        }
        _ => plain(StatusCode::NOT_FOUND, "text/plain", format!("nothing at {path}\n")),
    }
}

fn plain(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::full(body));
    *response.status_mut() = status;
    let value = http::HeaderValue::from_static(content_type);
    response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    response
}
