//! An end event that throws an error. It is never left: what catches the error ends it with everything else.

use crate::at::At;
use crate::behaviors::{expressions, thrown};
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct ErrorEndEvent;

impl Hooks for ErrorEndEvent {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let code = expressions::thrown_code(p, at, expressions::evaluate_any_text)?;
        let catcher = thrown::find_error(p, &code, "", at.element.flow_scope_key)??;
        Ok(Next::Throw(Box::new(catcher)))
    }
}
