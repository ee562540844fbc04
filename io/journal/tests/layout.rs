//! The bytes of a batch, frozen: `docs/formats/journal.md` describes exactly these. A change here is a new format
//! version.

mod rig;

use expect_test::expect;
use ringbolt_journal::{
    BatchHeader, EntryFrame, EntryKind, EntryRef, Epoch, Log, LogEnd, MemberId, Members, PartitionId, Place,
    Position, RaftIndex, RaftState, Resume, SegmentSequence, Settings, Term,
};

/// A new journal's first batch: what it states of a partition, one entry of two records, one of each other kind.
fn first_batch() -> Vec<u8> {
    let settings = rig::settings();
    let name = String::from("journal-0");
    let mut state = RaftState::new(PartitionId(3));
    (state.term, state.vote) = (Term(5), MemberId(0x1112));
    state.members.voters = vec![MemberId(0x1111), MemberId(0x1112)];
    let partitions = vec![state];
    let resume =
        Resume { name, journal: rig::JOURNAL, epoch: Epoch(1), scan: None, spares: Vec::new(), partitions };
    let mut log = Log::resume(&settings, resume).expect("settings");
    for _ in 0..2 {
        log.next_job().expect("create, install");
        log.job_done(Ok(())).expect("done");
    }
    let records = EntryFrame {
        kind: EntryKind::Records,
        partition: PartitionId(3),
        index: RaftIndex(0x0102_0304),
        term: Term(5),
        position: Position(0x0a0b_0c0d_0e0f),
        record_count: 2,
    };
    log.append(&records, &[b"two rec", b"ords"]).expect("room");
    let bare = |kind, index| EntryFrame {
        kind,
        index: RaftIndex(index),
        record_count: 0,
        position: records.end(),
        ..records
    };
    log.append(&bare(EntryKind::Noop, 0x0102_0305), &[]).expect("room");
    let members = Members { voters: vec![MemberId(0x1111)], ..Members::default() };
    log.append(&bare(EntryKind::ConfChange, 0x0102_0306), &[&members.encode()]).expect("room");
    log.append(&bare(EntryKind::SuffixCut, 0x0102_0306), &[]).expect("room");
    log.next_write().expect("a segment is prepared").buffer.to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in bytes.chunks(16).enumerate() {
        let cells: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!("{:04x}  {}\n", number * 16, cells.join(" ")));
    }
    text
}

#[test]
fn a_batch_has_these_bytes() {
    let batch = first_batch();
    assert_eq!(batch.len(), 4096);
    let end = 96 + BatchHeader::decode(&batch).expect("a header").entries_bytes as usize;
    assert!(batch[end..].iter().all(|byte| *byte == 0));
    expect![[r#"
        0000  52 42 4a 42 41 54 43 48 3a 38 f9 5d 1d 51 03 05
        0010  01 00 00 00 05 00 00 00 00 ff ee dd cc bb aa 99
        0020  88 77 66 55 44 33 22 11 01 00 00 00 00 00 00 00
        0030  01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        0040  01 00 00 00 00 00 00 00 00 10 00 00 68 01 00 00
        0050  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        0060  a8 6a 24 45 80 00 00 00 03 00 00 00 02 00 00 00
        0070  00 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00
        0080  01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        0090  12 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00a0  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00b0  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00c0  00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00
        00d0  11 11 00 00 00 00 00 00 12 11 00 00 00 00 00 00
        00e0  f2 e5 38 ef 3b 00 00 00 03 00 00 00 01 00 00 00
        00f0  04 03 02 01 00 00 00 00 05 00 00 00 00 00 00 00
        0100  0f 0e 0d 0c 0b 0a 00 00 02 00 00 00 00 00 00 00
        0110  74 77 6f 20 72 65 63 6f 72 64 73 00 00 00 00 00
        0120  4a 46 aa 1b 30 00 00 00 03 00 00 00 04 00 00 00
        0130  05 03 02 01 00 00 00 00 05 00 00 00 00 00 00 00
        0140  11 0e 0d 0c 0b 0a 00 00 00 00 00 00 00 00 00 00
        0150  a2 c4 15 dc 48 00 00 00 03 00 00 00 05 00 00 00
        0160  06 03 02 01 00 00 00 00 05 00 00 00 00 00 00 00
        0170  11 0e 0d 0c 0b 0a 00 00 00 00 00 00 00 00 00 00
        0180  00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00
        0190  11 11 00 00 00 00 00 00 23 15 26 c6 30 00 00 00
        01a0  03 00 00 00 03 00 00 00 06 03 02 01 00 00 00 00
        01b0  05 00 00 00 00 00 00 00 11 0e 0d 0c 0b 0a 00 00
        01c0  00 00 00 00 00 00 00 00
    "#]]
    .assert_eq(&hex(&batch[..end]));
}

#[test]
fn a_batch_reads_back() {
    let batch = first_batch();
    let header = BatchHeader::decode(&batch).expect("a header");
    assert!(header.matches(&batch));
    assert_eq!(header.place, Place { segment: SegmentSequence(1), offset: 0 });
    assert_eq!((header.entry_count, header.length), (5, 4096));
    let state = EntryRef::decode(&batch[96..]).expect("an entry");
    let stated = RaftState::decode(&state.frame, state.payload()).expect("a raft state");
    assert_eq!((stated.term, stated.vote, stated.last), (Term(5), MemberId(0x1112), LogEnd::default()));
    let at = 96 + state.bytes().len().next_multiple_of(8);
    let entry = EntryRef::decode(&batch[at..]).expect("an entry");
    assert_eq!(entry.payload(), b"two records");
    assert_eq!(entry.frame.end(), Position(0x0a0b_0c0d_0e11));
    // The bytes as they are can be appended elsewhere.
    let mut again = rig::Rig::new(0);
    again.log.append_sealed(&entry).expect("room");
    let shipped = again.log.next_write().expect("a write").buffer;
    assert_eq!(shipped[96..96 + entry.bytes().len()], *entry.bytes());
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let good = rig::settings();
    good.check().expect("the tests' settings");
    Settings::default().check().expect("the default");
    for bad in [
        Settings { segment_bytes: 4096 * 16 + 1, ..good },
        Settings { first_segment_bytes: 0, ..good },
        Settings { first_segment_bytes: 100, ..good },
        Settings { batch_bytes_max: 5000, ..good },
        Settings { batch_bytes_max: 0, ..good },
        Settings { batch_bytes_max: 64 << 20, segment_bytes: 64 << 20, ..good },
        Settings { batch_bytes_max: 128 << 10, ..good },
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
}
