//! Functions: business knowledge models, decision services and function definitions, called from FEEL or by a boxed
//! invocation.
//!
//! A function sees the caller's variables of the whole evaluation, what it was defined with, what it requires, and
//! its arguments, the later ones first; never what surrounds its call.

use std::sync::Arc;

use ringbolt_feel::{Function as FeelFunction, HostFunction, Value};

use super::{Owner, Run, Scope, Stop, new_context, types};
use crate::limits::STEP_UNITS;
use crate::model::{Body, Function, Knowledge, Logic, Name, Service};
use crate::result::EvaluatedElement;

impl Run<'_> {
    /// Adds functions to the values of a scope. They take along `captured`.
    pub(crate) fn add_functions(
        &self,
        knowledge: &[Knowledge],
        captured: &[(Name, Value)],
        values: &mut Vec<(Name, Value)>,
    ) -> Result<(), Stop> {
        if knowledge.is_empty() {
            return Ok(());
        }
        self.charge(STEP_UNITS * (knowledge.len() + captured.len()) as u64)?;
        let captured: Option<Arc<[(Name, Value)]>> = (!captured.is_empty()).then(|| captured.into());
        for Knowledge { name, function } in knowledge {
            let value = match &captured {
                None => self.model.functions[*function as usize].value.clone(),
                Some(captured) => self.function_value(*function, captured.clone())?,
            };
            values.push((name.clone(), value));
        }
        Ok(())
    }

    fn function_value(&self, index: u32, captured: Arc<[(Name, Value)]>) -> Result<Value, Stop> {
        let host = HostFunction::new(index, captured);
        let host = host.ok_or_else(|| Stop::Aborted("functions are nested too deep".to_owned()))?;
        let parameters = &self.model.functions[index as usize].parameters;
        let names: Vec<&str> = parameters.iter().map(|parameter| &*parameter.name).collect();
        Ok(Value::Function(Arc::new(FeelFunction::host(&names, host))))
    }

    /// A function definition as a value, with what its body uses from around it.
    pub(crate) fn definition(&self, index: u32, scope: &Scope<'_>) -> Result<Value, Stop> {
        let text = match &self.model.functions[index as usize].body {
            Body::Definition(body) => Some(body.expression.text()),
            Body::Knowledge(_) | Body::Service(_) => None,
        };
        self.function_value(index, scope.capture(text)?.into())
    }

    /// Calls a function with one argument per parameter.
    pub(crate) fn call(
        &self,
        index: u32,
        captured: &[(Name, Value)],
        arguments: &[Value],
    ) -> Result<Value, Stop> {
        let Some(function) = self.model.functions.get(index as usize) else {
            return Err(Stop::Failed("the function is not one of this model".to_owned()));
        };
        self.deeper(|| self.call_function(function, captured, arguments))
    }

    fn call_function(
        &self,
        function: &Function,
        captured: &[(Name, Value)],
        arguments: &[Value],
    ) -> Result<Value, Stop> {
        let outer = Scope { run: self, values: captured, around: None };
        let mut values = Vec::with_capacity(function.knowledge.len() + arguments.len());
        self.add_functions(&function.knowledge, captured, &mut values)?;
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            let argument = match &parameter.type_ref {
                Some(type_ref) => types::check(argument.clone(), type_ref)?,
                None => argument.clone(),
            };
            values.push((parameter.name.clone(), argument));
        }
        let scope = Scope { run: self, values: &values, around: Some(&outer) };
        match &function.body {
            Body::Definition(body) => self.literal(body, &scope),
            Body::Knowledge(logic) => self.owned_logic(owner(function), logic, &scope),
            Body::Service(service) => self.service(service, arguments, &scope),
        }
    }

    /// Evaluates the output decisions of a service afresh, with the arguments as results of its input decisions.
    fn service(&self, service: &Service, arguments: &[Value], scope: &Scope<'_>) -> Result<Value, Stop> {
        self.charge(self.model.decisions.len() as u64)?;
        let mut results = vec![None; self.model.decisions.len()];
        for (decision, parameter) in &service.inputs {
            results[*decision as usize] = arguments.get(*parameter as usize).cloned();
        }
        let mut entries = Vec::with_capacity(service.outputs.len());
        for output in &service.outputs {
            let value = self.decisions(*output as usize, &mut results, Some(scope))?;
            results[*output as usize] = Some(value.clone());
            entries.push((self.model.decisions[*output as usize].result_name.to_string(), value));
        }
        match entries.pop() {
            Some((_, value)) if entries.is_empty() => Ok(value),
            Some(last) => {
                entries.push(last);
                new_context(entries)
            }
            None => Ok(Value::Null),
        }
    }

    /// A boxed invocation: the bindings become variables, among which every parameter must be found.
    pub(crate) fn invocation(
        &self,
        bindings: &[(Name, Logic)],
        index: u32,
        scope: &Scope<'_>,
    ) -> Result<Value, Stop> {
        let function = &self.model.functions[index as usize];
        let mut bound = Vec::with_capacity(bindings.len());
        for (name, logic) in bindings {
            bound.push((name.clone(), self.logic(logic, scope, None)?));
        }
        let bound = Scope { run: self, values: &bound, around: Some(scope) };
        let mut values = Vec::new();
        if !function.knowledge.is_empty() {
            let captured = bound.capture(None)?;
            self.add_functions(&function.knowledge, &captured, &mut values)?;
        }
        let inner = Scope { run: self, values: &values, around: Some(&bound) };
        for parameter in &function.parameters {
            let Some(value) = inner.value(&parameter.name)? else {
                return Err(Stop::Failed(format!("no parameter found with name '{}'", parameter.name)));
            };
            if let Some(type_ref) = &parameter.type_ref {
                types::check(value, type_ref)?;
            }
        }
        match &function.body {
            Body::Knowledge(logic) => self.owned_logic(owner(function), logic, &inner),
            Body::Definition(_) | Body::Service(_) => {
                Err(Stop::Failed(format!("no BKM found with name '{}'", function.name)))
            }
        }
    }
}

fn owner(function: &Function) -> Owner<'_> {
    Owner { element: EvaluatedElement::BusinessKnowledgeModel, id: &function.id, name: &function.name }
}
