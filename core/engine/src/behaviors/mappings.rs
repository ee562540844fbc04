//! Input and output mappings, and where the variables of a completed job go.
//!
//! All mappings of a list are evaluated before any variable is set, so that a failure leaves nothing half done.

use crate::behaviors::expressions::{VisibleVariables, environment, failed, with_warnings};
use crate::behaviors::variables::{self, ObjectWriter, Owner};
use crate::failure::Failure;
use crate::lifecycle::At;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_feel::{Environment, Expression, Variables, Warning};
use ringbolt_model::Mapping;
use ringbolt_record::{ErrorType, VariableDocument};

/// Fills the element instance's own scope before it does its work.
pub(crate) fn apply_inputs(p: &mut Processing<'_>, at: &At) -> Result<(), Failure> {
    if at.model().inputs.is_empty() {
        return Ok(());
    }
    let results = evaluate(p, at, &at.model().inputs, Base::Fresh)?;
    let owner = owner(at);
    for (name, value) in &results {
        variables::set_local(p, owner, at.key, name, value);
    }
    Ok(())
}

/// Sets variables outside when an element is left: the mapped ones, or else those that its event brought.
pub(crate) fn apply_outputs(
    p: &mut Processing<'_>,
    at: &At,
    brought: Option<&VariableDocument>,
) -> Result<(), Failure> {
    let owner = owner(at);
    if at.model().outputs.is_empty() {
        if let Some(brought) = brought {
            variables::propagate(p, owner, at.key, brought.iter());
        }
        return Ok(());
    }
    keep_brought(p, at, brought);
    let results = evaluate(p, at, &at.model().outputs, Base::Visible)?;
    let outer = at.element.flow_scope_key;
    variables::propagate(p, owner, outer, results.iter().map(|(name, value)| (&**name, &value[..])));
    Ok(())
}

/// Keeps what an event brought in the element instance's own scope, where its output mappings find it.
pub(crate) fn keep_brought(p: &mut Processing<'_>, at: &At, brought: Option<&VariableDocument>) {
    for (name, value) in brought.into_iter().flat_map(VariableDocument::iter) {
        variables::set_local(p, owner(at), at.key, name, value);
    }
}

fn owner(at: &At) -> Owner<'_> {
    Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id }
}

/// What the members of a path like `a.b` are added to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    /// A new context.
    Fresh,
    /// The variable that is visible as `a`.
    Visible,
}

/// The targets of a list of mappings as one context, in the order in which they came up. A later mapping of a target
/// takes the place of an earlier one.
enum Node<'a> {
    Value(&'a Expression),
    Context(Vec<(&'a str, Node<'a>)>),
}

fn insert<'a>(context: &mut Vec<(&'a str, Node<'a>)>, path: &'a [Box<str>], source: &'a Expression) {
    let (name, rest) = path.split_first().expect("a target is never empty");
    let place = match context.iter().position(|(other, _)| **other == **name) {
        Some(place) => place,
        None => {
            context.push((name, Node::Context(Vec::new())));
            context.len() - 1
        }
    };
    let node = &mut context[place].1;
    if rest.is_empty() {
        *node = Node::Value(source);
        return;
    }
    if let Node::Value(_) = node {
        *node = Node::Context(Vec::new());
    }
    if let Node::Context(inner) = node {
        insert(inner, rest, source);
    }
}

type Results = Vec<(Box<str>, Vec<u8>)>;

/// Variables as a mapping sees them: the results before it in its context, then those of the contexts around it, then
/// what is outside.
struct MappingVariables<'a> {
    results: Results,
    around: &'a dyn Variables,
}

impl Variables for MappingVariables<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let result = self.results.iter().find(|(other, _)| **other == *name);
        result.map(|(_, value)| value.as_slice()).or_else(|| self.around.get(name))
    }
}

struct Evaluation<'a> {
    environment: Environment,
    base: Base,
    warnings: Vec<Warning>,
    mappings: &'a [Mapping],
}

/// The variables that mappings give, in the order of their names.
fn evaluate(p: &Processing<'_>, at: &At, mappings: &[Mapping], base: Base) -> Result<Results, Failure> {
    let mut context = Vec::with_capacity(mappings.len());
    for mapping in mappings {
        insert(&mut context, &mapping.target, &mapping.source);
    }
    let environment = environment(p, at.key);
    let mut evaluation = Evaluation { environment, base, warnings: Vec::new(), mappings };
    let outside = VisibleVariables { tables: p.tables(), scope_key: at.key };
    let mut variables = MappingVariables { results: Vec::with_capacity(context.len()), around: &outside };
    for (name, node) in &context {
        let before = if base == Base::Visible { variables.get(name).map(<[u8]>::to_vec) } else { None };
        let value = evaluation.node(node, &variables, before.as_deref())?;
        variables.results.push((Box::from(*name), value));
    }
    let mut results = variables.results;
    results.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(results)
}

impl Evaluation<'_> {
    fn node(
        &mut self,
        node: &Node<'_>,
        variables: &dyn Variables,
        before: Option<&[u8]>,
    ) -> Result<Vec<u8>, Failure> {
        match node {
            Node::Value(source) => self.value(source, variables),
            Node::Context(context) => self.context(context, variables, before),
        }
    }

    fn value(&mut self, source: &Expression, variables: &dyn Variables) -> Result<Vec<u8>, Failure> {
        let evaluated = source.evaluate_borrowed(variables, &self.environment);
        self.warnings.extend(evaluated.warnings);
        match evaluated.result {
            Ok(result) => {
                let mut value = Vec::new();
                result.write_json(&mut value);
                Ok(value)
            }
            Err(failure) => {
                let text = as_one_expression(self.mappings);
                let message = failed(&text, &failure.message, &self.warnings);
                let message = with_warnings(message, &self.warnings);
                Err(Failure::new(ErrorType::IoMappingError, message))
            }
        }
    }

    /// A context with its members added to what was there; what is no context cannot take any and becomes null.
    fn context(
        &mut self,
        context: &[(&str, Node<'_>)],
        variables: &dyn Variables,
        before: Option<&[u8]>,
    ) -> Result<Vec<u8>, Failure> {
        let before = before.filter(|value| self.base == Base::Visible && *value != b"null");
        let members = match before.map(|value| VariableDocument::parse(Bytes::copy_from_slice(value))) {
            None => Some(VariableDocument::default()),
            Some(Ok(members)) => Some(members),
            Some(Err(_)) => None,
        };
        let mut inner = MappingVariables { results: Vec::with_capacity(context.len()), around: variables };
        for (name, node) in context {
            let before = members.as_ref().and_then(|members| members.get(name));
            let value = self.node(node, &inner, before)?;
            inner.results.push((Box::from(*name), value));
        }
        Ok(members.map_or_else(|| b"null".to_vec(), |members| merge(&members, &inner.results)))
    }
}

/// The members of a context with others replaced or added.
fn merge(members: &VariableDocument, results: &Results) -> Vec<u8> {
    let mut object = ObjectWriter::new();
    for (name, old) in members.iter() {
        let new = results.iter().find(|(other, _)| **other == *name);
        object.member(name, new.map_or(old, |(_, value)| value));
    }
    for (name, value) in results {
        if members.get(name).is_none() {
            object.member(name, value);
        }
    }
    object.finish()
}

/// The mappings as one context, as messages show them.
fn as_one_expression(mappings: &[Mapping]) -> String {
    let members: Vec<String> = mappings
        .iter()
        .map(|mapping| {
            let (last, outer) = mapping.target.split_last().expect("a target is never empty");
            let opening: String = outer.iter().map(|name| format!("{name}:{{")).collect();
            format!("{opening}{last}:{}{}", mapping.source.text(), "}".repeat(outer.len()))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::{Results, merge};
    use bytes::Bytes;
    use ringbolt_record::VariableDocument;

    fn show(before: &'static str, results: &[(&str, &str)]) -> String {
        let members = VariableDocument::parse(Bytes::from_static(before.as_bytes())).unwrap();
        let results: Results =
            results.iter().map(|(name, value)| (Box::from(*name), value.as_bytes().to_vec())).collect();
        String::from_utf8(merge(&members, &results)).unwrap()
    }

    #[test]
    fn members_are_replaced_in_place_and_added_behind() {
        assert_eq!(show("{}", &[("b", "1")]), r#"{"b":1}"#);
        assert_eq!(
            show(r#"{"a":[1],"b":2,"c":3}"#, &[("d", "4"), ("b", "{}")]),
            r#"{"a":[1],"b":{},"c":3,"d":4}"#
        );
    }
}
