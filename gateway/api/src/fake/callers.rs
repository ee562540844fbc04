//! Which tests call an operation: read from their sources, for the pages that say so.
//!
//! A call is found by its path, with the method beside it where other operations have that path too, by its name in an SDK, or by its name in gRPC. Tests are named by suite; those of the clients by language.

use crate::operation::Operation;
use crate::table::operations;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders and files with tests, and what they are called; a folder without a name has suites of its own.
const PLACES: [(&str, &str); 11] = [
    ("gateway/rest/src/tests", "rest"),
    ("gateway/rest/src/tests.rs", "rest"),
    ("gateway/rest/tests", "rest"),
    ("gateway/grpc/src/tests", "grpc"),
    ("gateway/grpc/src/tests.rs", "grpc"),
    ("gateway/grpc/tests", "grpc"),
    ("tests/clients/node", "node"),
    ("tests/clients/python", "python"),
    ("tests/clients/java/src", "java"),
    ("tests/clients/process_test/src", "process-test"),
    ("tests/tests", ""),
];
/// Clients that speak REST alone, though their methods are named as in gRPC.
const REST_ALONE: [&str; 2] = ["orchestration", "sdk_rest"];
/// How far from a path its method may stand, bytes.
const BESIDE: usize = 160;

/// The sources of the tests.
pub struct Callers {
    sources: Vec<Source>,
}

struct Source {
    suite: String,
    is_rest_alone: bool,
    text: String,
}

impl Callers {
    /// Reads the sources of a checkout.
    ///
    /// # Panics
    /// When there are none.
    pub fn read(root: &Path) -> Self {
        let mut sources = Vec::new();
        for (place, name) in PLACES {
            let place = root.join(place);
            let mut files = Vec::new();
            collect(&place, &mut files);
            for file in files {
                let suite = file.strip_prefix(&place).ok().and_then(|rest| rest.iter().next());
                let suite = suite.map(|first| Path::new(first).with_extension(""));
                let suite = suite.map(|suite| suite.display().to_string()).unwrap_or_default();
                sources.push(Source {
                    suite: if name.is_empty() { suite } else { name.to_owned() },
                    is_rest_alone: REST_ALONE.iter().any(|stem| file.file_stem().is_some_and(|s| s == *stem)),
                    text: fs::read_to_string(&file).expect("a readable source"),
                });
            }
        }
        assert!(!sources.is_empty(), "no tests under {}", root.display());
        Self { sources }
    }

    /// Suites with a call of an operation of REST.
    pub fn of_operation(&self, operation: &Operation) -> Vec<&str> {
        let Operation { id, path, .. } = *operation;
        let snake = snake_case(id);
        let is_shared = operations().filter(|other| other.path == path).count() > 1;
        let method = is_shared.then(|| operation.method.name());
        self.suites(|Source { text, .. }| {
            calls_path(text, method, path)
                || has_call(text, id)
                || has_call(text, &snake)
                || text.contains(&format!("\"{id}\""))
        })
    }

    /// Suites with a call of gRPC.
    pub fn of_rpc(&self, name: &str) -> Vec<&str> {
        let (snake, mut camel) = (snake_case(name), name.to_owned());
        camel[..1].make_ascii_lowercase();
        self.suites(|Source { text, is_rest_alone, .. }| {
            let is_named = text.contains(&format!("{name}\"")) || text.contains(&format!("{name}Request {{"));
            let is_called = has_call(text, &snake) || has_call(text, &camel);
            !is_rest_alone && (is_named || is_called)
        })
    }

    fn suites(&self, is_caller: impl Fn(&Source) -> bool) -> Vec<&str> {
        let callers = self.sources.iter().filter(|source| is_caller(source));
        let mut names: Vec<&str> = callers.map(|source| source.suite.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) {
    if place.is_file() {
        return files.push(place.to_owned());
    }
    let entries = fs::read_dir(place).expect("a folder of tests");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let is_source =
            ["rs", "py", "mjs", "java"].iter().any(|end| path.extension().is_some_and(|e| e == *end));
        if is_source || (path.is_dir() && !path.ends_with("node_modules")) {
            collect(&path, files);
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Whether a method of that name is called.
fn has_call(text: &str, name: &str) -> bool {
    text.contains(&format!(".{name}("))
}

/// Whether a path of that shape stands there, with the method beside it if there is one.
fn calls_path(text: &str, method: Option<&str>, path: &str) -> bool {
    let mut parts = path.split('{');
    let first = parts.next().expect("one part at least");
    let rest: Vec<&str> = parts.map(|part| part.split_once('}').expect("a closed brace").1).collect();
    text.match_indices(first).any(|(at, _)| {
        let Some(end) = end_of_path(&text[at + first.len()..], &rest) else { return false };
        let ends = text[at + first.len() + end..].starts_with(['"', '?', '`', '\'', ' ', '\\', '\n']);
        let mut from = at.saturating_sub(BESIDE);
        let mut to = (at + first.len() + end + BESIDE).min(text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to += 1;
        }
        let beside = &text[from..to];
        let has = |method: &str| beside.contains(method) || has_call(beside, &method.to_ascii_lowercase());
        ends && method.is_none_or(has)
    })
}

/// Where a path ends of which each part but the first comes after a parameter.
fn end_of_path(text: &str, parts: &[&str]) -> Option<usize> {
    let mut at = 0;
    for part in parts {
        let parameter = match text[at..].starts_with('{') {
            true => text[at..].find('}')? + 1,
            false => text[at..].find(['/', '"', '?', '`', ' ', '\n', '\\'])?,
        };
        if parameter == 0 || !text[at + parameter..].starts_with(part) {
            return None;
        }
        at += parameter + part.len();
    }
    Some(at)
}

#[test]
fn calls_are_found_by_path_and_method() {
    let text = r#"rig.send("PATCH", &format!("/v2/user-tasks/{task}"), b); x.get("/v2/jobs/7/completion");"#;
    let finds = |method, path| calls_path(text, Some(method), path);
    assert!(finds("PATCH", "/user-tasks/{userTaskKey}"));
    assert!(finds("GET", "/jobs/{jobKey}/completion"));
    assert!(!finds("DELETE", "/user-tasks/{userTaskKey}"));
    assert!(!finds("PATCH", "/user-tasks/{userTaskKey}/completion"));
    assert!(!finds("PATCH", "/user-tasks"));
    assert!(calls_path(text, None, "/user-tasks/{userTaskKey}"));
    assert_eq!(snake_case("getUserTask"), "get_user_task");
}
