//! Bodies whose peers have to take what waits for them.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
    time::{Duration, Instant},
};

use super::{Channel, wake};

thread_local! {
    /// Bodies of this core whose peers have to take what waits for them.
    static WATCHED: RefCell<Vec<Weak<RefCell<Channel>>>> = const { RefCell::new(Vec::new()) };
}

/// Closes those watched bodies of this core whose peer took nothing of what waits for it during `limit`; how many. What their
/// connections hold already may be written any time: what became of that shows when they come for more, or are gone.
pub(crate) fn close_stuck(now: Instant, limit: Duration) -> usize {
    let mut stuck = Vec::new();
    WATCHED.with_borrow_mut(|watched| {
        watched.retain(|channel| match channel.upgrade() {
            None => false,
            Some(channel) if channel.borrow_mut().is_stuck(now, limit) => {
                stuck.push(channel);
                false
            }
            Some(_) => true,
        });
    });
    for channel in &stuck {
        let progress = {
            let mut channel = channel.borrow_mut();
            channel.gets_nothing = true;
            channel.progress_waker.take()
        };
        wake(progress);
    }
    stuck.len()
}

/// From now on the body has to be taken.
pub(super) fn watch(channel: &Rc<RefCell<Channel>>) {
    WATCHED.with_borrow_mut(|watched| watched.push(Rc::downgrade(channel)));
}
