//! Cron expressions against what the reference engine makes of them (`cron.txt`).

use ringbolt_feel::DateTime;
use ringbolt_model::Schedule;

const TIMES: usize = 6;

fn millis(text: &str) -> i64 {
    DateTime::parse(text).unwrap_or_else(|| panic!("{text}")).epoch_millis().unwrap()
}

/// The next times of an expression, or what is wrong with it.
fn times(expression: &str) -> Result<Vec<i64>, String> {
    let schedule = Schedule::cycle(expression)?;
    let mut now = millis("2030-01-01T00:00:00.5Z");
    let mut times = Vec::new();
    while times.len() < TIMES {
        let due = schedule.first(now);
        if due.repetitions == 0 {
            break;
        }
        now = due.at;
        times.push(now);
    }
    Ok(times)
}

#[test]
fn expressions_come_when_the_reference_engine_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("cron.txt").lines().filter(|line| !line.starts_with("# ")) {
        let (expression, expected) = line.rsplit_once(" | ").unwrap_or_else(|| panic!("{line}"));
        let expected = match expected.strip_prefix('!') {
            Some(message) => Err(message.trim().to_owned()),
            None => Ok(expected.split(' ').filter(|time| *time != "never").map(millis).collect()),
        };
        count += 1;
        let found = times(expression).map_err(|message| message.trim().to_owned());
        if found != expected {
            wrong.push(format!("{expression}: {found:?}, not {expected:?}"));
        }
    }
    assert!(count > 120, "only {count} expressions");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What never comes is found out in bounded time, and nothing that can be written makes it panic.
#[test]
fn strange_expressions_end() {
    let parts = [
        "*", "?", "L", "W", "LW", "L-3", "15W", "5L", "5#2", "1-5", "7-2", "*/3", "1/2", "0", "31", "FRI",
        "", ",", "-", "/", "#",
    ];
    let mut state = 7u64;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    for _ in 0..20_000 {
        let fields: Vec<String> = (0..6)
            .map(|_| {
                (0..1 + next(3))
                    .map(|_| parts[next(parts.len())])
                    .collect::<Vec<_>>()
                    .join([",", ""][next(2)])
            })
            .collect();
        if let Ok(schedule) = Schedule::cycle(&fields.join(" ")) {
            for now in [0, -1, 1_900_000_000_123, i64::MAX, i64::MIN] {
                assert!(schedule.first(now).at >= now);
            }
        }
    }
}
