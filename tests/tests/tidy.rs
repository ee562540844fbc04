//! The repository's rules, as tests: which crate may use which, what `core` must not know, how large files and
//! functions may be, where `unsafe` may stand.
//!
//! Sizes are held against `tidy-baseline.txt`: a listed file or function may only shrink, and a line that is no
//! longer needed must go. `RINGBOLT_TIDY_UPDATE=1` rewrites the list; look at its diff before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// Each crate's most important property: what it does not depend on. Names without the `ringbolt-` prefix.
const ALLOWED_EDGES: &[(&str, &[&str])] = &[
    ("record", &[]),
    ("feel", &[]),
    ("xml", &[]),
    ("dmn", &["feel", "xml"]),
    ("model", &["feel", "record", "xml"]),
    ("writeback", &[]),
    ("store", &["writeback"]),
    ("tables", &["record", "store"]),
    ("engine", &["record", "feel", "dmn", "model", "tables", "store"]),
    ("partition", &["record", "engine", "tables", "store"]),
    ("ring", &[]),
    ("journal", &["ring", "writeback"]),
    ("broker", &["record", "partition", "engine", "tables", "store", "journal", "ring"]),
    ("sim", &["record", "partition", "engine", "tables", "store", "journal"]),
    ("exporters", &["record", "model"]),
    ("query", &["record", "model", "exporters", "writeback"]),
    ("documents", &[]),
    ("http1", &[]),
    ("http2", &[]),
    ("http", &["ring", "http1", "http2"]),
    ("grpc", &["ring", "http"]),
    ("api", &["record", "query"]),
    ("web", &[]),
    ("rest", &["record", "api", "query", "http", "ring", "web"]),
    ("grpc-gateway", &["record", "api", "grpc", "http", "ring"]),
    ("management", &["broker", "record"]),
    ("load", &["ring", "http", "grpc", "grpc-gateway", "record"]),
    ("cli", &[]),
    (
        "server",
        &[
            "cli",
            "record",
            "feel",
            "dmn",
            "documents",
            "model",
            "engine",
            "tables",
            "store",
            "partition",
            "query",
            "broker",
            "journal",
            "ring",
            "http",
            "grpc",
            "api",
            "rest",
            "grpc-gateway",
            "load",
            "exporters",
            "management",
            "web",
            "xml",
        ],
    ),
    ("tests", &[]),
    (
        "fuzz",
        &[
            "record",
            "feel",
            "dmn",
            "model",
            "store",
            "journal",
            "http1",
            "http2",
            "api",
            "rest",
            "grpc-gateway",
        ],
    ),
];

/// What pure code must not say. Test modules and `core/sim` are free to.
const BANNED_IN_CORE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "async fn",
    ".await",
    "rand::",
    // Hashed with a random state: their order would differ from run to run.
    "HashMap::new",
    "HashSet::new",
    "RandomState",
    "println!",
    "eprintln!",
];

/// What nothing in the repository says.
const BANNED_EVERYWHERE: &[&str] = &["TODO", "FIXME", "todo!(", "unimplemented!(", "dbg!("];

/// Where `unsafe` code may stand: four crates, the wish that pages be written, the tables that SQLite calls back, and the one comparison that drives a ring without a runtime.
const UNSAFE_CRATES: &[&str] = &[
    "io/ring",
    "io/journal",
    "io/writeback",
    "state/store",
    "core/record",
    "state/query/src/recent.rs",
    "benches/runtimes/src/durable/uring.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_path_buf()
}

fn rust_files(below: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(below) else { return };
    for entry in entries.map(|entry| entry.expect("readable folder")) {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut files = Vec::new();
    for folder in folders {
        rust_files(&root.join(folder), &mut files);
    }
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("sources are UTF-8");
        (path.strip_prefix(&root).expect("below the root").display().to_string(), text)
    };
    files.into_iter().map(read).collect()
}

/// Whether a line of code has a word as a whole.
fn says(code: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| {
        let (before, after) = (code[..at].chars().next_back(), code[at + word.len()..].chars().next());
        let goes_on_before = word.starts_with(char::is_alphanumeric) && is_part(before);
        let goes_on_after = word.ends_with(char::is_alphanumeric) && is_part(after);
        !goes_on_before && !goes_on_after
    })
}

const ALL: &[&str] = &["core", "io", "state", "net", "gateway", "benches", "tests"];

/// The part of a file before its test module.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

#[test]
fn crates_depend_only_on_what_the_table_allows() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let short = |name: &serde_json::Value| {
            name.as_str().unwrap_or_default().strip_prefix("ringbolt-").map(str::to_owned)
        };
        let Some(name) = short(&package["name"]) else {
            problems.push(format!("package {} is not named ringbolt-<leaf>", package["name"]));
            continue;
        };
        let Some((_, allowed)) = ALLOWED_EDGES.iter().find(|(known, _)| *known == name) else {
            problems.push(format!("{name} is not in the table of allowed edges"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let Some(target) = short(&dependency["name"]) else { continue };
            let is_for_tests = dependency["kind"] == "dev";
            if !allowed.contains(&target.as_str()) && !is_for_tests {
                problems.push(format!("{name} -> {target} is not allowed"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn core_is_pure() {
    let mut problems = Vec::new();
    for (path, text) in sources(&["core"]) {
        if !path.contains("/src/") || path.starts_with("core/sim") || path.contains("/src/tests") {
            continue;
        }
        for (index, line) in before_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            for word in BANNED_IN_CORE.iter().filter(|word| says(code, word)) {
                problems.push(format!("{path}:{}: core must not say {word}", index + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_nothing_unfinished() {
    let mut problems = Vec::new();
    for (path, text) in sources(ALL) {
        if path == "tests/tests/tidy.rs" {
            continue;
        }
        if !text.starts_with("//!") {
            problems.push(format!("{path}: does not begin with //!"));
        }
        for (index, line) in text.lines().enumerate() {
            for word in BANNED_EVERYWHERE.iter().filter(|word| line.contains(*word)) {
                problems.push(format!("{path}:{}: says {word}", index + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn unsafe_code_stands_only_where_it_may_and_says_why() {
    let mut problems = Vec::new();
    for (path, text) in sources(ALL) {
        if path == "tests/tests/tidy.rs" {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            if !code.contains("unsafe {") && !code.contains("unsafe impl") {
                continue;
            }
            if !UNSAFE_CRATES.iter().any(|allowed| path.starts_with(allowed)) {
                problems.push(format!("{path}:{}: unsafe code may not stand here", index + 1));
            }
            let near = &lines[index.saturating_sub(8)..=index];
            if !near.iter().any(|line| line.contains("SAFETY:")) {
                problems.push(format!("{path}:{}: unsafe without SAFETY:", index + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The words of a file's code, with a function's name where it is defined as public.
fn words_of<'t>(text: &'t str, seen: &mut BTreeMap<&'t str, usize>, public: &mut Vec<&'t str>) {
    for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
        let words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        for word in words {
            *seen.entry(word).or_insert(0) += 1;
        }
        let defined = line.starts_with("pub").then(|| line.split_once(" fn ")).flatten();
        let name = defined.and_then(|(_, rest)| rest.split(['(', '<']).next());
        let is_word = |name: &&str| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        public.extend(name.filter(is_word));
    }
}

/// The compiler finds only private functions without a caller. One that is public and has lost its own is a service that is no longer
/// done, or one that nobody needs.
#[test]
fn every_public_function_has_a_caller() {
    let files = sources(ALL);
    let (mut seen, mut public) = (BTreeMap::new(), Vec::new());
    for (_, text) in files.iter().filter(|(path, _)| !path.starts_with("benches")) {
        words_of(text, &mut seen, &mut public);
    }
    let mut defined = BTreeMap::new();
    for name in public {
        *defined.entry(name).or_insert(0) += 1;
    }
    let without: Vec<&str> =
        defined.iter().filter(|(name, times)| seen[*name] <= **times).map(|(name, _)| *name).collect();
    assert!(without.is_empty(), "nobody calls: {}", without.join(", "));
}

/// Functions longer than the limit: name and lines. Relies on rustfmt's indentation.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let mut words = body.split([' ', '(', '<']).skip_while(|word| {
            matches!(*word, "pub" | "crate)" | "super)" | "async" | "unsafe" | "const" | "extern" | "\"C\"")
        });
        if words.next() != Some("fn") {
            continue;
        }
        let name = words.next().unwrap_or_default().to_owned();
        let signature_end = lines[start..].iter().find(|line| line.ends_with('{') || line.ends_with(';'));
        if signature_end.is_none_or(|line| line.ends_with(';')) {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[start..].iter().position(|line| *line == closing);
        if let (Some(end), false) = (end, line.ends_with('}'))
            && end + 1 > FUNCTION_LINES_MAX
        {
            found.push((name, end + 1));
        }
    }
    found
}

fn measured_sizes() -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    for (path, text) in sources(ALL) {
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            sizes.insert(path.clone(), lines);
        }
        for (name, lines) in long_functions(&text) {
            let entry = sizes.entry(format!("{path}::{name}")).or_insert(0);
            *entry = lines.max(*entry);
        }
    }
    sizes
}

#[test]
fn files_and_functions_stay_small() {
    let baseline_path = root().join("tests/tidy-baseline.txt");
    let measured = measured_sizes();
    if std::env::var_os("RINGBOLT_TIDY_UPDATE").is_some() {
        let lines: Vec<String> = measured.iter().map(|(what, lines)| format!("{lines} {what}\n")).collect();
        fs::write(&baseline_path, lines.concat()).expect("writable baseline");
    }
    let text = fs::read_to_string(&baseline_path).expect("tests/tidy-baseline.txt");
    let mut baseline = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (lines, what) = line.split_once(' ').expect("a baseline line is '<lines> <what>'");
        baseline.insert(what.to_owned(), lines.parse::<usize>().expect("a number of lines"));
    }
    let mut problems = Vec::new();
    for (what, lines) in &measured {
        match baseline.get(what) {
            None => problems.push(format!("{what} has {lines} lines: split it")),
            Some(allowed) if lines > allowed => {
                problems.push(format!("{what} grew from {allowed} to {lines} lines"))
            }
            Some(_) => {}
        }
    }
    for (what, allowed) in &baseline {
        if measured.get(what).is_none_or(|lines| lines < allowed) {
            problems.push(format!(
                "{what} shrank below its baseline of {allowed} lines: lower or drop that line"
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
