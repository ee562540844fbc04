//! Operations: clock.

use crate::call::Call;
use crate::error::ApiError;
use crate::objects::clock::CLOCK_PIN_REQUEST;
use crate::operation::{ClockWish, Group, Method, Special, Tell, Version, empty, op};
use crate::schema::Schema;

/// The last second that can be written as a time of RFC 3339 wherever on Earth: no clock is set further. Milliseconds since 1970-01-01 UTC.
pub const CLOCK_MS_MAX: i64 = 253_402_207_200_000;

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
    } else if at_ms > CLOCK_MS_MAX {
        call.violated(format!("The value for timestamp is '{at_ms}' but must be at most {CLOCK_MS_MAX}"));
    }
    call.check()?;
    Ok(ClockWish::Pin(at_ms))
}
