//! Readers of the log whose sinks are dead, and come back.

use crate::rig::{FIRST, create, world};
use ringbolt_partition::{CheckpointSettings, ReaderSettings};
use ringbolt_sim::{Settings, Tear, World};

/// Instances that are created while sinks are dead: far more log than readers may keep.
const INSTANCES: u32 = 600;
/// A segment of the simulated journal.
const SEGMENT: u64 = 64 << 10;

fn settings(settings: &mut Settings) {
    settings.partitions = 1;
    settings.checkpoints = CheckpointSettings { log_bytes: 16 << 10, ..settings.checkpoints };
    settings.readers = ReaderSettings {
        budget_bytes: SEGMENT,
        spill_bytes_max: 128 << 10,
        spill_bytes: 8 << 10,
        retry_ms: 10,
    };
}

fn create_many(world: &mut World, count: u32) {
    for _ in 0..count {
        create(world);
        world.write_all();
        world.run_background(12);
    }
}

#[test]
fn a_dead_sink_keeps_no_more_than_its_bounds_and_gets_spills_gap_and_log_when_it_is_back() {
    let mut world = world(11, settings);
    world.set_sinks_dead(true);
    create_many(&mut world, INSTANCES);
    let report = world.report();
    assert_eq!((report.detached, report.refused_disk_full), (1, 0), "{report:?}");
    assert!(report.spills >= 10 && report.segments_recycled > 5, "{report:?}");
    let readers = world.settings_of_readers();
    // Live, prepared and spare segments beside what the reader may keep while a spill is under way.
    let most = readers.budget_bytes + 8 * SEGMENT;
    assert!(report.journal_bytes_max <= most, "{} of {most}", report.journal_bytes_max);
    world.drain();
    create_many(&mut world, 5);
    world.drain();
    let report = world.report();
    assert_eq!((report.reader_gaps, report.detached), (1, 1), "{report:?}");
    assert!(world.reader_is_caught_up(FIRST));
    assert_eq!(world.spill_bytes(FIRST), 0, "spills go when they are read");
}

#[test]
fn a_slow_restart_finds_spills_and_log_together() {
    let mut world = world(12, settings);
    world.set_sinks_dead(true);
    create_many(&mut world, INSTANCES / 6);
    let report = world.report();
    assert!(report.spills > 0 && report.detached == 0, "{report:?}");
    world.crash(Tear::Nothing);
    world.restart().expect("a start after a crash");
    world.drain();
    assert!(world.reader_is_caught_up(FIRST));
    assert_eq!(world.report().reader_gaps, 0);
}

#[test]
fn a_full_disk_detaches_who_is_over_the_budget_and_the_node_goes_on() {
    let mut world = world(13, settings);
    world.set_sinks_dead(true);
    create_many(&mut world, 30);
    world.set_disk_full(true);
    create_many(&mut world, INSTANCES / 2);
    let report = world.report();
    assert!(report.detached > 0, "{report:?}");
    world.set_disk_full(false);
    create_many(&mut world, 5);
    world.drain();
    assert!(world.reader_is_caught_up(FIRST));
}
