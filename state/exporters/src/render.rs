//! A feed's items as lines of JSON.

use crate::feed::{Feed, FeedItem};
use crate::filter::Filter;
use crate::names::NameCache;
use crate::sink::Lines;
use ringbolt_record::json::{Resources, Style, write_gap, write_record};
use ringbolt_record::{EntryRef, Position};

/// What was rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Gaps.
    pub(crate) gaps: u64,
    /// Positions in them.
    pub(crate) gap_positions: u64,
}

/// Makes sure of all names that the feed's items need. False while an answer is missing.
pub(crate) fn learn_names(feed: &dyn Feed, names: &mut NameCache) -> bool {
    let mut is_complete = true;
    for item in feed.items() {
        if let FeedItem::Entry(bytes) = item
            && let Ok(entry) = EntryRef::parse(bytes)
        {
            is_complete &= names.learn(&entry, feed);
        }
    }
    is_complete
}

/// Writes everything from `from` on that the filter admits.
///
/// # Errors
/// When an entry cannot be read, although its checksum is right: another version wrote it.
pub(crate) fn render(
    feed: &dyn Feed,
    from: Position,
    filter: &Filter,
    names: &NameCache,
    lines: &mut Lines,
) -> Result<Rendered, String> {
    let partition = u32::from(feed.partition().0);
    let style = Style { names, resources: Resources::Whole };
    let mut rendered = Rendered::default();
    for item in feed.items() {
        match item {
            FeedItem::Gap { from: first, to } => {
                let first = first.max(from);
                if first <= to {
                    write_gap(&mut lines.bytes, partition, first, to);
                    lines.end_line(to);
                    rendered.gaps += 1;
                    rendered.gap_positions += to.0 - first.0 + 1;
                }
            }
            FeedItem::Entry(bytes) => {
                let entry = EntryRef::parse(bytes).map_err(|error| error.to_string())?;
                for record in entry.records() {
                    let record = record.map_err(|error| error.to_string())?;
                    if record.position < from || !filter.admits(&record.header) {
                        continue;
                    }
                    write_record(&mut lines.bytes, partition, &entry, &record, style)
                        .map_err(|error| format!("record at position {}: {error}", record.position))?;
                    lines.end_line(record.position);
                }
            }
        }
    }
    Ok(rendered)
}
