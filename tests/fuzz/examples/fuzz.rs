//! Runs one target by hand: `fuzz <target>` for `RINGBOLT_FUZZ_SECONDS` from `RINGBOLT_FUZZ_SEED`, `fuzz <target> '<input>'` for one
//! input as a report prints it, `fuzz <target> @<file>` for one in a file.

use ringbolt_fuzz::run::{Settings, run, run_input};
use ringbolt_fuzz::targets::{ALL, by_name};
use std::process::ExitCode;

/// Bytes out of the escapes that a report prints.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (&kind, tail) = rest.split_first()?;
        rest = tail;
        bytes.push(match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let (digits, tail) = rest.split_at_checked(2)?;
                rest = tail;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    Some(bytes)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(target) = arguments.next().and_then(|name| by_name(&name)) else {
        let names: Vec<&str> = ALL.iter().map(|target| target.name).collect();
        eprintln!("usage: fuzz <target> ['<input>' | @<file>]\ntargets: {}", names.join(" "));
        return ExitCode::FAILURE;
    };
    let input = arguments.next().map(|input| match input.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(|error| format!("{path}: {error}")),
        None => unescape(&input).ok_or_else(|| "the input's escapes are malformed".to_owned()),
    });
    let result = match input {
        None => run(target, &Settings::from_env(std::env::temp_dir())).map(drop),
        Some(input) => input.and_then(|input| run_input(target, &input)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
