//! The bytes of LMDB's data file, read without LMDB: meta pages, page headers, nodes, records of trees.
//!
//! Invariant: no byte is trusted: what does not lie within its page or does not add up is an error in words, never a
//! panic. The layout is that of LMDB's data format 1 on a little-endian machine with 64-bit page numbers.

/// Bytes of a page before its content.
pub(super) const HEADER_BYTES: usize = 16;
/// Bytes of a node before its key.
const NODE_BYTES: usize = 8;
/// Bytes of a tree's record.
pub(super) const TREE_BYTES: usize = 48;
/// Bytes of a meta page that mean something, header included.
const META_BYTES: usize = HEADER_BYTES + 136;

const MAGIC: u32 = 0xBEEF_C0DE;
const DATA_VERSION: u32 = 1;
const PAGE_BYTES_RANGE: std::ops::RangeInclusive<u32> = 512..=32_768;

const KIND_BRANCH: u16 = 1;
const KIND_LEAF: u16 = 2;
const KIND_OVERFLOW: u16 = 4;
const KIND_META: u16 = 8;

/// The tree of free pages has integers for keys.
pub(super) const INTEGER_KEYS: u16 = 8;
/// The value stands on pages of its own.
const NODE_BIG: u16 = 1;
/// The value is a tree's record.
const NODE_TREE: u16 = 2;
/// No root: the tree is empty.
pub(super) const NO_PAGE: u64 = u64::MAX;

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// A tree's own account of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) pad: u32,
    pub(super) flags: u16,
    pub(super) size: TreeSize,
    pub(super) root: u64,
}

/// What a tree consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TreeSize {
    pub(super) depth: u16,
    pub(super) branch_pages: u64,
    pub(super) leaf_pages: u64,
    pub(super) overflow_pages: u64,
    pub(super) entries: u64,
}

impl Tree {
    /// `bytes` has at least [`TREE_BYTES`].
    pub(super) fn decode(bytes: &[u8]) -> Tree {
        let size = TreeSize {
            depth: u16_at(bytes, 6),
            branch_pages: u64_at(bytes, 8),
            leaf_pages: u64_at(bytes, 16),
            overflow_pages: u64_at(bytes, 24),
            entries: u64_at(bytes, 32),
        };
        Tree { pad: u32_at(bytes, 0), flags: u16_at(bytes, 4), size, root: u64_at(bytes, 40) }
    }
}

/// One of the two pages that begin a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) map_bytes: u64,
    pub(super) free: Tree,
    pub(super) main: Tree,
    pub(super) last_page: u64,
    pub(super) transaction: u64,
}

impl Meta {
    pub(super) fn page_bytes(&self) -> usize {
        self.free.pad as usize
    }

    /// The meta page with this number. `bytes` is the whole page, or as much of it as is known before its size is.
    pub(super) fn decode(number: u64, bytes: &[u8]) -> Result<Meta, String> {
        if bytes.len() < META_BYTES {
            return Err(format!("the file ends after {} bytes of a meta page", bytes.len()));
        }
        if (u32_at(bytes, 16), u32_at(bytes, 20)) != (MAGIC, DATA_VERSION) {
            return Err("it is no meta page of LMDB's data format 1".to_owned());
        }
        let body = &bytes[HEADER_BYTES..];
        let meta = Meta {
            map_bytes: u64_at(body, 16),
            free: Tree::decode(&body[24..]),
            main: Tree::decode(&body[72..]),
            last_page: u64_at(body, 120),
            transaction: u64_at(body, 128),
        };
        let is_sized = PAGE_BYTES_RANGE.contains(&meta.free.pad) && meta.free.pad.is_power_of_two();
        let has_header = u64_at(bytes, 0) == number && bytes[8..16] == [0, 0, KIND_META as u8, 0, 0, 0, 0, 0];
        if !is_sized || !has_header || u64_at(body, 8) != 0 {
            return Err("the meta page's header or page size is wrong".to_owned());
        }
        if meta.free.flags != INTEGER_KEYS || meta.main.flags != 0 || meta.main.pad != 0 {
            return Err("the meta page's trees have wrong flags".to_owned());
        }
        if meta.transaction & 1 != number {
            return Err(format!("the meta page holds transaction {} of the other one", meta.transaction));
        }
        if meta.last_page.saturating_add(1).saturating_mul(u64::from(meta.free.pad)) > meta.map_bytes {
            return Err(format!("its last page is {}, beyond the map's end", meta.last_page));
        }
        Ok(meta)
    }

    /// Whether all that follows the meta record in its page is zero, as it was written.
    pub(super) fn has_clean_rest(bytes: &[u8]) -> bool {
        bytes[META_BYTES..].iter().all(|byte| *byte == 0)
    }
}

/// What a page of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    Branch,
    Leaf,
    /// The first of this many pages.
    Overflow(u32),
}

/// What a node of a leaf holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeValue<'a> {
    Inline(&'a [u8]),
    /// So many bytes, on pages from this one on.
    Big {
        page: u64,
        bytes: u32,
    },
    Tree(&'a [u8]),
}

/// A node: a key with a child or a value.
#[derive(Debug, Clone, Copy)]
struct Node<'a> {
    low: u32,
    flags: u16,
    key: &'a [u8],
    /// What follows the key, up to the page's end.
    rest: &'a [u8],
}

/// A page of a tree whose header is right.
pub(super) struct Page<'a> {
    bytes: &'a [u8],
    pub(super) kind: PageKind,
}

impl<'a> Page<'a> {
    pub(super) fn decode(number: u64, bytes: &'a [u8]) -> Result<Page<'a>, String> {
        if u64_at(bytes, 0) != number {
            return Err(format!("it calls itself page {}, not {number}", u64_at(bytes, 0)));
        }
        let kind = match u16_at(bytes, 10) {
            KIND_BRANCH => PageKind::Branch,
            KIND_LEAF => PageKind::Leaf,
            KIND_OVERFLOW => PageKind::Overflow(u32_at(bytes, 12)),
            other => return Err(format!("its kind is {other:#x}, which no page of a tree has")),
        };
        Ok(Page { bytes, kind })
    }

    fn offsets(&self) -> Result<(&'a [u8], usize), String> {
        let (lower, upper) = (usize::from(u16_at(self.bytes, 12)), usize::from(u16_at(self.bytes, 14)));
        if lower < HEADER_BYTES || !lower.is_multiple_of(2) || lower > upper || upper > self.bytes.len() {
            return Err(format!("its free space goes from {lower} to {upper}"));
        }
        Ok((&self.bytes[HEADER_BYTES..lower], upper))
    }

    fn node(&self, at: usize, upper: usize) -> Result<Node<'a>, String> {
        let misplaced = || format!("a node at {at} does not lie in the page");
        if at < upper || !at.is_multiple_of(2) {
            return Err(misplaced());
        }
        let header = self.bytes.get(at..at + NODE_BYTES).ok_or_else(misplaced)?;
        let body = &self.bytes[at + NODE_BYTES..];
        let (key, rest) = body.split_at_checked(usize::from(u16_at(header, 6))).ok_or_else(misplaced)?;
        Ok(Node { low: u32_at(header, 0), flags: u16_at(header, 4), key, rest })
    }

    /// Every node with where it stands and how long it is; they fill the page's used part exactly.
    fn nodes<T>(
        &self,
        read: impl Fn(Node<'a>) -> Result<(T, usize), String>,
    ) -> Result<Vec<(&'a [u8], T)>, String> {
        let (offsets, upper) = self.offsets()?;
        let mut nodes = Vec::with_capacity(offsets.len() / 2);
        let mut extents = Vec::with_capacity(offsets.len() / 2);
        for offset in offsets.chunks_exact(2) {
            let at = usize::from(u16_at(offset, 0));
            let node = self.node(at, upper)?;
            let (value, value_bytes) = read(node)?;
            extents.push((at, (NODE_BYTES + node.key.len() + value_bytes).next_multiple_of(2)));
            nodes.push((node.key, value));
        }
        extents.sort_unstable();
        let mut end = upper;
        for (at, bytes) in extents {
            if at != end {
                return Err(format!("a node begins at {at}, the one before it ends at {end}"));
            }
            end += bytes;
        }
        if end == self.bytes.len() { Ok(nodes) } else { Err(format!("its nodes end at {end}")) }
    }

    /// Keys and children of a branch; the first key means nothing.
    pub(super) fn children(&self) -> Result<Vec<(&'a [u8], u64)>, String> {
        self.nodes(|node| Ok((u64::from(node.low) | u64::from(node.flags) << 32, 0)))
    }

    /// Keys and values of a leaf.
    pub(super) fn entries(&self) -> Result<Vec<(&'a [u8], NodeValue<'a>)>, String> {
        self.nodes(|node| {
            let bytes = node.low as usize;
            let value = |length: usize| {
                node.rest.get(..length).ok_or_else(|| format!("a value of {length} bytes leaves the page"))
            };
            match node.flags {
                0 => Ok((NodeValue::Inline(value(bytes)?), bytes)),
                NODE_BIG => {
                    let page = u64_at(value(8)?, 0);
                    Ok((NodeValue::Big { page, bytes: node.low }, 8))
                }
                NODE_TREE if bytes == TREE_BYTES => Ok((NodeValue::Tree(value(bytes)?), bytes)),
                other => Err(format!("a node has flags {other:#x} and {bytes} bytes")),
            }
        })
    }
}
