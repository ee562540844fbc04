//! Values in the model that can be expressions. A leading `=` with something after it marks one; all else is static.

use ringbolt_feel::{Expression, parse_expression};

use super::Compiler;
use crate::number::whole_part;
use crate::process::Text;
use crate::xml::{Node, clip};

/// What follows the mark of an expression.
pub(super) fn marked(value: &str) -> Option<&str> {
    value.strip_prefix('=').filter(|expression| !expression.is_empty())
}

fn static_text(text: &str) -> Text {
    match whole_part(text) {
        Some(whole) => Text::Number { text: text.into(), whole },
        None => Text::Static(text.into()),
    }
}

impl<'d> Compiler<'d, '_> {
    /// A value that may be static and must be there.
    pub(super) fn text(&mut self, node: Node<'d>, value: Option<&str>) -> Option<Text> {
        let Some(value) = value else {
            self.findings.add(node, "Expected expression but not found.");
            return None;
        };
        match marked(value) {
            Some(expression) => self.parse(node, expression).map(Text::Expression),
            None => self.within_limit(node, value).map(static_text),
        }
    }

    /// A value that must be an expression and must be there.
    pub(super) fn expression(&mut self, node: Node<'d>, value: Option<&str>) -> Option<Expression> {
        let Some(value) = value else {
            self.findings.add(node, "Expected expression but not found.");
            return None;
        };
        if let Some(expression) = marked(value) {
            return self.parse(node, expression);
        }
        let value = clip(value);
        let message = format!(
            "Expected expression but found static value '{value}'. \
             An expression must start with '=' (e.g. '={value}')."
        );
        self.findings.add(node, message);
        None
    }

    /// The source of an input mapping: a static one is the text itself, a missing one is null.
    pub(super) fn input_source(&mut self, node: Node<'d>, value: Option<&str>) -> Option<Expression> {
        match value {
            None => self.parse(node, "null"),
            Some(value) => match marked(value) {
                Some(expression) => self.parse(node, expression),
                // Only the quote is escaped, so an escape in the text means what it means in an expression.
                None => self.parse(node, &format!("\"{}\"", value.replace('"', "\\\""))),
            },
        }
    }

    pub(super) fn parse(&mut self, node: Node<'d>, expression: &str) -> Option<Expression> {
        let expression = self.within_limit(node, expression)?;
        match parse_expression(expression) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                // The message itself says where in the expression, as `line:column`.
                let message = format!("failed to parse expression '{}': {}", clip(expression), error.message);
                self.findings.add(node, message);
                None
            }
        }
    }

    pub(super) fn within_limit<'v>(&mut self, node: Node<'d>, value: &'v str) -> Option<&'v str> {
        let max = self.limits.expression_bytes_max;
        if value.len() > max {
            self.findings.add(node, format!("The value is longer than {max} bytes"));
            return None;
        }
        Some(value)
    }
}
