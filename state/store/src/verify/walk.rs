//! The walk over a base's trees: every page once, every entry in order.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::BaseReport;
use super::pages::{HEADER_BYTES, INTEGER_KEYS, Meta, NO_PAGE, NodeValue, Page, PageKind, Tree, TreeSize};

/// Levels that a tree of LMDB may have.
const DEPTH_MAX: u16 = 32;

/// Takes an entry: key, value, and where its page begins.
type Visit<'v> = dyn FnMut(&mut Walk<'_>, &[u8], &[u8], u64) + 'v;

/// One tree while it is walked.
struct Course {
    has_integer_keys: bool,
    size: TreeSize,
    /// The key that came last.
    last: Option<Vec<u8>>,
    /// What a branch promised: no key from here on is less.
    floor: Option<Vec<u8>>,
    /// A page could not be followed: the tree's account of itself is not compared.
    is_cut: bool,
}

/// A walk over the trees of one snapshot.
pub(super) struct Walk<'a> {
    file: &'a File,
    meta: Meta,
    page_bytes: usize,
    /// One bit for each page that a tree uses.
    used: Vec<u64>,
    pub(super) report: &'a mut BaseReport,
}

impl<'a> Walk<'a> {
    pub(super) fn new(file: &'a File, meta: Meta, page_bytes: usize, report: &'a mut BaseReport) -> Self {
        // A last page beyond the file's end is a finding of whatever leads there, not a reason to allocate.
        let pages = meta.last_page.min(report.bytes / page_bytes as u64) + 1;
        let words = usize::try_from(pages / 64 + 1).unwrap_or(0);
        Self { file, meta, page_bytes, used: vec![0; words], report }
    }

    fn offset(&self, page: u64) -> u64 {
        page.saturating_mul(self.page_bytes as u64)
    }

    /// Notes the use of a page; an error when it cannot be used.
    fn take(&mut self, page: u64) -> Result<(), String> {
        if page < 2 || page > self.meta.last_page || self.offset(page + 1) > self.report.bytes {
            return Err(format!("page {page} is used, which is beyond the file's end or no page of a tree"));
        }
        let (word, bit) = ((page / 64) as usize, 1 << (page % 64));
        if self.used[word] & bit != 0 {
            return Err(format!("page {page} is used twice"));
        }
        self.used[word] |= bit;
        Ok(())
    }

    fn read(&self, page: u64) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; self.page_bytes];
        let read = self.file.read_exact_at(&mut bytes, self.offset(page));
        read.map(|()| bytes).map_err(|cause| format!("cannot be read: {cause}"))
    }

    /// Walks a tree and compares it with its account of itself.
    pub(super) fn tree(&mut self, tree: &Tree, visit: &mut Visit<'_>) {
        let has_integer_keys = tree.flags == INTEGER_KEYS;
        let mut course =
            Course { has_integer_keys, size: TreeSize::default(), last: None, floor: None, is_cut: false };
        if tree.root != NO_PAGE {
            self.page(tree.root, 1, &mut course, visit);
        }
        if !course.is_cut && course.size != tree.size {
            let what = format!("a tree says that it is {:?}, but it is {:?}", tree.size, course.size);
            let offset = if tree.root == NO_PAGE { 0 } else { self.offset(tree.root) };
            self.report.add(offset, what);
        }
    }

    fn page(&mut self, number: u64, depth: u16, course: &mut Course, visit: &mut Visit<'_>) {
        let walked = self.take(number).and_then(|()| self.read(number)).and_then(|bytes| {
            if depth > DEPTH_MAX {
                return Err(format!("it is deeper than {DEPTH_MAX} levels"));
            }
            let page = Page::decode(number, &bytes)?;
            match page.kind {
                PageKind::Branch => self.branch(&page, depth, course, visit),
                PageKind::Leaf => self.leaf(number, &page, depth, course, visit),
                PageKind::Overflow(_) => Err("a tree leads to a page with a large value".to_owned()),
            }
        });
        if let Err(what) = walked {
            course.is_cut = true;
            self.report.add(self.offset(number), what);
        }
    }

    fn branch(
        &mut self,
        page: &Page<'_>,
        depth: u16,
        course: &mut Course,
        visit: &mut Visit<'_>,
    ) -> Result<(), String> {
        course.size.branch_pages += 1;
        let children = page.children()?;
        if children.is_empty() {
            return Err("a branch has no children".to_owned());
        }
        for (index, (key, child)) in children.into_iter().enumerate() {
            if index > 0 {
                course.check_separator(key)?;
            }
            self.page(child, depth + 1, course, visit);
        }
        Ok(())
    }

    fn leaf(
        &mut self,
        number: u64,
        page: &Page<'_>,
        depth: u16,
        course: &mut Course,
        visit: &mut Visit<'_>,
    ) -> Result<(), String> {
        course.size.leaf_pages += 1;
        if course.size.depth != 0 && course.size.depth != depth {
            return Err(format!("a leaf stands at level {depth}, others at {}", course.size.depth));
        }
        course.size.depth = depth;
        for (key, value) in page.entries()? {
            course.take_key(key)?;
            match value {
                NodeValue::Inline(value) | NodeValue::Tree(value) => {
                    visit(self, key, value, self.offset(number));
                }
                NodeValue::Big { page, bytes } => match self.big_value(page, bytes as usize) {
                    Ok((value, pages)) => {
                        course.size.overflow_pages += pages;
                        visit(self, key, &value, self.offset(page));
                    }
                    Err(what) => {
                        course.is_cut = true;
                        self.report.add(self.offset(page), what);
                    }
                },
            }
        }
        Ok(())
    }

    /// A value on pages of its own, and how many those are.
    fn big_value(&mut self, first: u64, bytes: usize) -> Result<(Vec<u8>, u64), String> {
        let pages = ((HEADER_BYTES - 1 + bytes) / self.page_bytes + 1) as u64;
        for page in first..first.saturating_add(pages) {
            self.take(page)?;
        }
        match Page::decode(first, &self.read(first)?)?.kind {
            PageKind::Overflow(own) if u64::from(own) == pages => {}
            other => return Err(format!("{pages} pages of a large value begin with {other:?}")),
        }
        let mut value = vec![0; bytes];
        let at = self.offset(first) + HEADER_BYTES as u64;
        self.file.read_exact_at(&mut value, at).map_err(|cause| format!("cannot be read: {cause}"))?;
        Ok((value, pages))
    }

    /// The named databases, by their records in the main tree.
    pub(super) fn databases(&mut self) -> Vec<(Vec<u8>, Tree)> {
        let mut found = Vec::new();
        let main = self.meta.main;
        self.tree(&main, &mut |walk, name, value, at| {
            let tree = (value.len() == super::pages::TREE_BYTES).then(|| Tree::decode(value));
            match tree {
                Some(tree) if tree.flags == 0 && tree.pad == 0 => found.push((name.to_vec(), tree)),
                Some(_) | None => {
                    walk.report.add(at, format!("the record of database {name:?} is none"));
                }
            }
        });
        found
    }

    /// Reads the list of free pages, and looks whether every page is used once or free once.
    pub(super) fn account_for_all_pages(&mut self) {
        let mut free = Vec::new();
        let tree = self.meta.free;
        self.tree(&tree, &mut |walk, key, value, at| match free_pages(key, value) {
            Ok(pages) => free.extend(pages.map(|page| (page, at))),
            Err(what) => walk.report.add(at, what),
        });
        self.report.pages_used = self.used.iter().map(|word| u64::from(word.count_ones())).sum();
        self.report.pages_free = free.len() as u64;
        free.sort_unstable();
        let mut listed = std::iter::once(1).chain(free.iter().map(|(page, _)| *page));
        for (page, at) in &free {
            let is_used =
                self.used.get((*page / 64) as usize).is_some_and(|word| word >> (page % 64) & 1 != 0);
            let is_repeated = listed.next() == Some(*page);
            if *page < 2 || *page > self.meta.last_page || is_used || is_repeated {
                self.report.add(*at, format!("page {page} is listed as free, and should not be"));
            }
        }
        let accounted = self.report.pages_used + self.report.pages_free + 2;
        if self.report.is_sound() && accounted != self.meta.last_page + 1 {
            let pages = self.meta.last_page + 1;
            self.report.add(0, format!("of {pages} pages only {accounted} are used or free"));
        }
    }
}

/// The pages that one record of the list of free pages names.
fn free_pages(key: &[u8], value: &[u8]) -> Result<impl Iterator<Item = u64>, String> {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let (count, rest) = value.split_first_chunk::<8>().ok_or("a list of free pages has no length")?;
    let count = u64::from_le_bytes(*count);
    if key.len() != 8 || !rest.len().is_multiple_of(8) || count > rest.len() as u64 / 8 {
        return Err(format!("a list of {count} free pages has {} bytes", rest.len()));
    }
    let pages: Vec<u64> = rest.chunks_exact(8).take(count as usize).map(word).collect();
    if pages.windows(2).any(|pair| pair[0] <= pair[1]) {
        return Err("a list of free pages is out of order".to_owned());
    }
    Ok(pages.into_iter())
}

impl Course {
    fn is_less(&self, left: &[u8], right: &[u8]) -> bool {
        if self.has_integer_keys && left.len() == 8 && right.len() == 8 {
            let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
            return number(left) < number(right);
        }
        left < right
    }

    /// What came before a branch's key is less, what follows is not.
    fn check_separator(&mut self, key: &[u8]) -> Result<(), String> {
        if self.last.as_ref().is_some_and(|last| !self.is_less(last, key)) {
            return Err("a branch's key is not above what stands before it".to_owned());
        }
        self.floor = Some(key.to_vec());
        Ok(())
    }

    fn take_key(&mut self, key: &[u8]) -> Result<(), String> {
        let is_below = self.floor.as_ref().is_some_and(|floor| self.is_less(key, floor));
        let is_in_order = self.last.as_ref().is_none_or(|last| self.is_less(last, key));
        if is_below || !is_in_order {
            return Err(format!("the key {} is out of order", super::hex(key)));
        }
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(key);
        self.size.entries += 1;
        Ok(())
    }
}
