//! The scanner and the entry decoder on hostile bytes: no panic, no entry that was not appended, bounded memory.

mod rig;

use rig::{Rng, long_journal};
use ringbolt_journal::{BatchHeader, EntryRef, Error, Filter, Place};

#[test]
fn random_damage_anywhere_never_invents_an_entry() {
    let mut rng = Rng(42);
    let mut accepted = 0;
    for seed in 0..60 {
        let mut rig = long_journal(seed, 10);
        rig.run_jobs();
        let clean = rig.disk.clone();
        for _ in 0..25 {
            rig.disk = clean.clone();
            for _ in 0..=rng.below(4) {
                let batch = &rig.batches[rng.below(rig.batches.len() as u64) as usize];
                let (place, length) = (batch.place, batch.length);
                let from = rng.below(length as u64);
                let bytes = rng.below((length as u64 - from).min(5_000)) + 1;
                let at = Place { offset: place.offset + from, ..place };
                let Ok(target) = rig.disk.bytes_at(at, bytes as usize) else { continue };
                match rng.below(4) {
                    0 => target.fill(0),
                    1 => target.iter_mut().for_each(|byte| *byte = rng.next() as u8),
                    2 => target[0] ^= 1 << rng.below(8),
                    _ => target.rotate_left(bytes as usize / 2),
                }
            }
            if let Ok(Some(scan)) = rig.scan() {
                let found = rig.read(&scan, Filter::All);
                assert_eq!(found[..], rig.history[..found.len()], "seed {seed}");
                accepted += 1;
            }
        }
    }
    assert!(accepted > 20, "{accepted} images were readable");
}

/// Damage with checksums made right again: what is left are the parser's own checks.
#[test]
fn sealed_nonsense_is_refused_without_a_panic() {
    let mut rng = Rng(7);
    let mut refused = 0;
    for seed in 0..40 {
        let mut rig = long_journal(seed, 6);
        let clean = rig.disk.clone();
        for _ in 0..50 {
            rig.disk = clean.clone();
            let batch = rig.batches[1 + rng.below(rig.batches.len() as u64 - 1) as usize].clone();
            let bytes = rig.disk.bytes_at(batch.place, batch.length).expect("inside");
            let mut header = BatchHeader::decode(bytes).expect("a header");
            match rng.below(8) {
                0 => header.entry_count = rng.next() as u32,
                1 => header.entries_bytes = (rng.next() as u32) % (batch.length as u32 - 95),
                2 => header.place.offset = rng.next(),
                3 => header.sequence.0 = rng.next(),
                4 => header.epoch.0 = rng.next(),
                5 => header.previous_checksum = rng.next() as u32,
                6 => header.place.segment.0 = rng.next(),
                _ => {
                    // An entry whose length, kind or reserved bytes are wrong, in a batch that is right.
                    let at = 96 + 4 + rng.below(12) as usize;
                    bytes[at] ^= 1 << rng.below(8);
                }
            }
            let edited = bytes[96..].to_vec();
            header.seal(bytes);
            bytes[96..].copy_from_slice(&edited);
            match rig.scan() {
                Ok(Some(scan)) => {
                    let _entries = rig.read(&scan, Filter::All);
                }
                Ok(None) => panic!("the segments are there"),
                Err(Error::Corrupt(_)) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(refused > 1_000, "{refused} images were refused");
}

#[test]
fn the_entry_decoder_takes_only_what_was_sealed() {
    let rig = long_journal(3, 4);
    let mut rng = Rng(9);
    for entry in rig.history.iter().take(40) {
        let mut bytes = vec![0; 48];
        bytes.extend_from_slice(&entry.payload);
        ringbolt_journal::seal_entry(&entry.frame, &mut bytes);
        let decoded = EntryRef::decode(&bytes).expect("just sealed");
        assert_eq!((decoded.frame, decoded.payload()), (entry.frame, &entry.payload[..]));
        for _ in 0..200 {
            let at = rng.below(bytes.len() as u64) as usize;
            let bit = 1 << rng.below(8);
            bytes[at] ^= bit;
            assert!(EntryRef::decode(&bytes).is_err(), "byte {at}");
            bytes[at] ^= bit;
            let cut = rng.below(bytes.len() as u64) as usize;
            assert!(EntryRef::decode(&bytes[..cut]).is_err());
        }
    }
    for _ in 0..20_000 {
        let noise: Vec<u8> = (0..rng.below(120)).map(|_| rng.next() as u8).collect();
        assert!(EntryRef::decode(&noise).is_err() && BatchHeader::decode(&noise).is_none());
    }
}
