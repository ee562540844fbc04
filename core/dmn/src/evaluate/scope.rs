//! What an expression sees: values of the evaluation, inner ones first, and then the caller's variables.

use std::sync::Arc;

use ringbolt_feel::{HostError, HostFunction, Val, Value, Variables};

use super::{Run, Stop};
use crate::limits::{CAPTURES_MAX, STEP_UNITS};
use crate::model::Name;

/// Units of work for comparing a name with another.
const NAME_UNITS: u64 = 4;

/// Values around an expression; later ones hide earlier ones, and all hide those further out.
pub(crate) struct Scope<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) values: &'a [(Name, Value)],
    pub(crate) around: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    fn find(&self, name: &str) -> Option<&Value> {
        // Names are compared one by one. Who has nothing left learns it from what charges next.
        let _ = self.run.budget.charge(NAME_UNITS * self.values.len() as u64);
        let own = self.values.iter().rev().find(|(known, _)| **known == *name);
        match (own, self.around) {
            (Some((_, value)), _) => Some(value),
            (None, Some(around)) => around.find(name),
            (None, None) => None,
        }
    }

    /// A variable as a value, wherever it is.
    pub(crate) fn value(&self, name: &str) -> Result<Option<Value>, Stop> {
        if let Some(value) = self.find(name) {
            return Ok(Some(value.clone()));
        }
        let Some(json) = self.run.root.get(name) else { return Ok(self.run.root.get_value(name).cloned()) };
        self.run.charge(STEP_UNITS + 2 * json.len() as u64)?;
        Ok(Val::from_json(json).map(Val::into_owned))
    }

    /// The values that a function defined here takes along, besides the caller's variables: those whose names occur
    /// in its text. All of them where there is no text to look at.
    pub(crate) fn capture(&self, text: Option<&str>) -> Result<Vec<(Name, Value)>, Stop> {
        let mut captured: Vec<(Name, Value)> = Vec::new();
        let mut scope = Some(self);
        while let Some(Scope { values, around, .. }) = scope {
            let text_units = text.map_or(0, |text| text.len() as u64 / 4);
            for (name, value) in values.iter().rev() {
                self.run.charge(STEP_UNITS + text_units + NAME_UNITS * captured.len() as u64)?;
                let used = text.is_none_or(|text| text.contains(&**name));
                if used && !captured.iter().any(|(known, _)| known == name) {
                    if captured.len() == CAPTURES_MAX {
                        let message = format!("a function definition uses more than {CAPTURES_MAX} values");
                        return Err(Stop::Aborted(message));
                    }
                    captured.push((name.clone(), value.clone()));
                }
            }
            scope = *around;
        }
        Ok(captured)
    }
}

impl Variables for Scope<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        if self.find(name).is_some() { None } else { self.run.root.get(name) }
    }

    fn get_value(&self, name: &str) -> Option<&Value> {
        self.find(name).or_else(|| self.run.root.get_value(name))
    }

    fn call_host(&self, function: &HostFunction, arguments: &[Value]) -> Result<Value, HostError> {
        let captured: &Arc<[(Name, Value)]> = function.captured();
        self.run.call(function.id(), captured, arguments).map_err(|stop| match stop {
            Stop::Failed(message) => HostError::Failed(message),
            Stop::Aborted(message) => HostError::Aborted(message),
        })
    }
}
