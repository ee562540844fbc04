//! Input and output mappings, and where the variables of a completed job go.
//!
//! All mappings of a list are evaluated before any variable is set, so that a failure leaves nothing half done.

use crate::behaviors::expressions::{VisibleVariables, environment, failed, with_warnings};
use crate::behaviors::variables::{self, ObjectWriter, Owner};
use crate::failure::Failure;
use crate::lifecycle::At;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_feel::Variables;
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
    if let Some(brought) = brought {
        for (name, value) in brought.iter() {
            variables::set_local(p, owner, at.key, name, value);
        }
    }
    let results = evaluate(p, at, &at.model().outputs, Base::Visible)?;
    let outer = at.element.flow_scope_key;
    variables::propagate(p, owner, outer, results.iter().map(|(name, value)| (&**name, &value[..])));
    Ok(())
}

fn owner(at: &At) -> Owner<'_> {
    Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id }
}

/// What a path like `a.b` is set in, when no mapping before it has set `a`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    /// A new context.
    Fresh,
    /// The variable that is visible as `a`.
    Visible,
}

type Results = Vec<(Box<str>, Vec<u8>)>;

/// Variables as a mapping sees them: the results of those before it hide what is outside.
struct MappingVariables<'a> {
    results: &'a Results,
    outside: VisibleVariables<'a>,
}

impl Variables for MappingVariables<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let result = self.results.iter().find(|(other, _)| **other == *name);
        result.map(|(_, value)| value.as_slice()).or_else(|| self.outside.get(name))
    }
}

/// The variables that mappings give, by name.
fn evaluate(p: &Processing<'_>, at: &At, mappings: &[Mapping], base: Base) -> Result<Results, Failure> {
    let environment = environment(p, at.key);
    let mut results: Results = Vec::with_capacity(mappings.len());
    let mut warnings = Vec::new();
    for mapping in mappings {
        let outside = VisibleVariables { tables: p.tables(), scope_key: at.key };
        let variables = MappingVariables { results: &results, outside };
        let evaluated = mapping.source.evaluate_borrowed(&variables, &environment);
        warnings.extend(evaluated.warnings);
        let mut value = Vec::new();
        match evaluated.result {
            Ok(result) => result.write_json(&mut value),
            Err(failure) => {
                let text = as_one_expression(mappings);
                let message = with_warnings(failed(&text, &failure.message, &warnings), &warnings);
                return Err(Failure::new(ErrorType::IoMappingError, message));
            }
        }
        let (root, path) = mapping.target.split_first().expect("a target is never empty");
        if !path.is_empty() {
            let before = match base {
                Base::Fresh => results.iter().find(|(name, _)| name == root).map(|(_, v)| v.as_slice()),
                Base::Visible => variables.get(root),
            };
            value = set_path(before, path, value);
        }
        match results.iter_mut().find(|(name, _)| name == root) {
            Some((_, old)) => *old = value,
            None => results.push((root.clone(), value)),
        }
    }
    results.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(results)
}

/// A context with one more member somewhere inside. What is not a context cannot take one and becomes null.
fn set_path(before: Option<&[u8]>, path: &[Box<str>], value: Vec<u8>) -> Vec<u8> {
    let Some((name, rest)) = path.split_first() else { return value };
    let before = before.unwrap_or(b"null");
    if before != b"null" && before.first() != Some(&b'{') {
        return b"null".to_vec();
    }
    let Ok(members) = VariableDocument::parse(Bytes::copy_from_slice(before)) else {
        // Nested deeper, or with a longer name, than a document of variables may be.
        return b"null".to_vec();
    };
    let value = set_path(members.get(name), rest, value);
    let mut object = ObjectWriter::new();
    let mut is_set = false;
    for (other, old) in members.iter() {
        let is_it = *other == **name;
        object.member(other, if is_it { &value } else { old });
        is_set |= is_it;
    }
    if !is_set {
        object.member(name, &value);
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
    use super::set_path;

    fn show(before: Option<&str>, path: &str, value: &str) -> String {
        let path: Vec<Box<str>> = path.split('.').map(Into::into).collect();
        let set = set_path(before.map(str::as_bytes), &path, value.as_bytes().to_vec());
        String::from_utf8(set).unwrap()
    }

    #[test]
    fn a_path_makes_or_extends_contexts() {
        assert_eq!(show(None, "a.b", "1"), r#"{"a":{"b":1}}"#);
        assert_eq!(show(Some(r#"{"x":[1],"a":{"c":2}}"#), "a.b", "1"), r#"{"x":[1],"a":{"c":2,"b":1}}"#);
        assert_eq!(show(Some(r#"{"a":5}"#), "a", "6"), r#"{"a":6}"#);
        assert_eq!(show(Some(r#"{"a":5}"#), "a.b", "6"), r#"{"a":null}"#);
        assert_eq!(show(Some("\"text\""), "a", "1"), "null");
    }
}
