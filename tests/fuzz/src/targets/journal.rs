//! The journal: recovery of a damaged one, and the decoders of batches and entries on any bytes.
//!
//! An input of `SCAN` is a list of damages to a journal that was written well. Whatever they are, recovery either names the
//! corruption or gives back a prefix of what was appended.

use crate::rng::Rng;
use crate::run::{Target, signature};
use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    BatchHeader, EntryFrame, EntryKind, EntryRef, EntryStream, Epoch, Error, Filter, HardState, JournalId,
    Log, MemberId, Members, PartitionId, Place, Position, RaftIndex, RaftState, Resume, Scan, Settings, Term,
    scan, seal_entry,
};
use std::cell::OnceCell;
use std::time::Duration;

/// Damages to a journal.
pub(crate) const SCAN: Target = Target {
    name: "journal",
    corpus: damages,
    tokens: &["RBJBATCH", "\0\0\0\0\0\0\0\0", "Z", "B", "H", "X"],
    length_max: 128,
    memory_base: 32 << 20,
    memory_per_byte: 64 << 10,
    time_max: Duration::from_secs(5),
    check: check_scan,
};

/// Batches and entries.
pub(crate) const DECODE: Target = Target {
    name: "journal-entries",
    corpus: entries,
    tokens: &["RBJBATCH"],
    length_max: 8 * 1024,
    memory_base: 64 * 1024,
    memory_per_byte: 16,
    time_max: Duration::from_secs(3),
    check: check_decode,
};

const JOURNAL: JournalId = JournalId(0x1122_3344_5566_7788_99aa_bbcc_ddee_ff00);
/// Batches of the journal that is damaged.
const BATCHES: usize = 24;
/// Bytes of one damage in an input: what, which batch, where in it, how long, and with what.
const DAMAGE_BYTES: usize = 8;

type Entry = (EntryFrame, Vec<u8>);

/// A journal of several segments, where its batches lie, and what is in it.
struct Written {
    disk: MemoryDisk,
    batches: Vec<(Place, usize)>,
    entries: Vec<Entry>,
}

fn frame(position: u64, term: u64) -> EntryFrame {
    EntryFrame {
        kind: EntryKind::Records,
        partition: PartitionId((position % 3) as u32),
        index: RaftIndex(position),
        term: Term(term),
        position: Position(position),
        record_count: 1,
    }
}

/// A vote in a new term, so that raft states stand between the entries too.
fn vote(log: &mut Log, term: u64) {
    let members = Members { voters: Vec::new(), learners: vec![MemberId(term)], ..Members::default() };
    let hard = HardState { term: Term(term), vote: MemberId(term), members };
    // In a full batch there is none.
    let _ = log.append_hard_state(PartitionId((term % 3) as u32), &hard);
}

fn write() -> Written {
    let settings = Settings {
        segment_bytes: 64 << 10,
        first_segment_bytes: 16 << 10,
        batch_bytes_max: 32 << 10,
        spare_segments_max: 2,
    };
    let mut disk = MemoryDisk::new();
    let resume = Resume {
        name: "journal-0".to_owned(),
        journal: JOURNAL,
        epoch: Epoch(1),
        scan: None,
        spares: Vec::new(),
        partitions: (0..3).map(|id| RaftState::new(PartitionId(id))).collect(),
    };
    let mut log = Log::resume(&settings, resume).expect("the settings are right");
    let (mut rng, mut batches, mut entries) = (Rng(5), Vec::new(), Vec::new());
    while batches.len() < BATCHES {
        for _ in 0..=rng.below(4) {
            let payload: Vec<u8> = (0..rng.below(2_500)).map(|_| rng.next() as u8).collect();
            let term = 1 + batches.len() as u64 / 4;
            let frame = frame(entries.len() as u64 + 1, term);
            if log.is_open() && log.append(&frame, &[&payload]).is_ok() {
                entries.push((frame, payload));
                vote(&mut log, term);
            }
        }
        while let Some(job) = log.next_job() {
            let done = disk.run(job);
            log.job_done(done).expect("jobs in memory succeed");
        }
        if let Some(request) = log.next_write() {
            batches.push((request.place, request.buffer.len()));
            let written = disk.write(&request);
            log.write_done(written, request.buffer).expect("writes in memory succeed");
        }
    }
    Written { disk, batches, entries }
}

fn damages() -> Vec<Vec<u8>> {
    // Nothing, a flipped bit, zeros over the end, noise over a header, a header that is right but for a field, a swap.
    let damages: [&[u8]; 6] = [
        b"",
        b"B\x05\x00\x60\x00\x01\x10\x00",
        b"Z\x17\x00\x00\xff\xff\x00\x00",
        b"X\x03\x00\x08\x00\x20\x07\x00",
        b"H\x0a\x00\x00\x00\x00\x03\xff",
        b"S\x04\x00\x00\x10\x00\x05\x00",
    ];
    damages.iter().map(|damage| damage.to_vec()).collect()
}

fn entries() -> Vec<Vec<u8>> {
    let mut written = write();
    let mut corpus: Vec<Vec<u8>> = written
        .batches
        .iter()
        .take(4)
        .map(|(place, length)| {
            written.disk.bytes_at(*place, (*length).min(8 * 1024)).expect("a batch is there").to_vec()
        })
        .collect();
    let mut state = RaftState::new(PartitionId(1));
    state.members.voters = vec![MemberId(1), MemberId(2)];
    let (frame, payload) = (state.frame(), state.encode());
    for (frame, payload) in written.entries.iter().take(3).chain([&(frame, payload)]) {
        let mut bytes = vec![0; ringbolt_journal::ENTRY_HEADER_BYTES];
        bytes.extend_from_slice(payload);
        seal_entry(frame, &mut bytes);
        corpus.push(bytes);
    }
    corpus
}

/// Changes a field of a batch's header and makes its checksums right again.
fn reseal(bytes: &mut [u8], field: u8, value: u8) {
    let Some(mut header) = BatchHeader::decode(bytes) else { return };
    let value = u64::from(value).wrapping_mul(0x0101_0101_0101_0101) >> (field / 8);
    match field % 8 {
        0 => header.entry_count = value as u32,
        1 => header.entries_bytes = value as u32,
        2 => header.place.offset = value,
        3 => header.sequence.0 = value,
        4 => header.epoch.0 = value,
        5 => header.previous_checksum = value as u32,
        6 => header.place.segment.0 = value,
        _ => {
            if let Some(byte) = bytes.get_mut(96 + usize::from(field / 8)) {
                *byte ^= value as u8;
            }
        }
    }
    // A batch is sealed at its full length; one that was copied over another one may have a different one.
    if header.length as usize == bytes.len() {
        header.seal(bytes);
    }
}

fn damage(disk: &mut MemoryDisk, batches: &[(Place, usize)], damage: &[u8]) {
    let &[what, batch, from_low, from_high, length_low, length_high, extra, value] = damage else { return };
    let (place, length) = batches[usize::from(batch) % batches.len()];
    let from = usize::from(u16::from_le_bytes([from_low, from_high])) % length;
    let bytes = usize::from(u16::from_le_bytes([length_low, length_high])).min(length - from).max(1);
    let at = Place { offset: place.offset + from as u64, ..place };
    match what {
        b'Z' => disk.bytes_at(at, bytes).expect("inside").fill(0),
        b'X' => {
            let mut rng = Rng(u64::from(extra));
            disk.bytes_at(at, bytes).expect("inside").fill_with(|| rng.next() as u8);
        }
        b'H' => reseal(disk.bytes_at(place, length).expect("inside"), extra, value),
        b'S' => {
            let (other, other_length) = batches[usize::from(extra) % batches.len()];
            let copied = disk.bytes_at(other, other_length).expect("inside").to_vec();
            let both = copied.len().min(length);
            disk.bytes_at(place, both).expect("inside").copy_from_slice(&copied[..both]);
        }
        _ => disk.bytes_at(at, 1).expect("inside")[0] ^= 1 << (extra % 8),
    }
}

fn read(disk: &MemoryDisk, scanned: Scan) -> Result<Vec<Entry>, Error> {
    let mut stream = EntryStream::new([(disk.clone(), JOURNAL, scanned)], Filter::All);
    let mut found = Vec::new();
    while let Some(entry) = stream.next_entry()? {
        found.push((entry.frame, entry.payload().to_vec()));
    }
    Ok(found)
}

thread_local! {
    /// Written once; every input damages a copy.
    static WRITTEN: OnceCell<Written> = const { OnceCell::new() };
}

fn check_scan(input: &[u8]) -> u64 {
    WRITTEN.with(|cell| {
        let written = cell.get_or_init(write);
        let mut disk = written.disk.clone();
        let is_resealed = input.chunks_exact(DAMAGE_BYTES).any(|damage| damage[0] == b'H');
        for one in input.chunks_exact(DAMAGE_BYTES) {
            damage(&mut disk, &written.batches, one);
        }
        match scan(&mut disk, JOURNAL) {
            Ok(None) => 1,
            Ok(Some(scanned)) => match read(&disk, scanned) {
                Ok(found) => {
                    // Checksums made right over wrong bytes are nothing that recovery could notice.
                    if !is_resealed {
                        assert!(found.len() <= written.entries.len(), "more entries than were appended");
                        assert!(
                            found[..] == written.entries[..found.len()],
                            "an entry that was not appended"
                        );
                    }
                    2 + found.len() as u64
                }
                Err(error) => signature(&error.to_string()),
            },
            Err(error) => signature(&error.to_string()),
        }
    })
}

fn check_decode(input: &[u8]) -> u64 {
    let mut seen = 0;
    if let Some(header) = BatchHeader::decode(input) {
        seen = 1 + u64::from(header.matches(input));
    }
    match EntryRef::decode(input) {
        Ok(entry) => {
            let mut again = entry.bytes().to_vec();
            seal_entry(&entry.frame, &mut again);
            assert_eq!(again, entry.bytes(), "decoded and sealed again");
            assert!(entry.payload().len() <= input.len());
            if let Some(state) = RaftState::decode(&entry.frame, entry.payload()) {
                assert_eq!((state.frame(), &state.encode()[..]), (entry.frame, entry.payload()));
            }
            seen + 10
        }
        Err(error) => seen * 31 + signature(&error.to_string()),
    }
}
