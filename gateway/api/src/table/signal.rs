//! Operations: signal.

use crate::objects::signal::{SIGNAL_BROADCAST_REQUEST, SIGNAL_BROADCAST_RESULT};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Signal",
    operations: &[op("broadcastSignal", Method::Post, "/signals/broadcast", Version::V8_6)
        .json(Schema::Object(&SIGNAL_BROADCAST_REQUEST))
        .gives(&[json(200, Schema::Object(&SIGNAL_BROADCAST_RESULT))])
        .errors(&[400, 404, 500, 503])],
};
