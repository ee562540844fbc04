//! A file with every setting, made of what the command line says of them; and the check of one.
//!
//! Invariant: every line of the sample that has a value can be taken as it is.

use crate::config::Given;
use crate::doors::check_tls;
use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Args, Command};
use std::any::TypeId;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "# Settings of ringbolt: `ringbolt start --config FILE`. Those of the command line, then those of the environment win over them.
# What stands here is what holds without it: take the # away before a name to change it.
";
const TAIL: &str = "
# Exporters, by name: see docs/exporters.md.
#[exporters.audit]
#type = \"jsonl\"
#directory = \"/var/lib/ringbolt-export\"
";

/// Whether a setting is a number in the file.
fn is_number(parser: &ValueParser) -> bool {
    let of = parser.type_id();
    let numbers = [
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
        TypeId::of::<f64>(),
    ];
    numbers.iter().any(|number| of == *number)
}

/// A default as the file has it; none where the default is no value.
fn value(arg: &Arg, default: Option<&str>) -> Option<String> {
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return Some("false".to_owned());
    }
    let default = default?;
    if is_number(arg.get_value_parser()) {
        return default.parse::<f64>().is_ok().then(|| default.to_owned());
    }
    let is_value = !default.contains(' ') && default != "none";
    is_value.then(|| format!("{default:?}"))
}

/// The sample.
pub fn sample() -> String {
    let command = Given::augment_args(Command::new("start"));
    let mut out = HEAD.to_owned();
    for arg in command.get_arguments() {
        let (Some(name), Some(help)) = (arg.get_long(), arg.get_help()) else { continue };
        let help = help.to_string();
        let default = help.rsplit_once("[default: ").and_then(|(_, rest)| rest.split_once(']'));
        let value = value(arg, default.map(|(default, _)| default));
        let value = value.unwrap_or_else(|| "...".to_owned());
        let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(out, "\n# {help}\n# --{name}, {variable}\n#{name} = {value}\n");
    }
    out + TAIL
}

/// Checks a file as a start would.
///
/// # Errors
/// Names what is wrong.
pub fn check(path: &Path) -> Result<(), Box<dyn Error>> {
    let config = Given::from_file(path)?.resolve()?;
    for warning in config.tls.map_or(Ok(Vec::new()), check_tls)? {
        eprintln!("warning: {warning}");
    }
    println!("{}: ringbolt would start with it", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::sample;
    use crate::config::Given;
    use clap::{Arg, Args, Command};

    const README: &str = include_str!("../../../README.md");
    const EXPORTER: [&str; 2] = ["#type = ", "#directory = "];

    #[test]
    fn the_readme_has_every_setting_and_no_other() {
        let command = Given::augment_args(Command::new("start"));
        let row = |arg: &Arg| {
            let variable =
                arg.get_env().expect("every setting has a variable").to_string_lossy().into_owned();
            format!("| `--{}` | `{variable}` | ", arg.get_long().expect("every setting has a name"))
        };
        let rows: Vec<String> = command.get_arguments().map(row).collect();
        let missing: Vec<&String> = rows.iter().filter(|row| !README.contains(*row)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let table = README.lines().filter(|line| line.starts_with("| `--") && line.contains("`RINGBOLT_"));
        assert_eq!(table.count(), rows.len(), "the README has settings that there are not");
    }

    #[test]
    fn every_value_of_the_sample_can_be_taken() {
        let is_setting =
            |line: &&str| line.starts_with('#') && line.contains(" = ") && !line.starts_with("# ");
        let text = sample();
        let lines: Vec<&str> = text.lines().filter(is_setting).collect();
        assert!(lines.len() > 40, "{text}");
        // The exporter of the sample stands under its own head, which is no line with a value.
        let is_taken =
            |line: &&&str| !line.ends_with(" = ...") && !EXPORTER.iter().any(|name| line.starts_with(name));
        let taken: Vec<&str> = lines.iter().filter(is_taken).map(|line| &line[1..]).collect();
        let taken = taken.join("\n");
        let given: Given = toml::from_str(&taken).expect("it parses");
        assert_eq!(given.rest.as_deref(), Some("127.0.0.1:8080"));
        given.resolve().expect("defaults can be used");
        for name in ["data-dir", "tls-cert", "log-format", "history-mib"] {
            assert!(text.contains(&format!("\n#{name} = ")), "{name} is missing");
        }
    }
}
