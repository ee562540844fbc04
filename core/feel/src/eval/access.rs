//! Names, paths, properties and filters.

use super::{Eval, Outcome};
use crate::ast::Name;
use crate::display::message;
use crate::error::{Stop, WarningKind};
use crate::number::Decimal;
use crate::program::{Candidate, NodeId, Step};
use crate::temporal::{DayTimeDuration, LocalTime};
use crate::value::{Context, List, Val};

impl<'v> Eval<'v> {
    /// A variable from outside the expression; null with a warning where there is none.
    pub(super) fn outside(&mut self, name: u32) -> Outcome<'v> {
        let program = self.program;
        let name = &program.outside[name as usize].name;
        if let Some(text) = self.variables.get(name) {
            return Val::from_json(text)
                .ok_or_else(|| Stop::abort(format!("the variable '{name}' is not valid JSON")));
        }
        match self.variables.get_value(name) {
            None => {
                self.missing = self.missing.wrapping_add(1);
                self.warn(WarningKind::NoVariableFound, format!("No variable found with name '{name}'"));
                Ok(Val::Null)
            }
            Some(value) => Ok(value.clone()),
        }
    }

    /// A name that may be in one of several places.
    pub(super) fn scoped(&mut self, candidates: &[Candidate], outside: u32) -> Outcome<'v> {
        let program = self.program;
        for candidate in candidates {
            match candidate {
                Candidate::Local(slot) => return Ok(self.slot(*slot).clone()),
                // A function is an entry that can only be called.
                Candidate::Entry(slot) => match self.slot(*slot) {
                    Val::Function(_) => {}
                    value => return Ok(value.clone()),
                },
                Candidate::Item(slot) => {
                    if let Val::Context(context) = self.slot(*slot)
                        && let Some(value) = context.get(&program.outside[outside as usize].name)
                    {
                        return Ok(value);
                    }
                }
            }
        }
        self.outside(outside)
    }

    /// A variable with a path.
    pub(super) fn variable_path(&mut self, variable: NodeId, names: &'v [Name]) -> Outcome<'v> {
        let missing = self.missing;
        let mut value = self.node(variable)?;
        if self.missing != missing {
            return Ok(Val::Null);
        }
        for name in names {
            value = self.path(value, name)?;
        }
        Ok(value)
    }

    /// A value with its paths and filters.
    pub(super) fn access(&mut self, base: NodeId, steps: &'v [Step]) -> Outcome<'v> {
        let mut value = self.node(base);
        for step in steps {
            value = match step {
                Step::Path(name) => value.and_then(|v| self.path(v, name)),
                Step::Index(index) => Self::or_null(value.and_then(|v| self.index(v, *index))),
                Step::Filter { probe, body } => {
                    Self::or_null(value.and_then(|v| self.filter(v, *probe, *body)))
                }
            };
        }
        value
    }

    /// `value.key`
    pub(super) fn path(&mut self, value: Val<'v>, key: &str) -> Outcome<'v> {
        match value {
            Val::Context(context) => match context.get(key) {
                Some(value) => Ok(value),
                None => {
                    self.no_entry(&context, key);
                    Ok(Val::Null)
                }
            },
            Val::List(list) => {
                let items = self.open(&list)?;
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    self.charge(1)?;
                    values.push(self.deeper(|eval| eval.path(item, key))?);
                }
                self.new_list(values)
            }
            Val::Null => {
                let text = format!("No context entry found with key '{key}'. The context is null");
                self.warn(WarningKind::NoContextEntryFound, text);
                Ok(Val::Null)
            }
            other => match property(&other, key) {
                Some(value) => Ok(value),
                None => {
                    let names = property_names(&other).map(|n| format!("'{n}'")).join(", ");
                    let shown = message(&other);
                    let text = format!(
                        "No property found with name '{key}' of value '{shown}'. Available properties: {names}"
                    );
                    self.warn(WarningKind::NoPropertyFound, text);
                    Ok(Val::Null)
                }
            },
        }
    }

    #[cold]
    fn no_entry(&mut self, context: &Context<'v>, key: &str) {
        let keys = context.to_vec();
        let detail = if keys.is_empty() {
            "The context is empty".to_owned()
        } else {
            let keys: Vec<String> = keys.iter().map(|(k, _)| format!("'{}'", k.as_str())).collect();
            format!("Available keys: {}", keys.join(", "))
        };
        self.warn(
            WarningKind::NoContextEntryFound,
            format!("No context entry found with key '{key}'. {detail}"),
        );
    }

    /// The items of a list, within the limits, with the cost of opening it.
    pub(crate) fn open(&mut self, list: &List<'v>) -> Result<Vec<Val<'v>>, Stop> {
        if let List::Json(raw) = list {
            self.charge(raw.bytes().len() as u64 / 16)?;
        }
        let items = list.to_vec();
        self.charge(items.len() as u64)?;
        if items.len() > self.env.limits.list_items {
            let items = self.env.limits.list_items;
            return Err(Stop::abort(format!("a list has more than {items} items")));
        }
        Ok(items)
    }

    fn expect_list(&mut self, value: Val<'v>) -> Result<List<'v>, Stop> {
        match value {
            Val::List(list) => Ok(list),
            other => Err(self.wrong_type("list", &other)),
        }
    }

    #[cold]
    pub(super) fn wrong_type(&mut self, expected: &str, found: &Val<'v>) -> Stop {
        let text = format!("Expected {expected} but found '{}'", message(found));
        self.error(WarningKind::InvalidType, text)
    }

    fn index(&mut self, value: Val<'v>, index: Decimal) -> Outcome<'v> {
        let list = self.expect_list(value)?;
        if let List::Json(raw) = &list {
            self.charge(raw.bytes().len() as u64 / 64)?;
        }
        Ok(at_position(&list, index))
    }

    fn filter(&mut self, value: Val<'v>, probe: Option<NodeId>, body: NodeId) -> Outcome<'v> {
        let list = self.expect_list(value)?;
        if let Some(probe) = probe {
            match self.node(probe) {
                Ok(Val::Number(index)) => return Ok(at_position(&list, index)),
                Err(Stop::Abort(message)) => return Err(Stop::Abort(message)),
                Ok(_) | Err(Stop::Error(_) | Stop::NoInput) => {}
            }
        }
        let items = self.open(&list)?;
        let mut kept = Vec::new();
        for (i, item) in items.into_iter().enumerate() {
            self.stack.push(item);
            let outcome = self.node(body);
            let item = self.stack.pop();
            let verdict = match outcome {
                Ok(value) => value,
                // The first item's missing input passes through, a later one's is an error.
                Err(stop) if i == 0 => return Err(stop),
                Err(stop) => return Err(self.as_error(stop)),
            };
            match verdict {
                Val::Number(index) if i == 0 => return Ok(at_position(&list, index)),
                Val::Bool(true) => kept.extend(item),
                _ => {}
            }
        }
        self.new_list(kept)
    }
}

/// The item at a position: from 1, or backwards from -1; null where there is none.
fn at_position<'v>(list: &List<'v>, index: Decimal) -> Val<'v> {
    let position = if index > Decimal::ZERO {
        index.sub(Decimal::ONE)
    } else {
        index.add(Decimal::from(list.len() as i64))
    };
    let Ok(position) = position else { return Val::Null };
    if position.is_negative() || position.precision() > 18 {
        return Val::Null;
    }
    list.get(position.whole() as usize).unwrap_or(Val::Null)
}

/// A property of a temporal value or a range.
pub(crate) fn property<'v>(value: &Val<'v>, name: &str) -> Option<Val<'v>> {
    let clock = |t: LocalTime| match name {
        "hour" => Some(Val::integer(t.hour())),
        "minute" => Some(Val::integer(t.minute())),
        "second" => Some(Val::integer(t.second())),
        _ => None,
    };
    let calendar = |d: crate::temporal::Date| match name {
        "year" => Some(Val::integer(d.year() as i64)),
        "month" => Some(Val::integer(d.month() as i64)),
        "day" => Some(Val::integer(d.day() as i64)),
        "weekday" => Some(Val::integer(d.weekday())),
        _ => None,
    };
    let offset = |seconds: i32| Val::DayTime(DayTimeDuration::of(seconds as i64, 0));
    match (value, name) {
        (Val::LocalTime(_) | Val::LocalDateTime(_), "time offset" | "timezone") => Some(Val::Null),
        (Val::Time(t), "time offset") => Some(offset(t.offset)),
        (Val::DateTime(t), "time offset") => Some(offset(t.offset)),
        (Val::Time(t), "timezone") => Some(zone_name(t.zone.as_deref())),
        (Val::DateTime(t), "timezone") => Some(zone_name(t.zone.as_deref())),
        (Val::Date(d), _) => calendar(*d),
        (Val::LocalTime(t), _) => clock(*t),
        (Val::Time(t), _) => clock(t.local),
        (Val::LocalDateTime(t), _) => calendar(t.date).or_else(|| clock(t.time)),
        (Val::DateTime(t), _) => calendar(t.local.date).or_else(|| clock(t.local.time)),
        (Val::YearMonth(d), "years") => Some(Val::integer(d.months() / 12)),
        (Val::YearMonth(d), "months") => Some(Val::integer(d.months() % 12)),
        (Val::DayTime(d), _) => {
            let s = d.seconds();
            Some(Val::integer(match name {
                "days" => s / 86_400,
                "hours" => s / 3600 % 24,
                "minutes" => s / 60 % 60,
                "seconds" => s % 60,
                _ => return None,
            }))
        }
        _ => None,
    }
}

fn zone_name<'v>(zone: Option<&crate::temporal::Zone>) -> Val<'v> {
    zone.map_or(Val::Null, |zone| Val::string(zone.id()))
}

/// The properties a value has, for messages.
fn property_names(value: &Val<'_>) -> Names {
    const DATE: &[&str] = &["year", "month", "day", "weekday"];
    const TIME: &[&str] = &["hour", "minute", "second", "time offset", "timezone"];
    Names(match value {
        Val::Date(_) => [DATE, &[]],
        Val::LocalTime(_) | Val::Time(_) => [TIME, &[]],
        Val::LocalDateTime(_) | Val::DateTime(_) => [DATE, TIME],
        Val::YearMonth(_) => [&["years", "months"], &[]],
        Val::DayTime(_) => [&["days", "hours", "minutes", "seconds"], &[]],
        _ => [&[], &[]],
    })
}

struct Names([&'static [&'static str]; 2]);

impl Names {
    fn map(self, f: impl Fn(&str) -> String) -> Vec<String> {
        self.0.iter().flat_map(|names| names.iter()).map(|n| f(n)).collect()
    }
}
