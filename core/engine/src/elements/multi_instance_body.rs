//! The body around a repeated activity: there is an instance of that for each item of a list. It is left when all have ended.

use crate::aspects::multi_instance;
use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct MultiInstanceBody;

impl Hooks for MultiInstanceBody {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Ok(Next::Repeat(multi_instance::items(p, at)?))
    }

    fn complete(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        multi_instance::set_output(p, at)
    }
}
