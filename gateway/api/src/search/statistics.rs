//! Numbers of rows by groups, sorted and paged here: groups are few.

use crate::call::Call;
use crate::error::ApiError;
use crate::operation::Operation;
use crate::schema::Level;
use crate::search::rows::{Plain, put_page, put_plain};
use crate::search::{Look, answer_object, filter_of, item_of, paging, told};
use ringbolt_query::{Figures, Filter, Found, Group, Kind, Order, Page, Start, Value, View};
use std::cmp::Ordering;

/// A statistic.
#[derive(Clone, Copy, Debug)]
pub struct Statistics {
    /// What is filtered.
    pub view: &'static View,
    /// SQL before the condition: the columns below, keys first, and where they come from.
    pub before: &'static str,
    /// The same at level 8.9, where that is another.
    pub before_at_8_9: Option<&'static str>,
    /// SQL behind it.
    pub after: &'static str,
    /// What tells groups apart, by the names of the fields.
    pub keys: &'static [(&'static str, Kind)],
    /// What is counted, by the names of the fields.
    pub numbers: &'static [&'static str],
}

impl Statistics {
    /// What a request looks up; `narrow` are conditions beside those of its body.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn look(
        &'static self,
        call: &mut Call<'_>,
        operation: &'static Operation,
        narrow: Vec<Filter>,
    ) -> Result<Look, ApiError> {
        let level = call.mapper.limits.level;
        let answer = answer_object(operation, level);
        let has_page = answer.find(b"page").is_some();
        let mut filters = narrow;
        filters.extend(filter_of(call, operation, self.view, level, None));
        let sort = paging::names_of(call, operation);
        // The cursor of a page is how many groups are before it.
        let page = paging::page_of(call, operation, self.view, &Vec::new());
        call.check()?;
        let (place, keys) = (self.view.place, self.keys.len());
        let before = self.before_at_8_9.filter(|_| level == Level::V8_9).unwrap_or(self.before);
        let figures = Figures { place, before, filter: Filter::All(filters), after: self.after, keys };
        Ok(Box::new(move |searcher, cancel| {
            let mut groups = searcher.figures(&figures, cancel).map_err(|error| told(&error))?;
            groups.sort_by(|a, b| self.compared(&sort, a, b));
            let put = |out: &mut Vec<u8>, group: &Group| self.put(out, operation, level, group);
            Ok(Some(put_groups(self.view, &groups, has_page.then_some(&page), put)))
        }))
    }

    fn put(&self, out: &mut Vec<u8>, operation: &'static Operation, level: Level, (keys, numbers): &Group) {
        let fields = item_of(answer_object(operation, level)).fields;
        let found = fields.iter().filter(|field| field.span.holds(level)).map(|field| {
            let key = self.keys.iter().position(|(name, _)| *name == field.name);
            let number = self.numbers.iter().position(|name| *name == field.name);
            let plain = match (key, number) {
                (Some(at), _) => match (&keys[at], self.keys[at].1) {
                    (Some(Value::Text(text)), _) => Plain::Text(text),
                    (Some(Value::Int(number)), kind) => Plain::Int(*number, kind),
                    (None, _) => Plain::Nothing,
                },
                (None, Some(at)) => Plain::Int(numbers[at], Kind::Int),
                (None, None) => Plain::Nothing,
            };
            (field, plain)
        });
        put_plain(out, found, level);
    }

    /// The order of two groups by the names of fields; they are in the order of their keys before.
    fn compared(&self, sort: &[(String, Order)], a: &Group, b: &Group) -> Ordering {
        let by = |(name, order): &(String, Order)| {
            let key = self.keys.iter().position(|(key, _)| key == name);
            let number = self.numbers.iter().position(|number| number == name);
            let ordering = match (key, number) {
                (Some(at), _) => compared_values(a.0[at].as_ref(), b.0[at].as_ref()),
                (None, Some(at)) => a.1[at].cmp(&b.1[at]),
                (None, None) => Ordering::Equal,
            };
            if *order == Order::Ascending { ordering } else { ordering.reverse() }
        };
        sort.iter().map(by).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Groups as a document, of a page those alone; the cursor of a page is how many groups are before it.
pub fn put_groups<T>(
    view: &'static View,
    groups: &[T],
    page: Option<&Page>,
    mut put: impl FnMut(&mut Vec<u8>, &T),
) -> Vec<u8> {
    let (begin, limit) = page.map_or((0, groups.len()), |page| slice(&page.start, page.limit as usize));
    let mut out = br#"{"items":["#.to_vec();
    let shown = groups.iter().skip(begin).take(limit);
    let count = shown.len();
    for (at, group) in shown.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        put(&mut out, group);
    }
    out.push(b']');
    if page.is_some() {
        let cursor = |at: usize| (count > 0).then(|| paging::offset_cursor(view, at));
        let (first, last) = (cursor(begin.saturating_add(1)), cursor(begin.saturating_add(count)));
        put_page(&mut out, &Found { total: groups.len() as u64, has_more: false, first, last });
    }
    out.push(b'}');
    out
}

/// Which groups a page has: how many are before it, and how many it has at most. A cursor is the place of its group, counted from 1.
fn slice(start: &Start, limit: usize) -> (usize, usize) {
    match start {
        Start::From(from) => (*from as usize, limit),
        Start::After(cursor) => (paging::offset_of(cursor), limit),
        Start::Before(cursor) => {
            let before = paging::offset_of(cursor).saturating_sub(1);
            (before.saturating_sub(limit), limit.min(before))
        }
    }
}

fn compared_values(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => a.cmp(b),
        (Some(Value::Text(a)), Some(Value::Text(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Start, slice};
    use ringbolt_query::page::Bound;

    #[test]
    fn what_is_before_a_group_ends_there() {
        let cursor = |place: i64| vec![Bound::Integer(place)];
        for (start, limit, wanted) in [
            (Start::From(3), 5, (3, 5)),
            (Start::After(cursor(3)), 5, (3, 5)),
            (Start::Before(cursor(8)), 5, (2, 5)),
            (Start::Before(cursor(6)), 5, (0, 5)),
            (Start::Before(cursor(3)), 5, (0, 2)),
            (Start::Before(cursor(1)), 5, (0, 0)),
            (Start::Before(cursor(0)), 5, (0, 0)),
        ] {
            assert_eq!(slice(&start, limit), wanted, "{start:?} {limit}");
        }
    }
}
