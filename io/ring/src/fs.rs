//! Files for direct I/O: buffers aligned to a block, writes and reads at an offset.
//!
//! On io_uring an operation does not block the core; on epoll it does. A buffer belongs to its operation until it
//! completes, even if the future or the whole core is dropped. Short writes and reads are reported, not hidden.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    fmt, io,
    mem::ManuallyDrop,
    ops::{BitOr, Deref, DerefMut},
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd},
        unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    },
    path::Path,
    ptr::NonNull,
    slice,
};

/// Alignment of buffers, offsets and lengths for direct I/O, in bytes: the largest logical block in common use.
pub const BLOCK_BYTES: usize = 4096;

/// A growable byte buffer whose start is aligned to [`BLOCK_BYTES`] and whose capacity is a multiple of it.
pub struct AlignedBuf {
    start: NonNull<u8>,
    len: usize,
    capacity: usize,
}

// SAFETY: the buffer owns its memory and has no interior mutability.
unsafe impl Send for AlignedBuf {}
// SAFETY: shared references only read.
unsafe impl Sync for AlignedBuf {}

impl AlignedBuf {
    /// Room for at least `capacity` bytes (at least one block), all zero.
    pub fn with_capacity(capacity: usize) -> AlignedBuf {
        let capacity = round_up(capacity.max(1));
        AlignedBuf { start: allocate(capacity), len: 0, capacity }
    }

    /// A buffer of `len` zero bytes.
    pub fn zeroed(len: usize) -> AlignedBuf {
        let mut buf = AlignedBuf::with_capacity(len);
        buf.len = len;
        buf
    }

    /// Bytes it can hold without growing.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Empties it; the memory stays.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes room for `additional` more bytes, at least doubling when it grows.
    pub fn reserve(&mut self, additional: usize) {
        let needed = self.len.checked_add(additional).expect("an aligned buffer's length fits in usize");
        if needed <= self.capacity {
            return;
        }
        let mut grown = AlignedBuf::with_capacity(needed.max(self.capacity * 2));
        grown.extend_from_slice(self);
        *self = grown;
    }

    /// Appends `bytes`.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        let end = self.len + bytes.len();
        self.full_mut()[end - bytes.len()..end].copy_from_slice(bytes);
        self.len = end;
    }

    /// Cuts, or fills up with `byte`, to `len`.
    pub fn resize(&mut self, len: usize, byte: u8) {
        if len > self.len {
            self.reserve(len - self.len);
            let from = self.len;
            self.full_mut()[from..len].fill(byte);
        }
        self.len = len;
    }

    /// Fills up with zeros to a whole number of blocks.
    pub fn pad_to_block(&mut self) {
        self.resize(round_up(self.len), 0);
    }

    fn full_mut(&mut self) -> &mut [u8] {
        // SAFETY: the allocation holds `capacity` bytes, zeroed when it was made.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.capacity) }
    }
}

/// The next multiple of [`BLOCK_BYTES`].
pub const fn round_up(bytes: usize) -> usize {
    bytes.next_multiple_of(BLOCK_BYTES)
}

fn layout(capacity: usize) -> Layout {
    Layout::from_size_align(capacity, BLOCK_BYTES).expect("an aligned buffer's size fits in isize")
}

fn allocate(capacity: usize) -> NonNull<u8> {
    assert!(capacity > 0, "a zero-sized allocation is undefined");
    let layout = layout(capacity);
    // SAFETY: the layout's size is not zero.
    NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
}

impl Drop for AlignedBuf {
    fn drop(&mut self) {
        // SAFETY: allocated with this very layout and not freed before.
        unsafe { dealloc(self.start.as_ptr(), layout(self.capacity)) };
    }
}

impl Deref for AlignedBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `len <= capacity`, and all of the capacity is initialized.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for AlignedBuf {
    fn deref_mut(&mut self) -> &mut [u8] {
        let len = self.len;
        &mut self.full_mut()[..len]
    }
}

impl fmt::Debug for AlignedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlignedBuf({} of {} bytes)", self.len, self.capacity)
    }
}

/// A buffer that the kernel works on. It comes back with its operation; if the operation's future is dropped, or the core
/// with it, nobody knows when the kernel is done, so the memory is never freed: a leak, instead of somebody else's bytes in
/// a file.
struct Lent(ManuallyDrop<AlignedBuf>);

impl Lent {
    fn new(buf: AlignedBuf) -> Lent {
        Lent(ManuallyDrop::new(buf))
    }

    fn back(self) -> AlignedBuf {
        ManuallyDrop::into_inner(self.0)
    }
}

// SAFETY: the memory is stable while the buffer is moved, and `len` bytes of it are initialized.
unsafe impl monoio::buf::IoBuf for Lent {
    fn read_ptr(&self) -> *const u8 {
        self.0.start.as_ptr()
    }

    fn bytes_init(&self) -> usize {
        self.0.len
    }
}

// SAFETY: the memory is stable while the buffer is moved, `capacity` bytes of it may be written, and all of them are
// initialized, so any length up to it is valid.
unsafe impl monoio::buf::IoBufMut for Lent {
    fn write_ptr(&mut self) -> *mut u8 {
        self.0.start.as_ptr()
    }

    fn bytes_total(&mut self) -> usize {
        self.0.capacity
    }

    unsafe fn set_init(&mut self, pos: usize) {
        assert!(pos <= self.0.capacity, "the kernel filled more than the buffer holds");
        self.0.len = pos;
    }
}

/// Who may read and write a new file: its owner alone. It holds what clients sent.
const OWN_MODE: u32 = 0o600;

/// How to open a [`File`]; combined with `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFlags(u8);

impl OpenFlags {
    /// Reading only.
    pub const READ: OpenFlags = OpenFlags(0);
    /// Reading and writing.
    pub const WRITE: OpenFlags = OpenFlags(1);
    /// Make the file if it is not there. Implies writing.
    pub const CREATE: OpenFlags = OpenFlags(1 | 2);
    /// Make the file; fail if it is there. Implies writing.
    pub const CREATE_NEW: OpenFlags = OpenFlags(1 | 4);
    /// A write completes when its data is durable (O_DSYNC).
    pub const DSYNC: OpenFlags = OpenFlags(8);
    /// Through the page cache, for file systems that refuse direct I/O.
    pub const BUFFERED: OpenFlags = OpenFlags(16);

    fn has(self, other: OpenFlags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for OpenFlags {
    type Output = OpenFlags;

    fn bitor(self, other: OpenFlags) -> OpenFlags {
        OpenFlags(self.0 | other.0)
    }
}

/// A file of this core.
pub struct File {
    inner: monoio::fs::File,
    /// The same descriptor, which `inner` owns: one for each file, not two.
    std: ManuallyDrop<std::fs::File>,
}

impl File {
    /// Opens for direct I/O (unless [`OpenFlags::BUFFERED`]). Opening blocks the core briefly: do it at start and on roll-over.
    pub fn open_direct(path: &Path, flags: OpenFlags) -> io::Result<File> {
        File::from_std(open_std(path, flags)?)
    }

    /// Takes over an open file; it keeps its own flags.
    pub fn from_std(std: std::fs::File) -> io::Result<File> {
        let descriptor = std.as_raw_fd();
        let inner = monoio::fs::File::from_std(std)?;
        // SAFETY: `inner` keeps the descriptor open as long as this value lives, and only `inner` closes it.
        let std = ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(descriptor) });
        Ok(File { inner, std })
    }

    /// Writes the buffer's bytes at `offset`; the number written, and the buffer back. With direct I/O, `offset` and the length are
    /// multiples of [`BLOCK_BYTES`].
    pub async fn write_at(&self, buf: AlignedBuf, offset: u64) -> (io::Result<usize>, AlignedBuf) {
        let (result, lent) = self.inner.write_at(Lent::new(buf), offset).await;
        (result, lent.back())
    }

    /// Reads up to the buffer's capacity from `offset`; the buffer's length becomes what was read (unchanged on an error).
    pub async fn read_at(&self, buf: AlignedBuf, offset: u64) -> (io::Result<usize>, AlignedBuf) {
        let (result, lent) = self.inner.read_at(Lent::new(buf), offset).await;
        (result, lent.back())
    }

    /// Makes the written data durable.
    pub async fn fdatasync(&self) -> io::Result<()> {
        self.inner.sync_data().await
    }

    /// For calls that may block: length, preallocation, locks.
    pub fn as_std(&self) -> &std::fs::File {
        &self.std
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.std.as_fd()
    }
}

/// Opens without a core: for side threads and for preparing files.
pub fn open_std(path: &Path, flags: OpenFlags) -> io::Result<std::fs::File> {
    let mut custom = 0;
    if flags.has(OpenFlags::DSYNC) {
        custom |= libc::O_DSYNC;
    }
    if !flags.has(OpenFlags::BUFFERED) {
        custom |= libc::O_DIRECT;
    }
    std::fs::OpenOptions::new()
        .read(true)
        .write(flags.has(OpenFlags::WRITE))
        .create(flags.has(OpenFlags::CREATE))
        .create_new(flags.has(OpenFlags::CREATE_NEW))
        .mode(OWN_MODE)
        .custom_flags(custom)
        .open(path)
}

/// Bytes that are free for this process on the file system of a path.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    space(path).map(|(free, _)| free)
}

/// Bytes that are free for this process on the file system of a path, and all that it has.
pub fn space(path: &Path) -> io::Result<(u64, u64)> {
    let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    let mut figures = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the path ends with a zero byte and the figures' memory is large enough; both outlive the call.
    if unsafe { libc::statvfs(path.as_ptr(), figures.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed above and filled by the kernel: any bit pattern is a valid statvfs.
    let figures = unsafe { figures.assume_init() };
    let bytes = |blocks: u64| blocks.saturating_mul(figures.f_frsize);
    Ok((bytes(figures.f_bavail), bytes(figures.f_blocks)))
}

/// Whether the file system of the directory `dir` takes direct writes of [`BLOCK_BYTES`]; tried on a file that is removed again.
pub fn probe_direct(dir: &Path) -> io::Result<bool> {
    let path = dir.join(format!(".direct-io-probe-{}", std::process::id()));
    let result = write_direct(&path);
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    is_taken(result)
}

/// Whether the file system of `file` takes direct reads of [`BLOCK_BYTES`]: for a disk that is too full for
/// [`probe_direct`]. The file has at least one block.
pub fn probe_direct_reading(file: &Path) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;
    let read = || open_std(file, OpenFlags::READ)?.read_exact_at(&mut AlignedBuf::zeroed(BLOCK_BYTES), 0);
    is_taken(read())
}

fn is_taken(direct: io::Result<()>) -> io::Result<bool> {
    match direct {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_direct(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let file = open_std(path, OpenFlags::CREATE)?;
    file.write_all_at(&AlignedBuf::zeroed(BLOCK_BYTES), 0)
}
