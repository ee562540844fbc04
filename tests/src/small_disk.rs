//! A small file system in memory, to be filled.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Bytes that fill the last corner.
const BLOCK: usize = 4096;

/// A small file system in memory. It lives in the mount namespace of a process that ends with this value.
pub struct SmallDisk {
    holder: Child,
    directory: PathBuf,
}

impl SmallDisk {
    /// Mounts it over a directory; none where that is not allowed.
    ///
    /// # Panics
    /// When a process cannot be watched.
    pub fn mount(directory: &Path, mib: u64) -> Option<Self> {
        let script =
            format!("mount -t tmpfs -o size={mib}m ringbolt \"$0\" && echo mounted && exec cat >/dev/null");
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", &script])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let _ = BufReader::new(holder.stdout.take().expect("piped")).read_line(&mut line);
        let disk = Self { holder, directory: directory.to_owned() };
        (line.trim() == "mounted").then_some(disk)
    }

    /// The directory as seen from inside.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory as seen from outside the namespace.
    ///
    /// # Panics
    /// When it was mounted over a relative path.
    pub fn outside(&self) -> PathBuf {
        let path = self.directory.strip_prefix("/").expect("an absolute path");
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(path)
    }

    /// The same command inside.
    pub fn enter(&self, command: &Command) -> Command {
        let mut inside = Command::new("nsenter");
        inside.args(["--mount", "--target", &self.holder.id().to_string()]);
        inside.arg(command.get_program()).args(command.get_args());
        inside
    }

    /// Takes what is left of the disk.
    ///
    /// # Panics
    /// When no file can be made on it.
    pub fn fill(&self) -> PathBuf {
        let path = self.outside().join("filler");
        let mut filler = File::create(&path).expect("a file on the small disk");
        for size in [1 << 20, BLOCK] {
            let zeros = vec![0; size];
            while filler.write_all(&zeros).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
