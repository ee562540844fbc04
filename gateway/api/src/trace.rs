//! The trace id of a request, from W3C's `traceparent` header.

/// Bytes before the trace id: version and dash.
const BEFORE: usize = 3;
/// Digits of a trace id.
const DIGITS: usize = 32;

/// The trace id, or 0 when the header is malformed: tracing must never fail a request.
pub fn trace_id(traceparent: &[u8]) -> u128 {
    let Some(digits) = traceparent.get(BEFORE..BEFORE + DIGITS) else { return 0 };
    if traceparent.get(BEFORE - 1) != Some(&b'-') || traceparent.get(BEFORE + DIGITS) != Some(&b'-') {
        return 0;
    }
    let mut id = 0u128;
    for &digit in digits {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return 0,
        };
        id = id << 4 | u128::from(value);
    }
    id
}

#[cfg(test)]
mod tests {
    use super::trace_id;

    #[test]
    fn reads_the_id_and_nothing_else() {
        let whole = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(trace_id(whole), 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        for length in 0..36 {
            assert_eq!(trace_id(&whole[..length]), 0);
        }
        assert_eq!(trace_id(b"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), 0);
        assert_eq!(trace_id(b"00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), 0);
    }
}
