//! What a reader may keep of the log: its budget, its spills, then nothing until it comes back.

use ringbolt_engine::EngineSettings;
use ringbolt_partition::{
    Answer, CheckpointSettings, Clock, EntryFrame, FlowSettings, Host, Partition, PartitionSettings,
    ReaderId, ReaderSettings, ReaderView, SpillEnd,
};
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_record::{
    ActivatedJob, Command, DEFAULT_TENANT, DurationMs, PartitionId, Position, RequestContext, RequestId,
    StreamId, TimestampMs,
};
use ringbolt_store::{CheckpointJob, RetiredOverlay, open_memory};
use ringbolt_tables::Tables;

const MODEL: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"
 targetNamespace="t"><process id="p" isExecutable="true"><startEvent id="s"/></process></definitions>"#;
const NOW: TimestampMs = TimestampMs(1_000_000);
const ID: PartitionId = PartitionId(1);
const READER: ReaderId = ReaderId(0);
/// Log bytes of one position in this world.
const POSITION_BYTES: u64 = 100;

/// A log in which every position has the same size, and one reader.
#[derive(Default)]
struct World {
    end: u64,
    foreign_bytes: u64,
    released: Position,
    view: ReaderView,
    is_reading: bool,
    spills: u32,
    checkpoint: Option<CheckpointJob>,
}

impl Host for World {
    fn accepts(&self) -> bool {
        true
    }
    fn append(&mut self, _partition: PartitionId, frame: EntryFrame<'_>) {
        self.end = frame.first_position.0 + u64::from(frame.record_count);
    }
    fn committed(&mut self, _partition: PartitionId, _index: u64) {}
    fn answer(&mut self, _request: RequestId, _answer: Answer) {}
    fn push(&mut self, _stream: StreamId, _job: ActivatedJob) {}
    fn poll_answer(&mut self, _partition: PartitionId, _poll: StreamId, _answer: Answer) {}
    fn instance_completed(&mut self, _lifetime: DurationMs) {}
    fn send(&mut self, _partition: PartitionId, _command: Command) {}
    fn run_checkpoint(&mut self, _partition: PartitionId, job: CheckpointJob) {
        self.checkpoint = Some(job);
    }
    fn retire(&mut self, overlay: RetiredOverlay) {
        drop(overlay);
    }
    fn release_log(&mut self, _partition: PartitionId, position: Position) {
        assert!(position >= self.released, "a release goes forward");
        self.released = position;
    }
    fn held_log_bytes(&self, _partition: PartitionId, from: Position) -> u64 {
        match self.end.saturating_sub(from.0.max(1)) {
            0 => 0,
            positions => positions * POSITION_BYTES + self.foreign_bytes,
        }
    }
    fn reader(&self, _partition: PartitionId, _reader: ReaderId) -> Option<ReaderView> {
        Some(self.view)
    }
    fn spill(&mut self, _partition: PartitionId, _reader: ReaderId) {
        self.spills += 1;
    }
    fn attach_reader(&mut self, _partition: PartitionId, _reader: ReaderId, from: Position) -> bool {
        self.view = ReaderView { floor: from, is_attached: true, wants_log: false, ..self.view };
        true
    }
    fn detach_reader(&mut self, _partition: PartitionId, _reader: ReaderId) -> bool {
        self.view.is_attached = self.is_reading;
        !self.is_reading
    }
}

struct Rig {
    partition: Partition,
    world: World,
}

impl Rig {
    fn new(budget_bytes: u64, spill_bytes_max: u64) -> Self {
        let settings = PartitionSettings {
            engine: EngineSettings::new(ID),
            checkpoints: CheckpointSettings { log_bytes: 10_000, ..CheckpointSettings::default() },
            flow: FlowSettings::default(),
            readers: ReaderSettings { budget_bytes, spill_bytes_max, spill_bytes: 100, retry_ms: 50 },
            clock: Clock::Steady,
        };
        let mut partition =
            Partition::open(ID, Tables::new(open_memory()), settings).expect("an empty state");
        assert_eq!(partition.add_reader(), READER);
        let view =
            ReaderView { next: Position(1), floor: Position(1), is_attached: true, ..Default::default() };
        Self { partition, world: World { view, ..World::default() } }
    }

    /// Writes some records and a checkpoint of them.
    fn write(&mut self, version: u32) {
        let content = MODEL.replace("<startEvent", &format!("<!-- {version} --><startEvent"));
        let command = Command::CreateDeployment(CreateDeployment {
            resources: vec![Resource { name: "p.bpmn".into(), content: content.into_bytes().into() }],
            tenant_id: DEFAULT_TENANT.into(),
        });
        self.partition.process(NOW, &command, &RequestContext::default(), &mut self.world);
        let index = self.partition.stats().last_index;
        self.partition.on_durable(NOW, index, &mut self.world);
        self.partition.start_checkpoint();
        self.partition.run_ready_checkpoint(&mut self.world);
        self.finish_checkpoint();
    }

    fn finish_checkpoint(&mut self) {
        let outcome = self.world.checkpoint.take().expect("a checkpoint").run();
        self.partition.finish_checkpoint(NOW, outcome, &mut self.world);
    }

    fn check(&mut self, after_ms: i64) {
        self.partition.check_log(TimestampMs(NOW.0 + after_ms), &mut self.world);
    }

    fn finish_spill(&mut self, end: SpillEnd) {
        self.partition.finish_spill(NOW, READER, end, &mut self.world);
    }
}

#[test]
fn the_log_is_released_up_to_the_checkpoint_and_the_slowest_reader() {
    let mut rig = Rig::new(100_000, 1_000);
    rig.write(1);
    assert_eq!(rig.world.released, Position(0), "the reader has acknowledged nothing");
    let end = rig.world.end;
    rig.world.view = ReaderView { next: Position(3), floor: Position(3), ..rig.world.view };
    rig.check(0);
    assert_eq!(rig.world.released, Position(2));
    rig.world.view = ReaderView { next: Position(end), floor: Position(end), ..rig.world.view };
    rig.check(0);
    assert_eq!(rig.world.released, Position(end - 1), "the reader is done, the base holds everything");
    rig.world.view.floor = Position(end + 50);
    rig.check(0);
    assert_eq!(rig.world.released, Position(end - 1), "a reader does not release what the base lacks");
}

#[test]
fn over_its_budget_a_reader_spills_until_its_spills_are_full_and_then_lets_go() {
    let mut rig = Rig::new(50, 250);
    rig.write(1);
    rig.check(0);
    rig.check(0);
    assert_eq!(rig.world.spills, 1, "one spill at a time");
    rig.world.view = ReaderView { floor: Position(2), spill_bytes: 120, ..rig.world.view };
    assert_eq!(rig.world.released, Position(0), "nothing goes while the log is copied");
    rig.finish_spill(SpillEnd::Written);
    assert_eq!((rig.world.released, rig.world.spills), (Position(1), 2), "still over its budget");
    rig.world.view = ReaderView { floor: Position(3), spill_bytes: 240, ..rig.world.view };
    rig.world.is_reading = true;
    rig.finish_spill(SpillEnd::Written);
    assert_eq!(rig.partition.readers().next().map(|report| report.detached), Some(0), "somebody reads");
    rig.world.is_reading = false;
    rig.check(0);
    rig.check(0);
    let report = rig.partition.readers().next().expect("a reader");
    assert_eq!((report.detached, report.view.is_attached, rig.world.spills), (1, false, 2));
    assert_eq!(rig.world.released, Position(rig.world.end - 1), "the log goes on without it");
    rig.world.view.wants_log = true;
    rig.check(0);
    assert_eq!(rig.world.view.floor, Position(rig.world.end), "it comes back where the log certainly is");
    let released = rig.world.released;
    rig.write(2);
    assert_eq!(rig.world.released, released, "and keeps it again");
}

#[test]
fn a_spill_that_fails_is_tried_again_but_not_without_end() {
    let mut rig = Rig::new(200, 300);
    rig.write(1);
    rig.check(0);
    rig.finish_spill(SpillEnd::Failed);
    assert_eq!(rig.world.spills, 1, "not at once");
    rig.check(50);
    assert_eq!(rig.world.spills, 2, "after a pause");
    rig.finish_spill(SpillEnd::Failed);
    rig.write(2);
    rig.check(0);
    let held = rig.world.held_log_bytes(ID, Position(1));
    assert!(
        held > 500 && !rig.world.view.is_attached,
        "budget and spills are its bound, {held} bytes are not"
    );
}

#[test]
fn a_full_disk_costs_a_reader_over_its_budget_its_log_and_no_other() {
    let mut rig = Rig::new(100_000, 100_000);
    rig.write(1);
    rig.partition.set_disk_full(true);
    rig.check(0);
    assert!(rig.world.view.is_attached);
    let mut rig = Rig::new(100, 100_000);
    rig.write(1);
    rig.partition.set_disk_full(true);
    rig.check(0);
    assert!(!rig.world.view.is_attached);
}

#[test]
fn an_idle_partition_that_keeps_its_neighbors_segments_gets_a_checkpoint() {
    let mut rig = Rig::new(1 << 40, 1_000);
    rig.write(1);
    rig.world.foreign_bytes = 1 << 30;
    rig.check(0);
    assert!(rig.world.checkpoint.is_none(), "everything is in the base");
    rig.world.foreign_bytes = 0;
    let command = Command::CreateDeployment(CreateDeployment {
        resources: vec![Resource {
            name: "q.bpmn".into(),
            content: MODEL.replace("\"p\"", "\"q\"").into_bytes().into(),
        }],
        tenant_id: DEFAULT_TENANT.into(),
    });
    rig.partition.process(NOW, &command, &RequestContext::default(), &mut rig.world);
    let index = rig.partition.stats().last_index;
    rig.partition.on_durable(NOW, index, &mut rig.world);
    rig.check(0);
    assert!(rig.world.checkpoint.is_none(), "its own log is short");
    rig.world.foreign_bytes = 20_000;
    rig.check(0);
    assert!(rig.world.checkpoint.is_some());
    rig.finish_checkpoint();
    rig.world.view.floor = Position(rig.world.end);
    rig.check(0);
    assert_eq!(rig.world.released, Position(rig.world.end - 1));
}
