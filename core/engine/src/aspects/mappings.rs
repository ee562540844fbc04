//! Input and output mappings, and where the variables of a completed job go.
//!
//! All mappings of a list are evaluated before any variable is set, so that a failure leaves nothing half done.

use crate::at::At;
use crate::behaviors::expressions::{VisibleVariables, environment, failed, with_warnings};
use crate::behaviors::named::Named;
use crate::behaviors::variables::{self, ObjectWriter, Owner};
use crate::behaviors::{conditions, incidents};
use crate::failure::{Failure, Interruption, Unexpected};
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_feel::{Environment, Expression, Val, Variables, Warnings};
use ringbolt_model::{Flags, Mapping};
use ringbolt_record::{ErrorType, VariableDocument};

/// Values of a list of mappings may take as much memory as so many entries hold: those that are there already are not
/// written again.
const ENTRIES_OF_VALUES_MAX: usize = 4;

/// Fills the element instance's own scope before it does its work.
pub(crate) fn apply_inputs(p: &mut Processing<'_>, at: &At) -> Result<(), Failure> {
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
) -> Result<(), Interruption> {
    let owner = owner(at);
    if at.model().outputs.is_empty() {
        match brought {
            Some(brought) => {
                conditions::propagate(p, owner, at.key, brought.iter())?;
            }
            None if at.model().flags.has(Flags::HOLDS_EVENT) => hand_on(p, at)?,
            None => {}
        }
        return Ok(());
    }
    keep_brought(p, at, brought);
    let results = evaluate(p, at, &at.model().outputs, Base::Visible)?;
    // One of several instances of an activity has a variable of its own that its result is taken from.
    let is_repeated = at.model().flags.has(Flags::IS_REPEATED);
    let outer = if is_repeated { at.key } else { at.element.flow_scope_key };
    let results = results.iter().map(|(name, value)| (*name, &value[..]));
    Ok(conditions::propagate(p, owner, outer, results)?)
}

/// Sets outside what stands in the element instance's own scope.
fn hand_on(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let own = p.tables().variables(at.key).map(|(name, value)| (name.to_owned(), value.to_vec()));
    let own: Vec<(String, Vec<u8>)> = own.collect();
    let outer = at.element.flow_scope_key;
    let own = own.iter().map(|(name, value)| (&**name, &value[..]));
    conditions::propagate(p, owner(at), outer, own)
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
/// takes the place of an earlier one. As deep as the paths of targets, which the model bounds.
enum Node<'a> {
    Value(&'a Expression),
    Context(Named<'a, Node<'a>>),
}

fn insert<'a>(context: &mut Named<'a, Node<'a>>, path: &'a [Box<str>], source: &'a Expression) {
    let empty = || Node::Context(Named::with_capacity(0));
    let (name, rest) = path.split_first().expect("a target is never empty");
    let node = context.get_or_add(name, empty);
    if rest.is_empty() {
        *node = Node::Value(source);
        return;
    }
    if let Node::Value(_) = node {
        *node = empty();
    }
    if let Node::Context(inner) = node {
        insert(inner, rest, source);
    }
}

/// A value as JSON text; `None` for a function, which no variable can hold.
type Value = Option<Vec<u8>>;

/// Variables as a mapping sees them: the results before it in its context, then those of the contexts around it, then
/// what is outside.
struct MappingVariables<'a, 'n> {
    results: Named<'n, Value>,
    around: &'a dyn Variables,
}

impl Variables for MappingVariables<'_, '_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        match self.results.get(name) {
            Some(result) => result.as_deref(),
            None => self.around.get(name),
        }
    }
}

struct Evaluation<'a> {
    environment: Environment,
    base: Base,
    warnings: Warnings,
    mappings: &'a [Mapping],
    at: &'a At,
    /// What values may still take: they are all held until the last one is there.
    bytes_left: usize,
}

/// The variables that mappings give, in the order of their names.
fn evaluate<'m>(
    p: &Processing<'_>,
    at: &At,
    mappings: &'m [Mapping],
    base: Base,
) -> Result<Vec<(&'m str, Vec<u8>)>, Failure> {
    let mut context = Named::with_capacity(mappings.len());
    for mapping in mappings {
        insert(&mut context, &mapping.target, &mapping.source);
    }
    let environment = environment(p, at.key);
    let bytes_left = p.settings.entry_bytes_max * ENTRIES_OF_VALUES_MAX;
    let warnings = Warnings::default();
    let mut evaluation = Evaluation { environment, base, warnings, mappings, at, bytes_left };
    let outside = VisibleVariables { tables: p.tables(), scope_key: at.key };
    let results = Named::with_capacity(context.len());
    let mut variables = MappingVariables { results, around: &outside };
    for (name, node) in context.iter() {
        let before = if base == Base::Visible { variables.get(name).map(<[u8]>::to_vec) } else { None };
        let value = evaluation.node(node, &variables, before.as_deref())?;
        variables.results.add(name, value);
    }
    let results = variables.results.into_items().into_iter();
    let mut results: Vec<_> = results.filter_map(|(name, value)| Some((name, value?))).collect();
    results.sort_by(|a, b| a.0.cmp(b.0));
    Ok(results)
}

impl Evaluation<'_> {
    fn node(
        &mut self,
        node: &Node<'_>,
        variables: &dyn Variables,
        before: Option<&[u8]>,
    ) -> Result<Value, Failure> {
        match node {
            Node::Value(source) => self.value(source, variables),
            Node::Context(context) => self.context(context, variables, before).map(Some),
        }
    }

    fn value(&mut self, source: &Expression, variables: &dyn Variables) -> Result<Value, Failure> {
        let evaluated = source.evaluate_borrowed(variables, &self.environment);
        self.warnings.absorb(evaluated.warnings);
        match evaluated.result {
            Ok(Val::Function(_)) => Ok(None),
            Ok(result) => {
                let mut value = Vec::new();
                result.write_json(&mut value);
                let left = self.bytes_left.checked_sub(value.len());
                self.bytes_left = left.ok_or_else(|| incidents::too_large(self.at))?;
                Ok(Some(value))
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
        context: &Named<'_, Node<'_>>,
        variables: &dyn Variables,
        before: Option<&[u8]>,
    ) -> Result<Vec<u8>, Failure> {
        let before = before.filter(|value| self.base == Base::Visible && *value != b"null");
        let document = match before.map(|value| VariableDocument::parse(Bytes::copy_from_slice(value))) {
            None => Some(VariableDocument::default()),
            Some(Ok(document)) => Some(document),
            Some(Err(_)) => None,
        };
        let members = document.as_ref().map(members_of);
        let mut inner = MappingVariables { results: Named::with_capacity(context.len()), around: variables };
        for (name, node) in context.iter() {
            let before = members.as_ref().and_then(|members| members.get(name).copied());
            let value = self.node(node, &inner, before)?;
            inner.results.add(name, value);
        }
        Ok(members.map_or_else(|| b"null".to_vec(), |members| merge(&members, &inner.results)))
    }
}

fn members_of(document: &VariableDocument) -> Named<'_, &[u8]> {
    let mut members = Named::with_capacity(document.len());
    for (name, value) in document.iter() {
        members.add(name, value);
    }
    members
}

/// The members of a context with others replaced or added.
fn merge(members: &Named<'_, &[u8]>, results: &Named<'_, Value>) -> Vec<u8> {
    let mut object = ObjectWriter::new();
    for (name, old) in members.iter() {
        match results.get(name) {
            None => object.member(name, old),
            Some(Some(new)) => object.member(name, new),
            Some(None) => {}
        }
    }
    for (name, value) in results.iter() {
        if let Some(value) = value
            && members.get(name).is_none()
        {
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
    use super::{members_of, merge};
    use crate::behaviors::named::Named;
    use bytes::Bytes;
    use ringbolt_record::VariableDocument;

    fn show(before: &'static str, results: &[(&'static str, Option<&str>)]) -> String {
        let document = VariableDocument::parse(Bytes::from_static(before.as_bytes())).unwrap();
        let mut named = Named::with_capacity(results.len());
        for (name, value) in results {
            named.add(name, value.map(|value| value.as_bytes().to_vec()));
        }
        String::from_utf8(merge(&members_of(&document), &named)).unwrap()
    }

    #[test]
    fn members_are_replaced_in_place_and_added_behind() {
        assert_eq!(show("{}", &[("b", Some("1")), ("f", None)]), r#"{"b":1}"#);
        assert_eq!(
            show(r#"{"a":[1],"b":2,"c":3}"#, &[("d", Some("4")), ("b", Some("{}")), ("c", None)]),
            r#"{"a":[1],"b":{},"d":4}"#
        );
    }
}
