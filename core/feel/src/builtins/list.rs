//! Lists: access, change, order and the logical functions over lists.

use super::{Builtin, fixed, illegal, var_args};
use crate::budget::{Meter, cost};
use crate::display::message;
use crate::error::Stop;
use crate::eval::{Equality, Eval, Outcome, order};
use crate::value::{Function, Val};
use rustc_hash::FxHashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("list contains", &["list", "element"], list_contains),
    fixed("count", &["list"], count),
    var_args("min", &["list"], |eval, args| extreme(eval, args, std::cmp::Ordering::Less)),
    var_args("max", &["list"], |eval, args| extreme(eval, args, std::cmp::Ordering::Greater)),
    var_args("and", &["list"], |eval, args| fold_logic(eval, args, false)),
    var_args("all", &["list"], |eval, args| fold_logic(eval, args, false)),
    var_args("or", &["list"], |eval, args| fold_logic(eval, args, true)),
    var_args("any", &["list"], |eval, args| fold_logic(eval, args, true)),
    fixed("sublist", &["list", "start"], sublist),
    fixed("sublist", &["list", "start", "length"], sublist),
    var_args("append", &["list", "items"], append),
    var_args("concatenate", &["lists"], concatenate),
    fixed("insert before", &["list", "position", "newItem"], insert_before),
    fixed("remove", &["list", "position"], remove),
    fixed("reverse", &["list"], reverse),
    fixed("index of", &["list", "match"], index_of),
    var_args("union", &["lists"], union),
    fixed("distinct values", &["list"], distinct_values),
    fixed("duplicate values", &["list"], duplicate_values),
    fixed("flatten", &["list"], flatten),
    fixed("sort", &["list", "precedes"], sort),
    fixed("string join", &["list"], string_join),
    fixed("string join", &["list", "delimiter"], string_join),
    fixed("string join", &["list", "delimiter", "prefix", "suffix"], string_join),
    fixed("is empty", &["list"], is_empty),
    fixed("partition", &["list", "size"], partition),
];

fn list_contains<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), element] = args else { return illegal(args) };
    Ok(Val::Bool(eval.contains(list, element)?))
}

fn count<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    Ok(Val::integer(eval.count(list)? as i64))
}

fn is_empty<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    Ok(Val::Bool(list.is_empty()))
}

/// The smallest or largest item; of equal ones the first.
fn extreme<'v>(eval: &mut Eval<'v>, args: &[Val<'v>], wanted: std::cmp::Ordering) -> Outcome<'v> {
    let [value @ Val::List(list)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    if items.is_empty() {
        return Ok(Val::Null);
    }
    if !eval.is_comparable(value)? {
        return Err(Stop::error(format!("{} is not comparable", message(value))));
    }
    let mut best: Option<&Val<'v>> = None;
    for item in items.iter() {
        let better = match best {
            None => true,
            Some(best) => match ordered(eval, item, best)? {
                Some(order) => order == wanted,
                None => {
                    let text = format!("{} can not be compared to {}", message(item), message(best));
                    return Err(Stop::abort(text));
                }
            },
        };
        if better {
            best = Some(item);
        }
    }
    Ok(best.cloned().unwrap_or(Val::Null))
}

/// The order of two values, which is charged.
fn ordered<'v>(eval: &mut Eval<'v>, x: &Val<'v>, y: &Val<'v>) -> Result<Option<std::cmp::Ordering>, Stop> {
    eval.charge(cost::ITEM + cost::read(x.own_bytes().min(y.own_bytes())))?;
    Ok(order(x, y))
}

/// `and`/`or` over a list: null where neither the deciding value nor only booleans are in it.
fn fold_logic<'v>(eval: &mut Eval<'v>, args: &[Val<'v>], decides: bool) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let mut state = Val::Bool(!decides);
    for item in eval.open(list)?.iter() {
        state = match (&state, item) {
            (Val::Bool(b), _) if *b == decides => break,
            (Val::Bool(_), Val::Bool(b)) => Val::Bool(*b),
            (Val::Null, Val::Bool(b)) if *b == decides => Val::Bool(*b),
            _ => Val::Null,
        };
    }
    Ok(state)
}

/// The position of an index from 1 or backwards from -1; may lie outside the list.
fn position(len: usize, index: i32) -> i64 {
    if index > 0 { index as i64 - 1 } else { len as i64 + index as i64 }
}

/// The part between two positions, cut to the list.
fn part<'v>(items: &[Val<'v>], from: i64, to: i64) -> Vec<Val<'v>> {
    let from = from.clamp(0, items.len() as i64) as usize;
    let to = to.clamp(from as i64, items.len() as i64) as usize;
    items[from..to].to_vec()
}

fn nonzero_position(index: &crate::number::Decimal, what: &str) -> Result<i32, Stop> {
    if index.is_zero() {
        return Err(Stop::error(format!("{what} must be a non-zero number")));
    }
    Ok(index.int_value())
}

fn sublist<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (list, start, length) = match args {
        [Val::List(list), Val::Number(start)] => (list, start, None),
        [Val::List(list), Val::Number(start), Val::Number(length)] => (list, start, Some(length)),
        _ => return illegal(args),
    };
    let start = nonzero_position(start, "start position")?;
    let items = eval.open(list)?;
    let from = position(items.len(), start);
    let to = length.map_or(items.len() as i64, |length| from + length.int_value() as i64);
    eval.new_list(part(&items, from, to))
}

fn append<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), Val::List(items)] = args else { return illegal(args) };
    let mut all = eval.open(list)?.to_vec();
    all.extend_from_slice(&eval.open(items)?);
    eval.new_list(all)
}

/// The items of all lists; other values count as items.
fn joined<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Result<Option<Vec<Val<'v>>>, Stop> {
    let [Val::List(lists)] = args else { return Ok(None) };
    let mut all = Vec::new();
    for value in eval.open(lists)?.iter() {
        match value {
            Val::List(list) => all.extend_from_slice(&eval.open(list)?),
            other => all.push(other.clone()),
        }
        eval.check_count(all.len())?;
    }
    Ok(Some(all))
}

fn concatenate<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match joined(eval, args)? {
        Some(all) => eval.new_list(all),
        None => illegal(args),
    }
}

fn insert_before<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), Val::Number(index), item] = args else { return illegal(args) };
    let index = nonzero_position(index, "position")?;
    let items = eval.open(list)?;
    let at = position(items.len(), index);
    let mut all = part(&items, 0, at);
    all.push(item.clone());
    all.extend(part(&items, at, items.len() as i64));
    eval.new_list(all)
}

fn remove<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), Val::Number(index)] = args else { return illegal(args) };
    let index = nonzero_position(index, "position")?;
    let items = eval.open(list)?;
    let mut all = part(&items, 0, position(items.len(), index));
    all.extend(part(&items, position(items.len(), index.wrapping_add(1)), items.len() as i64));
    eval.new_list(all)
}

fn reverse<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let mut items = eval.open(list)?.to_vec();
    items.reverse();
    eval.new_list(items)
}

fn index_of<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), element] = args else { return illegal(args) };
    let mut found = Vec::new();
    for (i, item) in eval.open(list)?.iter().enumerate() {
        if eval.equality(item, element)? == Equality::Equal {
            found.push(Val::integer(i as i64 + 1));
        }
    }
    eval.new_list(found)
}

/// Groups equal values: the first of each kind in order, and how many there are.
fn group<'v>(eval: &mut Eval<'v>, items: &[Val<'v>]) -> Result<Vec<(Val<'v>, usize)>, Stop> {
    let mut groups: Vec<(Val<'v>, usize)> = Vec::new();
    let mut buckets: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for item in items {
        let mut hasher = rustc_hash::FxHasher::default();
        eval.charge(6 * cost::ALLOCATION)?;
        hash(item, &mut hasher, eval)?;
        let bucket = buckets.entry(hasher.finish()).or_default();
        let mut known = None;
        for at in bucket.iter() {
            eval.charge(cost::ITEM)?;
            if eval.equality(&groups[*at].0, item)? == Equality::Equal {
                known = Some(*at);
                break;
            }
        }
        match known {
            Some(at) => groups[at].1 += 1,
            None => {
                bucket.push(groups.len());
                groups.push((item.clone(), 1));
            }
        }
    }
    Ok(groups)
}

/// A hash that agrees with equality: numbers by value, contexts without regard to order. Every part is charged.
fn hash(value: &Val<'_>, hasher: &mut rustc_hash::FxHasher, meter: &mut impl Meter) -> Result<(), Stop> {
    meter.charge(2 * cost::JSON_ITEM + cost::read(value.own_bytes()))?;
    value.class().hash(hasher);
    match value {
        Val::Bool(b) => b.hash(hasher),
        Val::Number(n) => {
            let mut text = Vec::new();
            n.write_json(&mut text);
            text.hash(hasher);
        }
        Val::Str(text) => text.as_str().hash(hasher),
        Val::List(list) => {
            for item in list.iter() {
                hash(&item, hasher, meter)?;
            }
        }
        Val::Context(context) => {
            let mut sum = 0u64;
            for (key, item) in context.iter() {
                let mut inner = rustc_hash::FxHasher::default();
                meter.charge(cost::read(key.as_str().len()))?;
                key.as_str().hash(&mut inner);
                hash(&item, &mut inner, meter)?;
                sum = sum.wrapping_add(inner.finish());
            }
            sum.hash(hasher);
        }
        Val::Null | Val::Range(_) | Val::Function(_) => {}
        temporal => crate::display::scalar_text(temporal).hash(hasher),
    }
    Ok(())
}

fn distinct<'v>(eval: &mut Eval<'v>, items: &[Val<'v>]) -> Outcome<'v> {
    let groups = group(eval, items)?;
    eval.new_list(groups.into_iter().map(|(item, _)| item).collect())
}

fn union<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match joined(eval, args)? {
        Some(all) => distinct(eval, &all),
        None => illegal(args),
    }
}

fn distinct_values<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    distinct(eval, &items)
}

fn duplicate_values<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    let groups = group(eval, &items)?;
    eval.new_list(groups.into_iter().filter(|(_, n)| *n > 1).map(|(item, _)| item).collect())
}

fn flatten<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    let mut flat = Vec::new();
    flatten_into(eval, &items, &mut flat)?;
    eval.new_list(flat)
}

fn flatten_into<'v>(eval: &mut Eval<'v>, items: &[Val<'v>], flat: &mut Vec<Val<'v>>) -> Result<(), Stop> {
    for item in items {
        match item {
            Val::List(list) => {
                let inner = eval.open(list)?;
                eval.deeper(|eval| flatten_into(eval, &inner, flat))?;
            }
            other => flat.push(other.clone()),
        }
        eval.check_count(flat.len())?;
    }
    Ok(())
}

fn sort<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), Val::Function(function)] = args else { return illegal(args) };
    if function.params().len() != 2 {
        let count = function.params().len();
        return Err(Stop::error(format!("expect boolean function with 2 arguments, but found '{count}'")));
    }
    let items = eval.open(list)?;
    let sorted = merge_sort(eval, items.to_vec(), function)?;
    eval.new_list(sorted)
}

/// A stable merge sort, because the order comes from a function that may fail and must be called a bounded number
/// of times.
fn merge_sort<'v>(
    eval: &mut Eval<'v>,
    items: Vec<Val<'v>>,
    precedes: &Arc<Function>,
) -> Result<Vec<Val<'v>>, Stop> {
    eval.charge(2 * cost::ALLOCATION * items.len() as u64)?;
    let mut runs: Vec<Vec<Val<'v>>> = items.into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge(eval, left, right, precedes)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn merge<'v>(
    eval: &mut Eval<'v>,
    left: Vec<Val<'v>>,
    right: Vec<Val<'v>>,
    precedes: &Arc<Function>,
) -> Result<Vec<Val<'v>>, Stop> {
    eval.charge(cost::ALLOCATION + 2 * cost::ITEM * (left.len() + right.len()) as u64)?;
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        let swap = match eval.apply(precedes, &[y.clone(), x.clone()]) {
            Ok(Val::Bool(b)) => b,
            Ok(other) => {
                let text = format!("expected boolean but found '{}'", message(&other));
                return Err(Stop::error(format!("fail to sort list by given precedes function: {text}")));
            }
            // Whatever goes wrong in the function is an error of `sort`, but a budget that is used up.
            Err(stop) if eval.units_left() == 0 => return Err(stop),
            Err(stop) => {
                let reason = match stop {
                    Stop::Error(message) | Stop::Abort(message) => message,
                    Stop::NoInput => "it has no result".into(),
                };
                return Err(Stop::error(format!("fail to sort list by given precedes function: {reason}")));
            }
        };
        out.extend(if swap { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Ok(out)
}

fn string_join<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (list, delimiter, prefix, suffix) = match args {
        [Val::List(list)]
        | [Val::List(list), Val::Null]
        | [Val::List(list), Val::Null, Val::Null, Val::Null] => (list, "", "", ""),
        [Val::List(list), Val::Str(delimiter)]
        | [Val::List(list), Val::Str(delimiter), Val::Null, Val::Null] => (list, delimiter.as_str(), "", ""),
        [Val::List(list), Val::Str(delimiter), Val::Str(prefix), Val::Str(suffix)] => {
            (list, delimiter.as_str(), prefix.as_str(), suffix.as_str())
        }
        [Val::List(list), Val::Null, Val::Str(prefix), Val::Str(suffix)] => {
            (list, "", prefix.as_str(), suffix.as_str())
        }
        _ => return illegal(args),
    };
    let items = eval.open(list)?;
    if !items.iter().all(|item| matches!(item, Val::Str(_) | Val::Null)) {
        let shown = message(&Val::List(list.clone()));
        return Err(Stop::error(format!("expected a list of strings but found '{shown}'")));
    }
    let parts = items.iter().filter_map(Val::as_str);
    let (count, bytes) = parts.clone().fold((0, 0), |(count, bytes), part| (count + 1, bytes + part.len()));
    let delimiters = delimiter.len().saturating_mul(usize::saturating_sub(count, 1));
    eval.check_string(delimiters.saturating_add(bytes + prefix.len() + suffix.len()))?;
    let mut text = prefix.to_owned();
    for (i, part) in parts.enumerate() {
        if i > 0 {
            text.push_str(delimiter);
        }
        text.push_str(part);
    }
    text.push_str(suffix);
    Ok(Val::string(text))
}

fn partition<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list), Val::Number(size)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    match usize::try_from(size.int_value()) {
        Ok(count) if count > 0 => {
            let mut parts = Vec::new();
            for chunk in items.chunks(count) {
                parts.push(eval.new_list(chunk.to_vec())?);
            }
            eval.new_list(parts)
        }
        _ => Err(Stop::error(format!("'size' should be greater than zero but was '{size}'"))),
    }
}
