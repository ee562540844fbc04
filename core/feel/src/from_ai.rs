//! What an expression leaves to an agent: its calls of `fromAi`, as an ad-hoc sub-process tells of them.

use crate::ast::{Access, Arguments, Exp, ExpId};
use crate::parser::{self, Tree};
use crate::value::{Text, Val, Value};

/// The name of the function.
const FUNCTION: &str = "fromAi";
/// Its parameters, in order.
const PARAMETERS: [&str; 5] = ["value", "description", "type", "schema", "options"];

/// The calls of `fromAi` in an expression, in the order of its text; one within the arguments of another is none. Each is the
/// text of a JSON object with what the call says: `name`, `description`, `type`, `schema`, `options`.
///
/// # Errors
/// When an argument is not what it has to be, with Camunda's words.
pub fn from_ai_parameters(text: &str) -> Result<Vec<String>, String> {
    // Most expressions have none, and are not parsed a second time.
    let Some(tree) = text.contains(FUNCTION).then(|| parser::expression(text).ok()).flatten() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut open = vec![tree.root];
    while let Some(id) = open.pop() {
        match node(&tree, id) {
            Exp::Call(name, arguments) if **name == *FUNCTION => found.push(parameter(&tree, arguments)?),
            other => {
                let first = open.len();
                children(other, &mut open);
                open[first..].reverse();
            }
        }
    }
    Ok(found)
}

fn node(tree: &Tree, id: ExpId) -> &Exp {
    &tree.nodes[id.0 as usize]
}

/// What stands directly in a node, in the order of the text.
fn children(exp: &Exp, out: &mut Vec<ExpId>) {
    let arguments = |out: &mut Vec<ExpId>, arguments: &Arguments| match arguments {
        Arguments::Positional(all) => out.extend(all),
        Arguments::Named(all) => out.extend(all.iter().map(|(_, id)| *id)),
    };
    match exp {
        Exp::Constant(_) | Exp::Number(_) | Exp::ZonedTime(_) | Exp::Input | Exp::Reference(_) => {}
        Exp::List(all) | Exp::AnyTest(all) => out.extend(all),
        Exp::Context(entries) => out.extend(entries.iter().map(|(_, id)| *id)),
        Exp::Range { start, end, .. } => out.extend([*start, *end]),
        Exp::Access(of, steps) => {
            out.push(*of);
            out.extend(steps.iter().filter_map(|step| match step {
                Access::Filter(filter) => Some(*filter),
                Access::Path(_) => None,
            }));
        }
        Exp::Arithmetic(first, others) => {
            out.push(*first);
            out.extend(others.iter().map(|(_, id)| *id));
        }
        Exp::And(first, others) | Exp::Or(first, others) => {
            out.push(*first);
            out.extend(others);
        }
        Exp::Negate(of)
        | Exp::InstanceOf(of, _)
        | Exp::Function(_, of)
        | Exp::InputEquals(of)
        | Exp::InputCompare(_, of)
        | Exp::InputIn(of)
        | Exp::Test(of)
        | Exp::Not(of) => out.push(*of),
        Exp::Compare(_, a, b) | Exp::In(a, b) | Exp::Iteration(a, b) => out.extend([*a, *b]),
        Exp::Between(a, b, c) | Exp::If(a, b, c) => out.extend([*a, *b, *c]),
        Exp::For(iterators, body) | Exp::Quantified(_, iterators, body) => {
            out.extend(iterators.iter().map(|(_, id)| *id));
            out.push(*body);
        }
        Exp::Call(_, all) | Exp::QualifiedCall(_, _, all) => arguments(out, all),
    }
}

/// What one call says.
fn parameter(tree: &Tree, arguments: &Arguments) -> Result<String, String> {
    let argument = |number: usize| match arguments {
        Arguments::Positional(all) => all.get(number).copied(),
        Arguments::Named(all) => {
            all.iter().find(|(name, _)| **name == *PARAMETERS[number]).map(|(_, id)| *id)
        }
    };
    let mut object = Members(b"{".to_vec());
    let name = match argument(0).map(|id| node(tree, id)) {
        Some(Exp::Reference(path)) => path.join("."),
        other => {
            return Err(format!(
                "Expected fromAi() parameter 'value' to be a reference (e.g. 'toolCall.customParameter'), but received {}.",
                match other {
                    Some(Exp::Constant(Value::Str(text))) => format!("string '{}'", text.as_str()),
                    other => other.map_or("null".to_owned(), described),
                }
            ));
        }
    };
    object.text("name", &name);
    for (number, what) in [(1, "description"), (2, "type")] {
        let Some(exp) = argument(number).map(|id| node(tree, id)) else { continue };
        let Exp::Constant(Value::Str(text)) = exp else { return Err(wrong(what, "a string", exp)) };
        if !text.as_str().is_empty() {
            object.text(what, text.as_str());
        }
    }
    for (number, what) in [(3, "schema"), (4, "options")] {
        let Some(exp) = argument(number).map(|id| node(tree, id)) else { continue };
        let Exp::Context(entries) = exp else { return Err(wrong(what, "a context (map)", exp)) };
        if !entries.is_empty() {
            object.name(what);
            write_constant(tree, exp, &mut object.0)?;
        }
    }
    object.0.push(b'}');
    String::from_utf8(object.0).map_err(|error| error.to_string())
}

fn wrong(what: &str, expected: &str, exp: &Exp) -> String {
    format!("Expected fromAi() parameter '{what}' to be {expected}, but received '{}'.", described(exp))
}

/// A constant as a message has it.
fn described(exp: &Exp) -> String {
    let mut text = Vec::new();
    match exp {
        Exp::Constant(Value::Str(value)) => return value.as_str().to_owned(),
        Exp::Constant(value) => value.write_json(&mut text),
        Exp::Number(number) => number.write_json(&mut text),
        _ => return "an expression".to_owned(),
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Members of a JSON object.
struct Members(Vec<u8>);

impl Members {
    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_text(name, &mut self.0);
        self.0.push(b':');
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        write_text(text, &mut self.0);
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    Val::Str(Text::Borrowed(text)).write_json(out);
}

/// Writes a constant as JSON. It nests as deeply as the parser lets it.
fn write_constant(tree: &Tree, exp: &Exp, out: &mut Vec<u8>) -> Result<(), String> {
    match exp {
        Exp::Number(number) => number.write_json(out),
        Exp::Constant(value @ (Value::Str(_) | Value::Bool(_))) => value.write_json(out),
        Exp::List(items) => {
            out.push(b'[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                write_constant(tree, node(tree, *item), out)?;
            }
            out.push(b']');
        }
        Exp::Context(entries) => {
            let mut object = Members(b"{".to_vec());
            for (name, entry) in entries {
                object.name(name);
                write_constant(tree, node(tree, *entry), &mut object.0)?;
            }
            object.0.push(b'}');
            out.append(&mut object.0);
        }
        _ => return Err("Unsupported expression value in fromAi() function invocation".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::from_ai_parameters;

    #[test]
    fn calls_are_found_in_their_order_with_what_they_say() {
        let text = r#"{a: fromAi(tool.x, "What"), b: [if c then fromAi(value: y, type: "number") else 1,
            fromAi(z, "", "text", {enum: [1, 2.5, "\"q"], of: {a: true}}, {})]}"#;
        assert_eq!(
            from_ai_parameters(text).unwrap(),
            [
                r#"{"name":"tool.x","description":"What"}"#,
                r#"{"name":"y","type":"number"}"#,
                r#"{"name":"z","type":"text","schema":{"enum":[1,2.5,"\"q"],"of":{"a":true}}}"#,
            ]
        );
        assert!(from_ai_parameters("1 + fromBi(x)").unwrap().is_empty());
        assert_eq!(from_ai_parameters("f(fromAi(x))").unwrap(), [r#"{"name":"x"}"#]);
    }

    #[test]
    fn arguments_that_are_none_are_named() {
        for (text, message) in [
            (
                "fromAi(\"x\")",
                "Expected fromAi() parameter 'value' to be a reference (e.g. 'toolCall.customParameter'), but received string 'x'.",
            ),
            ("fromAi(x, 1)", "Expected fromAi() parameter 'description' to be a string, but received '1'."),
            (
                "fromAi(x, \"d\", \"t\", 3)",
                "Expected fromAi() parameter 'schema' to be a context (map), but received '3'.",
            ),
            (
                "fromAi(x, \"d\", \"t\", {a: 1 + 1})",
                "Unsupported expression value in fromAi() function invocation",
            ),
        ] {
            assert_eq!(from_ai_parameters(text).unwrap_err(), message);
        }
    }
}
