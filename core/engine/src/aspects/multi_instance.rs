//! Activities that are repeated for the items of a list: the body around them, and what each of their instances has.
//!
//! The list is evaluated once, when the body is entered, and kept with the place of each item. Results are kept one by one and
//! become the output collection when the body is left, so that no value is written again for each item. Instances are entered
//! in slices: what is left to be entered is a place to go on from.

use crate::at::{At, element_ref};
use crate::behaviors::variables::{self, Owner};
use crate::behaviors::{conditions, expressions, results_of_items};
use crate::contract::ENTRY_BYTES_MIN;
use crate::failure::{Failure, Interruption, Unexpected};
use crate::hook::Flows;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_feel::Variables;
use ringbolt_model::{MultiInstance, Text};
use ringbolt_record::values::{Arrival, ItemList, ItemListBuilder, MultiInstanceRecord};
use ringbolt_record::{ElementIndex, ErrorType, FollowUp, Key, MultiInstanceIntent};
use ringbolt_tables::{ElementInstanceRow, MultiInstanceCounts, Tables};
use std::cell::OnceCell;

/// The variable of an instance that counts from 1.
const LOOP_COUNTER: &str = "loopCounter";

fn repeats(at: &At) -> Result<&MultiInstance, Unexpected> {
    at.model().repeats().ok_or_else(|| at.unexpected(format!("'{}' repeats nothing", at.model().id)))
}

/// The items that a body works through, as [`ItemList`] has them.
pub(crate) fn items(p: &Processing<'_>, at: &At) -> Result<Vec<u8>, Interruption> {
    let collection = &repeats(at)?.input_collection;
    let items = expressions::evaluate(p, collection, at.key, |value| {
        let list = value.as_list().ok_or_else(|| expressions::wrong_type(collection, "ARRAY", value))?;
        let mut items = ItemListBuilder::default();
        for item in list.to_vec() {
            items.add(|out| item.write_json(out));
        }
        Ok(items.finish())
    });
    Ok(items?)
}

/// Begins to enter the instances of a body; one without any is left.
pub(crate) fn begin(p: &mut Processing<'_>, at: &At, items: &[u8]) -> Result<(), Interruption> {
    let is_sequential = repeats(at)?.is_sequential;
    let count = ItemList::new(items).len();
    let promised = if is_sequential { count.min(1) } else { count };
    lifecycle::activated(p, at, promised as usize);
    append(p, at, MultiInstanceIntent::Created, 0, items);
    let next = match promised {
        0 => FollowUp::Complete { key: at.key },
        _ if is_sequential => {
            let inner =
                element_ref(&at.definition, at.element.instance, inner_of(at.element.element_index), at.key);
            FollowUp::Activate { key: p.next_key(), element: inner, arrival: Arrival::Item(0) }
        }
        _ => FollowUp::Spawn { body_key: at.key, next: 0 },
    };
    p.follow_up(at.process_instance_key(), next);
    Ok(())
}

fn append(p: &mut Processing<'_>, body: &At, intent: MultiInstanceIntent, number: u32, value: &[u8]) {
    let record = MultiInstanceRecord {
        instance: body.element.instance,
        element_index: body.element.element_index,
        number,
        value,
        tenant_id: &body.definition.tenant_id,
    };
    p.append(intent, body.key, &record);
}

/// Enters the next instance of a body in a later step, and comes back for the one after it.
pub(crate) fn spawn(p: &mut Processing<'_>, body_key: Key, number: u32) -> Result<(), Unexpected> {
    let Some(row) = p.tables().element_instance(body_key) else { return Ok(()) };
    let (element, inner) = (row.element, inner_of(row.element.element_index));
    if !lifecycle::may_stand(p, body_key, inner) {
        return Ok(());
    }
    let definition = At::find(p, body_key, element)?.definition;
    let inner = element_ref(&definition, element.instance, inner, body_key);
    let (key, arrival) = (p.next_key(), Arrival::Item(number));
    let process_instance_key = element.instance.process_instance_key;
    p.follow_up(process_instance_key, FollowUp::Activate { key, element: inner, arrival });
    let next = number + 1;
    if p.tables().multi_instance_items(body_key).is_some_and(|items| next < items.len()) {
        p.follow_up(process_instance_key, FollowUp::Spawn { body_key, next });
    }
    Ok(())
}

/// The repeated activity stands behind its body.
fn inner_of(body: ElementIndex) -> ElementIndex {
    ElementIndex(body.0 + 1)
}

/// The body around an instance of a repeated activity.
fn body_of(p: &Processing<'_>, at: &At) -> Result<(At, ElementInstanceRow), Unexpected> {
    let row =
        lifecycle::scope_of(p, at)?.ok_or_else(|| at.unexpected("a repeated activity without a body"))?;
    Ok((at.other(at.element.flow_scope_key, row.element), row))
}

fn number_of(p: &Processing<'_>, at: &At) -> Result<u32, Unexpected> {
    p.tables().item_number(at.key).ok_or_else(|| at.unexpected("a repeated activity without its item"))
}

/// Sets the variables that an instance of a repeated activity begins with.
pub(crate) fn enter_item(p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
    let (body, _) = body_of(p, at)?;
    let repeats = repeats(&body)?;
    let number = number_of(p, at)?;
    let owner = Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id };
    if let Some(name) = repeats.input_element.as_deref() {
        let item = p.tables().multi_instance_items(body.key).and_then(|items| items.get(number));
        let item = item.ok_or_else(|| at.unexpected(format!("there is no item {number}")))?.to_vec();
        variables::set_local(p, owner, at.key, name, &item);
    }
    // So that it is not set outside.
    let own = repeats.output.as_ref().and_then(|(_, element)| variable_of(element.text()));
    if let Some(name) =
        own.filter(|name| Some(*name) != repeats.input_element.as_deref() && *name != LOOP_COUNTER)
    {
        variables::set_local(p, owner, at.key, name, b"null");
    }
    variables::set_local(p, owner, at.key, LOOP_COUNTER, (number + 1).to_string().as_bytes());
    Ok(())
}

/// The variable that an expression reads which is nothing but a variable or a part of one.
pub(crate) fn variable_of(expression: &str) -> Option<&str> {
    let is_name = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && chars.all(|other| other.is_alphanumeric() || other == '_')
    };
    let is_word = matches!(expression.trim(), "null" | "true" | "false");
    let name = expression.trim().split('.').map(str::trim);
    (!is_word && name.clone().all(is_name)).then(|| name.clone().next()).flatten()
}

/// Keeps the result of an instance of a repeated activity that is about to be left, and says what comes next.
pub(crate) fn leave_item(p: &mut Processing<'_>, at: &At) -> Result<Flows, Interruption> {
    let (body, row) = body_of(p, at)?;
    let repeats = repeats(&body)?;
    let number = number_of(p, at)?;
    if let Some((_, element)) = &repeats.output {
        let result = expressions::evaluate_any(p, element, at.key)?;
        append(p, &body, MultiInstanceIntent::Collected, number, &result);
    }
    if is_enough(p, at, &body, &row)? {
        append(p, &body, MultiInstanceIntent::Satisfied, 0, &[]);
        return Ok(Flows::EndOthers);
    }
    let next = number + 1;
    let has_next = p.tables().multi_instance_items(body.key).is_some_and(|items| next < items.len());
    Ok(if repeats.is_sequential && has_next { Flows::Again(next) } else { Flows::All })
}

/// Whether the completion condition holds.
fn is_enough(p: &Processing<'_>, at: &At, body: &At, row: &ElementInstanceRow) -> Result<bool, Interruption> {
    let repeats = repeats(body)?;
    let condition = match &repeats.completion_condition {
        None => return Ok(false),
        Some(Text::Static(text)) => {
            return Err(expressions::wrong_static_type(text, "BOOLEAN", "STRING").into());
        }
        Some(Text::Number { text, .. }) => {
            return Err(expressions::wrong_static_type(text, "BOOLEAN", "NUMBER").into());
        }
        Some(Text::Expression(condition)) => condition,
    };
    let MultiInstanceCounts { completed, terminated } = p.tables().multi_instance_counts(body.key);
    let numbers = [
        ("numberOfInstances", completed + terminated + row.active_children),
        ("numberOfActiveInstances", row.active_children - 1),
        ("numberOfCompletedInstances", completed + 1),
        ("numberOfTerminatedInstances", terminated),
    ];
    let variables = Counted {
        numbers: numbers.map(|(name, number)| (name, number.to_string())),
        results: repeats.output.as_ref().map(|(name, _)| &**name),
        merged: OnceCell::new(),
        tables: p.tables(),
        body_key: body.key,
        scope_key: at.key,
    };
    Ok(expressions::evaluate_condition_of(p, condition, at.key, &variables)?)
}

/// Variables as a completion condition sees them: what is counted, and the results so far.
struct Counted<'a> {
    numbers: [(&'static str, String); 4],
    results: Option<&'a str>,
    merged: OnceCell<Vec<u8>>,
    tables: &'a Tables,
    body_key: Key,
    scope_key: Key,
}

impl Variables for Counted<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        if let Some((_, number)) = self.numbers.iter().find(|(other, _)| *other == name) {
            return Some(number.as_bytes());
        }
        let is_own = self.tables.variable(self.scope_key, name).is_some();
        if self.results == Some(name) && !is_own {
            return Some(self.merged.get_or_init(|| merged(self.tables, self.body_key)));
        }
        variables::seen(self.tables, self.scope_key, name)
    }
}

/// The results so far as a list, with null where there is none.
fn merged(tables: &Tables, body_key: Key) -> Vec<u8> {
    let count = tables.multi_instance_items(body_key).map_or(0, ItemList::len);
    let mut text = vec![b'['];
    let mut results = tables.multi_instance_results(body_key).into_iter().peekable();
    for number in 0..count {
        if number > 0 {
            text.push(b',');
        }
        let result = results.next_if(|(other, _)| *other == number);
        text.extend_from_slice(result.map_or(b"null", |(_, result)| result));
    }
    text.push(b']');
    text
}

/// Sets the output collection outside of a body that is about to be left.
pub(crate) fn set_output(p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
    let Some((name, _)) = &repeats(at)?.output else { return Ok(()) };
    // Who sets it in the body's own scope has the last word.
    let own = p.tables().variable(at.key, name).map(|(_, value)| value.to_vec());
    let value = own.unwrap_or_else(|| merged(p.tables(), at.key));
    let max = p.settings.entry_bytes_max - ENTRY_BYTES_MIN / 2;
    if value.len() > max {
        let message = format!(
            "Expected to set the output collection '{name}' of element '{}', but it has {} bytes and a variable holds at \
             most {max}. To go on, set a smaller '{name}' in the scope of the multi-instance body and resolve this incident.",
            at.model().id,
            value.len()
        );
        return Err(Failure::new(ErrorType::MessageSizeExceeded, message).into());
    }
    results_of_items::forget_later(p, at.process_instance_key(), at.key);
    let owner = Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id };
    let output = std::iter::once((&**name, &value[..]));
    Ok(conditions::propagate(p, owner, at.element.flow_scope_key, output)?)
}

#[cfg(test)]
mod tests {
    use super::variable_of;

    #[test]
    fn a_variable_or_a_part_of_one() {
        for (expression, variable) in [
            ("a", Some("a")),
            (" a.b ", Some("a")),
            ("a + 1", None),
            ("null", None),
            ("f(a)", None),
            ("1", None),
            ("_x", Some("_x")),
        ] {
            assert_eq!(variable_of(expression), variable, "{expression}");
        }
    }
}
