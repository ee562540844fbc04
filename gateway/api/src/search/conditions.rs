//! Filters of a body as conditions.
//!
//! The body was held against its schema before, so that each value is of its kind. What is counted here bounds the SQL that it becomes.

use crate::call::shown;
use crate::schema::{Level, Object, Schema};
use crate::time::unix_ms_of;
use crate::value::{Value as Json, key_of};
use ringbolt_query::like::Pattern;
use ringbolt_query::{By, Column, Filter, Kind, Test, Value, View, canonical};
use std::borrow::Cow;

/// Bytes of a filter; more are refused.
pub const FILTER_BYTES_MAX: usize = 1024 * 1024;
/// Values of a filter; more are refused.
pub const VALUES_MAX: usize = 4096;
/// Conditions of a filter; more are refused.
pub const CONDITIONS_MAX: usize = 256;

/// A filter that is being read.
pub(super) struct Reading {
    view: &'static View,
    level: Level,
    /// Whose fields say what clients call values: what a row is shown as, or the filter where none is.
    item: &'static Object,
    values: usize,
    conditions: usize,
    pub(super) violations: Vec<String>,
}

impl Reading {
    pub(super) fn new(view: &'static View, level: Level, item: &'static Object) -> Self {
        Self { view, level, item, values: 0, conditions: 0, violations: Vec::new() }
    }

    /// A whole filter.
    pub(super) fn filter(&mut self, filter: Json<'_>, object: &'static Object) -> Filter {
        if filter.bytes().len() > FILTER_BYTES_MAX {
            self.violations.push(format!("The filter has more than {FILTER_BYTES_MAX} bytes"));
            return Filter::Any(Vec::new());
        }
        let read = self.object(filter, object);
        if self.conditions > CONDITIONS_MAX {
            self.violations.push(format!("The filter has more than {CONDITIONS_MAX} conditions"));
        }
        if self.values > VALUES_MAX {
            self.violations.push(format!("The filter has more than {VALUES_MAX} values"));
        }
        read
    }

    fn object(&mut self, filter: Json<'_>, object: &'static Object) -> Filter {
        let mut filters = Vec::new();
        let mut found = vec![None; object.fields.len()];
        for (name, value) in filter.members() {
            // Of a member that comes twice the last one holds.
            if let Some((at, _)) = object.find(name.as_bytes()) {
                found[at.0] = (!value.is_null()).then_some(value);
            }
        }
        for (field, value) in object.fields.iter().zip(found) {
            let Some(value) = value else { continue };
            if self.is_too_much() {
                break;
            }
            match field.schema.at(self.level) {
                Schema::List(Schema::Object(inner), _) if field.name == "$or" => {
                    let options: Vec<Filter> = value.items().map(|item| self.option(item, inner)).collect();
                    if !options.is_empty() {
                        filters.push(Filter::Any(options));
                    }
                }
                schema => {
                    if let Some(column) = self.view.column(field.name) {
                        self.field(column, schema, value, &mut filters);
                    }
                }
            }
        }
        Filter::All(filters)
    }

    /// One of several filters.
    fn option(&mut self, option: Json<'_>, object: &'static Object) -> Filter {
        self.conditions += 1;
        if self.is_too_much() { Filter::Any(Vec::new()) } else { self.object(option, object) }
    }

    fn is_too_much(&self) -> bool {
        self.conditions > CONDITIONS_MAX || self.values > VALUES_MAX
    }

    /// The conditions on one column.
    fn field(
        &mut self,
        column: &'static Column,
        schema: &Schema,
        value: Json<'_>,
        filters: &mut Vec<Filter>,
    ) {
        match schema {
            Schema::List(Schema::Object(_), _) => {
                let By::Within(begin, _) = column.by else { return };
                for item in value.items() {
                    let name = item.member("name").and_then(Json::text).unwrap_or_default().into_owned();
                    let mut tests = vec![("v.name", Kind::Text, Test::Eq(Value::Text(name)))];
                    let said =
                        item.member("value").map(|value| self.tests(column, value)).unwrap_or_default();
                    tests.extend(said.into_iter().map(|test| ("v.value", Kind::Value, test)));
                    self.conditions += 1;
                    filters.push(Filter::Has(begin, tests, ")"));
                }
            }
            Schema::List(..) => {
                for item in value.items() {
                    filters.extend(self.equal(column, item).map(|test| Filter::Is(column, test)));
                }
            }
            _ => filters.extend(self.tests(column, value).into_iter().map(|test| Filter::Is(column, test))),
        }
    }

    /// The tests of a value: an object of operators, or a value that it must equal.
    fn tests(&mut self, column: &'static Column, value: Json<'_>) -> Vec<Test> {
        if !value.bytes().starts_with(b"{") {
            return self.equal(column, value).into_iter().collect();
        }
        // Of an operator that comes twice the last one holds. There are few: others were refused.
        let mut said: Vec<(Cow<'_, str>, Json<'_>)> = Vec::new();
        for (operator, operand) in value.members() {
            said.retain(|(other, _)| *other != operator);
            said.push((operator, operand));
        }
        let mut tests = Vec::new();
        for (operator, operand) in said.into_iter().filter(|(_, operand)| !operand.is_null()) {
            if self.is_too_much() {
                break;
            }
            tests.extend(match operator.as_ref() {
                "$eq" => self.equal(column, operand),
                "$neq" => self.one(column, operand).map(|test| match test {
                    Operand::Value(value) => Test::Neq(value),
                    Operand::Codes(codes) => Test::NotIn(codes),
                }),
                "$exists" => {
                    self.conditions += 1;
                    operand.flag().map(Test::Exists)
                }
                "$gt" => self.compared(column, operand, Test::Gt),
                "$gte" => self.compared(column, operand, Test::Gte),
                "$lt" => self.compared(column, operand, Test::Lt),
                "$lte" => self.compared(column, operand, Test::Lte),
                "$in" => self.several(column, operand).map(Test::In),
                "$notIn" => self.several(column, operand).map(Test::NotIn),
                "$like" => self.like(column, operand),
                _ => None,
            });
        }
        tests
    }

    fn equal(&mut self, column: &'static Column, operand: Json<'_>) -> Option<Test> {
        self.one(column, operand).map(|operand| match operand {
            Operand::Value(value) => Test::Eq(value),
            Operand::Codes(codes) => Test::In(codes),
        })
    }

    fn compared(
        &mut self,
        column: &'static Column,
        operand: Json<'_>,
        test: fn(Value) -> Test,
    ) -> Option<Test> {
        match self.one(column, operand)? {
            Operand::Value(value) => Some(test(value)),
            Operand::Codes(_) => None,
        }
    }

    fn several(&mut self, column: &'static Column, operands: Json<'_>) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        self.conditions += 1;
        for operand in operands.items() {
            if self.is_too_much() {
                break;
            }
            match self.value(column, operand) {
                Some(Operand::Value(value)) => values.push(value),
                Some(Operand::Codes(codes)) => values.extend(codes),
                None => {}
            }
        }
        Some(values)
    }

    fn like(&mut self, column: &'static Column, operand: Json<'_>) -> Option<Test> {
        self.conditions += 1;
        let Ok(pattern) = Pattern::new(&operand.text()?) else {
            self.violations.push(format!("The pattern of {} is too long", column.name));
            return None;
        };
        let Kind::Enum(names) = column.kind else { return Some(Test::Like(pattern)) };
        let codes = self.codes(column, names, |name| pattern.matches(name).unwrap_or_default());
        Some(Test::In(codes))
    }

    fn one(&mut self, column: &'static Column, operand: Json<'_>) -> Option<Operand> {
        self.conditions += 1;
        self.value(column, operand)
    }

    /// A value, as rows have it.
    fn value(&mut self, column: &'static Column, operand: Json<'_>) -> Option<Operand> {
        self.values += 1;
        let value = match column.kind {
            Kind::Key => operand.text().and_then(|text| key_of(&text)).map(Value::Int),
            Kind::Int => operand.long().map(Value::Int),
            Kind::Time => operand.text().and_then(|text| unix_ms_of(&text)).map(Value::Int),
            Kind::Flag => operand.flag().map(|flag| Value::Int(i64::from(flag))),
            Kind::Value => operand.text().map(|text| Value::Text(canonical(&text).into_owned())),
            Kind::Text | Kind::LongText | Kind::Json => {
                operand.text().map(|text| Value::Text(text.into_owned()))
            }
            Kind::Enum(names) => {
                let wanted = operand.text().unwrap_or_default();
                return Some(Operand::Codes(self.codes(column, names, |name| name == wanted)));
            }
        };
        if value.is_none() {
            let text = operand.text().unwrap_or_default();
            self.violations.push(format!("The provided {} '{}' is not valid", column.name, shown(&text)));
        }
        value.map(Operand::Value)
    }

    /// Codes of the names that are meant: by what clients of the level are told, or by what they are.
    fn codes(&self, column: &Column, names: &[&'static str], is_meant: impl Fn(&str) -> bool) -> Vec<Value> {
        let shown =
            self.item.find(column.name.as_bytes()).map(|(_, field)| match field.schema.at(self.level) {
                Schema::Filter(of, _) => of,
                plain => plain,
            });
        let coded = names.iter().enumerate().filter(|(_, name)| {
            let told = shown.and_then(|schema| schema.value_at(name, self.level));
            is_meant(name) || told.is_some_and(&is_meant)
        });
        coded.map(|(code, _)| Value::Int(i64::try_from(code).unwrap_or_default())).collect()
    }
}

/// What a value is compared with.
enum Operand {
    Value(Value),
    /// Codes of names, one of which it must have.
    Codes(Vec<Value>),
}
