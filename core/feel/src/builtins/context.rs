//! Contexts: reading and changing entries, also by a path of keys.

use super::{Builtin, fixed, illegal, var_args};
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::value::{Context, List, Text, Val};

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("get entries", &["context"], get_entries),
    fixed("get entries", &["m"], get_entries),
    fixed("get value", &["m", "key"], get_value),
    fixed("get value", &["context", "key"], get_value),
    fixed("get value", &["context", "keys"], get_value_by_keys),
    fixed("context put", &["context", "key", "value"], context_put),
    fixed("context put", &["context", "keys", "value"], context_put_by_keys),
    fixed("put", &["context", "key", "value"], context_put),
    var_args("context merge", &["contexts"], context_merge),
    var_args("put all", &["contexts"], context_merge),
    fixed("context", &["entries"], context),
];

fn get_entries<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Context(context)] = args else { return illegal(args) };
    let mut entries = Vec::new();
    for (key, value) in eval.entries(context)? {
        let pair = vec![(Text::Borrowed("key"), Val::Str(key)), (Text::Borrowed("value"), value)];
        entries.push(eval.new_context(pair)?);
    }
    eval.new_list(entries)
}

fn get_value<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Context(context), Val::Str(key)] => Ok(eval.entry(context, key.as_str())?.unwrap_or(Val::Null)),
        [Val::Context(_), Val::List(_)] => get_value_by_keys(eval, args),
        _ => illegal(args),
    }
}

/// The strings of a list, or nothing where it holds anything else.
fn keys<'v>(eval: &mut Eval<'v>, list: &List<'v>) -> Result<Option<Vec<Text<'v>>>, Stop> {
    let items = eval.open(list)?;
    Ok(items
        .iter()
        .map(|item| match item {
            Val::Str(key) => Some(key.clone()),
            _ => None,
        })
        .collect())
}

fn get_value_by_keys<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Context(context), Val::List(list)] = args else { return illegal(args) };
    let Some(path) = keys(eval, list)? else { return Ok(Val::Null) };
    let Some((last, parents)) = path.split_last() else { return Ok(Val::Null) };
    let mut context = context.clone();
    for key in parents {
        context = match eval.entry(&context, key.as_str())? {
            Some(Val::Context(inner)) => inner,
            _ => return Ok(Val::Null),
        };
    }
    Ok(eval.entry(&context, last.as_str())?.unwrap_or(Val::Null))
}

/// A context with one entry set.
fn put<'v>(eval: &mut Eval<'v>, context: &Context<'v>, key: Text<'v>, value: Val<'v>) -> Outcome<'v> {
    let mut entries = eval.entries(context)?;
    entries.push((key, value));
    eval.new_context(entries)
}

fn context_put<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Context(context), Val::Str(key), value] => put(eval, context, key.clone(), value.clone()),
        _ => context_put_by_keys(eval, args),
    }
}

fn context_put_by_keys<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Context(context), Val::List(list), value] = args else { return illegal(args) };
    let Some(path) = keys(eval, list)? else { return illegal(args) };
    let Some((last, parents)) = path.split_last() else { return Ok(Val::Null) };
    // Open the contexts along the path (empty ones where there are none), then rebuild from the innermost.
    let mut chain = vec![context.clone()];
    for key in parents {
        let outer = chain[chain.len() - 1].clone();
        let inner = match eval.entry(&outer, key.as_str())? {
            Some(Val::Context(inner)) => inner,
            _ => Context::build([], &eval.env.limits)?,
        };
        chain.push(inner);
    }
    let mut value = value.clone();
    for (context, key) in chain.iter().rev().zip(std::iter::once(last).chain(parents.iter().rev())) {
        value = put(eval, context, key.clone(), value)?;
    }
    Ok(value)
}

fn context_merge<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return Ok(Val::Null) };
    let mut entries = Vec::new();
    for item in eval.open(list)?.iter() {
        match item {
            Val::Context(context) => entries.extend(eval.entries(context)?),
            _ => return Ok(Val::Null),
        }
        eval.check_count(entries.len())?;
    }
    eval.new_context(entries)
}

fn context<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::List(list)] = args else { return Ok(Val::Null) };
    let mut entries = Vec::new();
    for item in eval.open(list)?.iter() {
        let Val::Context(pair) = item else { return Ok(Val::Null) };
        match (eval.entry(pair, "key")?, eval.entry(pair, "value")?) {
            (Some(Val::Str(key)), Some(value)) => entries.push((key, value)),
            _ => return Ok(Val::Null),
        }
    }
    eval.new_context(entries)
}
