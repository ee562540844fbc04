//! The overlay against a sorted map, with enough rows to split and join leaves.

use std::collections::BTreeMap;

use super::{Lookup, Overlay};
use crate::TableId;

type Model = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Families of keys as tables have them: numbers, pairs, text with a common start, and short ones of few letters.
fn key(family: u8, number: u64) -> Vec<u8> {
    match family {
        0 => (1 << 51 | number).to_be_bytes().to_vec(),
        1 => [(number / 40).to_be_bytes(), number.to_be_bytes()].concat(),
        2 => [b"<default>\0payment-service-", number.to_string().as_bytes(), b"\0"].concat(),
        3 => format!("{number:b}").into_bytes().iter().map(|digit| digit - b'0').collect(),
        _ => [vec![b'k'; (number % 60) as usize + 1], number.to_string().into_bytes()].concat(),
    }
}

fn check(overlay: &Overlay, table: TableId, model: &Model, random: &mut Random, family: u8) {
    assert_eq!(overlay.table_rows(table), model.len());
    let tombstones = model.values().filter(|value| value.is_none()).count() as i64;
    assert_eq!(overlay.table_rows_more(table), model.len() as i64 - 2 * tombstones);
    let rows = overlay.iter_from(table, &[]).map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec)));
    assert!(rows.eq(model.iter().map(|(key, value)| (key.clone(), value.clone()))));
    for _ in 0..50 {
        let key = key(family, random.below(4000));
        let expected = model.get(&key);
        match overlay.get(table, &key) {
            Lookup::Missing => assert_eq!(expected, None),
            Lookup::Tombstone => assert_eq!(expected, Some(&None)),
            Lookup::Value(value) => assert_eq!(expected, Some(&Some(value.to_vec()))),
        }
        let from = overlay.iter_from(table, &key).next().map(|(key, _)| key);
        assert_eq!(from, model.range(key..).next().map(|(key, _)| key.as_slice()));
    }
}

/// Grows, then shrinks, then empties a table; every phase rolls some of its steps back.
fn exercise(family: u8, seed: u64, ascending: bool) {
    let (mut overlay, mut model, mut random) = (Overlay::new(), Model::new(), Random(seed));
    let table = TableId(family);
    let mut next = 0;
    for phase in 0..6 {
        for step in 0..40 {
            let before = model.clone();
            overlay.savepoint();
            for _ in 0..60 {
                let removes = random.below(10) < [1, 3, 8, 2, 9, 10][phase];
                let number = if ascending && !removes { next } else { random.below(4000) };
                next = (next + 1) % 4000;
                let key = key(family, number);
                if removes && (random.below(20) > 0 || phase == 5) {
                    overlay.remove(table, &key);
                    model.remove(&key);
                } else if removes {
                    overlay.bury(table, &key);
                    model.insert(key, None);
                } else {
                    let value = vec![step as u8; random.below(40) as usize];
                    overlay.put(table, &key, &value);
                    model.insert(key, Some(value));
                }
            }
            if random.below(4) == 0 {
                overlay.rollback();
                model = before;
            } else {
                overlay.release();
            }
        }
        check(&overlay, table, &model, &mut random, family);
    }
    for key in model.keys() {
        overlay.remove(table, key);
    }
    assert_eq!((overlay.rows(), overlay.leaves), (0, 0));
    assert_eq!(overlay.iter_from(table, &[]).next(), None);
}

#[test]
fn the_overlay_equals_a_sorted_map_for_all_kinds_of_keys() {
    for family in 0..5 {
        for seed in [1, 77] {
            exercise(family, seed, false);
            exercise(family, seed, true);
        }
    }
}

#[test]
fn nested_savepoints_undo_exactly_their_own_changes() {
    let table = TableId(1);
    let mut overlay = Overlay::new();
    let rows = |overlay: &Overlay| -> Vec<_> {
        overlay.iter_from(table, &[]).map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec))).collect()
    };
    overlay.put(table, b"a", b"1");
    let outer = rows(&overlay);
    overlay.savepoint();
    overlay.put(table, b"a", b"2");
    overlay.put(table, b"b", b"2");
    let inner = rows(&overlay);
    overlay.savepoint();
    overlay.remove(table, b"a");
    overlay.bury(table, b"b");
    overlay.put(table, b"a", b"3");
    overlay.put(table, b"a", b"4");
    overlay.remove(table, b"c");
    overlay.rollback();
    assert_eq!(rows(&overlay), inner);
    overlay.savepoint();
    overlay.remove(table, b"b");
    overlay.release();
    overlay.rollback();
    assert_eq!(rows(&overlay), outer);
}

#[test]
fn instances_that_live_and_die_take_no_more_memory() {
    let mut overlay = Overlay::new();
    let mut after_first = 0;
    for number in 0..20_000u64 {
        overlay.savepoint();
        overlay.put(TableId(1), &number.to_be_bytes(), &[7; 200]);
        overlay.put(TableId(2), &number.to_be_bytes(), &vec![7; 40_000 * usize::from(number % 100 == 0)]);
        overlay.release();
        overlay.savepoint();
        overlay.remove(TableId(1), &number.to_be_bytes());
        overlay.remove(TableId(2), &number.to_be_bytes());
        overlay.release();
        if number == 0 {
            after_first = overlay.bytes();
        }
    }
    assert!(overlay.bytes() <= after_first + 64, "{} grew to {}", after_first, overlay.bytes());
}
