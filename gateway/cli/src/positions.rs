//! Where in the log what was written stands, so that what is read next has it: of this command, and of those before it.
//!
//! A command that writes leaves the position that it was told in a file of the user's cache; one that reads names it, and the server
//! answers when it can be found. The file is only a help: what cannot be read, written or understood is as if there were none.
//!
//! Invariants
//! - Of one partition the highest position counts, so two shells do not take each other's away.
//! - A position is named for [`KEPT_MS`]: long after that every search has it anyhow.
//! - Nothing but digits of what a server says is kept or sent.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::when::now_ms;

/// How long a position is named, ms.
const KEPT_MS: i64 = 60_000;
/// Partitions that a request names at most; the API takes no more.
const PARTITIONS_MAX: usize = 64;
/// Lines that the file has at most, the newest.
const LINES_MAX: usize = 512;
/// What is read of the file at most, bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// How often another command's turn with the file is waited for, and how long each time: it takes less than a millisecond.
const TURNS: u32 = 20;
const TURN: Duration = Duration::from_millis(2);

/// The last position of each partition of a server.
pub(crate) struct Positions {
    server: String,
    known: BTreeMap<u16, u64>,
    file: Option<PathBuf>,
}

/// A line of the file: when it was written (ms since 1970), the position, the server.
struct Line {
    at_ms: i64,
    partition: u16,
    position: u64,
    server: String,
}

impl Line {
    fn of(text: &str) -> Option<Self> {
        let mut words = text.splitn(3, ' ');
        let at_ms = words.next()?.parse().ok()?;
        let (partition, position) = position_of(words.next()?)?;
        Some(Self { at_ms, partition, position, server: words.next()?.to_owned() })
    }

    fn is_fresh(&self, now_ms: i64) -> bool {
        (0..=KEPT_MS).contains(&(now_ms - self.at_ms))
    }

    fn text(&self) -> String {
        format!("{} {}-{} {}\n", self.at_ms, self.partition, self.position, self.server)
    }
}

/// A partition and a position, as the header has them.
fn position_of(text: &str) -> Option<(u16, u64)> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (partition, position) = text.split_once('-')?;
    if !digits(partition) || !digits(position) {
        return None;
    }
    Some((partition.parse().ok()?, position.parse().ok()?))
}

/// The file of this user's cache; none where it is not said where that is.
fn file_of_user() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("ringbolt").join("positions"))
}

impl Positions {
    /// What this command writes, and nothing else.
    pub(crate) fn alone(server: &str) -> Self {
        Self { server: server.to_owned(), known: BTreeMap::new(), file: None }
    }

    /// What commands of this user wrote a moment ago.
    pub(crate) fn of_user(server: &str) -> Self {
        Self::kept_in(server, file_of_user())
    }

    fn kept_in(server: &str, file: Option<PathBuf>) -> Self {
        let mut positions = Self { file, ..Self::alone(server) };
        let now_ms = now_ms();
        let lines = positions.file.as_deref().and_then(read).unwrap_or_default();
        for line in lines.into_iter().filter(|line| line.server == server && line.is_fresh(now_ms)) {
            positions.know(line.partition, line.position);
        }
        positions
    }

    /// Whether that was news.
    fn know(&mut self, partition: u16, position: u64) -> bool {
        let known = self.known.entry(partition).or_default();
        let is_news = *known < position;
        *known = position.max(*known);
        is_news
    }

    /// The header of a read; none where nothing was written.
    pub(crate) fn header(&self) -> Option<String> {
        let named = self.known.iter().take(PARTITIONS_MAX);
        let named: Vec<String> =
            named.map(|(partition, position)| format!("{partition}-{position}")).collect();
        (!named.is_empty()).then(|| named.join(","))
    }

    /// What a server said of a write.
    pub(crate) fn told(&mut self, header: &str) {
        let mut is_news = false;
        for (partition, position) in header.split(',').map(str::trim).filter_map(position_of) {
            is_news |= self.know(partition, position);
        }
        if is_news {
            self.keep();
        }
    }

    /// They are of another server, or of this one before it was emptied.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
        self.keep();
    }

    fn keep(&self) {
        if let Some(path) = &self.file {
            // Without it only the next command sees what it sees.
            let _ = self.write(path);
        }
    }

    /// Puts what is known of this server in place of what the file has of it; what others wrote meanwhile stays if it is higher.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        if path.exists() && !path.is_file() {
            // To open a pipe would wait for whoever reads it.
            return Ok(());
        }
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let Some(()) = turn(|| file.try_lock()) else { return Ok(()) };
        let now_ms = now_ms();
        let mut lines = lines_of(&file)?;
        // What this server refused is gone for every shell.
        let is_forgotten = self.known.is_empty();
        lines.retain(|line| line.is_fresh(now_ms) && !(is_forgotten && line.server == self.server));
        for (&partition, &position) in &self.known {
            let is_old = |line: &Line| line.server == self.server && line.partition == partition;
            let highest = lines.iter().filter(|line| is_old(line)).map(|line| line.position).max();
            lines.retain(|line| !is_old(line));
            let position = position.max(highest.unwrap_or(0));
            lines.push(Line { at_ms: now_ms, partition, position, server: self.server.clone() });
        }
        let from = lines.len().saturating_sub(LINES_MAX);
        let text: String = lines[from..].iter().map(Line::text).collect();
        file.seek(SeekFrom::Start(0))?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())
    }
}

/// Takes a turn with the file, if it comes soon.
fn turn(mut take: impl FnMut() -> Result<(), TryLockError>) -> Option<()> {
    for _ in 0..TURNS {
        match take() {
            Ok(()) => return Some(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(TURN),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

fn read(path: &Path) -> Option<Vec<Line>> {
    let file = File::open(path.is_file().then_some(path)?).ok()?;
    turn(|| file.try_lock_shared())?;
    lines_of(&file).ok()
}

fn lines_of(file: &File) -> std::io::Result<Vec<Line>> {
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).lines().filter_map(Line::of).collect())
}

#[cfg(test)]
mod tests {
    use super::{KEPT_MS, LINES_MAX, Positions};
    use crate::when::now_ms;

    const SERVER: &str = "http://127.0.0.1:8080";

    #[test]
    fn the_highest_of_each_partition_is_kept_for_the_next_command() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cache/ringbolt/positions");
        let of = |server: &str| Positions::kept_in(server, Some(file.clone()));
        let (mut one, mut other) = (of(SERVER), of(SERVER));
        assert_eq!(one.header(), None);
        one.told("1-50");
        other.told("1-40, 2-7");
        other.told("\u{1b}[2J,3-,x-1,4--1,5-+5,99999999999-1");
        assert_eq!(one.header().as_deref(), Some("1-50"));
        assert_eq!(of(SERVER).header().as_deref(), Some("1-50,2-7"), "two shells");
        assert_eq!(of("http://127.0.0.1:8081").header(), None, "another server");
        of("http://127.0.0.1:8081").told("1-3");
        of(SERVER).forget();
        assert_eq!(of(SERVER).header(), None);
        assert_eq!(of("http://127.0.0.1:8081").header().as_deref(), Some("1-3"));
    }

    /// Opening it would wait for ever for somebody at its other end.
    #[test]
    fn a_pipe_in_place_of_the_file_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("positions");
        assert!(std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
        let mut positions = Positions::kept_in(SERVER, Some(file.clone()));
        assert_eq!(positions.header(), None);
        positions.told("1-5");
        assert_eq!(positions.header().as_deref(), Some("1-5"));
        assert!(!file.is_file(), "it is left as it is");
    }

    #[test]
    fn what_is_old_of_the_future_or_no_line_is_not_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("positions");
        let now = now_ms();
        let (old, future) = (now - KEPT_MS - 1, now + 5_000);
        let mut text =
            format!("{old} 1-5 {SERVER}\n{future} 2-5 {SERVER}\n\n{now}\n{now} 3-x {SERVER}\n\u{0}");
        std::fs::write(&file, &text).expect("written");
        assert_eq!(Positions::kept_in(SERVER, Some(file.clone())).header(), None);
        for port in 0..2 * LINES_MAX {
            text += &format!("{now} 1-9 http://127.0.0.1:{port}\n");
        }
        std::fs::write(&file, &text).expect("written");
        Positions::kept_in(SERVER, Some(file.clone())).told("4-9");
        let kept = std::fs::read_to_string(&file).expect("UTF-8");
        assert_eq!(kept.lines().count(), LINES_MAX);
        assert_eq!(Positions::kept_in(SERVER, Some(file)).header().as_deref(), Some("4-9"));
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let no_folder = folder.path().join("file");
        std::fs::write(&no_folder, "").expect("written");
        for path in [no_folder.join("positions"), folder.path().to_owned()] {
            let mut positions = Positions::kept_in(SERVER, Some(path));
            positions.told("1-5");
            assert_eq!(positions.header().as_deref(), Some("1-5"), "this command knows it");
        }
        assert_eq!(Positions::alone(SERVER).header(), None);
    }
}
