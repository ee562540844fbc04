//! Values of test files: typed XML -> FEEL values, and their comparison.

use ringbolt_feel::{Budget, Context, Decimal, Environment, List, NoVariables, Value, parse_expression};
use roxmltree::Node;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

fn child<'d>(node: Node<'d, 'd>, name: &str) -> Option<Node<'d, 'd>> {
    node.children().find(|child| child.tag_name().name() == name)
}

fn is_nil(node: Node<'_, '_>) -> bool {
    node.attribute((XSI, "nil")) == Some("true")
}

/// The value in a node of type `valueType`.
pub(crate) fn read(node: Node<'_, '_>) -> Value {
    if is_nil(node) {
        return Value::Null;
    }
    if let Some(value) = child(node, "value") {
        return if is_nil(value) { Value::Null } else { simple(value) };
    }
    if let Some(list) = child(node, "list") {
        if is_nil(list) {
            return Value::Null;
        }
        let items = list.children().filter(|item| item.tag_name().name() == "item").map(read).collect();
        return Value::List(List::new(items).expect("a small list"));
    }
    let components: Vec<(String, Value)> = node
        .children()
        .filter(|part| part.tag_name().name() == "component")
        .map(|part| (part.attribute("name").unwrap_or_default().to_owned(), read(part)))
        .collect();
    if components.is_empty() { Value::Null } else { Value::Context(Context::new(components).expect("small")) }
}

fn simple(node: Node<'_, '_>) -> Value {
    let text = node.text().unwrap_or_default();
    let kind = node.attribute((XSI, "type")).unwrap_or("string").rsplit(':').next().unwrap_or_default();
    let trimmed = text.trim();
    let feel = match kind {
        "decimal" | "double" | "integer" | "float" | "int" | "long" => {
            return Decimal::parse(trimmed.as_bytes()).map_or(Value::Null, Value::Number);
        }
        "boolean" => trimmed.to_owned(),
        "date" => format!("date(\"{trimmed}\")"),
        "time" => format!("time(\"{trimmed}\")"),
        "dateTime" => format!("date and time(\"{trimmed}\")"),
        "duration" => format!("duration(\"{trimmed}\")"),
        _ => return Value::string(text),
    };
    let expression = parse_expression(&feel).expect("a literal");
    expression.evaluate(&NoVariables, &Environment::at(0)).result.unwrap_or(Value::Null)
}

/// Whether a result is the expected value.
pub(crate) fn fits(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(x), Value::Number(y)) => {
            let (x, y): (f64, f64) =
                (x.to_string().parse().unwrap_or(0.0), y.to_string().parse().unwrap_or(0.0));
            (x - y).abs() <= 1e-8 * y.abs().max(1.0)
        }
        (Value::List(x), Value::List(y)) => {
            let (x, y) = (x.to_vec(), y.to_vec());
            x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| fits(x, y))
        }
        (Value::Context(x), Value::Context(y)) => {
            x.len() == y.len()
                && x.to_vec().iter().all(|(key, x)| y.get(key.as_str()).is_some_and(|y| fits(x, &y)))
        }
        _ => found.is_same(expected, &Budget::new(1_000_000)).expect("enough units"),
    }
}
