//! What goes on only for as long as somebody may be there for it.

use futures_util::future::{Either, select};
use ringbolt_http::Connection;
use ringbolt_ring::{time, timeout};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// How long after its begin goes on what a client waits for that ended its half: long enough for what is there already.
pub(crate) const THERE_ALREADY: Duration = Duration::from_millis(100);
/// The same of a search: long enough for those that an index serves.
pub(crate) const OF_A_SEARCH: Duration = Duration::from_secs(1);

/// What is only worth doing for as long as somebody may be there for it; none when it was given up. A client that ended its half may
/// still read, or be gone: nobody can tell before something was sent. Jobs that are sent to nobody are away until their deadline, an
/// expression or a search may take long, and an instance may never end. So one that began just now, not longer than `ended_max` ago, gets what
/// there is, and one that waited is over.
pub(crate) async fn while_wanted<T>(
    answer: impl Future<Output = T>,
    connection: &Connection,
    ended_max: Duration,
) -> Option<T> {
    let begun = time::now();
    let mut answer = pin!(answer);
    if let Either::Left((answer, _)) = select(answer.as_mut(), pin!(connection.ended())).await {
        return Some(answer);
    }
    let left = ended_max.saturating_sub(time::now() - begun);
    if !left.is_zero()
        && let Ok(answer) = timeout(left, answer).await
    {
        return Some(answer);
    }
    None
}
