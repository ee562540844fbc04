//! What a commit costs: the journal beside bare `pwrite` + `fdatasync` on the same disk in the same run, the processor
//! time of an append, and the time to open an empty and a full directory. Prints a table; writes only to the directory
//! that it is given, and removes what it wrote.
//!
//! `cargo run --release -p ringbolt-journal --example commits -- [DIRECTORY] [SECONDS]`

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    AccessChoice, EntryFrame, EntryKind, Epoch, Filter, Journal, JournalId, JournalNumber, Log, PartitionId,
    Position, RaftIndex, Recovery, Resume, Settings, Term, Ticket,
};
use ringbolt_ring::fs::{AlignedBuf, OpenFlags, open_std};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{DriverChoice, block_on, take_short_turns};

type Failed = Box<dyn std::error::Error>;

/// Rounds of each measurement, old and new interleaved.
const ROUNDS: usize = 3;
/// Size of the file that bare writes go round in.
const BARE_BYTES: u64 = 64 << 20;

fn frame(position: u64) -> EntryFrame {
    EntryFrame {
        kind: EntryKind::Records,
        partition: PartitionId(1),
        index: RaftIndex(position),
        term: Term(1),
        position: Position(position),
        record_count: 1,
    }
}

#[derive(Default)]
struct Sample {
    nanoseconds: Vec<u64>,
    elapsed: Duration,
}

impl Sample {
    fn line(&mut self, name: &str) {
        self.nanoseconds.sort_unstable();
        let count = self.nanoseconds.len();
        let at = |share: f64| self.nanoseconds[((count - 1) as f64 * share) as usize] as f64 / 1e3;
        let rate = count as f64 / self.elapsed.as_secs_f64();
        println!("{name:<34} {rate:>9.0} commits/s   p50 {:>7.0} us   p99 {:>7.0} us", at(0.5), at(0.99));
    }
}

/// Bare writes to a file of written zeros; `flags` decide how a write becomes durable.
fn bare(
    path: &Path,
    flags: OpenFlags,
    bytes: usize,
    time: Duration,
    into: &mut Sample,
) -> Result<(), Failed> {
    let file = open_std(path, OpenFlags::WRITE | flags)?;
    let mut buffer = AlignedBuf::zeroed(bytes);
    buffer.fill(0x5a);
    let synced = flags != OpenFlags::DSYNC;
    let started = Instant::now();
    let mut offset = 0;
    while started.elapsed() < time {
        let one = Instant::now();
        file.write_all_at(&buffer, offset)?;
        if synced {
            file.sync_data()?;
        }
        into.nanoseconds.push(one.elapsed().as_nanos() as u64);
        offset = (offset + bytes as u64) % BARE_BYTES;
    }
    into.elapsed += started.elapsed();
    Ok(())
}

/// One append per commit, each waiting for the one before.
fn journal(data: &Path, payload_bytes: usize, time: Duration, into: &mut Sample) -> Result<(), Failed> {
    let recovery = Recovery::start(data, AccessChoice::Probe)?;
    let side = Side::start(SideConfig { threads: 1, ..SideConfig::default() })?;
    let from = recovery.partitions().first().map_or(1, |range| range.end.0);
    block_on(DriverChoice::default(), async {
        let journal =
            Journal::open(&recovery, JournalNumber(0), &[PartitionId(1)], &Settings::default(), side)?;
        journal.set_floor(PartitionId(1), Position(from));
        // The first segments are prepared in the background; commits are measured in the steady state.
        let origin = Instant::now();
        let payload = vec![0x5a; payload_bytes];
        let append = |position: u64| journal.append(&frame(position), &[&payload]).map(|_| ());
        let mut position = from;
        let mut measured = None;
        let mut outcome = append(position);
        let run = journal.run(
            || origin.elapsed().as_nanos() as u64,
            |flush| {
                if flush.commit.entry_count == 0 {
                    return;
                }
                let warm = origin.elapsed() > Duration::from_millis(500);
                if warm {
                    measured.get_or_insert_with(Instant::now);
                    into.nanoseconds.push(flush.duration_ns);
                }
                position += 1;
                journal.set_floor(PartitionId(1), Position(position));
                if measured.is_some_and(|since: Instant| since.elapsed() >= time) {
                    journal.close();
                } else if outcome.is_ok() {
                    outcome = append(position);
                }
            },
        );
        run.await?;
        into.elapsed += measured.map_or(Duration::ZERO, |since| since.elapsed());
        Ok(())
    })?
}

/// Processor time of appends alone, and with sealing the batch.
fn append_cost(payload_bytes: usize, per_batch: usize) -> Result<(), Failed> {
    let resume = Resume {
        name: String::from("memory"),
        journal: JournalId(1),
        epoch: Epoch(1),
        scan: None,
        spares: Vec::new(),
        partitions: Vec::new(),
    };
    let mut log = Log::resume(&Settings::default(), resume)?;
    let mut disk = MemoryDisk::new();
    let payload = vec![0x5a; payload_bytes];
    let (head, rest) = payload.split_at(payload_bytes / 2);
    let (mut appending, mut sealing, mut entries) = (Duration::ZERO, Duration::ZERO, 0_u32);
    let mut position = 1;
    while entries < 400_000 {
        let started = Instant::now();
        for _ in 0..per_batch {
            log.append(&frame(position), &[head, rest])?;
            position += 1;
        }
        appending += started.elapsed();
        entries += per_batch as u32;
        let started = Instant::now();
        let mut request = log.next_write();
        sealing += started.elapsed();
        while request.is_none() {
            let job = log.next_job().ok_or("a job")?;
            let result = disk.run(job);
            log.job_done(result)?;
            request = log.next_write();
        }
        let request = request.ok_or("a write")?;
        log.write_done(Ok(request.buffer.len()), request.buffer)?;
        log.set_floor(PartitionId(1), Position(position));
    }
    assert!(log.committed() > Ticket(0));
    let each = |time: Duration| time.as_nanos() as f64 / f64::from(entries);
    println!(
        "append of {payload_bytes} B, {per_batch} a batch: {:.0} ns + {:.0} ns for its share of the batch",
        each(appending),
        each(sealing)
    );
    Ok(())
}

fn fresh(directory: &Path) -> Result<PathBuf, Failed> {
    let data = directory.join(format!("ringbolt-commits-{}", std::process::id()));
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    std::fs::create_dir_all(&data)?;
    Ok(data)
}

fn opening(data: &Path) -> Result<(), Failed> {
    let side = Side::start(SideConfig { threads: 1, ..SideConfig::default() })?;
    let started = Instant::now();
    let recovery = Recovery::start(data, AccessChoice::Probe)?;
    let scanned = started.elapsed();
    let opened = block_on(DriverChoice::default(), async {
        Journal::open(&recovery, JournalNumber(0), &[PartitionId(1)], &Settings::default(), side)
            .map(|_| started.elapsed())
    })??;
    let found = recovery.batch_bytes() as f64 / (1 << 20) as f64;
    println!("open with {found:.1} MiB of batches: scanned in {scanned:.1?}, open after {opened:.1?}");
    Ok(())
}

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap_or_else(|| String::from(".")));
    if directory.as_os_str() == "append" {
        // Alone, so that instructions can be counted.
        return append_cost(1024, 32);
    }
    let seconds: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let time = Duration::from_secs_f64(seconds / ROUNDS as f64);
    // As a core does.
    take_short_turns();
    append_cost(1024, 32)?;
    append_cost(1024, 1)?;
    append_cost(32 << 10, 8)?;
    let data = fresh(&directory)?;
    opening(&data)?;
    let plain = data.join("bare");
    let file = File::create(&plain)?;
    let zeros = vec![0; 1 << 20];
    for at in (0..BARE_BYTES).step_by(1 << 20) {
        file.write_all_at(&zeros, at)?;
    }
    file.sync_all()?;
    println!("{}", describe(&data)?);
    for (name, bytes) in [("4 KiB", 4096), ("64 KiB", 65536)] {
        let mut samples = [Sample::default(), Sample::default(), Sample::default(), Sample::default()];
        for _ in 0..ROUNDS {
            bare(&plain, OpenFlags::BUFFERED, bytes, time, &mut samples[0])?;
            bare(&plain, OpenFlags::READ, bytes, time, &mut samples[1])?;
            bare(&plain, OpenFlags::DSYNC, bytes, time, &mut samples[2])?;
            journal(&data, bytes - 96 - 48, time, &mut samples[3])?;
        }
        samples[0].line(&format!("{name} pwrite + fdatasync, buffered"));
        samples[1].line(&format!("{name} pwrite + fdatasync, O_DIRECT"));
        samples[2].line(&format!("{name} pwrite, O_DIRECT|O_DSYNC"));
        samples[3].line(&format!("{name} journal"));
    }
    opening(&data)?;
    let started = Instant::now();
    let recovery = Recovery::inspect(&data)?;
    let mut entries = recovery.entries(Filter::All);
    let mut count = 0_u64;
    while entries.next_entry()?.is_some() {
        count += 1;
    }
    println!("scan and read of {count} entries again: {:.1?}", started.elapsed());
    std::fs::remove_dir_all(&data)?;
    Ok(())
}

fn describe(data: &Path) -> Result<String, Failed> {
    let recovery = Recovery::start(data, AccessChoice::Probe)?;
    Ok(format!("files: {:?}; {ROUNDS} interleaved rounds", recovery.access()))
}
