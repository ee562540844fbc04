//! The interval algebra: how points and ranges lie to each other.

use super::{Builtin, fixed, illegal};
use crate::budget::cost;
use crate::error::Stop;
use crate::eval::{Eval, Outcome, order, same_point};
use crate::value::{Boundary, Range, Val};
use std::cmp::Ordering;

const POINTS: &[&str] = &["point1", "point2"];
const POINT_RANGE: &[&str] = &["point", "range"];
const RANGE_POINT: &[&str] = &["range", "point"];
const RANGES: &[&str] = &["range1", "range2"];

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("before", POINTS, |e, a| relate(e, a, before)),
    fixed("before", POINT_RANGE, |e, a| relate(e, a, before)),
    fixed("before", RANGE_POINT, |e, a| relate(e, a, before)),
    fixed("before", RANGES, |e, a| relate(e, a, before)),
    fixed("after", POINTS, |e, a| relate(e, a, after)),
    fixed("after", POINT_RANGE, |e, a| relate(e, a, after)),
    fixed("after", RANGE_POINT, |e, a| relate(e, a, after)),
    fixed("after", RANGES, |e, a| relate(e, a, after)),
    fixed("meets", RANGES, |e, a| relate(e, a, |x| meets(x))),
    fixed("met by", RANGES, |e, a| relate(e, a, |x| meets(x.turned()))),
    fixed("overlaps", RANGES, |e, a| relate(e, a, overlaps)),
    fixed("overlaps before", RANGES, |e, a| relate(e, a, overlaps_before)),
    fixed("overlaps after", RANGES, |e, a| relate(e, a, |x| overlaps_before(x.turned()))),
    fixed("finishes", POINT_RANGE, |e, a| relate(e, a, finishes)),
    fixed("finishes", RANGES, |e, a| relate(e, a, finishes)),
    fixed("finished by", POINT_RANGE, |e, a| relate(e, a, finished_by)),
    fixed("finished by", RANGES, |e, a| relate(e, a, finished_by)),
    fixed("includes", RANGE_POINT, |e, a| relate(e, a, includes)),
    fixed("includes", RANGES, |e, a| relate(e, a, includes)),
    fixed("during", POINT_RANGE, |e, a| relate(e, a, during)),
    fixed("during", RANGES, |e, a| relate(e, a, during)),
    fixed("starts", POINT_RANGE, |e, a| relate(e, a, starts)),
    fixed("starts", RANGES, |e, a| relate(e, a, starts)),
    fixed("started by", RANGE_POINT, |e, a| relate(e, a, started_by)),
    fixed("started by", RANGES, |e, a| relate(e, a, started_by)),
    fixed("coincides", POINTS, |e, a| relate(e, a, coincides)),
    fixed("coincides", RANGES, |e, a| relate(e, a, coincides)),
];

/// Two values whose points have one type.
#[derive(Clone, Copy)]
enum Pair<'a, 'v> {
    Points(&'a Val<'v>, &'a Val<'v>),
    PointRange(&'a Val<'v>, &'a Range<'v>),
    RangePoint(&'a Range<'v>, &'a Val<'v>),
    Ranges(&'a Range<'v>, &'a Range<'v>),
}

impl<'a, 'v> Pair<'a, 'v> {
    /// The two in the other order.
    fn turned(self) -> Pair<'a, 'v> {
        match self {
            Pair::Points(x, y) => Pair::Points(y, x),
            Pair::PointRange(x, y) => Pair::RangePoint(y, x),
            Pair::RangePoint(x, y) => Pair::PointRange(y, x),
            Pair::Ranges(x, y) => Pair::Ranges(y, x),
        }
    }
}

/// The point a value is compared by.
fn point<'a, 'v>(value: &'a Val<'v>) -> &'a Val<'v> {
    match value {
        Val::Range(range) => &range.start.value,
        other => other,
    }
}

/// Runs a relation; a relation that is not defined for these kinds (`meets` of points) fails the evaluation.
fn relate<'v>(
    eval: &mut Eval<'v>,
    args: &[Val<'v>],
    relation: for<'a> fn(Pair<'a, 'v>) -> Option<bool>,
) -> Outcome<'v> {
    eval.charge(cost::ITEM)?;
    let [x, y] = args else { return illegal(args) };
    let has_points = |v: &Val<'v>| {
        !matches!(
            v,
            Val::Null | Val::Bool(_) | Val::Str(_) | Val::List(_) | Val::Context(_) | Val::Function(_)
        )
    };
    if point(x).class() != point(y).class() || !has_points(point(x)) {
        return illegal(args);
    }
    let pair = match (x, y) {
        (Val::Range(x), Val::Range(y)) => Pair::Ranges(x, y),
        (Val::Range(x), y) => Pair::RangePoint(x, y),
        (x, Val::Range(y)) => Pair::PointRange(x, y),
        (x, y) => Pair::Points(x, y),
    };
    match relation(pair) {
        Some(answer) => Ok(Val::Bool(answer)),
        None => Err(Stop::abort("the function is not defined for these arguments")),
    }
}

fn cmp(x: &Val<'_>, y: &Val<'_>) -> Ordering {
    order(x, y).unwrap_or(Ordering::Equal)
}

fn less(x: &Boundary<'_>, y: &Boundary<'_>) -> bool {
    cmp(&x.value, &y.value).is_lt()
}

fn equal(x: &Boundary<'_>, y: &Boundary<'_>) -> bool {
    same_point(&x.value, &y.value)
}

fn before(pair: Pair<'_, '_>) -> Option<bool> {
    Some(match pair {
        Pair::Ranges(x, y) => {
            less(&x.end, &y.start) || ((!x.end.closed || !y.start.closed) && equal(&x.end, &y.start))
        }
        Pair::PointRange(x, y) => {
            cmp(x, &y.start.value).is_lt() || (same_point(x, &y.start.value) && !y.start.closed)
        }
        Pair::RangePoint(x, y) => {
            cmp(&x.end.value, y).is_lt() || (same_point(&x.end.value, y) && !x.end.closed)
        }
        Pair::Points(x, y) => cmp(x, y).is_lt(),
    })
}

fn after(pair: Pair<'_, '_>) -> Option<bool> {
    before(pair.turned())
}

fn meets(pair: Pair<'_, '_>) -> Option<bool> {
    match pair {
        Pair::Ranges(x, y) => Some(x.end.closed && y.start.closed && equal(&x.end, &y.start)),
        _ => None,
    }
}

/// Whether `x` ends at or after where `y` starts, with at least one point in common.
fn reaches(x: &Range<'_>, y: &Range<'_>) -> bool {
    less(&y.start, &x.end) || (equal(&x.end, &y.start) && x.end.closed && y.start.closed)
}

fn overlaps(pair: Pair<'_, '_>) -> Option<bool> {
    match pair {
        Pair::Ranges(x, y) => Some(reaches(x, y) && reaches(y, x)),
        _ => None,
    }
}

fn overlaps_before(pair: Pair<'_, '_>) -> Option<bool> {
    match pair {
        Pair::Ranges(x, y) => {
            let starts_first =
                less(&x.start, &y.start) || (equal(&x.start, &y.start) && x.start.closed && !y.start.closed);
            Some(starts_first && reaches(x, y) && ends_within(x, y))
        }
        _ => None,
    }
}

/// Whether `x` ends no later than `y`.
fn ends_within(x: &Range<'_>, y: &Range<'_>) -> bool {
    less(&x.end, &y.end) || (equal(&x.end, &y.end) && (!x.end.closed || y.end.closed))
}

/// Whether `x` starts no earlier than `y`.
fn starts_within(x: &Range<'_>, y: &Range<'_>) -> bool {
    less(&y.start, &x.start) || (equal(&x.start, &y.start) && (!x.start.closed || y.start.closed))
}

fn same_end(x: &Boundary<'_>, y: &Boundary<'_>) -> bool {
    x.closed == y.closed && equal(x, y)
}

/// Whether a point is the value at a closed end.
fn at(point: &Val<'_>, end: &Boundary<'_>) -> bool {
    end.closed && same_point(&end.value, point)
}

fn finishes(pair: Pair<'_, '_>) -> Option<bool> {
    match pair {
        Pair::Ranges(x, y) => Some(same_end(&x.end, &y.end) && starts_within(x, y)),
        Pair::PointRange(x, y) => Some(at(x, &y.end)),
        Pair::Points(..) | Pair::RangePoint(..) => None,
    }
}

fn finished_by(pair: Pair<'_, '_>) -> Option<bool> {
    finishes(pair.turned())
}

fn includes(pair: Pair<'_, '_>) -> Option<bool> {
    match pair {
        Pair::Ranges(x, y) => Some(starts_within(y, x) && ends_within(y, x)),
        Pair::RangePoint(x, y) => Some(
            (cmp(&x.start.value, y).is_lt() && cmp(&x.end.value, y).is_gt())
                || at(y, &x.start)
                || at(y, &x.end),
        ),
        Pair::Points(..) | Pair::PointRange(..) => None,
    }
}

fn during(pair: Pair<'_, '_>) -> Option<bool> {
    includes(pair.turned())
}

fn starts(pair: Pair<'_, '_>) -> Option<bool> {
    match pair {
        Pair::Ranges(x, y) => Some(same_end(&x.start, &y.start) && ends_within(x, y)),
        Pair::PointRange(x, y) => Some(at(x, &y.start)),
        Pair::Points(..) | Pair::RangePoint(..) => None,
    }
}

fn started_by(pair: Pair<'_, '_>) -> Option<bool> {
    starts(pair.turned())
}

fn coincides(pair: Pair<'_, '_>) -> Option<bool> {
    Some(match pair {
        Pair::Ranges(x, y) => same_end(&x.start, &y.start) && same_end(&x.end, &y.end),
        Pair::Points(x, y) => same_point(x, y),
        // A point and a range are never the same.
        Pair::PointRange(..) | Pair::RangePoint(..) => false,
    })
}
