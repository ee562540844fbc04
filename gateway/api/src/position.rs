//! Positions as clients name them: what an answer to a write carries, and a read sends back to find what was written.

use crate::call::shown as begin_of;
use crate::error::ApiError;
use ringbolt_record::{PartitionId, Position};

/// The header, in lower case.
pub const POSITION: &str = "ringbolt-position";
/// The header of an answer that says since when history is complete, in lower case.
pub const COMPLETE_SINCE: &str = "ringbolt-complete-since";
/// The header of an answer that may have less than there is, in lower case: the partitions of which what is alive is still being told.
pub const INCOMPLETE: &str = "ringbolt-incomplete";
/// Positions that a request may name; more are refused.
const POSITIONS_MAX: usize = 64;

/// The positions of a header: partition and position with a dash between, several with commas between. Of those of one partition the
/// last in the log counts, so a client may send all that it got.
///
/// # Errors
/// When it is no list of positions.
pub fn positions_of(header: &[u8]) -> Result<Vec<(PartitionId, Position)>, ApiError> {
    let text = std::str::from_utf8(header).unwrap_or("?");
    let shown = begin_of(text);
    let wrong = || ApiError::invalid(format!("The header Ringbolt-Position '{shown}' names no positions"));
    let mut positions: Vec<(PartitionId, Position)> = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (partition, position) = pair.split_once('-').ok_or_else(wrong)?;
        let partition =
            PartitionId(digits(partition).and_then(|number| number.try_into().ok()).ok_or_else(wrong)?);
        let position = Position(digits(position).ok_or_else(wrong)?);
        match positions.iter().position(|(other, _)| *other == partition) {
            Some(at) => positions[at].1 = position.max(positions[at].1),
            None if positions.len() == POSITIONS_MAX => return Err(wrong()),
            None => positions.push((partition, position)),
        }
    }
    if positions.is_empty() { Err(wrong()) } else { Ok(positions) }
}

/// A number without a sign.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A position as a header has it.
pub fn shown(partition: PartitionId, position: Position) -> String {
    format!("{}-{}", partition.0, position.0)
}

#[cfg(test)]
mod tests {
    use super::{positions_of, shown};
    use ringbolt_record::{PartitionId, Position};

    #[test]
    fn positions_read_back() {
        let (one, two) = (PartitionId(1), PartitionId(2));
        let header = format!("{}, {},1-3", shown(one, Position(7)), shown(two, Position(u64::MAX)));
        let read = positions_of(header.as_bytes());
        assert_eq!(read, Ok(vec![(one, Position(7)), (two, Position(u64::MAX))]));
        for wrong in [
            "",
            " , ",
            "1",
            "1-",
            "-1",
            "1--1",
            "1-+5",
            "x-1",
            "70000-1",
            "1-18446744073709551616",
            "1-1;2-2",
        ] {
            assert!(positions_of(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(positions_of(b"1-\xff").is_err());
        let many: Vec<String> = (1..=65).map(|partition| format!("{partition}-1")).collect();
        assert!(positions_of(many.join(",").as_bytes()).is_err());
    }
}
