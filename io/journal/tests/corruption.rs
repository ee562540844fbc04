//! Damage that no crash explains: refused, with file and offset, and never shown as data.

mod rig;

use rig::{Rig, Rng, corruption, long_journal};
use ringbolt_journal::memory::request;
use ringbolt_journal::{
    CorruptionKind, Error, Filter, PartitionId, Place, Position, SegmentSequence, SegmentSource,
    segment_file_name,
};

#[test]
fn a_flipped_bit_in_any_batch_but_the_last_is_refused_with_its_place() {
    let mut rng = Rng(1);
    for seed in 0..40 {
        let mut rig = long_journal(seed, 12);
        // A segment with the opening batch alone is free for use again at once.
        let oldest = rig.disk.segments().expect("listed")[0].sequence;
        rig.batches.retain(|batch| batch.place.segment >= oldest);
        let last = rig.batches.len() - 1;
        for (number, batch) in rig.batches.clone().into_iter().enumerate() {
            let at = batch.place.offset + rng.below(batch.length as u64);
            let bit = 1 << rng.below(8);
            let place = Place { offset: at, ..batch.place };
            rig.disk.bytes_at(place, 1).expect("inside")[0] ^= bit;
            let result = rig.scan();
            if number == last {
                let scan = result.expect("the last batch may be torn").expect("segments");
                let found = rig.read(&scan, Filter::All);
                assert!(found.len() < rig.history.len() || number == 0);
                assert_eq!(found[..], rig.history[..found.len()]);
            } else {
                let corruption = corruption(result).expect("damage in the middle is corruption");
                assert_eq!(
                    (corruption.segment, corruption.offset),
                    (batch.place.segment, batch.place.offset)
                );
                assert_eq!(corruption.file, segment_file_name(batch.place.segment));
            }
            rig.disk.bytes_at(place, 1).expect("inside")[0] ^= bit;
        }
        assert!(rig.scan().is_ok(), "all damage was undone");
    }
}

#[test]
fn damage_to_the_last_batch_is_found_once_the_run_was_closed() {
    let mut rig = long_journal(4, 8);
    rig.log.close();
    while !rig.log.is_closed() {
        if !rig.start_write() {
            rig.run_job();
        }
        rig.finish_write();
    }
    let batch = rig.batches[rig.batches.len() - 2].clone();
    rig.disk.bytes_at(batch.place, 200).expect("inside")[100] ^= 1;
    let corruption = corruption(rig.scan()).expect("refused");
    assert_eq!((corruption.segment, corruption.offset), (batch.place.segment, batch.place.offset));
}

#[test]
fn a_misdirected_write_is_found_wherever_it_landed() {
    let mut kinds = [0; 3];
    for seed in 0..400 {
        let mut rig = long_journal(seed, 10);
        rig.run_jobs();
        while !rig.append_random() {}
        while !rig.start_write() {
            rig.run_job();
        }
        let request = rig.in_flight.take().expect("in flight");
        let segments = 1 + rig.rng.below(request.place.segment.0 + 1);
        let offset = rig.rng.below(rig.settings.first_segment_bytes / 4096) * 4096;
        let wrong = Place { segment: SegmentSequence(segments), offset };
        if wrong == request.place || rig.disk.misdirect(&request, wrong).is_err() {
            continue;
        }
        let followed = rig.rng.one_in(2);
        rig.report(Ok(request.buffer.len()), request);
        if followed {
            rig.commit_one();
        }
        let found = corruption(rig.scan());
        let last = rig.batches.last();
        let corruption = found.unwrap_or_else(|| panic!("{seed}: to {wrong:?}, {followed}, last {last:?}"));
        match corruption.kind {
            CorruptionKind::Misdirected { .. } => kinds[0] += 1,
            CorruptionKind::Followed { .. } => kinds[1] += 1,
            CorruptionKind::Content(_)
            | CorruptionKind::First(_)
            | CorruptionKind::MissingSegment
            | CorruptionKind::Extent => kinds[2] += 1,
        }
    }
    assert!(kinds[0] > 50 && kinds[1] > 50, "{kinds:?}");
}

#[test]
fn a_lost_write_with_a_later_one_behind_it_is_refused() {
    for seed in 0..60 {
        let mut rig = long_journal(seed, 3 + seed as usize % 7);
        rig.append_random();
        while !rig.start_write() {
            rig.run_job();
        }
        let request = rig.in_flight.take().expect("in flight");
        let place = request.place;
        rig.report(Ok(request.buffer.len()), request);
        rig.commit_one();
        let corruption = corruption(rig.scan()).expect("a lost write is corruption");
        // At a segment's end the walk cannot tell whether the lost batch was meant for its rest or for the next one.
        assert!(corruption.segment == place.segment || place.offset == 0, "{corruption}");
    }
}

#[test]
fn an_intact_batch_that_does_not_continue_the_chain_is_refused() {
    // Two runs of the same journal that share a beginning: a batch of one does not fit behind the other's.
    let mut one = long_journal(21, 4);
    let mut other = Rig::new(21);
    std::mem::swap(&mut other, &mut one);
    one.disk = other.disk.clone();
    let scan = one.scan().expect("no corruption").expect("segments");
    one.history = other.history.clone();
    one.next_position = other.next_position.clone();
    one.batches = other.batches.clone();
    one.go_on(scan);
    assert!(one.append(0, 1, &[1; 100]));
    assert!(other.append(0, 1, &[2; 100]) && other.start_write());
    other.finish_write();
    other.commit_one();
    let (foreign, place) = {
        let batch = other.batches.last().expect("written").clone();
        (other.disk.bytes_at(batch.place, batch.length).expect("inside").to_vec(), batch.place)
    };
    while !one.start_write() {
        one.run_job();
    }
    one.finish_write();
    assert_eq!(one.batches.last().expect("written").place, place);
    one.disk.misdirect(&request(place, &foreign), place).expect("inside");
    let corruption = corruption(one.scan()).expect("refused");
    assert!(matches!(corruption.kind, CorruptionKind::Content(_)), "{corruption}");
    assert_eq!((corruption.segment, corruption.offset), (place.segment, place.offset));
}

#[test]
fn a_missing_segment_is_refused() {
    let mut rig = long_journal(2, 40);
    let last = rig.log.segments().len() as u64;
    assert!(last > 3);
    for missing in [1, 3, last].map(SegmentSequence) {
        let whole = rig.disk.clone();
        assert!(rig.disk.remove(missing));
        let corruption = corruption(rig.scan()).expect("refused");
        assert_eq!(corruption.kind, CorruptionKind::MissingSegment);
        assert_eq!(corruption.file, segment_file_name(missing));
        rig.disk = whole;
    }
}

#[test]
fn a_damaged_beginning_of_the_oldest_segment_is_refused() {
    let mut rig = long_journal(2, 40);
    for partition in 0..rig::PARTITIONS {
        rig.log.set_floor(PartitionId(partition), Position(rig.next_position[partition as usize]));
    }
    rig.run_jobs();
    assert!(rig.scan().is_ok(), "a reused beginning is no damage");
    let segment = rig.log.segments().next().expect("the active one").sequence;
    assert!(segment > SegmentSequence(1));
    let first = Place { segment, offset: 0 };
    rig.disk.bytes_at(first, 1).expect("inside")[0] ^= 1;
    let corruption = corruption(rig.scan()).expect("refused");
    assert!(matches!(corruption.kind, CorruptionKind::First(_)));
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let mut rig = long_journal(2, 3);
    let batch = rig.batches[1].clone();
    let bytes = rig.disk.bytes_at(batch.place, batch.length).expect("inside");
    let mut header = ringbolt_journal::BatchHeader::decode(bytes).expect("a header");
    header.version = 2;
    let entries = bytes[96..].to_vec();
    header.seal(bytes);
    assert_eq!(bytes[96..], entries);
    match rig.scan() {
        Err(Error::Version { version: 2, offset, .. }) => assert_eq!(offset, batch.place.offset),
        other => panic!("{other:?}"),
    }
}
