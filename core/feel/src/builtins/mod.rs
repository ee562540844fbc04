//! The built-in functions: one table per topic, found by name and by the number or names of the arguments when an
//! expression is compiled.

mod boolean;
mod context;
mod conversion;
mod list;
mod numeric;
mod range;
mod regex;
mod statistics;
mod string;
mod temporal;

use crate::budget::cost;
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::value::Val;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

pub(crate) use regex::Patterns;

/// A function of one signature.
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    pub(crate) params: &'static [&'static str],
    /// Whether the last parameter takes all further arguments as a list.
    pub(crate) var_args: bool,
    pub(crate) run: Run,
    /// Units that every call costs.
    units: u64,
    /// What each byte of the texts among the arguments costs, if the function itself charges nothing for them.
    per_byte: Option<fn(usize) -> u64>,
}

impl Builtin {
    /// What a call costs beyond what the function itself charges.
    pub(crate) fn units(&self, args: &[Val<'_>]) -> u64 {
        let Some(per_byte) = self.per_byte else { return self.units };
        self.units + per_byte(args.iter().filter_map(Val::as_str).map(str::len).sum())
    }

    /// The same function, each call of which costs units.
    const fn costing(self, units: u64) -> Builtin {
        Builtin { units, ..self }
    }

    /// The same function, which looks at each byte of its texts.
    const fn reading(self) -> Builtin {
        Builtin { per_byte: Some(cost::read), ..self }
    }

    /// The same function, which copies its texts or looks at many bytes at a time.
    const fn copying(self) -> Builtin {
        Builtin { per_byte: Some(cost::copied), ..self }
    }

    /// The same function, which searches its texts.
    const fn scanning(self) -> Builtin {
        Builtin { per_byte: Some(cost::scanned), ..self }
    }
}

/// What a function does with its arguments: one per parameter.
pub(crate) type Run = for<'a, 'v> fn(&'a mut Eval<'v>, &'a [Val<'v>]) -> Outcome<'v>;

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({})", self.name, self.params.join(", "))
    }
}

/// A function with a fixed number of parameters.
pub(crate) const fn fixed(name: &'static str, params: &'static [&'static str], run: Run) -> Builtin {
    Builtin { name, params, var_args: false, run, units: 0, per_byte: None }
}

/// A function whose last parameter takes all further arguments.
pub(crate) const fn var_args(name: &'static str, params: &'static [&'static str], run: Run) -> Builtin {
    Builtin { name, params, var_args: true, run, units: 0, per_byte: None }
}

static TABLES: &[&[Builtin]] = &[
    boolean::FUNCTIONS,
    context::FUNCTIONS,
    conversion::FUNCTIONS,
    list::FUNCTIONS,
    numeric::FUNCTIONS,
    range::FUNCTIONS,
    statistics::FUNCTIONS,
    string::FUNCTIONS,
    temporal::FUNCTIONS,
];

static BY_NAME: LazyLock<FxHashMap<&'static str, Vec<&'static Builtin>>> = LazyLock::new(|| {
    let mut map: FxHashMap<&'static str, Vec<&'static Builtin>> = FxHashMap::default();
    for builtin in TABLES.iter().flat_map(|table| table.iter()) {
        map.entry(builtin.name).or_default().push(builtin);
    }
    map
});

/// Every built-in function: its name and its parameters. A name may take several lists of parameters.
pub fn functions() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    TABLES.iter().flat_map(|table| table.iter()).map(|builtin| (builtin.name, builtin.params))
}

/// The function of a name that takes that many arguments.
pub(crate) fn find_positional(name: &str, count: usize) -> Option<&'static Builtin> {
    BY_NAME
        .get(name)?
        .iter()
        .find(|b| b.params.len() == count || (b.var_args && b.params.len() < count))
        .copied()
}

/// The function of a name that has all of the named parameters.
pub(crate) fn find_named<'a>(
    name: &str,
    params: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'static Builtin> {
    BY_NAME.get(name)?.iter().find(|b| params.clone().all(|p| b.params.contains(&p))).copied()
}

/// The error of a function whose arguments have the wrong types.
#[cold]
pub(crate) fn illegal<'v>(args: &[Val<'v>]) -> Outcome<'v> {
    let shown: Vec<String> = args.iter().map(|a| format!("'{}'", crate::display::message(a))).collect();
    Err(Stop::error(format!("Illegal arguments: {}", shown.join(", "))))
}

/// The next number of the evaluation's random sequence (SplitMix64 over the environment's seed).
pub(crate) fn next_random(eval: &mut Eval<'_>) -> u64 {
    eval.random = eval.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (eval.random ^ eval.random >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
