//! Operations: clock.

use crate::objects::clock::CLOCK_PIN_REQUEST;
use crate::operation::{Group, Method, Version, empty, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Clock",
    operations: &[
        op("pinClock", Method::Put, "/clock", Version::V8_6)
            .json(Schema::Object(&CLOCK_PIN_REQUEST))
            .gives(&[empty(204)])
            .errors(&[400, 500, 503]),
        op("resetClock", Method::Post, "/clock/reset", Version::V8_6)
            .gives(&[empty(204)])
            .errors(&[500, 503]),
    ],
};
