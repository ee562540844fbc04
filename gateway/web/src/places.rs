//! Where pages are found, also where users of Camunda look for them.

use crate::files::{File, file};
use crate::{BUILD, Mode};
use bytes::Bytes;

/// The page that shows everything, before it is told how deep it stands and what it may do.
const PAGES: &str = include_str!("../dist/index.html");
/// The page to try the API.
const TRY: &str = include_str!("../dist/try.html");
/// Where a page says how its files are reached.
const ROOT: &str = "{root}";
/// Where it says what it may do.
const MODE: &str = "{mode}";

/// Pages by the first part of their path; what they show may have a second.
const SHOWN: &[&str] = &[
    "instances",
    "tasks",
    "definitions",
    "decisions",
    "decision-instances",
    "incidents",
    "batches",
    "messages",
    "playground",
];
/// Where a habit leads, by the first parts of a path. A number that follows is kept.
const HABITS: &[(&str, &str)] = &[
    ("operate/processes", "instances"),
    ("operate/instances", "instances"),
    ("operate/decisions", "decision-instances"),
    ("operate/batch-operations", "batches"),
    ("operate", ""),
    ("tasklist", "tasks"),
    ("admin", ""),
    ("identity", ""),
    ("swagger-ui/index.html", "swagger/"),
    ("swagger-ui", "swagger/"),
];
/// First parts of paths that programs ask for: whoever goes astray there is told as a program.
const PROGRAMS: &[&str] = &["v1", "v2", "v3", "assets", "openapi.json", "actuator"];
/// The deepest path at which a page says that nothing is there.
const NOWHERE_DEPTH_MAX: usize = 8;
/// Longest number that a redirect keeps.
const DIGITS_MAX: usize = 20;

/// What is found at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A page.
    Page(Shell),
    /// A file that pages load.
    File(File),
    /// What changes, as it does.
    Live,
    /// How the engine does.
    Figures,
    /// What the log still has of an instance.
    Past,
    /// Which pages there are, for a page that wants to know whether it is old.
    Build,
    /// Somewhere else, from where the request was sent to.
    Elsewhere(String),
    /// A page that says that nothing is there, for who went astray in a browser.
    Nowhere(Shell),
}

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shell {
    text: &'static str,
    /// Parts of the path above the last.
    depth: usize,
    /// It stands at the root, where programs get a text.
    pub is_root: bool,
}

impl Shell {
    /// What a browser is sent.
    pub fn html(&self, mode: Mode) -> Bytes {
        self.text.replace(ROOT, &up(self.depth)).replace(MODE, mode.name()).into()
    }

    /// Differs between pages that differ.
    pub fn tag(&self, mode: Mode) -> String {
        let kind = if self.text == TRY { "try" } else { "page" };
        format!("\"{BUILD}-{kind}-{}-{}\"", self.depth, mode.name())
    }
}

fn up(depth: usize) -> String {
    if depth == 0 { "./".to_owned() } else { "../".repeat(depth) }
}

/// What is found at a path, if pages have to do with it.
pub fn place(path: &str) -> Option<Place> {
    let below = path.strip_prefix('/')?;
    let depth = below.matches('/').count();
    let page = |text: &'static str| Some(Place::Page(Shell { text, depth, is_root: below.is_empty() }));
    match below {
        "" => return page(PAGES),
        "swagger/" => return page(TRY),
        "swagger" => return Some(Place::Elsewhere("swagger/".to_owned())),
        "assets/build.json" => return Some(Place::Build),
        "live" => return Some(Place::Live),
        "figures" => return Some(Place::Figures),
        "past" => return Some(Place::Past),
        _ => {}
    }
    if let Some(name) = below.strip_prefix("assets/") {
        return file(name).map(Place::File);
    }
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    if SHOWN.contains(&first) && !rest.contains('/') {
        return page(PAGES);
    }
    let led = HABITS.iter().find_map(|(habit, wanted)| habit_leads(below, habit, wanted, depth));
    let is_for_people = depth <= NOWHERE_DEPTH_MAX && !PROGRAMS.contains(&first);
    let nowhere = || Place::Nowhere(Shell { text: PAGES, depth, is_root: false });
    led.or_else(|| is_for_people.then(nowhere))
}

fn habit_leads(below: &str, habit: &str, wanted: &str, depth: usize) -> Option<Place> {
    let rest = below.strip_prefix(habit)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let rest = rest.trim_matches('/');
    let is_number = (1..=DIGITS_MAX).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number && !wanted.is_empty() { format!("/{rest}") } else { String::new() };
    Some(Place::Elsewhere(format!("{}{wanted}{number}", up(depth))))
}

#[cfg(test)]
mod tests {
    use super::{Place, place};
    use crate::Mode;

    fn shown(path: &str) -> String {
        match place(path) {
            None => "nothing".to_owned(),
            Some(Place::Build) => "build".to_owned(),
            Some(Place::Live) => "live".to_owned(),
            Some(Place::Figures) => "figures".to_owned(),
            Some(Place::Past) => "past".to_owned(),
            Some(Place::File(file)) => format!("file {}", file.media),
            Some(Place::Elsewhere(location)) => format!("-> {location}"),
            Some(Place::Nowhere(page)) => {
                let html = String::from_utf8(page.html(Mode::On).to_vec()).expect("text");
                let at = html.find("src=\"").expect("a script") + 5;
                format!("nowhere {}", &html[at..at + html[at..].find("assets/").expect("a file")])
            }
            Some(Place::Page(page)) => {
                let html = String::from_utf8(page.html(Mode::ReadOnly).to_vec()).expect("text");
                assert!(!html.contains('{'), "{html}");
                let at = html.find("src=\"").expect("a script") + 5;
                let root = &html[at..at + html[at..].find("assets/").expect("a file")];
                format!("page {root} {}", html.contains("data-mode=\"read-only\""))
            }
        }
    }

    #[test]
    fn pages_name_their_files_from_where_they_stand() {
        for (path, wanted) in [
            ("/", "page ./ true"),
            ("/instances", "page ./ true"),
            ("/instances/", "page ../ true"),
            ("/instances/2251799813685250", "page ../ true"),
            ("/tasks", "page ./ true"),
            ("/swagger/", "page ../ true"),
            ("/assets/build.json", "build"),
            ("/live", "live"),
            ("/figures", "figures"),
            ("/past", "past"),
        ] {
            assert_eq!(shown(path), wanted, "{path}");
        }
        for path in ["", "x", "/v2", "/v2/topologies", "/assets/", "/assets/../v2", "/a/b/c/d/e/f/g/h/i/j"] {
            assert_eq!(shown(path), "nothing", "{path}");
        }
        for (path, wanted) in [
            ("/nothing", "nowhere ./"),
            ("/instancesx", "nowhere ./"),
            ("/instances/1/2", "nowhere ../../"),
            ("//instances", "nowhere ../"),
            ("/%2f%2fevil.example/", "nowhere ../"),
        ] {
            assert_eq!(shown(path), wanted, "{path}");
        }
    }

    #[test]
    fn habits_lead_to_pages_and_carry_nothing_but_numbers() {
        for (path, wanted) in [
            ("/operate", "-> ./"),
            ("/operate/", "-> ../"),
            ("/operate/processes", "-> ../instances"),
            ("/operate/processes/2251799813685250", "-> ../../instances/2251799813685250"),
            ("/operate/decisions/1", "-> ../../decision-instances/1"),
            ("/operate/batch-operations", "-> ../batches"),
            ("/tasklist", "-> ./tasks"),
            ("/tasklist/12", "-> ../tasks/12"),
            ("/tasklist/%2f%2fevil.example", "-> ../tasks"),
            ("/tasklist///evil.example", "-> ../../../tasks"),
            ("/admin", "-> ./"),
            ("/admin/1", "-> ../"),
            ("/swagger", "-> swagger/"),
            ("/swagger-ui/index.html", "-> ../swagger/"),
            ("/operated", "nowhere ./"),
        ] {
            assert_eq!(shown(path), wanted, "{path}");
        }
    }
}
