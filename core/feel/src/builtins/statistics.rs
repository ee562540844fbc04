//! Sums and statistics over lists of numbers.

use super::{Builtin, illegal, var_args};
use crate::budget::cost;
use crate::display::message;
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::number::Decimal;
use crate::value::Val;

pub(super) static FUNCTIONS: &[Builtin] = &[
    var_args("sum", &["list"], |eval, args| over_numbers(eval, args, |_, n| Ok(Val::Number(sum(n)?)))),
    var_args("product", &["list"], |eval, args| over_numbers(eval, args, product)),
    var_args("mean", &["list"], |eval, args| over_numbers(eval, args, mean)),
    var_args("median", &["list"], |eval, args| over_numbers(eval, args, median)),
    var_args("stddev", &["list"], |eval, args| over_numbers(eval, args, stddev)),
    var_args("mode", &["list"], mode),
];

/// The numbers of a list; the first item that is none is the error.
fn numbers<'v>(eval: &mut Eval<'v>, items: &[Val<'v>]) -> Result<Vec<Decimal>, Stop> {
    eval.charge(items.len() as u64 * 2 * cost::ITEM)?;
    items
        .iter()
        .map(|item| match item {
            Val::Number(n) => Ok(*n),
            other => Err(Stop::error(format!("expected number but found '{}'", message(other)))),
        })
        .collect()
}

fn over_numbers<'v>(
    eval: &mut Eval<'v>,
    args: &[Val<'v>],
    f: fn(&mut Eval<'v>, &[Decimal]) -> Outcome<'v>,
) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    if items.is_empty() {
        return Ok(Val::Null);
    }
    let numbers = numbers(eval, &items)?;
    f(eval, &numbers)
}

fn sum(numbers: &[Decimal]) -> Result<Decimal, Stop> {
    numbers.iter().try_fold(Decimal::ZERO, |sum, n| Ok(sum.add(*n)?))
}

fn product<'v>(eval: &mut Eval<'v>, numbers: &[Decimal]) -> Outcome<'v> {
    eval.charge(numbers.len() as u64 * cost::ARITHMETIC)?;
    let product = numbers.iter().try_fold(Decimal::ONE, |product, n| product.mul(*n))?;
    Ok(Val::Number(product))
}

fn count(numbers: &[Decimal]) -> Decimal {
    Decimal::from(numbers.len() as i64)
}

fn mean<'v>(_: &mut Eval<'v>, numbers: &[Decimal]) -> Outcome<'v> {
    Ok(Val::Number(sum(numbers)?.div(count(numbers))?))
}

/// Sorting takes a number of comparisons for each number that grows with their count.
fn charge_sorting(eval: &mut Eval<'_>, count: usize) -> Result<(), Stop> {
    eval.charge(cost::ITEM * count as u64 * (1 + count.max(1).ilog2() as u64))
}

fn median<'v>(eval: &mut Eval<'v>, numbers: &[Decimal]) -> Outcome<'v> {
    charge_sorting(eval, numbers.len())?;
    let mut sorted = numbers.to_vec();
    sorted.sort();
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        return Ok(Val::Number(sorted[middle]));
    }
    Ok(Val::Number(sorted[middle - 1].add(sorted[middle])?.div(Decimal::from(2))?))
}

/// The standard deviation of a sample; of a single number there is none.
fn stddev<'v>(eval: &mut Eval<'v>, numbers: &[Decimal]) -> Outcome<'v> {
    eval.charge(cost::TRANSCENDENTAL + numbers.len() as u64 * 3 * cost::ARITHMETIC)?;
    let mean = sum(numbers)?.div(count(numbers))?;
    let mut deviation = Decimal::ZERO;
    for n in numbers {
        deviation = deviation.add(n.sub(mean)?.pow(2)?)?;
    }
    let variance = deviation.div(count(numbers).sub(Decimal::ONE)?)?;
    Ok(Val::Number(Decimal::from_f64(variance.to_f64().sqrt())?))
}

/// The most frequent numbers, in ascending order.
fn mode<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return illegal(args) };
    let items = eval.open(list)?;
    let mut sorted = numbers(eval, &items)?;
    charge_sorting(eval, sorted.len())?;
    sorted.sort();
    let mut groups: Vec<(Decimal, usize)> = Vec::new();
    for n in sorted {
        match groups.last_mut() {
            Some((last, times)) if *last == n => *times += 1,
            _ => groups.push((n, 1)),
        }
    }
    let most = groups.iter().map(|(_, times)| *times).max().unwrap_or(0);
    eval.new_list(groups.iter().filter(|(_, times)| *times == most).map(|(n, _)| Val::Number(*n)).collect())
}
