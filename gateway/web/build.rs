//! Packs the built files of `dist` for the binary: what a browser takes is sent as it lies here, and costs no core anything.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo says it")).join("dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo says it"));
    let mut names: Vec<String> = fs::read_dir(dist.join("assets"))
        .expect("gateway/web/dist/assets is committed")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("names are ASCII"))
        .collect();
    names.sort();
    let mut table = String::from("&[\n");
    for (at, name) in names.iter().enumerate() {
        let bytes = fs::read(dist.join("assets").join(name)).expect("readable");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish()).expect("memory");
        let path = out.join(format!("{at}.gz"));
        fs::write(&path, packed).expect("cargo's folder is writable");
        writeln!(table, "(\"{name}\", include_bytes!({:?})),", path.display().to_string()).expect("memory");
    }
    table.push(']');
    fs::write(out.join("files.rs"), table).expect("cargo's folder is writable");
}
