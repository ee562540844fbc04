//! `ringbolt log print`: the journals of a data directory as records, one a line, in the shape of exported records.
//! Elements have their names where the log still holds their definition.

use clap::Args;
use ringbolt_cli::safe_json;
use ringbolt_exporters::LearnedNames;
use ringbolt_journal::{EntryKind, Filter, Recovery};
use ringbolt_record::json::{Resources, Style, write_record};
use ringbolt_record::{EntryRef, PartitionId};
use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// What to print.
#[derive(Args, Debug)]
pub struct LogPrintArgs {
    /// Directory of log and state.
    #[arg(long, value_name = "DIR", env = "RINGBOLT_DATA_DIR", default_value = crate::config::DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
    /// Only this partition.
    #[arg(long, value_name = "N")]
    partition: Option<u16>,
    /// Only records at or after this position; needs --partition.
    #[arg(long, value_name = "POSITION", requires = "partition", default_value_t = 0)]
    from: u64,
}

/// Prints every record that the journals still hold. Changes nothing; beside a running server the newest entries
/// may be missing.
///
/// # Errors
/// When the directory cannot be read, a journal is damaged, or standard output is closed early.
pub fn print(args: &LogPrintArgs) -> Result<(), Box<dyn Error>> {
    if !args.data_dir.is_dir() {
        return Err(format!("{} is no directory", args.data_dir.display()).into());
    }
    let recovery = Recovery::inspect(&args.data_dir)?;
    let filter = match args.partition.map(PartitionId) {
        None => Filter::All,
        Some(partition) => Filter::partition(
            ringbolt_journal::PartitionId(u32::from(partition.0)),
            ringbolt_journal::Position(args.from),
        ),
    };
    let mut entries = recovery.entries(filter);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut line, mut names) = (Vec::new(), LearnedNames::default());
    while let Some(entry) = entries.next_entry()? {
        if entry.frame.kind != EntryKind::Records {
            continue;
        }
        let partition_id = entry.frame.partition.0;
        let content = EntryRef::parse(entry.payload())?;
        for record in content.records() {
            let record = record?;
            names.learn(&record);
            if record.position.0 < args.from {
                continue;
            }
            line.clear();
            let style = Style { names: &names, resources: Resources::Size };
            write_record(&mut line, partition_id, &content, &record, style)?;
            match std::str::from_utf8(&line) {
                // Most lines have nothing that a terminal would obey.
                Ok(text) if !line.iter().all(|byte| matches!(byte, b' '..=b'~')) => {
                    out.write_all(safe_json(text).as_bytes())?;
                }
                _ => out.write_all(&line)?,
            }
            out.write_all(b"\n")?;
        }
    }
    Ok(out.flush()?)
}
