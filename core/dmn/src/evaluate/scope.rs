//! What an expression sees: values of the evaluation, inner ones first, and then the caller's variables.

use std::sync::Arc;

use ringbolt_feel::{Budget, HostError, HostFunction, Val, Value, Variables};

use super::{Run, Stop};
use crate::limits::CAPTURES_MAX;
use crate::model::Name;

/// Values around an expression; later ones hide earlier ones, and all hide those further out.
pub(crate) struct Scope<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) values: &'a [(Name, Value)],
    pub(crate) around: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    fn find(&self, name: &str) -> Option<&Value> {
        let own = self.values.iter().rev().find(|(known, _)| **known == *name);
        match (own, self.around) {
            (Some((_, value)), _) => Some(value),
            (None, Some(around)) => around.find(name),
            (None, None) => None,
        }
    }

    /// A variable as a value, wherever it is.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.find(name) {
            return Some(value.clone());
        }
        match self.run.root.get(name) {
            Some(json) => Val::from_json(json).map(Val::into_owned),
            None => self.run.root.get_value(name).cloned(),
        }
    }

    /// The values that a function defined here takes along, besides the caller's variables: those whose names occur
    /// in its text. All of them where there is no text to look at.
    pub(crate) fn capture(&self, text: Option<&str>) -> Result<Vec<(Name, Value)>, Stop> {
        let mut captured: Vec<(Name, Value)> = Vec::new();
        let mut scope = Some(self);
        while let Some(Scope { values, around, .. }) = scope {
            for (name, value) in values.iter().rev() {
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

    fn call_host(
        &self,
        function: &HostFunction,
        arguments: &[Value],
        budget: &mut Budget,
    ) -> Result<Value, HostError> {
        let captured: &Arc<[(Name, Value)]> = function.captured();
        self.run.call(function.id(), captured, arguments, budget).map_err(|stop| match stop {
            Stop::Failed(message) => HostError::Failed(message),
            Stop::Aborted(message) => HostError::Aborted(message),
        })
    }
}
