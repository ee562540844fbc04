//! Tells a report: to people as a table, to programs as JSON, to the history as lines.

use crate::args::ReportArgs;
use crate::error::Error;
use crate::report::Report;
use crate::{history, table};
use std::io::Write;

/// Writes table, JSON and history as asked.
pub(crate) fn tell(report: &Report, args: &ReportArgs) -> Result<(), Error> {
    let table = table::render(report);
    match args.json.as_deref() {
        // Standard output belongs to the JSON then.
        Some("-") => {
            eprint!("{table}");
            println!("{}", report.json());
        }
        Some(path) => {
            print!("{table}");
            let mut text = serde_json::to_string_pretty(&report.json()).unwrap_or_default();
            text.push('\n');
            write_file(path, |file| file.write_all(text.as_bytes()), std::fs::File::create(path))?;
        }
        None => print!("{table}"),
    }
    if let (Some(path), Some(label)) = (&args.history, &args.label) {
        let lines = history::lines(report, label, &args.commit);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        write_file(&path.display().to_string(), |file| file.write_all(lines.as_bytes()), file)?;
    }
    Ok(())
}

fn write_file(
    path: &str,
    write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
    file: std::io::Result<std::fs::File>,
) -> Result<(), Error> {
    let written = file.and_then(|mut file| write(&mut file));
    written.map_err(|error| Error::File { action: "write", path: path.to_owned(), error })
}
