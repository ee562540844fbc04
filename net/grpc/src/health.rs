//! The health protocol `grpc.health.v1`: Check and Watch.

use std::{cell::RefCell, rc::Rc};

use ringbolt_ring::local::Notify;
use rustc_hash::FxHashMap;

use crate::{
    router::Router,
    status::{Code, Status},
};

/// Whether a service can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub enum Serving {
    /// Not known yet.
    Unknown = 0,
    /// It can.
    Serving = 1,
    /// It cannot.
    NotServing = 2,
    /// Watch only: there is no such service now.
    ServiceUnknown = 3,
}

/// `grpc.health.v1.HealthCheckRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HealthCheckRequest {
    #[prost(string, tag = "1")]
    pub(crate) service: String,
}

/// `grpc.health.v1.HealthCheckResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HealthCheckResponse {
    #[prost(enumeration = "Serving", tag = "1")]
    pub(crate) status: i32,
}

#[derive(Default)]
struct Services {
    by_name: RefCell<FxHashMap<String, Serving>>,
    changed: Notify,
}

/// The state of this core's services; cloneable inside the core. The empty name is the server as a whole.
#[derive(Clone, Default)]
pub struct Health {
    services: Rc<Services>,
}

impl Health {
    /// Without services.
    pub fn new() -> Health {
        Health::default()
    }

    /// Sets a service's state and tells those who watch it.
    pub fn set(&self, service: &str, serving: Serving) {
        self.services.by_name.borrow_mut().insert(service.to_owned(), serving);
        self.services.changed.notify_all();
    }

    fn get(&self, service: &str) -> Option<Serving> {
        self.services.by_name.borrow().get(service).copied()
    }

    /// Adds the two methods.
    pub fn register(&self, router: &mut Router) {
        let health = self.clone();
        router.unary("/grpc.health.v1.Health/Check", move |request: HealthCheckRequest, _| {
            let found = health.get(&request.service);
            std::future::ready(match found {
                Some(serving) => Ok(HealthCheckResponse { status: serving as i32 }),
                None => Err(Status::new(Code::NotFound, format!("unknown service {:?}", request.service))),
            })
        });
        let health = self.clone();
        router.streaming("/grpc.health.v1.Health/Watch", move |request: HealthCheckRequest, _, sender| {
            let health = health.clone();
            async move {
                let mut told = None;
                loop {
                    let now = health.get(&request.service).unwrap_or(Serving::ServiceUnknown);
                    if told != Some(now) {
                        // Without room the client has older states to read first; the newest one is looked up then.
                        if !sender.ready().await {
                            return Ok(());
                        }
                        let now = health.get(&request.service).unwrap_or(Serving::ServiceUnknown);
                        if sender.try_send(&HealthCheckResponse { status: now as i32 }).is_err() {
                            return Ok(());
                        }
                        told = Some(now);
                        continue;
                    }
                    health.services.changed.notified().await;
                }
            }
        });
    }
}
