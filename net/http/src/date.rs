//! The date of answers (RFC 9110, section 5.6.7), made once a second.

use std::{
    cell::RefCell,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::HeaderValue;
use ringbolt_ring::time;

thread_local! {
    static LAST: RefCell<Option<(i64, HeaderValue)>> = const { RefCell::new(None) };
}

/// The date now.
pub(crate) fn now() -> HeaderValue {
    let second = time::unix_ms().div_euclid(1000);
    LAST.with_borrow_mut(|last| match last {
        Some((of, date)) if *of == second => date.clone(),
        _ => {
            let date = HeaderValue::from_maybe_shared(Bytes::from(text(second)));
            let date = date.expect("a date is a header's value");
            *last = Some((second, date.clone()));
            date
        }
    })
}

fn text(second: i64) -> String {
    // What was before 1970 is nobody's now.
    let since = Duration::from_secs(u64::try_from(second).unwrap_or_default());
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (second, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            // The example of RFC 9110.
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_796_083_199, "Mon, 30 Nov 2026 23:59:59 GMT"),
        ] {
            assert_eq!(text(second), date);
        }
    }
}
