//! Statistics of jobs: what became of them in a time, by type, worker or time, and what went wrong.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_name, put_number, put_text};
use crate::operation::Operation;
use crate::search::{Look, filter_of, page_of_groups, put_groups, told};
use crate::time::{duration_ms_of, put_time, unix_ms_of};
use crate::value::Value as Json;
use ringbolt_query::views::jobs::{JOB_COUNTS, JOB_ERRORS};
use ringbolt_query::{Figures, Filter, JobCounted, JobGroup, JobsWanted, Place, Test, Value, View};
use std::collections::BTreeMap;

/// Points of time that a series has where it is not said how long each is, as in Camunda.
const POINTS: i64 = 1_000;
/// The shortest time that is counted apart.
const MINUTE_MS: i64 = 60_000;

/// A time of a body's filter.
#[derive(Clone, Copy)]
struct Span {
    from_ms: i64,
    until_ms: i64,
}

/// A member of the body's filter.
fn member<'v>(call: &'v Call<'_>, operation: &'static Operation, name: &str) -> Option<Json<'v>> {
    let (at, _) = operation.reads?.find(b"filter")?;
    call.value(at)?.member(name)
}

/// The time that the body names.
fn span_of(call: &mut Call<'_>, operation: &'static Operation) -> Span {
    let moment = |call: &mut Call<'_>, name: &str| {
        let said = member(call, operation, name).and_then(Json::text).map(|text| unix_ms_of(&text));
        if said == Some(None) {
            call.violated(format!("The value for {name} is no moment that there is"));
        }
        said.flatten()
    };
    let (from, until) = (moment(call, "from"), moment(call, "to"));
    Span { from_ms: from.unwrap_or(i64::MIN), until_ms: until.unwrap_or(i64::MAX - MINUTE_MS) }
}

/// The conditions of the body besides its time.
fn conditions(call: &mut Call<'_>, operation: &'static Operation, view: &'static View) -> Filter {
    let level = call.mapper.limits.level;
    filter_of(call, operation, view, level, None).unwrap_or(Filter::All(Vec::new()))
}

/// What became of jobs, by what is wanted.
fn look_by(
    call: &mut Call<'_>,
    operation: &'static Operation,
    (by, name): (JobGroup, &'static str),
) -> Result<Look, ApiError> {
    let Span { from_ms, until_ms } = span_of(call, operation);
    let filter = conditions(call, operation, &JOB_COUNTS);
    let page = page_of_groups(call, operation, &JOB_COUNTS);
    call.check()?;
    let wanted = JobsWanted { from_ms, until_ms, filter, by };
    Ok(Box::new(move |searcher, cancel| {
        let (figures, _) = searcher.job_counts(&wanted, cancel).map_err(|error| told(&error))?;
        Ok(Some(put_groups(&JOB_COUNTS, &figures, Some(&page), |out, (text, time, counted, workers)| {
            out.push(b'{');
            put_text(out, name);
            out.push(b':');
            match by {
                JobGroup::Time(_) => put_time(out, *time),
                JobGroup::All | JobGroup::Type | JobGroup::Worker => put_text(out, text),
            }
            out.push(b',');
            put_counted(out, counted);
            if by == JobGroup::Type {
                put_name(out, "workers");
                put_number(out, *workers);
            }
            out.push(b'}');
        })))
    }))
}

/// By type.
pub(super) fn by_type(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    look_by(call, operation, (JobGroup::Type, "jobType"))
}

/// By worker: jobs are created for none yet, which has no name.
pub(super) fn by_worker(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    look_by(call, operation, (JobGroup::Worker, "worker"))
}

/// By time.
pub(super) fn by_time(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let Span { from_ms, until_ms } = span_of(call, operation);
    let said = member(call, operation, "resolution").and_then(Json::text).map(|text| duration_ms_of(&text));
    if said.is_some_and(|said| said.is_none_or(|each_ms| each_ms <= 0)) {
        call.violated("The value for resolution is no duration, like PT5M");
    }
    let each_ms = said.flatten().unwrap_or_else(|| until_ms.saturating_sub(from_ms) / POINTS);
    let each_ms = each_ms.max(MINUTE_MS) / MINUTE_MS * MINUTE_MS;
    look_by(call, operation, (JobGroup::Time(each_ms), "time"))
}

/// All together, of one type if a query says so.
pub(super) fn all(call: &mut Call<'_>, _: &'static Operation) -> Result<Look, ApiError> {
    let moment = |call: &mut Call<'_>, name: &str| {
        let found = call.query(name).and_then(unix_ms_of);
        if found.is_none() {
            call.violated(format!("The value for {name} is no moment that there is"));
        }
        found.unwrap_or_default()
    };
    let (from_ms, until_ms) = (moment(call, "from"), moment(call, "to"));
    let of_type = call.query("jobType").map(|name| {
        let column = JOB_COUNTS.column("jobType").expect("the view has it");
        Filter::Is(column, Test::Eq(Value::Text(name.to_owned())))
    });
    call.check()?;
    let filter = Filter::All(of_type.into_iter().collect());
    let wanted = JobsWanted { from_ms, until_ms, filter, by: JobGroup::All };
    Ok(Box::new(move |searcher, cancel| {
        let (figures, is_full) = searcher.job_counts(&wanted, cancel).map_err(|error| told(&error))?;
        let counted = figures.first().map(|(_, _, counted, _)| *counted).unwrap_or_default();
        let mut out = b"{".to_vec();
        put_counted(&mut out, &counted);
        put_name(&mut out, "isIncomplete");
        put(&mut out, if is_full { "true}" } else { "false}" });
        Ok(Some(out))
    }))
}

/// Codes and messages of errors, and how many workers had them.
pub(super) fn errors(call: &mut Call<'_>, operation: &'static Operation) -> Result<Look, ApiError> {
    let Span { from_ms, until_ms } = span_of(call, operation);
    let created = JOB_ERRORS.column("creationTime").expect("the view has it");
    let within = [Test::Gte(Value::Int(from_ms)), Test::Lte(Value::Int(until_ms))];
    let mut filters: Vec<Filter> = within.into_iter().map(|test| Filter::Is(created, test)).collect();
    filters.push(conditions(call, operation, &JOB_ERRORS));
    let page = page_of_groups(call, operation, &JOB_ERRORS);
    call.check()?;
    let figures = Figures {
        place: Place::Instances,
        before: "SELECT coalesce(j.error_code, ''), substr(coalesce(j.error_message, ''), 1, 4096), j.worker, \
                 count(*) FROM jobs j WHERE (j.error_code IS NOT NULL OR j.error_message IS NOT NULL) AND ",
        filter: Filter::All(filters),
        after: " GROUP BY 1, 2, 3",
        keys: 3,
    };
    Ok(Box::new(move |searcher, cancel| {
        let found = searcher.figures(&figures, cancel).map_err(|error| told(&error))?;
        let mut workers: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (keys, _) in found {
            let mut texts = keys.into_iter().map(|key| match key {
                Some(Value::Text(text)) => text,
                Some(Value::Int(_)) | None => String::new(),
            });
            let mut next = || texts.next().unwrap_or_default();
            let (code, message, worker) = (next(), next(), next());
            *workers.entry((code, message)).or_default() += usize::from(!worker.is_empty());
        }
        let errors: Vec<_> = workers.into_iter().collect();
        Ok(Some(put_groups(&JOB_ERRORS, &errors, Some(&page), |out, ((code, message), workers)| {
            put(out, r#"{"errorCode":"#);
            put_text(out, code);
            put_name(out, "errorMessage");
            put_text(out, message);
            put_name(out, "workers");
            put_number(out, *workers);
            out.push(b'}');
        })))
    }))
}

fn put_counted(out: &mut Vec<u8>, counted: &JobCounted) {
    let JobCounted { created, completed, failed } = counted;
    for (at, (name, count)) in
        [("created", created), ("completed", completed), ("failed", failed)].iter().enumerate()
    {
        if at > 0 {
            out.push(b',');
        }
        put_text(out, name);
        put(out, r#":{"count":"#);
        put_number(out, count.count);
        put_name(out, "lastUpdatedAt");
        match count.last {
            Some(last) => put_time(out, last),
            None => put(out, "null"),
        }
        out.push(b'}');
    }
}
