//! The bytes of a batch, frozen: `docs/formats/journal.md` describes exactly these. A change here is a new format
//! version.

mod rig;

use expect_test::expect;
use ringbolt_journal::{
    BatchHeader, EntryFrame, EntryKind, EntryRef, Epoch, Log, PartitionId, Place, Position, RaftIndex,
    Resume, SegmentSequence, Settings, Term,
};

/// A new journal's first batch: one entry of two records, one vote.
fn first_batch() -> Vec<u8> {
    let settings = rig::settings();
    let name = String::from("journal-0");
    let resume = Resume { name, journal: rig::JOURNAL, epoch: Epoch(1), scan: None, spares: Vec::new() };
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
    let vote = EntryFrame { kind: EntryKind::Vote, record_count: 0, position: records.end(), ..records };
    log.append(&vote, &[b"v"]).expect("room");
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
    assert!(batch[216..].iter().all(|byte| *byte == 0));
    expect![[r#"
        0000  52 42 4a 42 41 54 43 48 b3 ba 57 91 60 31 67 c3
        0010  01 00 00 00 02 00 00 00 00 ff ee dd cc bb aa 99
        0020  88 77 66 55 44 33 22 11 01 00 00 00 00 00 00 00
        0030  01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        0040  01 00 00 00 00 00 00 00 00 10 00 00 78 00 00 00
        0050  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        0060  f2 e5 38 ef 3b 00 00 00 03 00 00 00 01 00 00 00
        0070  04 03 02 01 00 00 00 00 05 00 00 00 00 00 00 00
        0080  0f 0e 0d 0c 0b 0a 00 00 02 00 00 00 00 00 00 00
        0090  74 77 6f 20 72 65 63 6f 72 64 73 00 00 00 00 00
        00a0  c6 b8 e8 13 31 00 00 00 03 00 00 00 02 00 00 00
        00b0  04 03 02 01 00 00 00 00 05 00 00 00 00 00 00 00
        00c0  11 0e 0d 0c 0b 0a 00 00 00 00 00 00 00 00 00 00
        00d0  76 00 00 00 00 00 00 00
    "#]]
    .assert_eq(&hex(&batch[..216]));
}

#[test]
fn a_batch_reads_back() {
    let batch = first_batch();
    let header = BatchHeader::decode(&batch).expect("a header");
    assert!(header.matches(&batch));
    assert_eq!(header.place, Place { segment: SegmentSequence(1), offset: 0 });
    assert_eq!((header.entry_count, header.entries_bytes, header.length), (2, 64 + 56, 4096));
    let entry = EntryRef::decode(&batch[96..]).expect("an entry");
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
