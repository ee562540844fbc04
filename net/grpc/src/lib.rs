//! gRPC for one core, framed by hand over the HTTP/2 server: handlers and their futures stay on the core and may hold `Rc` state.
//!
//! * [`Router`]: method path to handler, unary or server streaming; a [`ringbolt_http::Service`].
//! * [`Status`] and [`Code`]: how a call ends.
//! * [`StreamSender`]: messages of a server stream, with the credit of its connection.
//! * [`Health`] serves `grpc.health.v1`.
//! * [`client`]: unary and server-streaming calls, for the load tool and tests.
//!
//! Requests may be gzip; responses are never compressed, which every client accepts. Deadlines (`grpc-timeout`) are
//! enforced here; a client that cancels has its handler's future dropped.
//!
//! Deliberately absent: client and bidirectional streaming, and reflection.

pub mod client;
mod frame;
mod health;
mod router;
mod status;
mod stream;
mod timeout;

pub use frame::Encoding;
pub use health::{Health, Serving};
pub use router::{Caller, Context, GrpcLimits, Router};
pub use status::{Code, Status};
pub use stream::{StreamError, StreamSender};
