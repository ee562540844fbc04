//! A sub-process that an event of the scope around it starts: it begins at the start event that stands for that event.

use crate::at::At;
use crate::behaviors::events;
use crate::failure::{Interruption, Unexpected};
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct EventSubProcess;

impl Hooks for EventSubProcess {
    fn activate(&self, _p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        match at.model().starts.first() {
            Some(start) => Ok(Next::Start(*start)),
            None => Err(at.unexpected(format!("'{}' has no start event", at.model().id)).into()),
        }
    }

    fn left(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
        // One that was entered by hand may be left before it is its turn to be ended for the one that takes the place of all.
        events::make_room(p, at)
    }
}
