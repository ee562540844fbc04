//! Objects of the protocol: clock.

use crate::schema::kinds::LONG;
use crate::schema::{Object, field};

/// `ClockPinRequest`.
pub static CLOCK_PIN_REQUEST: Object =
    Object { name: "ClockPinRequest", fields: &[field("timestamp", LONG).required()] };
