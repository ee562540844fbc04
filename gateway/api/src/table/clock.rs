//! Operations: clock.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::clock::CLOCK_PIN_REQUEST;
use crate::operation::{ClockWish, Group, Method, Special, Tell, Version, empty, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Clock",
    operations: &[
        op("pinClock", Method::Put, "/clock", Version::V8_6)
            .json(Schema::Object(&CLOCK_PIN_REQUEST))
            .says("Has the clock stand still at a time; for servers that were started for tests")
            .special(Special::Tell(Tell::PinClock))
            .gives(&[empty(204)])
            .errors(&[400, 500, 503])
            .errors_own(&[403]),
        op("resetClock", Method::Post, "/clock/reset", Version::V8_6)
            .says("Has the clock be the host's again; for servers that were started for tests")
            .special(Special::Tell(Tell::ResetClock))
            .gives(&[empty(204)])
            .errors(&[500, 503])
            .errors_own(&[403]),
    ],
};

/// Where a client wants the clock to stand still.
///
/// # Errors
/// When no clock says that.
pub fn pinned(call: &mut Call<'_>) -> Result<ClockWish, ApiError> {
    let at_ms = call.long(const { CLOCK_PIN_REQUEST.at("timestamp") }).unwrap_or_default();
    if at_ms < 0 {
        call.violated(format!("The value for timestamp is '{at_ms}' but must be not negative"));
    }
    call.check()?;
    Ok(ClockWish::Pin(at_ms))
}
