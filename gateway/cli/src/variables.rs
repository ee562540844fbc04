//! Variables on a command line.

use crate::Error;
use clap::Args;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::PathBuf;

/// Bytes of a file of variables at most; what a server takes is less.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Variables, from three places; the later ones win.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct VariableArgs {
    /// A variable: JSON, or text as it is. Any number of times, each name once; it wins over --variables and --variables-file.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    one: Vec<String>,
    /// Variables as a JSON object; they win over --variables-file.
    #[arg(long, value_name = "JSON")]
    variables: Option<String>,
    /// Variables as a JSON object in a file; - for standard input.
    #[arg(long, value_name = "FILE")]
    variables_file: Option<PathBuf>,
}

/// A name and what it is: JSON if it reads as that, else text.
pub(crate) fn pair(text: &str) -> Result<(&str, Value), Error> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| Error::Usage(format!("a variable is NAME=VALUE, not '{text}'")))?;
    Ok((name, serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))))
}

fn object(text: &str, place: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|error| Error::Usage(format!("{place} has no JSON object: {error}")))
}

/// What is in a file, unless that has no end.
fn bounded(from: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    from.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(std::io::Error::other(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}

impl VariableArgs {
    pub(crate) fn read(&self) -> Result<Value, Error> {
        let mut all = Map::new();
        if let Some(path) = &self.variables_file {
            let wrong = |error| Error::Usage(format!("{}: {error}", path.display()));
            let text = match path.as_os_str() == "-" {
                true => bounded(std::io::stdin()),
                false => std::fs::File::open(path).and_then(bounded),
            }
            .map_err(wrong)?;
            all = object(&text, &path.display().to_string())?;
        }
        if let Some(text) = &self.variables {
            all.extend(object(text, "--variables")?);
        }
        let mut one = Map::new();
        for text in &self.one {
            let (name, value) = pair(text)?;
            if one.insert(name.to_owned(), value).is_some() {
                return Err(Error::Usage(format!("--var gives the variable '{name}' twice")));
            }
        }
        all.extend(one);
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::VariableArgs;
    use serde_json::json;

    #[test]
    fn a_file_without_an_end_is_refused() {
        let args = VariableArgs { variables_file: Some("/dev/zero".into()), ..VariableArgs::default() };
        let error = args.read().expect_err("it has no end").to_string();
        assert_eq!(error, "/dev/zero: it has more than 67108864 bytes");
    }

    #[test]
    fn values_are_json_or_else_text_and_the_nearest_wins() {
        let one =
            ["a=1", "b=true", "c=two words", "d=\"3\"", "e=", "f={\"g\":[1]}"].map(str::to_owned).to_vec();
        let args = VariableArgs { one, variables: Some(r#"{"a":0,"z":null}"#.into()), variables_file: None };
        let wanted =
            json!({ "a": 1, "b": true, "c": "two words", "d": "3", "e": "", "f": { "g": [1] }, "z": null });
        assert_eq!(args.read().map_err(|error| error.to_string()), Ok(wanted));
        for wrong in [&["a"][..], &["=1"], &["a=1", "b=2", "a=1"]] {
            let one = wrong.iter().map(|text| (*text).to_owned()).collect();
            let args = VariableArgs { one, ..VariableArgs::default() };
            assert!(args.read().is_err());
        }
        let args = VariableArgs { variables: Some("[1]".into()), ..VariableArgs::default() };
        assert!(args.read().is_err());
    }
}
