//! Booleans and null: `not`, `is defined`, `get or else`, `assert`, and the marker for AI agents' inputs.

use super::{Builtin, fixed, illegal};
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::value::Val;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("not", &["negand"], not),
    fixed("is defined", &["value"], is_defined),
    fixed("get or else", &["value", "default"], get_or_else),
    fixed("assert", &["value", "condition"], assert),
    fixed("assert", &["value", "condition", "cause"], assert_with_cause),
    fixed("fromAi", &["value"], first),
    fixed("fromAi", &["value", "description"], first),
    fixed("fromAi", &["value", "description", "type"], first),
    fixed("fromAi", &["value", "description", "type", "schema"], first),
    fixed("fromAi", &["value", "description", "type", "schema", "options"], first),
];

fn not<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    Ok(match args {
        [Val::Bool(b)] => Val::Bool(!b),
        _ => Val::Null,
    })
}

fn is_defined<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    Ok(Val::Bool(!matches!(args, [Val::Null])))
}

fn get_or_else<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Null, default] => Ok(default.clone()),
        [value, _] => Ok(value.clone()),
        _ => illegal(args),
    }
}

fn assert<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [value, Val::Bool(true)] => Ok(value.clone()),
        _ => Err(Stop::error("The condition is not fulfilled")),
    }
}

fn assert_with_cause<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [value, Val::Bool(true), _] => Ok(value.clone()),
        [_, _, Val::Str(cause)] => Err(Stop::error(cause.as_str())),
        _ => illegal(args),
    }
}

/// The value itself; the other arguments only describe it.
fn first<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    Ok(args.first().cloned().unwrap_or(Val::Null))
}
