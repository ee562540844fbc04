//! Names, paths, properties and filters.

use super::{Eval, Outcome};
use crate::ast::Name;
use crate::budget::cost;
use crate::display::{head, message};
use crate::error::{Stop, WarningKind};
use crate::json;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::number::Decimal;
use crate::program::{Candidate, NodeId, Step};
use crate::temporal::{DayTimeDuration, LocalTime};
use crate::value::{Context, List, Raw, Val};

impl<'v> Eval<'v> {
    /// A variable from outside the expression; null with a warning where there is none. Read once.
    pub(super) fn outside(&mut self, id: u32) -> Outcome<'v> {
        let at = id as usize;
        if let Some(Some(value)) = self.known.get(at) {
            return Ok(value.clone());
        }
        let program = self.program;
        let name = &program.outside[at].name;
        let Some(value) = self.variable(name)? else {
            self.missing = self.missing.wrapping_add(1);
            self.warn(WarningKind::NoVariableFound, format!("No variable found with name '{name}'"));
            return Ok(Val::Null);
        };
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        self.known[at] = Some(value.clone());
        Ok(value)
    }

    /// A variable from outside by its name.
    pub(super) fn variable(&mut self, name: &str) -> Result<Option<Val<'v>>, Stop> {
        self.charge(cost::VARIABLE + cost::copied(name.len()))?;
        let Some(text) = self.variables.get(name) else { return Ok(self.variables.get_value(name).cloned()) };
        let value = json::trimmed(text);
        self.charge(cost::copied(text.len() - value.len()))?;
        match self.json_value(Raw::Borrowed(value))? {
            Some(value) => Ok(Some(value)),
            None => Err(Stop::abort(format!("the variable '{name}' is not valid JSON"))),
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
                    let Val::Context(context) = self.slot(*slot) else { continue };
                    let context = context.clone();
                    if let Some(value) = self.entry(&context, &program.outside[outside as usize].name)? {
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
            Val::Context(context) => match self.entry(&context, key)? {
                Some(value) => Ok(value),
                None => {
                    self.no_entry(&context, key);
                    Ok(Val::Null)
                }
            },
            Val::List(list) => {
                let items = self.open(&list)?;
                let mut values = Vec::with_capacity(items.len());
                for item in items.iter() {
                    values.push(self.deeper(|eval| eval.path(item.clone(), key))?);
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
        let mut text = format!("No context entry found with key '{key}'. ");
        let mut shown = false;
        for (key, _) in context.head().iter() {
            text.push_str(if shown { ", '" } else { "Available keys: '" });
            text.push_str(head(key.as_str()));
            text.push('\'');
            shown = true;
            self.spend(2 * cost::JSON_ITEM);
            if text.len() > MESSAGE_BYTES_MAX {
                break;
            }
        }
        if !shown {
            text.push_str("The context is empty");
        }
        self.warn(WarningKind::NoContextEntryFound, text);
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
        self.at_position(&list, index)
    }

    fn filter(&mut self, value: Val<'v>, probe: Option<NodeId>, body: NodeId) -> Outcome<'v> {
        let list = self.expect_list(value)?;
        if let Some(probe) = probe {
            match self.node(probe) {
                Ok(Val::Number(index)) => return self.at_position(&list, index),
                Err(Stop::Abort(message)) => return Err(Stop::Abort(message)),
                Ok(_) | Err(Stop::Error(_) | Stop::NoInput) => {}
            }
        }
        let items = self.open(&list)?;
        let mut kept = Vec::new();
        for (i, item) in items.iter().enumerate() {
            self.stack.push(item.clone());
            let outcome = self.node(body);
            let item = self.stack.pop();
            let verdict = match outcome {
                Ok(value) => value,
                // The first item's missing input passes through, a later one's is an error.
                Err(stop) if i == 0 => return Err(stop),
                Err(stop) => return Err(self.as_error(stop)),
            };
            match verdict {
                Val::Number(index) if i == 0 => return self.at_position(&list, index),
                Val::Bool(true) => kept.extend(item),
                _ => {}
            }
        }
        self.new_list(kept)
    }

    /// The item at a position: from 1, or backwards from -1; null where there is none.
    fn at_position(&mut self, list: &List<'v>, index: Decimal) -> Outcome<'v> {
        let position = if index > Decimal::ZERO {
            index.sub(Decimal::ONE)
        } else {
            index.add(Decimal::from(self.count(list)? as i64))
        };
        let Ok(position) = position else { return Ok(Val::Null) };
        if position.is_negative() || position.precision() > 18 {
            return Ok(Val::Null);
        }
        Ok(self.item(list, position.whole() as usize)?.unwrap_or(Val::Null))
    }
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
