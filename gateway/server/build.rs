//! The version that the binary says: the package's, and the commit it was built from where there is one.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=../../.git/HEAD");
    println!("cargo::rerun-if-changed=../../.git/logs/HEAD");
    let commit = Command::new("git").args(["rev-parse", "--short=10", "HEAD"]).output();
    let commit = commit.ok().filter(|output| output.status.success());
    let commit = commit.and_then(|output| String::from_utf8(output.stdout).ok());
    let version = env!("CARGO_PKG_VERSION");
    let build = commit.map_or(version.to_owned(), |commit| format!("{version} ({})", commit.trim()));
    println!("cargo::rustc-env=RINGBOLT_BUILD={build}");
}
