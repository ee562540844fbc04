//! Numbers. `sqrt`, `log`, `exp` (and `stddev`, fractional powers) compute in doubles, as the reference does.

use super::{Builtin, fixed, illegal};
use crate::budget::cost;
use crate::display::head;
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::number::{Decimal, Rounding};
use crate::temporal::YearMonthDuration;
use crate::value::Val;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("decimal", &["n", "scale"], |_, args| round(args, Rounding::HalfEven)).costing(cost::ARITHMETIC),
    fixed("decimal", &["n", "scale", "mode"], decimal_with_mode).costing(cost::ARITHMETIC).reading(),
    fixed("floor", &["n"], |_, args| round(args, Rounding::Floor)).costing(cost::ARITHMETIC),
    fixed("floor", &["n", "scala"], |_, args| round(args, Rounding::Floor)).costing(cost::ARITHMETIC),
    fixed("ceiling", &["n"], |_, args| round(args, Rounding::Ceiling)).costing(cost::ARITHMETIC),
    fixed("ceiling", &["n", "scale"], |_, args| round(args, Rounding::Ceiling)).costing(cost::ARITHMETIC),
    fixed("round up", &["n", "scale"], |_, args| round(args, Rounding::Up)).costing(cost::ARITHMETIC),
    fixed("round down", &["n", "scale"], |_, args| round(args, Rounding::Down)).costing(cost::ARITHMETIC),
    fixed("round half up", &["n", "scale"], |_, args| round(args, Rounding::HalfUp))
        .costing(cost::ARITHMETIC),
    fixed("round half down", &["n", "scala"], |_, args| round(args, Rounding::HalfDown))
        .costing(cost::ARITHMETIC),
    fixed("abs", &["number"], abs),
    fixed("abs", &["n"], abs),
    fixed("modulo", &["dividend", "divisor"], modulo).costing(cost::ARITHMETIC),
    fixed("sqrt", &["number"], sqrt).costing(cost::TRANSCENDENTAL),
    fixed("log", &["number"], |_, args| in_doubles(args, f64::ln)).costing(cost::TRANSCENDENTAL),
    fixed("exp", &["number"], |_, args| in_doubles(args, f64::exp)).costing(cost::TRANSCENDENTAL),
    fixed("odd", &["number"], odd).costing(cost::ARITHMETIC),
    fixed("even", &["number"], even).costing(cost::ARITHMETIC),
    fixed("random number", &[], random_number).costing(cost::TRANSCENDENTAL),
];

fn round<'v>(args: &[Val<'v>], mode: Rounding) -> Outcome<'v> {
    match args {
        [Val::Number(n)] => Ok(Val::Number(n.with_scale(0, mode))),
        [Val::Number(n), Val::Number(scale)] => Ok(Val::Number(n.with_scale(scale.int_value(), mode))),
        _ => illegal(args),
    }
}

fn decimal_with_mode<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Number(n), Val::Number(scale), Val::Str(mode)] = args else { return illegal(args) };
    let rounding = match mode.as_str().to_uppercase().as_str() {
        "UP" => Rounding::Up,
        "DOWN" => Rounding::Down,
        "CEILING" => Rounding::Ceiling,
        "FLOOR" => Rounding::Floor,
        "HALF_UP" => Rounding::HalfUp,
        "HALF_DOWN" => Rounding::HalfDown,
        "HALF_EVEN" => Rounding::HalfEven,
        "UNNECESSARY" => {
            let exact = n.with_scale(scale.int_value(), Rounding::Down);
            if exact == *n {
                return Ok(Val::Number(exact));
            }
            return Err(Stop::error("Failed to apply rounding mode 'UNNECESSARY': rounding necessary"));
        }
        _ => {
            return Err(Stop::error(format!(
                "Illegal argument '{}' for rounding mode. Must be one of: UP, DOWN, CEILING, FLOOR, HALF_UP, \
                 HALF_DOWN, HALF_EVEN, UNNECESSARY",
                head(mode.as_str())
            )));
        }
    };
    Ok(Val::Number(n.with_scale(scale.int_value(), rounding)))
}

fn abs<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    Ok(match args {
        [Val::Number(n)] => Val::Number(n.abs()),
        [Val::YearMonth(d)] => Val::YearMonth(YearMonthDuration::of_months(d.months().abs())?),
        [Val::DayTime(d)] => Val::DayTime(d.abs()?),
        _ => return illegal(args),
    })
}

fn modulo<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Number(dividend), Val::Number(divisor)] => Ok(Val::Number(dividend.modulo(*divisor)?)),
        _ => illegal(args),
    }
}

fn in_doubles<'v>(args: &[Val<'v>], f: impl Fn(f64) -> f64) -> Outcome<'v> {
    match args {
        [Val::Number(n)] => Ok(Val::Number(Decimal::from_f64(f(n.to_f64()))?)),
        _ => illegal(args),
    }
}

fn sqrt<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Number(n)] if n.is_negative() => Ok(Val::Null),
        _ => in_doubles(args, f64::sqrt),
    }
}

fn odd<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Number(n)] => Ok(Val::Bool(n.abs().rem(Decimal::from(2))? == Decimal::ONE)),
        _ => illegal(args),
    }
}

fn even<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Number(n)] => Ok(Val::Bool(n.rem(Decimal::from(2))?.is_zero())),
        _ => illegal(args),
    }
}

/// A number from 0 (inclusive) to 1, from the environment's seed.
fn random_number<'v>(eval: &mut Eval<'v>, _: &[Val<'v>]) -> Outcome<'v> {
    let bits = super::next_random(eval) >> 11;
    Ok(Val::Number(Decimal::from_f64(bits as f64 / (1u64 << 53) as f64)?))
}
