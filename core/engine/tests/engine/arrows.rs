//! Files of the engine never import each other in a circle: each can be read with what stands below it alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Files by module path (`behaviors::jobs`), with their text up to their own tests.
fn modules(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            modules(&path, &format!("{prefix}{name}::"), found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let module = match name.as_str() {
                "mod" => prefix.trim_end_matches("::").to_owned(),
                _ => format!("{prefix}{name}"),
            };
            found.insert(module, code.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The paths that a tree of imports stands for: `a::{b, c::{d, e}}` is `a::b`, `a::c::d`, `a::c::e`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let (mut depth, mut from) = (0, 0);
    let mut parts = Vec::new();
    for (at, letter) in tree.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[from..]);
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        match part.split_once('{') {
            Some((outer, inner)) => {
                let inner = inner.trim_end().trim_end_matches('}');
                expand(&format!("{prefix}{}", outer.trim()), inner, paths);
            }
            None => paths.push(format!("{prefix}{part}").trim_end_matches("::self").to_owned()),
        }
    }
}

/// Everything that a file names with `crate::` or imports with `super::`.
fn named(module: &str, is_folder: bool, code: &str) -> Vec<String> {
    let parent = if is_folder { module } else { module.rsplit_once("::").map_or("", |(parent, _)| parent) };
    let mut paths = Vec::new();
    for (marker, prefix) in [("crate::", String::new()), ("super::", format!("{parent}::"))] {
        for (at, _) in code.match_indices(marker) {
            let rest = &code[at + marker.len()..];
            let end = rest.find([';', '(', ')', '<', '>', ' ']).unwrap_or(rest.len());
            let is_import = code[..at].ends_with("use ") || code[..at].ends_with("pub use ");
            let tree = if is_import { rest.split(';').next().unwrap_or_default() } else { &rest[..end] };
            expand(&prefix, tree, &mut paths);
        }
    }
    paths
}

/// The module that a path leads into.
fn module_of<'m>(path: &str, modules: &'m BTreeMap<String, String>) -> Option<&'m String> {
    let mut path = path;
    loop {
        if let Some((module, _)) = modules.get_key_value(path) {
            return Some(module);
        }
        path = path.rsplit_once("::")?.0;
    }
}

fn visit<'m>(
    module: &'m String,
    edges: &BTreeMap<&'m String, BTreeSet<&'m String>>,
    trail: &mut Vec<&'m String>,
    done: &mut BTreeSet<&'m String>,
) {
    if let Some(start) = trail.iter().position(|other| *other == module) {
        panic!("these files import each other: {:?}", &trail[start..]);
    }
    if done.contains(module) {
        return;
    }
    trail.push(module);
    for next in &edges[module] {
        visit(next, edges, trail, done);
    }
    trail.pop();
    done.insert(module);
}

#[test]
fn no_file_imports_itself_through_others() {
    let mut found = BTreeMap::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    found.remove("lib");
    let folders: BTreeSet<String> =
        found.keys().filter_map(|module| Some(module.rsplit_once("::")?.0.to_owned())).collect();
    let edges: BTreeMap<&String, BTreeSet<&String>> = found
        .iter()
        .map(|(module, code)| {
            let named = named(module, folders.contains(module), code);
            let targets = named.iter().filter_map(|path| module_of(path, &found));
            (module, targets.filter(|target| *target != module).collect())
        })
        .collect();
    let count: usize = edges.values().map(BTreeSet::len).sum();
    assert!(found.len() > 80 && count > 200, "only {} files and {count} imports were found", found.len());
    let mut done = BTreeSet::new();
    for module in edges.keys() {
        visit(module, &edges, &mut Vec::new(), &mut done);
    }
}
