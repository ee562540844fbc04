//! Activities that are repeated for the items of a list: `multiInstanceLoopCharacteristics` with `zeebe:loopCharacteristics`.

use super::Compiler;
use crate::process::MultiInstance;
use crate::xml::{Node, attr, bpmn_children, extensions_named, local, text_content};

impl<'d> Compiler<'d, '_> {
    /// How an activity is repeated; `None` where it is not, or where something is wrong with it.
    pub(super) fn multi_instance(&mut self, activity: Node<'d>) -> Option<MultiInstance> {
        let node =
            bpmn_children(activity).find(|child| local(*child) == "multiInstanceLoopCharacteristics")?;
        let condition = bpmn_children(node)
            .find(|child| local(*child) == "completionCondition")
            .map(text_content)
            .filter(|text| !text.is_empty())
            .map(|text| self.text(node, Some(&text)));
        let mut extensions = extensions_named(node, "loopCharacteristics");
        let (Some(loops), None) = (extensions.next(), extensions.next()) else {
            self.findings.add(node, "Must have exactly one 'zeebe:loopCharacteristics' extension element");
            return None;
        };
        let input_collection = self.expression(loops, attr(loops, "inputCollection"));
        let output = match (attr(loops, "outputCollection"), attr(loops, "outputElement")) {
            (None, None) => None,
            (Some(collection), Some(element)) => {
                let name = self.variable_name(loops, collection);
                Some(name.zip(self.expression(loops, Some(element))))
            }
            (collection, _) => {
                let names = ["outputCollection", "outputElement"];
                let [there, missing] = if collection.is_some() { names } else { [names[1], names[0]] };
                let message =
                    format!("Attribute '{missing}' must be present if the attribute '{there}' is set");
                self.findings.add(loops, message);
                return None;
            }
        };
        let input_element = attr(loops, "inputElement").map(|name| self.variable_name(loops, name));
        let is_sequential =
            node.attribute("isSequential").is_some_and(|value| matches!(value.trim(), "true" | "1"));
        Some(MultiInstance {
            is_sequential,
            input_collection: input_collection?,
            input_element: input_element.map_or(Some(None), |name| name.map(Some))?,
            output: output.map_or(Some(None), |output| output.map(Some))?,
            completion_condition: condition.map_or(Some(None), |condition| condition.map(Some))?,
        })
    }

    pub(super) fn variable_name(&mut self, node: Node<'d>, name: &str) -> Option<Box<str>> {
        let max = self.limits.variable_name_bytes_max;
        if name.len() > max {
            self.findings.add(node, format!("The name of a variable is longer than {max} bytes"));
            return None;
        }
        Some(name.into())
    }
}
