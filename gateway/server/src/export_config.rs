//! Settings of exporters: `--export-jsonl DIR` for the common case, `[exporters.NAME]` in the file for more.

use crate::config::{ConfigError, error, mib};
use ringbolt_exporters::{Filter, jsonl};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Log that an exporter may keep of one partition unless told otherwise, MiB.
pub const READER_BUDGET_MIB_DEFAULT: u64 = 256;
/// Copies of entries that an exporter may keep of one partition unless told otherwise, MiB.
pub const READER_SPILL_MIB_DEFAULT: u64 = 1024;
/// Size at which a file of JSON lines is closed unless told otherwise, MiB.
pub const FILE_MIB_DEFAULT: u64 = 64;
/// The name of the exporter that `--export-jsonl` makes.
const SHORT_NAME: &str = "jsonl";
/// Most exporters of one server.
const EXPORTERS_MAX: usize = 16;

/// One exporter as it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExporterGiven {
    /// What it writes: `jsonl`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Directory of its files.
    pub directory: Option<PathBuf>,
    /// Size at which a file is closed, MiB.
    pub file_mib: Option<u64>,
    /// Value types, like `JOB`; all when empty.
    #[serde(default)]
    pub value_types: Vec<String>,
    /// Record types, like `EVENT`; all when empty.
    #[serde(default)]
    pub record_types: Vec<String>,
}

/// Where an exporter's records go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkConfig {
    /// JSON lines in files.
    Jsonl {
        /// Their directory.
        directory: PathBuf,
        /// Size at which a file is closed, bytes.
        file_bytes_max: u64,
    },
}

/// One exporter as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExporterConfig {
    /// Its name; its position is kept under it.
    pub name: String,
    /// Which records it wants.
    pub filter: Filter,
    /// Where they go.
    pub sink: SinkConfig,
}

fn exporter(name: String, given: ExporterGiven) -> Result<ExporterConfig, ConfigError> {
    let wrong = |why: String| error("exporters", format!("{name}: {why}"));
    if !ringbolt_journal::is_reader_name(&name) {
        return Err(wrong("a name has 1 to 40 of a-z, 0-9, - and _".to_owned()));
    }
    if name == ringbolt_broker::STORAGE_READER {
        return Err(wrong("the server uses this name itself".to_owned()));
    }
    let filter =
        Filter::new(&given.value_types, &given.record_types).map_err(|unknown| wrong(unknown.to_string()))?;
    let sink = match given.kind.as_str() {
        "jsonl" => {
            let directory = given.directory.ok_or_else(|| wrong("it needs a directory".to_owned()))?;
            jsonl::check_directory(&directory).map_err(&wrong)?;
            let file_bytes_max = mib("file-mib", given.file_mib, FILE_MIB_DEFAULT)?;
            SinkConfig::Jsonl { directory, file_bytes_max }
        }
        other => return Err(wrong(format!("{other:?} is no type of exporter; there is \"jsonl\""))),
    };
    Ok(ExporterConfig { name, filter, sink })
}

/// The exporters that the file and the short form name together.
///
/// # Errors
/// Names the exporter and what is wrong with it.
pub(crate) fn exporters(
    given: BTreeMap<String, ExporterGiven>,
    short: Option<PathBuf>,
) -> Result<Vec<ExporterConfig>, ConfigError> {
    let mut given = given;
    if let Some(directory) = short {
        let exporter = ExporterGiven {
            kind: "jsonl".to_owned(),
            directory: Some(directory),
            file_mib: None,
            value_types: Vec::new(),
            record_types: Vec::new(),
        };
        if given.insert(SHORT_NAME.to_owned(), exporter).is_some() {
            return Err(error("export-jsonl", format!("the file has an exporter {SHORT_NAME:?} already")));
        }
    }
    if given.len() > EXPORTERS_MAX {
        return Err(error("exporters", format!("more than {EXPORTERS_MAX}")));
    }
    let exporters: Vec<ExporterConfig> =
        given.into_iter().map(|(name, given)| exporter(name, given)).collect::<Result<_, _>>()?;
    for (at, one) in exporters.iter().enumerate() {
        let SinkConfig::Jsonl { directory, .. } = &one.sink;
        let is_shared = exporters[..at].iter().any(|other| {
            let SinkConfig::Jsonl { directory: taken, .. } = &other.sink;
            taken == directory
        });
        if is_shared {
            return Err(error("exporters", format!("{}: its directory is another exporter's", one.name)));
        }
    }
    Ok(exporters)
}

#[cfg(test)]
mod tests {
    use crate::config::{Given, SinkConfig};

    #[test]
    fn exporters_come_from_the_file_and_from_the_short_form() {
        let text =
            "[exporters.audit]\ntype = \"jsonl\"\ndirectory = \"/a\"\nvalue-types = [\"job\"]\nfile-mib = 2";
        let file: Given = toml::from_str(text).unwrap();
        let given = Given { export_jsonl: Some("/b".into()), reader_budget_mib: Some(7), ..Given::default() };
        let config = given.over(file).resolve().unwrap();
        let names: Vec<&str> = config.exporters.iter().map(|exporter| exporter.name.as_str()).collect();
        assert_eq!(names, ["audit", "jsonl"]);
        let sink = SinkConfig::Jsonl { directory: "/a".into(), file_bytes_max: 2 << 20 };
        assert_eq!((&config.exporters[0].sink, config.readers.budget_bytes), (&sink, 7 << 20));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, why) in [
            ("[exporters.A]\ntype = \"jsonl\"\ndirectory = \"/a\"", "a-z"),
            ("[exporters.secondary-storage]\ntype = \"jsonl\"\ndirectory = \"/a\"", "itself"),
            ("[exporters.a]\ntype = \"kafka\"", "kafka"),
            ("[exporters.a]\ntype = \"jsonl\"", "directory"),
            ("[exporters.a]\ntype = \"jsonl\"\ndirectory = \"/a\"\nrecord-types = [\"EVENTS\"]", "EVENTS"),
            (
                "[exporters.a]\ntype = \"jsonl\"\ndirectory = \"/a\"\n[exporters.b]\ntype = \"jsonl\"\ndirectory = \"/a\"",
                "another exporter's",
            ),
        ] {
            let given: Given = toml::from_str(text).unwrap();
            let error = given.resolve().expect_err(text).to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(toml::from_str::<Given>("[exporters.a]\ntype = \"jsonl\"\nfolder = \"/a\"").is_err());
    }
}
